// Back from an earlier life: what a journal knows becomes a phase again. Nothing here sends; what is unfinished goes on
// by the same rules as if it had never stopped.

extension TaskMachine {
  /// A task whose owner died, or whose key a host gave again.
  @inline(never)
  package mutating func restored(
    _ standing: Standing, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    token = standing.token
    spent = standing.spent
    reserved = standing.reserved
    placed = standing.kept.count
    wake = nil
    if let ending = standing.ending, standing.stage == .ended || standing.stage == .ambiguous {
      phase = .ended(Phase.Ended(state: ending.state, failure: ending.failure))
      return []
    }
    switch standing.stage {
    case .waiting, .ended:
      phase = .queued(Phase.Queued(attempt: standing.attempt))
      return [.ready]
    // Its owner died with the answer, or before it asked. Only a person can find out; it is never sent again.
    case .submitting, .ambiguous:
      let failure = Sentences.ambiguous(Sentences.diedSubmitting)
      return (standing.stage == .ambiguous ? [] : recorded(.ambiguous)) + end(.ambiguous, failure)
    case .remote:
      guard let token = standing.token else { return end(.failed, Sentences.noToken) }
      var remote = Phase.Remote(token: token)
      if standing.isCancelling { remote.errand = .lookBeforeCancel }
      return watch(remote, now, &random)
    }
  }
}

extension Sentences {
  static var diedSubmitting: Failure {
    Failure(.ambiguous, "the process that sent it ended before the answer was written down")
  }

  static var noToken: Failure {
    Failure(.journal, "the journal says that the service has the task, and not under which token")
  }
}
