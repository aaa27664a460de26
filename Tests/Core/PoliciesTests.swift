// How long to wait and how often to try.

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
}
