// What happens to a task (inputs), what must be done about it (effects) and what is written down (facts). Inputs are
// past tense, effects are orders.

// All of these are indirect: one pointer wide, because each is handed on through many hands, and copying a payload of
// a hundred bytes unfolds at every one of them.

/// One thing a provider is asked.
package indirect enum Operation: Equatable, Sendable {
  case upload(reference: Int)
  /// The one that may cost money.
  case submit
  case check(token: String)
  case fetch(token: String, output: Int, link: String)
  case cancel(token: String)
}

/// What came back for one operation.
package indirect enum Answer: Sendable {
  case uploaded(uri: String)
  /// The upload is under way; more is said under the same ticket.
  case uploading(permille: Int)
  /// `millicredits` is the service's own estimate, where it gave one. An empty token: it has the task, and no name yet by
  /// which anybody could find it again; that may follow in an answer of this kind, and until then the journal does not
  /// count the task as submitted.
  case accepted(token: String, millicredits: Int64?)
  case looked(Look)
  case fetched(Picture)
  /// The service stopped the task.
  case cancelled
  /// The service knows no such task.
  case absent
}

extension Answer {
  /// Of a provider that tells by itself: more comes under the same ticket.
  package var isNotTheLast: Bool {
    switch self {
    case .accepted, .uploading, .looked(.pending), .looked(.throttled), .looked(.running): true
    default: false
    }
  }
}

/// What one look at a remote task showed.
package indirect enum Look: Sendable {
  case pending
  case throttled
  case running(permille: Int?)
  case succeeded(links: [String], millicredits: Int64?)
  case failed(Failure, millicredits: Int64?)
  case cancelled(millicredits: Int64?)
  /// A status this version does not know. It is not final.
  case unknown
  /// The service's own answer, too long to be read; the failure says so.
  case oversized(Failure)
}

/// What went wrong with one operation, and whether it can have counted.
package struct Setback: Sendable {
  package enum Class: Sendable {
    /// Not one byte of the request left this machine.
    case neverArrived
    /// The service answered no.
    case refused
    /// It may have been done; the answer is lost.
    case mayHaveArrived
  }

  package let kind: Class
  package let failure: Failure
  /// For a fetch: the link has died and the task must be read again. For a submit: what was uploaded is not there any
  /// more.
  package let linkDied: Bool

  package init(_ kind: Class, _ failure: Failure, linkDied: Bool = false) {
    self.kind = kind
    self.failure = failure
    self.linkDied = linkDied
  }
}

package enum Cancellation: Sendable {
  /// Stop watching; hosted work goes on.
  case local
  /// Ask the service to stop.
  case remote
}

/// What happened to a task.
package indirect enum Input: Sendable {
  /// It is in memory; nothing is sent before its first fact is on disk.
  case admitted
  /// The journal knows it from an earlier life, whose owner is dead.
  case known(Standing)
  /// The scheduler gave it a place.
  case started
  /// The instant in `wake` has come.
  case due
  case answered(Ticket, Answer)
  case setBack(Ticket, Setback)
  case cancelAsked(Cancellation)
  case deadlinePassed
  /// The host gave another key: what was refused may be asked again.
  case keyChanged
  /// Nobody watches any more; the failure says why.
  case left(Failure)
  /// The journal did not take the facts of this turn, so nothing they announce was sent.
  case unrecorded(Failure)
}

extension Input {
  /// The question this is an answer to, if it is one.
  package var ticket: Ticket? {
    switch self {
    case .answered(let ticket, _), .setBack(let ticket, _): ticket
    default: nil
    }
  }
}

/// What must be done now. Within one turn all facts are on disk before any operation leaves.
package indirect enum Effect: Equatable, Sendable {
  case record(Fact)
  case ask(Operation, Ticket)
  /// Nobody waits for this ticket; its transfer may stop. Never said of a submit.
  case drop(Ticket)
  /// It wants a place.
  case ready
}

/// One line of the journal. Facts alone rebuild a task: see `Standing`.
package indirect enum Fact: Equatable, Sendable {
  case accepted
  case uploaded(reference: Int, uri: String)
  case submitting(attempt: Int)
  /// The submit announced before surely did not leave.
  case unsent
  case submitted(token: String, millicredits: Int64?)
  case refused(Status)
  case ambiguous
  case cancelling
  case fetched(output: Int, Filed)
  /// The host has the picture.
  case handedOut(output: Int)
  /// The answer to an ambiguous submit came after all, or a person said what it was; nil: it was not accepted.
  case settled(token: String?)
  /// What the account's counters showed, before the submit or after its answer was lost.
  case witnessed(JSON)
  case ended(Ending)
}
