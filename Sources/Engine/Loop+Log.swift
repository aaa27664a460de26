// What of a turn stands in the log.

import Core

extension Loop {
  func note(_ fact: Fact, _ record: Record) {
    guard let log else { return }
    var (level, details) = fact.logged(of: record.task)
    guard log.hears(level) else { return }
    if case .accepted = fact, keeping.logsPrompts {
      details.add(prompt: record.request.prompt)
    }
    log.note(level, details)
  }

  /// Something went wrong on the way, and the task law has an answer to it.
  func noteSetback(_ failure: Failure, _ task: Handle) {
    guard let log, log.hears(.warn) else { return }
    var details = LogDetails("setback", of: task)
    if let state = records[task]?.machine.state { details.add("state", word: state.name) }
    details.add(failure)
    log.note(.warn, details)
  }

  /// Nothing that costs money happens until a commit succeeds.
  func noteLostCommit(_ failure: Failure) {
    guard let log else { return }
    var details = LogDetails("journal not written")
    details.add(failure)
    log.note(.error, details)
  }

  func noteAsk(_ operation: Operation, _ task: Handle) {
    guard let log, log.hears(.debug) else { return }
    var details = LogDetails("asked", of: task)
    details.add("operation", word: operation.name)
    log.note(.debug, details)
  }
}
