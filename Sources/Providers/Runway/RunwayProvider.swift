// The hosted service behind the same protocol as the painter. It only carries: `Wire` says what a request and an answer
// mean, `Transport` moves them, and the task law decides what is asked next.

package import Core
package import Platform
package import Transport

package final class RunwayProvider: Provider {
  /// What the connections of a client have done so far.
  package struct Traffic: Sendable {
    package enum Key: Sendable { case unknown, accepted, refused }

    package var requests: Int64 = 0
    package var connections: Int64 = 0
    /// What the service last said about the key.
    package var key = Key.unknown
  }

  /// One question under way. A task has one at a time.
  private final class Question {
    let ticket: Ticket
    let operation: Operation
    /// URIs that go along with a submit.
    let uploaded: [String]

    init(_ ticket: Ticket, _ operation: Operation, _ uploaded: [String]) {
      self.ticket = ticket
      self.operation = operation
      self.uploaded = uploaded
    }
  }

  /// A task is looked at again and again, and always asked the same.
  private final class Watch {
    let task: Handle
    let request: HTTPRequest

    init(_ task: Handle, _ request: HTTPRequest) {
      self.task = task
      self.request = request
    }
  }

  package let name = "runway"
  package let terms: Terms
  /// Read by any thread.
  package let traffic = Locked(Traffic())

  private var service: Service
  private let transport: Transport
  private let shelf: Shelf
  private let uploads: Uploads
  private let post: @Sendable (Reply) -> Void
  /// By the slot of the task.
  private var questions: [Question?] = []
  private var watches: [Watch?] = []
  private var accounts: [AccountQuestion] = []
  private let errands: Errands

  /// No task is looked at more often than once in `pollFloor`. `post` may be called from any thread. `seed` is no other
  /// client's; clients with the same shelf share their uploads.
  package init(
    service: Service, transport: Transport, pollFloor: Span, seed: UInt64, shelf: Shelf = .shared,
    post: @escaping @Sendable (Reply) -> Void
  ) {
    self.service = service
    self.transport = transport
    self.post = post
    terms = Terms(rhythm: .polled(floor: pollFloor), survives: true)
    let errands = Errands()
    self.errands = errands
    self.shelf = shelf
    uploads = Uploads(service, transport, shelf, client: seed, nextTicket: { errands.nextTicket() })
  }

  package var descriptor: Int32 { transport.descriptor }

  package func perform(
    _ operation: Operation, of request: Request, intent: String, uploaded: [String], ticket: Ticket,
    now: Instant
  ) {
    do throws(Failure) {
      if case .upload(let reference) = operation, reference < request.parcels.count {
        return upload(request.parcels[reference], ticket, now)
      }
      let sent = try self.request(for: operation, of: request, intent, uploaded, ticket.task)
      note(Question(ticket, operation, uploaded))
      transport.send(sent, ticket: ticket, now: now)
    } catch {
      // It could not even be written down, so nothing was sent; another try would fare no better.
      post(Reply(ticket, .setback(Setback(.refused, error))))
    }
  }

  private func upload(_ parcel: Parcel, _ ticket: Ticket, _ now: Instant) {
    uploads.ask(parcel, ticket, now: now) { [post] news in
      switch news {
      case .sent(let permille): post(Reply(ticket, .answer(.uploading(permille: permille))))
      case .arrived(let uri): post(Reply(ticket, .answer(.uploaded(uri: uri))))
      case .setBack(let setback):
        // Where this task has it; another's may be sending it.
        var failure = setback.failure
        failure.location = parcel.place
        post(Reply(ticket, .setback(Setback(setback.kind, failure))))
      }
    }
  }

  package func upload(
    _ parcel: Parcel, now: Instant, _ tell: @escaping @Sendable (UploadAnswer) -> Void
  ) {
    uploads.ask(parcel, errands.nextTicket(), now: now) { news in
      switch news {
      case .sent: return
      case .arrived(let uri): tell(.arrived(uri: uri))
      case .setBack(let setback):
        var failure = setback.failure
        failure.location = parcel.place
        failure.retryable = failure.retryable || setback.kind != .refused
        tell(.failed(failure))
      }
    }
  }

  /// An upload that is known from elsewhere: from a journal, say. `age` is how long ago it was made.
  package func remember(_ sha256: String, uri: String, age: Span, now: Instant) {
    shelf.remember(Shelf.Label(sha256, of: service), uri: uri, age: age, now: now)
  }

  package func use(_ key: Secret) {
    service = Service(service, key: key)
    uploads.use(service)
    // What was put together for looks carries the old one.
    for slot in watches.indices { watches[slot] = nil }
    traffic.withLock { $0.key = .unknown }
  }

  package func drop(_ ticket: Ticket) {
    uploads.drop(ticket)
    transport.drop(ticket)
  }

  package func turn(now: Instant) -> Instant {
    let unixSeconds = Clock.unixMilliseconds / 1000
    let next = transport.turn(now: now) { ticket, outcome in end(ticket, outcome, unixSeconds, now) }
    uploads.tellProgress()
    let (requests, connections) = (transport.requests, transport.connections)
    traffic.withLock { traffic in
      traffic.requests = requests
      traffic.connections = connections
    }
    return next
  }

  package func stop() {
    uploads.stop()
    transport.stop()
  }

  // MARK: Questions

  private func note(_ question: Question) {
    let slot = question.ticket.task.slot
    while questions.count <= slot {
      questions.append(nil)
      watches.append(nil)
    }
    questions[slot] = question
  }

  /// A task has one token for life, so what was put together for its first look serves the others.
  private func request(
    for operation: Operation, of request: Request, _ intent: String, _ uploaded: [String], _ task: Handle
  ) throws(Failure) -> HTTPRequest {
    let slot = task.slot
    let isLook = if case .check = operation { slot < watches.count } else { false }
    if isLook, let watch = watches[slot], watch.task == task { return watch.request }
    let made = try Wire.request(
      for: operation, of: request, uploaded: uploaded, intent: intent, service: service)
    if isLook { watches[slot] = Watch(task, made) }
    return made
  }

  private func end(_ ticket: Ticket, _ outcome: Outcome, _ unixSeconds: Int64, _ now: Instant) {
    if let index = accounts.firstIndex(where: { $0.ticket == ticket }) {
      return goOn(index, outcome, unixSeconds, now)
    }
    if uploads.asksAPI(ticket) { noteKey(outcome) }
    if uploads.end(ticket, outcome, unixSeconds, now) { return }
    let slot = ticket.task.slot
    guard slot < questions.count, let question = questions[slot], question.ticket == ticket else { return }
    questions[slot] = nil
    // A storage host's 403 says that a link has expired; only the API was shown the key.
    if case .fetch = question.operation {} else { noteKey(outcome) }
    let reading = Wire.reading(
      outcome, to: question.operation, service: service, unixSeconds: unixSeconds)
    if case .submit = question.operation, case .setback(let setback) = reading, setback.linkDied {
      for uri in question.uploaded { shelf.forget(uri) }
    }
    post(Reply(ticket, reading))
  }

  private func noteKey(_ outcome: Outcome) {
    guard case .answered(let response) = outcome else { return }
    switch response.status {
    case 401, 403: traffic.withLock { $0.key = .refused }
    case 200..<300: traffic.withLock { $0.key = .accepted }
    default: break
    }
  }

  // MARK: The account

  package func account(now: Instant, _ tell: @escaping @Sendable (AccountAnswer) -> Void) {
    let ticket = errands.nextTicket()
    accounts.append(AccountQuestion(ticket, tell))
    transport.send(Wire.account(service), ticket: ticket, now: now)
  }

  package func counters(now: Instant, _ tell: @escaping @Sendable (JSON.Object?) -> Void) {
    let question = AccountQuestion(errands.nextTicket()) { answer in
      guard case .known(let organization) = answer else { return tell(nil) }
      var counters = JSON.Object()
      counters.add("creditBalance", organization["creditBalance"])
      counters.add("usage", organization["usage"])
      tell(counters)
    }
    question.isBrief = true
    accounts.append(question)
    transport.send(Wire.account(service), ticket: question.ticket, now: now)
  }

  /// First the organization, then what it used.
  private func goOn(_ index: Int, _ outcome: Outcome, _ unixSeconds: Int64, _ now: Instant) {
    let question = accounts[index]
    noteKey(outcome)
    do throws(Failure) {
      let document = try Wire.document(outcome, service: service, unixSeconds: unixSeconds)
      if question.isBrief {
        accounts.remove(at: index)
        return question.tell(.known(.object(document)))
      }
      guard let organization = question.organization else {
        question.organization = document
        question.serverTime = Wire.serverTime(outcome)
        return transport.send(try Wire.usage(from: nil, to: nil, service), ticket: question.ticket, now: now)
      }
      accounts.remove(at: index)
      var answer = JSON.Object()
      answer.add("organization", .object(organization))
      answer.add("usage", .object(document))
      if let time = question.serverTime { answer.add("serverTime", .integer(time)) }
      question.tell(.known(.object(answer)))
    } catch {
      accounts.remove(at: index)
      question.tell(.failed(error))
    }
  }
}

private final class AccountQuestion {
  let ticket: Ticket
  let tell: @Sendable (AccountAnswer) -> Void
  var organization: JSON.Object?
  /// The organization is all that is asked.
  var isBrief = false
  var serverTime: Int64?

  init(_ ticket: Ticket, _ tell: @escaping @Sendable (AccountAnswer) -> Void) {
    self.ticket = ticket
    self.tell = tell
  }
}

/// Tickets of what no task asked for.
private final class Errands {
  private var serial: UInt32 = 0

  func nextTicket() -> Ticket {
    serial &+= 1
    // No task has handle 0.
    return Ticket(task: Handle(rawValue: 0), serial: serial)
  }
}
