// What the account looked like around a paid submit. Should its answer be lost, a person who compares the counters
// before and after can tell whether it counted.

import Core

/// Of the loop's; one question at a time.
final class Witness {
  /// Counters of this age still count as "before".
  private static let freshness = Span.seconds(60)
  /// A submit waits so long for them, and then goes without.
  private static let patience = Span.seconds(2)

  private let provider: any Provider
  private let clock: @Sendable () -> Instant
  private let unixMilliseconds: @Sendable () -> Int64
  /// nil inside where the account would not say.
  private var seen: (counters: JSON?, at: Instant)?
  private var asked: Instant?
  /// Tasks that want to know how it looks now, and those whose turn it is with the question under way.
  private var curious: [Handle] = []
  private var served: [Handle] = []
  /// What tasks were told, to be written down.
  private(set) var testimony: [Entry] = []

  init(
    _ provider: any Provider, clock: @escaping @Sendable () -> Instant,
    unixMilliseconds: @escaping @Sendable () -> Int64
  ) {
    self.provider = provider
    self.clock = clock
    self.unixMilliseconds = unixMilliseconds
  }

  /// Until when submits should wait, nil when they need not.
  func delay(_ now: Instant) -> Instant? {
    if let seen, now - seen.at < Witness.freshness { return nil }
    if asked == nil { ask(now) }
    guard let asked else { return nil }
    let end = asked + Witness.patience
    return now < end ? end : nil
  }

  /// What stands beside the fact that a submit is announced.
  func before(_ now: Instant) -> Fact? {
    guard let seen, now - seen.at < Witness.freshness else { return nil }
    return seen.counters.map { .witnessed($0) }
  }

  /// The answer to its submit was lost.
  func lookAfter(_ task: Handle, _ now: Instant) {
    curious.append(task)
    if asked == nil { ask(now) }
  }

  func takeTestimony() -> [Entry] {
    defer { testimony = [] }
    return testimony
  }

  private func ask(_ now: Instant) {
    asked = now
    (served, curious) = (curious, [])
    // The provider answers on the thread that turns the loop.
    nonisolated(unsafe) let witness = self
    provider.counters(now: now) { witness.take($0) }
  }

  private func take(_ counters: JSON.Object?) {
    asked = nil
    var dated = counters
    dated?.add("at", number: unixMilliseconds())
    let told = dated.map { JSON.object($0) }
    seen = (told, clock())
    if let told { for task in served { testimony.append(Entry(task, .witnessed(told))) } }
    served = []
    if !curious.isEmpty { ask(clock()) }
  }
}
