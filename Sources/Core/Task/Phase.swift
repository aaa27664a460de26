// Where a task is in its life. A phase carries exactly what it needs, so that a task that was never sent cannot have
// a token and a task that ended cannot have a ticket under way.

/// What a host sees of a phase. Values of 64 and above are final, whatever a later version adds.
package enum TaskState: Int32, Sendable, CaseIterable {
  case queued = 1
  case submitting = 2
  case pending = 3
  case throttled = 4
  case running = 5
  case uploading = 6
  case fetching = 7
  case succeeded = 64
  case failed = 65
  case cancelled = 66
  case ambiguous = 67
  case detached = 68

  package var isFinal: Bool { rawValue >= 64 }

  package var name: StaticString {
    switch self {
    case .queued: "QUEUED"
    case .submitting: "SUBMITTING"
    case .pending: "PENDING"
    case .throttled: "THROTTLED"
    case .running: "RUNNING"
    case .uploading: "UPLOADING"
    case .fetching: "FETCHING"
    case .succeeded: "SUCCEEDED"
    case .failed: "FAILED"
    case .cancelled: "CANCELLED"
    case .ambiguous: "AMBIGUOUS"
    case .detached: "DETACHED"
    }
  }
}

/// Ties an answer to the operation that asked. A late answer carries an old ticket and changes nothing.
package struct Ticket: Hashable, Sendable {
  package let task: Handle
  package let serial: UInt32

  package init(task: Handle, serial: UInt32) {
    self.task = task
    self.serial = serial
  }
}

/// Indirect for the same reason as the messages.
package indirect enum Phase: Sendable {
  case queued(Queued)
  case uploading(Uploading)
  case submitting(Submitting)
  case remote(Remote)
  case fetching(Fetching)
  case ended(Ended)

  /// Waits for a place, or for the end of a back-off.
  package struct Queued: Sendable {
    /// Submits that surely did not count so far.
    package var attempt = 0
    package var notBefore: Instant?
    /// Its references are with the service already.
    package var hasUploaded = false
  }

  package struct Uploading: Sendable {
    package var reference: Int
    package var attempt = 0
    /// Of all its uploads, in thousandths.
    package var permille = 0
    /// nil while it rests between two attempts.
    package var ticket: Ticket?
    /// Submits that surely did not count before this upload.
    package var submits: Int
  }

  /// The paid call is on the wire. Nothing aborts it; what was asked meanwhile waits for its answer.
  package struct Submitting: Sendable {
    package let ticket: Ticket
    package let attempt: Int
    package var afterwards: Afterwards = .watch
  }

  package enum Afterwards: Sendable {
    case watch
    case cancel
    case leave(Failure)
  }

  /// The service has the task.
  package struct Remote: Sendable {
    /// Empty while the service has not said.
    package var token: String
    package var sight: Sight = .pending
    package var errand: Errand = .watch
    /// The look or the cancel under way; nil while the task rests between two looks.
    package var ticket: Ticket?
    package var setbacks = 0
    /// Looks in a row that said "no such task", and when the first of them did.
    package var misses = 0
    package var missedSince: Instant?
    /// Looks in a row whose answer was too long to be read.
    package var oversized = 0
  }

  package enum Sight: Sendable {
    case pending, throttled
    case running(permille: Int?)
  }

  package enum Errand: Sendable {
    case watch
    /// A cancel was asked for: one look first, because a cancel that meets a finished task destroys its picture.
    case lookBeforeCancel
    case cancel
  }

  package struct Fetching: Sendable {
    package let token: String
    package var links: [String]
    package var output = 0
    package var attempt = 0
    /// Times the links had died and the task was read again.
    package var refreshes = 0
    package var stage: Stage = .download
    package var ticket: Ticket?

    package enum Stage: Sendable { case download, freshLinks }
  }

  package struct Ended: Sendable {
    package let state: TaskState
    /// nil for a task that succeeded.
    package let failure: Failure?
    /// The paid submit whose answer never came. Should it come after all, it is written down.
    package var unanswered: Ticket?
    /// Of the pictures that were left with the service.
    package var links: [String] = []
  }
}

extension Phase {
  package var state: TaskState {
    switch self {
    case .queued: .queued
    case .uploading: .uploading
    case .submitting: .submitting
    case .remote(let remote):
      switch remote.sight {
      case .pending: .pending
      case .throttled: .throttled
      case .running: .running
      }
    case .fetching: .fetching
    case .ended(let ended): ended.state
    }
  }

  /// The question whose answer counts now.
  package var ticket: Ticket? {
    switch self {
    case .queued: nil
    case .uploading(let uploading): uploading.ticket
    case .submitting(let submitting): submitting.ticket
    case .remote(let remote): remote.ticket
    case .fetching(let fetching): fetching.ticket
    case .ended(let ended): ended.unanswered
    }
  }

  /// Progress of the current state in thousandths, nil where nobody knows.
  package var permille: Int? {
    switch self {
    case .remote(let remote):
      if case .running(let permille) = remote.sight { permille } else { nil }
    case .fetching(let fetching):
      fetching.links.isEmpty ? nil : fetching.output * 1000 / fetching.links.count
    case .uploading(let uploading): uploading.permille
    case .ended(let ended):
      ended.state == .succeeded ? 1000 : nil
    case .queued, .submitting:
      nil
    }
  }
}
