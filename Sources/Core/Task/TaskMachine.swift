// The law of one task, read as a table: what may happen in which phase. The answers to each event are in
// TaskMachine+Submit.swift (before the service has the task) and TaskMachine+Remote.swift (after).
//
// Rule 1: every change of a task's state happens in these three files.
// Rule 2: an input that does not fit the phase, or answers a question no longer asked, changes nothing.
// Rule 3: one exception to rule 2: the answer to a paid submit is always written down, however late.

package struct TaskMachine: Sendable {
  package internal(set) var phase = Phase.queued(Phase.Queued())
  /// When `.due` is wanted; nil when only an answer or the host can move the task.
  package internal(set) var wake: Instant?
  /// What the service said it cost, once it said so.
  package internal(set) var spent: Int64?
  /// What is held for it: our price, or the service's own estimate where that is known.
  package internal(set) var reserved: Int64
  /// Empty while the service has not said.
  package internal(set) var token: String?
  /// What its uploads got, in their order.
  package internal(set) var uris: [String] = []
  /// The service had lost an upload once, so all were made sure of once more.
  var hasUploadedAgain = false

  let id: Handle
  let terms: Terms
  let uploads: Int
  /// Pictures stay with the service until a host asks for one.
  let leavesPictures: Bool
  /// Of its pictures, the first so many lie in the client's folder since an earlier life.
  var placed = 0
  private var serial: UInt32 = 0

  /// `uploads` counts the references that must be with the service before the submit.
  package init(id: Handle, terms: Terms, uploads: Int, reserved: Int64, leavesPictures: Bool = false) {
    self.id = id
    self.leavesPictures = leavesPictures
    self.terms = terms
    self.uploads = uploads
    self.reserved = reserved
  }

  package var state: TaskState { phase.state }

  /// What is due is another try of something that went wrong.
  package var isRetrying: Bool {
    switch phase {
    case .queued(let queued): queued.attempt > 0
    case .uploading(let upload): upload.attempt > 0
    case .fetching(let fetch): fetch.attempt > 0
    case .submitting, .remote, .ended: false
    }
  }

  /// The service has it and holds it back, and nothing is wanted of it but to know when that ends.
  package var isHeldBack: Bool {
    guard case .remote(let remote) = phase, case .throttled = remote.sight else { return false }
    return remote.errand == .watch
  }

  /// Of the picture that is being fetched.
  package var link: String? {
    if case .fetching(let fetch) = phase { fetch.links[fetch.output] } else { nil }
  }

  package mutating func receive(_ input: Input, now: Instant, random: inout Random) -> [Effect] {
    if let ticket = input.ticket, ticket != phase.ticket { return [] }
    return switch phase {
    case .queued, .uploading, .submitting: receiveBeforeTheServiceHasIt(input, now, &random)
    case .remote, .fetching, .ended: receiveAfterwards(input, now, &random)
    }
  }

  private mutating func receiveBeforeTheServiceHasIt(
    _ input: Input, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    switch (phase, input) {
    // Whatever this turn had begun was withheld.
    case (_, .known(let standing)): restored(standing, now, &random)
    case (.queued, .admitted): [.record(.accepted), .ready]
    case (.queued(let queued), .started): started(queued)
    case (.queued(let queued), .due): backOffEnded(queued, now)
    case (.queued, .cancelAsked): end(.cancelled, Sentences.cancelledBeforeSending)
    case (.queued, .deadlinePassed): end(.failed, Sentences.deadlineBeforeSending)
    case (.queued, .left(let why)): leaveUnsent(why)
    case (.queued, .unrecorded(let why)): end(.failed, why)

    case (.uploading(let upload), .answered(_, .uploaded(let uri))): uploaded(upload, uri)
    case (.uploading(let upload), .answered(_, .uploading(let permille))): uploading(upload, permille)
    case (.uploading(let upload), .setBack(_, let setback)):
      uploadSetBack(upload, setback, now, &random)
    case (.uploading(let upload), .due): resumeUpload(upload)
    case (.uploading(let upload), .cancelAsked):
      drop(upload.ticket) + end(.cancelled, Sentences.cancelledBeforeSending)
    case (.uploading(let upload), .deadlinePassed):
      drop(upload.ticket) + end(.failed, Sentences.deadlineBeforeSending)
    case (.uploading(let upload), .left(let why)): drop(upload.ticket) + leaveUnsent(why)
    case (.uploading(let upload), .unrecorded(let why)): drop(upload.ticket) + end(.failed, why)

    case (.submitting(let submit), .answered(_, .accepted(let token, let estimate))):
      accepted(submit, token, estimate, now, &random)
    case (.submitting(let submit), .setBack(_, let setback)):
      submitSetBack(submit, setback, now, &random)
    case (.submitting(let submit), .cancelAsked(let how)): remember(submit, how)
    case (.submitting(let submit), .deadlinePassed):
      remember(submit, leaving: Sentences.deadlineWhileWatching)
    case (.submitting(let submit), .left(let why)): remember(submit, leaving: why)
    case (.submitting, .unrecorded(let why)): end(.failed, why)

    default: []
    }
  }

  private mutating func receiveAfterwards(
    _ input: Input, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    switch (phase, input) {
    case (.remote(let remote), .due): look(remote)
    case (.remote(let remote), .answered(_, .looked(let look))):
      looked(remote, look, now, &random)
    case (.remote(let remote), .answered(_, .accepted(let token, let estimate))):
      named(remote, token, estimate)
    case (.remote(let remote), .answered(_, .absent)): missed(remote, now, &random)
    case (.remote(let remote), .answered(_, .cancelled)): cancelled(remote)
    case (.remote(let remote), .setBack(_, let setback)):
      lookSetBack(remote, setback, now, &random)
    case (.remote(let remote), .cancelAsked(.remote)): cancel(remote)
    case (.remote(let remote), .cancelAsked(.local)): leave(remote.ticket, Sentences.leftOnRequest)
    case (.remote(let remote), .deadlinePassed): leave(remote.ticket, Sentences.deadlineWhileWatching)
    case (.remote(let remote), .left(let why)): leave(remote.ticket, why)
    case (.remote(let remote), .keyChanged): keyChanged(remote, now, &random)
    case (.remote(let remote), .unrecorded): cancelUnrecorded(remote, now, &random)

    case (.fetching(let fetch), .answered(_, .fetched(let picture))) where fetch.stage == .download:
      fetched(fetch, picture)
    case (.fetching(let fetch), .answered(_, .looked(let look))) where fetch.stage == .freshLinks:
      looked(fetch, look, now, &random)
    case (.fetching(let fetch), .answered(_, .absent)):
      fetchSetBack(fetch, Setback(.refused, Sentences.noLinks, linkDied: true), now, &random)
    case (.fetching(let fetch), .setBack(_, let setback)):
      fetchSetBack(fetch, setback, now, &random)
    case (.fetching(let fetch), .due): resumeFetch(fetch)
    case (.fetching(let fetch), .cancelAsked(.local)): leave(fetch.ticket, Sentences.leftOnRequest)
    // The picture exists; a cancel now could only destroy it.
    case (.fetching, .cancelAsked(.remote)): []
    case (.fetching(let fetch), .deadlinePassed): leave(fetch.ticket, Sentences.deadlineWhileWatching)
    case (.fetching(let fetch), .left(let why)): leave(fetch.ticket, why)

    case (.ended(let ended), .answered(_, .accepted(let token, _))): settled(ended, token)

    default: []
    }
  }

  /// A new question; answers to older ones are late from now on.
  package mutating func ticket() -> Ticket {
    serial &+= 1
    return Ticket(task: id, serial: serial)
  }

  // This and the answers to the events stay out of `receive`, where each would be unfolded once for every line of the
  // table that names it.
  @inline(never)
  func recorded(_ fact: Fact) -> [Effect] { [.record(fact)] }

  @inline(never)
  func drop(_ ticket: Ticket?) -> [Effect] {
    ticket.map { [.drop($0)] } ?? []
  }

  @inline(never)
  mutating func end(
    _ state: TaskState, _ failure: Failure?, unanswered: Ticket? = nil, outputs: Int = 0
  ) -> [Effect] {
    phase = .ended(Phase.Ended(state: state, failure: failure, unanswered: unanswered))
    wake = nil
    return recorded(.ended(Ending(state, failure, outputs: outputs, spent: spent)))
  }

  /// Stops watching. Where the work goes on without us the handle ends DETACHED; where it ends with us, it is
  /// the service that ended it, and we say so.
  @inline(never)
  mutating func leave(_ ticket: Ticket?, _ why: Failure) -> [Effect] {
    if terms.survives { return drop(ticket) + end(.detached, why) }
    let state: TaskState = why.status == .deadline ? .failed : .cancelled
    let stop = token.map { [Effect.ask(.cancel(token: $0), self.ticket())] } ?? []
    return drop(ticket) + stop + end(state, Sentences.stoppedWithUs(why))
  }

  @inline(never)
  mutating func leaveUnsent(_ why: Failure) -> [Effect] {
    terms.survives ? end(.detached, why) : end(.cancelled, Sentences.stoppedWithUs(why))
  }
}

