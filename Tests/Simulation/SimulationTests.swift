// Ten thousand schedules, each a seed. A seed that once broke a promise is kept in `knownSeeds` for ever.

import Core
import Foundation
import Testing

private let knownSeeds: [UInt64] = [16, 1003, 1966, 3102, 9997]
private let environment = ProcessInfo.processInfo.environment
private let count = environment["SIMULATION_COUNT"].flatMap(UInt64.init) ?? 10_000
private let parts: UInt64 = 8

@Suite struct SimulationTests {
  /// In parts, so that every core takes some. SIMULATION_COUNT=n lives through that many schedules.
  @Test(arguments: 0..<parts) func everyPromiseIsKeptInTenThousandSchedules(part: UInt64) throws {
    var ends: [TaskState: Int] = [:]
    for seed in stride(from: part + 1, through: count, by: Int(parts)) {
      let simulation = Simulation(seed: seed)
      try simulation.run()
      ends.merge(simulation.states, uniquingKeysWith: +)
    }
    // A simulation that never reaches an end proves nothing about it.
    for state in TaskState.allCases where state.isFinal && count >= 10_000 {
      #expect(ends[state, default: 0] >= 100, "\(state.name) was reached \(ends[state, default: 0]) times")
    }
  }

  /// SIMULATION_SEED=n lives through one schedule more, for a closer look.
  @Test func knownSeedsKeepEveryPromise() throws {
    let asked = environment["SIMULATION_SEED"].flatMap(UInt64.init)
    for seed in knownSeeds + (asked.map { [$0] } ?? []) { try Simulation(seed: seed).run() }
  }
}
