// How long to wait, how often to look and how often to try.

import Testing

@testable import Core

@Suite struct PoliciesTests {
  private func taken(_ budget: inout RetryBudget, at now: Instant, of asked: Int) -> Int {
    (0..<asked).count { _ in budget.take(now: now) }
  }

  @Test func aStormOfRetriesIsSpreadOverTime() {
    var budget = RetryBudget()
    var now = Instant.zero + .seconds(100)
    #expect(taken(&budget, at: now, of: 1000) == 64)
    #expect(taken(&budget, at: now, of: 10) == 0)
    now = now + .seconds(1)
    #expect(taken(&budget, at: now, of: 10) == 4)
    now = now + .milliseconds(250)
    #expect(taken(&budget, at: now, of: 10) == 1)
    now = now + .seconds(1_000_000)
    #expect(taken(&budget, at: now, of: 1000) == 64)
  }

  @Test func aClockThatStandsStillGivesNothing() {
    var budget = RetryBudget()
    #expect(taken(&budget, at: .zero, of: 1000) == 64)
    #expect(taken(&budget, at: .zero, of: 1000) == 0)
  }

  @Test func backOffDoublesUpToEightSecondsAndListensToTheService() {
    var random = Random(seed: 1)
    for (attempt, whole) in [(0, 500), (1, 1000), (2, 2000), (3, 4000), (4, 8000), (5, 8000), (1000, 8000)] {
      for _ in 0..<100 {
        let span = Policies.backOff(after: attempt, asked: 0, random: &random)
        #expect(span <= .milliseconds(Int64(whole)) && span > .milliseconds(Int64(whole * 3 / 4) - 1))
      }
    }
    #expect(Policies.backOff(after: 0, asked: 1500, random: &random) == .milliseconds(1500))
    #expect(Policies.backOff(after: 0, asked: 60_001, random: &random) <= .milliseconds(500))
    #expect(Policies.backOff(after: 0, asked: -1, random: &random) <= .milliseconds(500))
  }

  @Test(arguments: [1, 7, 20_000_000, 5_000_000_000, 60_000_000_000] as [Int64])
  func aRestIsOneToOneAndAHalfFloorsLong(floor: Int64) {
    var random = Random(seed: 7)
    for begun in 0..<2000 {
      let now = Instant(nanoseconds: Int64(begun) * 987_654_321)
      let rest = Policies.endOfRest(from: now, floor: Span(nanoseconds: floor), random: &random) - now
      #expect(rest.nanoseconds >= floor)
      #expect(rest.nanoseconds <= max(floor + floor / 2, floor + 1))
    }
  }

  @Test func restsThatBeginAtAnyTimeEndOnEightBeatsInAFloor() {
    var random = Random(seed: 7)
    var ends: Set<Int64> = []
    for begun in 0..<2000 {
      let now = Instant(nanoseconds: 3_000_000_000 + Int64(begun) * 500_000)
      let end = Policies.endOfRest(from: now, floor: .seconds(5), random: &random)
      #expect(end.nanoseconds % 625_000_000 == 0)
      ends.insert(end.nanoseconds)
    }
    // Begun within a second: they end within three and a half.
    #expect(ends.count >= 5 && ends.count <= 7)
  }

  @Test func aRestAtTheEndOfTimeLastsForEver() {
    var random = Random(seed: 7)
    #expect(Policies.endOfRest(from: .never, floor: .seconds(5), random: &random) >= .never)
  }
}
