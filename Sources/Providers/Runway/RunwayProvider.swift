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

    init(_ ticket: Ticket, _ operation: Operation) {
      self.ticket = ticket
      self.operation = operation
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

  private let service: Service
  private let transport: Transport
  private let intents: Intents
  private let post: @Sendable (Reply) -> Void
  /// By the slot of the task.
  private var questions: [Question?] = []
  private var watches: [Watch?] = []
  private var accounts: [AccountQuestion] = []
  private var accountSerial: UInt32 = 0

  /// No task is looked at more often than once in `pollFloor`. `post` may be called from the thread that turns the loop.
  package init(
    service: Service, transport: Transport, pollFloor: Span, seed: UInt64,
    post: @escaping @Sendable (Reply) -> Void
  ) {
    self.service = service
    self.transport = transport
    self.post = post
    terms = Terms(rhythm: .polled(floor: pollFloor), survives: true)
    intents = Intents(seed: seed)
  }

  package var descriptor: Int32 { transport.descriptor }

  package func perform(_ operation: Operation, of request: Request, ticket: Ticket, now: Instant) {
    do throws(Failure) {
      let sent = try self.request(for: operation, of: request, ticket.task)
      note(Question(ticket, operation))
      transport.send(sent, ticket: ticket, now: now)
    } catch {
      // It could not even be written down, so nothing was sent; another try would fare no better.
      post(Reply(ticket, .setback(Setback(.refused, error))))
    }
  }

  package func drop(_ ticket: Ticket) { transport.drop(ticket) }

  package func turn(now: Instant) -> Instant {
    let unixSeconds = Clock.unixMilliseconds / 1000
    let next = transport.turn(now: now) { ticket, outcome in end(ticket, outcome, unixSeconds, now) }
    let (requests, connections) = (transport.requests, transport.connections)
    traffic.withLock { traffic in
      traffic.requests = requests
      traffic.connections = connections
    }
    return next
  }

  package func stop() { transport.stop() }

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
    for operation: Operation, of request: Request, _ task: Handle
  ) throws(Failure) -> HTTPRequest {
    let slot = task.slot
    let isLook = if case .check = operation { slot < watches.count } else { false }
    if isLook, let watch = watches[slot], watch.task == task { return watch.request }
    let made = try Wire.request(
      for: operation, of: request, uploaded: [], intent: intents.intent(of: task), service: service)
    if isLook { watches[slot] = Watch(task, made) }
    return made
  }

  private func end(_ ticket: Ticket, _ outcome: Outcome, _ unixSeconds: Int64, _ now: Instant) {
    if let index = accounts.firstIndex(where: { $0.ticket == ticket }) {
      return goOn(index, outcome, unixSeconds, now)
    }
    let slot = ticket.task.slot
    guard slot < questions.count, let question = questions[slot], question.ticket == ticket else { return }
    questions[slot] = nil
    // A storage host's 403 says that a link has expired; only the API was shown the key.
    if case .fetch = question.operation {} else { noteKey(outcome) }
    post(
      Reply(ticket, Wire.reading(outcome, to: question.operation, service: service, unixSeconds: unixSeconds))
    )
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
    accountSerial &+= 1
    // No task has handle 0.
    let ticket = Ticket(task: Handle(rawValue: 0), serial: accountSerial)
    accounts.append(AccountQuestion(ticket, tell))
    transport.send(Wire.account(service), ticket: ticket, now: now)
  }

  /// First the organization, then what it used.
  private func goOn(_ index: Int, _ outcome: Outcome, _ unixSeconds: Int64, _ now: Instant) {
    let question = accounts[index]
    noteKey(outcome)
    do throws(Failure) {
      let document = try Wire.document(outcome, service: service, unixSeconds: unixSeconds)
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
  var serverTime: Int64?

  init(_ ticket: Ticket, _ tell: @escaping @Sendable (AccountAnswer) -> Void) {
    self.ticket = ticket
    self.tell = tell
  }
}

/// The UUID that goes along with a task's submit, the same however often it is sent: should the service honour it one
/// day, a second arrival of the same intent would be the same task.
struct Intents {
  private let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  /// Version 8, "made as its maker likes" (RFC 9562): a hash of the client's chance and the task.
  func intent(of task: Handle) -> String {
    var random = Random(seed: seed ^ (task.rawValue &* 0x9E37_79B9_7F4A_7C15))
    let (high, low) = (random.next(), random.next())
    let digits: StaticString = "0123456789abcdef"
    var text: [UInt8] = []
    for position in 0..<32 {
      if position == 8 || position == 12 || position == 16 || position == 20 {
        text.append(UInt8(ascii: "-"))
      }
      let word = position < 16 ? high : low
      var nibble = Int(word >> UInt64(60 - 4 * (position % 16)) & 15)
      if position == 12 { nibble = 8 }
      if position == 16 { nibble = nibble & 3 | 8 }
      text.append(digits.utf8Start[nibble])
    }
    return String(text[...])
  }
}
