// How long to wait and how often to try, each number with its source. Pure: time and chance are handed in.

package enum Policies {
  /// Submits of one task that surely did not count before it fails (design §5: "retry, at most 5").
  package static let submitRetries = 5
  package static let uploadRetries = 5
  package static let fetchRetries = 5
  /// Links die in 24–48 h; a task whose links die faster than it can be read again this often is not to be had.
  package static let linkRefreshes = 3
  /// A task is gone after this many "no such task" in a row, spread over at least this time.
  package static let missesUntilGone = 3
  package static let missesSpread = Span.seconds(60)

  /// A task whose looks are answered so often in a row with more than any answer may have is given up. Garbage is waited
  /// out, because a gateway in trouble sends it; a service that sends a whole 200 of this size about one task will send it
  /// again, and what it says, most likely an end, cannot be read.
  package static let oversizedUntilFailed = 3

  /// Floors that a task the service holds back rests beyond its usual rest while an older one of its model is held back
  /// too. It is looked at all the same: the order is what the service does, not what it promises.
  package static let floorsInLine: Int64 = 5

  /// Between looks whose key the service refuses.
  package static let restAfterRefusedKey = Span.seconds(60)

  /// What is written down is done within this time, or not at all (design §6): a machine may sleep in between.
  package static let actWithin = Span.seconds(5)

  /// Between two tries to write down what has happened already. Ours.
  package static let restAfterLostCommit = Span.seconds(1)

  /// min(0.5·2ⁿ, 8) s × (0.75, 1], the official clients' rule, or what the service asked for (0 < s ≤ 60).
  package static func backOff(after attempt: Int, asked: Int64, random: inout Random) -> Span {
    if asked > 0 && asked <= 60_000 { return .milliseconds(asked) }
    let whole = min(Int64(500) << Int64(min(max(attempt, 0), 4)), 8000)
    let shortened = whole - Int64(random.below(UInt64(whole / 4)))
    return .milliseconds(shortened)
  }

  /// The end of a rest that begins now: 1 to 1.5 times the floor, so that many tasks do not look in step.
  ///
  /// It falls on one of eight beats in a floor, because looks that come together share what a turn costs: a wake-up, the
  /// calls into the kernel, the packets of HTTP/2.
  package static func endOfRest(from now: Instant, floor: Span, random: inout Random) -> Instant {
    let beat = max(1, floor.nanoseconds / 8)
    let chance = random.upTo(Span(nanoseconds: floor.nanoseconds / 2 - beat))
    let end = now + floor + chance
    let past = end.nanoseconds % beat
    return past == 0 ? end : end + Span(nanoseconds: beat - past)
  }
}

/// How many retries a client makes in all: a service in trouble is not helped by a thousand tasks that each try again.
/// Looks are not retries; their rhythm has a floor of its own.
package struct RetryBudget: Sendable {
  /// At once, and then so many a second. Ours: more than a healthy service ever makes one need, and no storm.
  package static let capacity: Int64 = 64
  package static let perSecond: Int64 = 4

  private var thousandths = RetryBudget.capacity * 1000
  private var filled = Instant.zero

  package init() {}

  /// True when one more may be made now.
  package mutating func take(now: Instant) -> Bool {
    let passed = max(0, (now - filled).nanoseconds / 1_000_000)
    filled = now
    let room = RetryBudget.capacity * 1000 - thousandths
    thousandths += min(room, passed.multipliedSaturating(by: RetryBudget.perSecond))
    guard thousandths >= 1000 else { return false }
    thousandths -= 1000
    return true
  }
}
