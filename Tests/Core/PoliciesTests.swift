// How often a task is looked at: the service's own number is a floor, and looks that come together cost less.

import Testing

@testable import Core

@Suite struct PoliciesTests {
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
