// A task as the host's provider sees it: told of progress, a token, pictures and the end by any thread, in any order, as
// often as a provider from hell likes. What is said after the end is refused.

package import Core
import Platform

package final class HostJob: Sendable {
  private struct State {
    /// Who is told of changes.
    var watcher: Ticket?
    /// As the host gave it.
    var token: String?
    var isTokenTold = false
    /// The latest; nil while there is nothing to tell.
    var look: Look?
    /// When a look was last on its way. The next one rests, so that no provider keeps the loop awake.
    var toldAt: Instant?
    var hasNews = false
    var pictures: [Picture] = []
    var bytes = 0
    var isOver = false
  }

  /// What it leaves for the loop.
  final class Outbox: Sendable {
    let post: @Sendable (Reply) -> Void
    /// Jobs that told something a moment ago.
    let told = Locked<[HostJob]>([])

    init(post: @escaping @Sendable (Reply) -> Void) { self.post = post }
  }

  /// What a job may cost and weigh.
  struct Bounds: Sendable {
    let isFree: Bool
    let canResume: Bool
    let maxBytes: Int
  }

  /// Between two looks of one job.
  static let rest = Span.milliseconds(20)
  /// As many pictures as any request asks for.
  private static let maxOutputs = 64
  package static let maxTokenBytes = 190
  package static let maxMillicredits: Int64 = 1 << 50

  let provider: String
  let outbox: Outbox
  private let bounds: Bounds
  let spool: Spool
  private let state: Locked<State>

  init(provider: String, _ outbox: Outbox, _ bounds: Bounds, _ spool: Spool) {
    self.provider = provider
    self.outbox = outbox
    self.bounds = bounds
    self.spool = spool
    state = Locked(State())
  }

  // MARK: The host's side

  /// nil is unknown.
  package func progress(_ permille: Int?, token: String?) throws(Failure) {
    if let token { try refuse(token) }
    let replies = try state.withLock { state throws(Failure) in
      guard !state.isOver else { throw HostJob.over }
      if let token, let known = state.token, !token.equals(known) {
        throw Failure(.state, at: "token", "the job has another token already; a job keeps its first")
      }
      state.token = state.token ?? token
      state.look = .running(permille: permille)
      state.hasNews = true
      return news(&state)
    }
    send(replies)
  }

  private func refuse(_ token: String) throws(Failure) {
    guard bounds.canResume else {
      throw Failure(.state, at: "token", "the provider has no resume, so nobody could use a token")
    }
    guard token.byteCount <= HostJob.maxTokenBytes, !token.begins(with: "~") else {
      throw Failure(
        .argument, at: "token",
        "a token has 1 to \(HostJob.maxTokenBytes) bytes and does not begin with ~")
    }
  }

  /// Before so many bytes of a picture are copied.
  package func refuse(bytes: Int) throws(Failure) {
    try state.withLock { state throws(Failure) in try refuse(bytes, beside: state) }
  }

  package func add(_ picture: Picture) throws(Failure) {
    try state.withLock { state throws(Failure) in
      try refuse(picture.size, beside: state)
      state.bytes += picture.size
      state.pictures.append(picture)
    }
  }

  private func refuse(_ bytes: Int, beside state: State) throws(Failure) {
    guard !state.isOver else { throw HostJob.over }
    guard state.pictures.count < HostJob.maxOutputs else {
      throw Failure(.limit, at: "j", "a job has at most \(HostJob.maxOutputs) outputs")
    }
    guard bytes <= bounds.maxBytes - state.bytes else {
      throw Failure(
        .limit, at: "len", "the outputs of a job have at most maxOutputBytes, \(bounds.maxBytes), together")
    }
  }

  /// nil: with every picture it has. `millicredits` is what it cost, nil where the host does not say.
  package func finish(_ failure: Failure?, millicredits: Int64?) throws(Failure) {
    let spent = millicredits ?? (bounds.isFree ? 0 : nil)
    let replies = try state.withLock { state throws(Failure) in
      guard !state.isOver else { throw HostJob.over }
      state.isOver = true
      state.look = HostJob.ending(failure, spent, state.pictures.count)
      state.toldAt = nil
      state.hasNews = true
      if failure != nil { state.pictures = [] }
      return news(&state)
    }
    // Before anybody can hear that it is over.
    spool.remove()
    send(replies)
  }

  private static func ending(_ failure: Failure?, _ millicredits: Int64?, _ outputs: Int) -> Look {
    if let failure {
      if failure.status == .cancelled { return .cancelled(millicredits: millicredits) }
      return .failed(failure, millicredits: millicredits)
    }
    guard outputs > 0 else {
      return .failed(
        Failure(.failed, "the provider finished the task without a picture; it must give one before"),
        millicredits: millicredits)
    }
    var links: [String] = []
    for output in 0..<outputs { links.append(String(sentence: "output:\(output)")) }
    return .succeeded(links: links, millicredits: millicredits)
  }

  package static var over: Failure {
    Failure(.handle, at: "j", "no such job; it was finished, cancelled, or nobody watches it any more")
  }

  // MARK: The loop's side

  /// The token the host gave, with its provider; it counts as told from here on.
  func takeToken() -> String? {
    state.withLock { state in
      state.isTokenTold = state.token != nil
      return state.token.map { full($0) }
    }
  }

  /// Its token is from an earlier life.
  func resumes(_ token: String) {
    state.withLock { ($0.token, $0.isTokenTold) = (token, true) }
  }

  /// From now on this ticket is told of every change, first of where things stand.
  func watch(_ ticket: Ticket) {
    send(
      state.withLock { state in
        state.watcher = ticket
        state.hasNews = state.look != nil
        return news(&state)
      })
  }

  /// What waits may go when it has rested: when it wants to be asked again, nil when it has nothing more to tell.
  func goOn(_ now: Instant) -> Instant? {
    var next: Instant?
    let replies = state.withLock { state in
      guard let told = state.toldAt else { return [Reply]() }
      if now < told + HostJob.rest {
        next = told + HostJob.rest
        return []
      }
      state.toldAt = nil
      return news(&state)
    }
    // It stands among those that told again, so it is asked in the next turn.
    send(replies)
    return next
  }

  func picture(_ output: Int) -> Picture? {
    state.withLock { state in
      output >= 0 && output < state.pictures.count ? state.pictures[output] : nil
    }
  }

  /// Nothing is told any more. How it had ended before that, if it had.
  func end() -> Look? {
    let look = state.withLock { state in
      state.watcher = nil
      defer { state.isOver = true }
      return state.isOver ? state.look : nil
    }
    spool.remove()
    return look
  }

  // MARK: Telling

  private func full(_ token: String) -> String { String(sentence: "\(provider):\(token)") }

  /// Under the lock.
  private func news(_ state: inout State) -> [Reply] {
    guard let watcher = state.watcher else { return [] }
    var replies: [Reply] = []
    if let token = state.token, !state.isTokenTold {
      state.isTokenTold = true
      replies.append(Reply(watcher, .answer(.accepted(token: full(token), millicredits: nil))))
    }
    if state.hasNews, state.toldAt == nil, let look = state.look {
      state.hasNews = false
      state.toldAt = Clock.now
      replies.append(Reply(watcher, .answer(.looked(look))))
    }
    return replies
  }

  private func send(_ replies: [Reply]) {
    guard !replies.isEmpty else { return }
    // Before the loop can hear of it, so that no job rests for ever.
    outbox.told.withLock { $0.append(self) }
    for reply in replies { outbox.post(reply) }
  }
}
