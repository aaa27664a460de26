// What is known of a task's money, for a person who has to decide: its facts in order, with their times.

extension Fact {
  package var name: StaticString {
    switch self {
    case .accepted: "accepted"
    case .uploaded: "uploaded"
    case .submitting: "submitting"
    case .unsent: "unsent"
    case .submitted: "submitted"
    case .refused: "refused"
    case .ambiguous: "ambiguous"
    case .cancelling: "cancelling"
    case .fetched: "fetched"
    case .handedOut: "handed out"
    case .settled: "settled"
    case .witnessed: "witnessed"
    case .ended: "ended"
    }
  }

  /// {"at","fact"}, and what it says beyond its name.
  package func report(at unixMilliseconds: Int64) -> JSON {
    var report = JSON.Object()
    report.add("at", number: unixMilliseconds)
    report.add("fact", word: name)
    switch self {
    case .submitting(let attempt): report.add("attempt", number: attempt)
    case .submitted(let token, let millicredits):
      report.add("token", text: token)
      report.add("millicredits", number: millicredits)
    case .refused(let status): report.add("status", word: status.name)
    case .fetched(let output, _), .handedOut(let output): report.add("output", number: output)
    case .settled(let token): report.add("token", text: token)
    case .witnessed(let counters): report.add("account", counters)
    case .ended(let ending):
      report.add("state", word: ending.state.name)
      report.add("status", word: (ending.failure?.status ?? .ok).name)
    case .accepted, .uploaded, .unsent, .ambiguous, .cancelling: break
    }
    return .object(report)
  }
}