/// How a task ends when nothing of the service's own says it.
enum Sentences {
  static var cancelledBeforeSending: Failure {
    Failure(.cancelled, "cancelled before it was sent; nothing was charged")
  }

  static var deadlineBeforeSending: Failure {
    Failure(
      .deadline, "the deadline passed before the task was sent; nothing was charged; give it a later one")
  }

  static var deadlineWhileWatching: Failure {
    Failure(.deadline, "the deadline passed; the task goes on at the service, do not submit it again")
  }

  static var leftOnRequest: Failure {
    Failure(
      .cancelled, "no longer watched, as asked; the task goes on at the service, do not submit it again")
  }

  static var noLinks: Failure {
    Failure(.protocolError, "the service no longer offers the picture it said was finished")
  }

  static var gone: Failure {
    Failure(
      .gone, "the service has said for a minute that it knows no such task; it was deleted or has expired")
  }

  static var cancelled: Failure { Failure(.cancelled, "cancelled as asked") }

  /// The service refunds nothing of what it has begun (contract, section 2.4).
  static var cancelledAtWork: Failure {
    var failure = Failure(
      .cancelled, "cancelled as asked, but the work had begun, so it may have been charged")
    failure.maySpend = true
    return failure
  }

  /// What the last look showed guarantees nothing: the service decides by what it sees when it cancels.
  static var cancelledInTime: Failure {
    var failure = Failure(
      .cancelled, "cancelled as asked, before the work was seen to begin; if it had, it may have been charged"
    )
    failure.maySpend = true
    return failure
  }

  static var cancelledByService: Failure {
    Failure(.cancelled, "the service says the task was cancelled")
  }

  static func ambiguous(_ cause: Failure) -> Failure {
    var failure = cause
    failure.status = .ambiguous
    failure.maySpend = true
    failure.message = String(
      sentence:
        "the answer to the paid submit was lost (\(cause.message)); it may have been charged, so it is not sent again"
    )
    return failure
  }

  /// For work that ends with us: the deadline and the parting keep their status, not the promise that it goes on.
  static func stoppedWithUs(_ why: Failure) -> Failure {
    var failure = why
    failure.message =
      switch why.status {
      case .deadline: "the deadline passed before the picture was finished; give it a later one"
      case .cancelled: "cancelled; nothing was charged"
      case .shutdown: "the library was shut down before the picture was finished; nothing was charged"
      default: "the client was closed before the picture was finished; nothing was charged"
      }
    return failure
  }
}
