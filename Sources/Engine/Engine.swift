// Gives the loop its thread, or lets the host pump it, and lets hosts wait for what comes of it.

package import Core
package import Platform

package final class Engine: @unchecked Sendable {
  package enum Drive: Sendable {
    /// A thread of the library turns the loop.
    case threaded
    /// The host does, in `pump` and in every function that waits.
    case pumped
  }

  /// What a wait ended with: a value and `.ok`, or nil and `.timeout` or `.woken`.
  package struct Waited<Value> {
    package let value: Value?
    package let status: Status
  }

  package let board: Board
  package let drive: Drive
  let loop: Loop
  let mailbox: Mailbox<Message>
  let turnstile = Turnstile()
  /// Rung when something changed that a host may wait for.
  let bell: Bell
  /// Rung when the library's own thread has mail.
  private let mailBell: OwnBell
  let takeWake: @Sendable () -> Bool
  let hasWake: @Sendable () -> Bool
  /// The calling thread is inside a function of a provider of the host's.
  let isInsideProvider: @Sendable () -> Bool
  let signpost = Locked<Signpost?>(nil)
  /// Whom the host wants to be called; it changes where a host loads its script again.
  private let listener: Locked<Listener>
  package let eventsOnOwnThread: Bool
  package let log: LogBook
  /// The thread that is inside a call of the host's now, 0 for none.
  let delivering = Locked<UInt>(0)
  private let thread = Locked<Thread?>(nil)
  private let stopping = Locked(false)
  /// Another thread that lists a new task may cancel it at once; its word must not overtake the submit.
  private let posting = Locked(false)
  /// Nothing will ever change any more.
  let isOver = Locked(false)
  /// The question about the account that is under way, or was just answered.
  let inquiry = Locked<Inquiry?>(nil)
  /// Pictures that hosts wait for, or did a moment ago.
  let grants = Locked<[Grant]>([])
  /// Pictures that hosts bring to the service, on their way or a moment ago.
  let deliveries = Locked<[Delivery]>([])
  /// What the loop asked for at the end of its last turn.
  let nextTurn = Locked<Instant>(.zero)

  package struct Settings: Sendable {
    package var drive = Drive.threaded
    package var eventsOnOwnThread = false
    package var listener = Listener()

    package init() {}
  }

  /// The host's own functions. They are called on its own threads, inside what waits or pumps, or on the library's where
  /// the host asked for that.
  package final class Listener: Sendable {
    /// Called with each event; nil: events wait in the queue.
    package let onEvent: (@Sendable (Event) -> Void)?
    package let onLog: (@Sendable (LogRecord) -> Void)?
    /// The least urgent record that is told.
    package let logLevel: LogRecord.Level?

    package init(
      onEvent: (@Sendable (Event) -> Void)? = nil, onLog: (@Sendable (LogRecord) -> Void)? = nil,
      logLevel: LogRecord.Level? = nil
    ) {
      self.onEvent = onEvent
      self.onLog = onLog
      self.logLevel = onLog == nil ? nil : logLevel
    }
  }

  /// `bell` is rung on every change; `takeWake` says, once, that the host asked to be woken, `hasWake` each time.
  package init(
    settings: Settings, loop: Loop, board: Board, mailbox: Mailbox<Message>, mailBell: OwnBell, bell: Bell,
    log: LogBook, takeWake: @escaping @Sendable () -> Bool, hasWake: @escaping @Sendable () -> Bool,
    isInsideProvider: @escaping @Sendable () -> Bool
  ) {
    self.isInsideProvider = isInsideProvider
    self.drive = settings.drive
    self.log = log
    listener = Locked(settings.listener)
    log.listen(settings.listener.logLevel)
    self.eventsOnOwnThread = settings.eventsOnOwnThread
    self.loop = loop
    self.board = board
    self.mailbox = mailbox
    self.mailBell = mailBell
    self.bell = bell
    self.takeWake = takeWake
    self.hasWake = hasWake
  }

  /// The library's own thread is called "t2i" and has a stack of 512 KiB.
  package func start() throws(Failure) {
    guard drive == .threaded else { return }
    let started = try Thread("t2i", stackBytes: 512 << 10) { self.run() }
    thread.withLock { $0 = started }
  }

  private func run() {
    while true {
      let seen = mailBell.bell.read()
      // Only after that: a stop that comes in between rings a bell that nobody has heard yet.
      if stopping.withLock({ $0 }) { return }
      let next = loop.turn(now: Clock.now, messages: mailbox.takeAll())
      if eventsOnOwnThread && turnstile.enter() {
        deliver(limit: .max, until: .never)
        turnstile.leave()
      }
      if loop.hasTold || eventsOnOwnThread { announce() }
      if mailbox.rest() && next > Clock.now {
        _ = mailBell.bell.wait(seen: seen, until: next, or: loop.descriptor)
      }
    }
  }

  /// Ends the thread. Nothing of this client's runs when it returns.
  package func stop() {
    stopping.withLock { $0 = true }
    mailBell.bell.ring()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
    isOver.withLock { $0 = true }
    bell.ring()
    signpost.withLock { signpost in
      signpost?.close()
      signpost = nil
    }
  }

  /// Tells everyone who waits that the board may read differently now.
  func announce() {
    if board.hasNews && !eventsOnOwnThread { signpost.withLock { $0?.raise() } }
    bell.ring()
  }

  // MARK: Messages

  /// `bind` is told the handle before the loop can be.
  package func submit(
    _ dossier: Dossier, _ assignment: Assignment, bind: (Handle) -> Void = { _ in }
  ) throws(Failure) -> Handle {
    try posting.withLock { _ throws(Failure) in
      let first = Snapshot(
        reserved: assignment.opening.reserved, past: assignment.past, created: assignment.created,
        board.unixMilliseconds())
      let task = try board.open(serial: Serial.next(), dossier, first, isNews: assignment.past != nil)
      bind(task)
      mailbox.drop(.submit(task, assignment))
      return task
    }
  }

  package func cancel(_ task: Handle, _ how: Cancellation) throws(Failure) {
    try posting.withLock { _ throws(Failure) in
      _ = try board.user(task)
      mailbox.drop(.cancel(task, how))
    }
  }

  package func closeTask(_ task: Handle) throws(Failure) {
    try posting.withLock { _ throws(Failure) in
      try board.remove(task)
      mailbox.drop(.forget(task))
    }
    // Events nobody took went with it.
    resetSignpost()
  }

  package func adjust(_ adjustment: Adjustment) { mailbox.drop(.adjust(adjustment)) }

  // MARK: Waiting

  /// Waits until it is `ready`, and says `.ok`, `.timeout` or `.woken`. In a pumped client the waiting thread turns the
  /// loop meanwhile, unless another does. `ready` is asked often and must not wait itself.
  @inline(never)
  func wait(until deadline: Instant, _ isReady: () throws(Failure) -> Bool) throws(Failure) -> Status {
    var (hasArrived, hasLooked) = (false, false)
    while true {
      if drive == .pumped { turnIfDue(hasArrived) }
      // After our own turn, whose ring says nothing to us, and before anything is looked at.
      let seen = bell.read()
      if !eventsOnOwnThread { deliverHere() }
      if try isReady() { return .ok }
      if isOver.withLock({ $0 }) { throw closedMeanwhile }
      if takeWake() {
        resetSignpost()
        return .woken
      }
      if Clock.now >= deadline {
        if hasLooked || drive == .threaded { return .timeout }
        // However short the wait is, it hears what has come; what was ready before needed no turn.
        (hasArrived, hasLooked) = (true, true)
        continue
      }
      try refuseInsideCallback("wait")
      // Who holds the turnstile turns for all and rings when done; being due is no reason to stay awake meanwhile.
      let turnsHere = drive == .pumped && !turnstile.isHeld
      hasArrived = turnsHere && !mailbox.isEmpty
      if hasArrived { continue }
      let until = turnsHere ? min(deadline, nextTurn.withLock { $0 }) : deadline
      hasArrived = bell.wait(seen: seen, until: until, or: turnsHere ? loop.descriptor : -1)
    }
  }

  /// What the host hears from now on. Nobody calls the old functions when this returns. Throws `busy` while somebody does.
  package func listen(_ new: Listener) throws(Failure) {
    try refuseInsideCallback("open the client again")
    guard turnstile.enter() else {
      throw Failure(
        .busy, at: "opts", "another thread is pumping this client; open it again when that returns")
    }
    listener.withLock { $0 = new }
    log.listen(new.logLevel)
    turnstile.leave()
    announce()
  }

  var hears: Listener { listener.withLock { $0 } }
  var callsOnEvent: Bool { hears.onEvent != nil }

  var closedMeanwhile: Failure { Failure(.closed, at: "c", "the client was closed meanwhile") }

  func refuseInsideCallback(_ what: StaticString) throws(Failure) {
    guard delivering.withLock({ $0 }) != Thread.current else {
      throw Failure(.reentrant, "called from inside a callback; return from it first, then \(what)")
    }
    guard !isInsideProvider() else {
      throw Failure(
        .reentrant, "called from inside a function of the provider; return from it first, then \(what)")
    }
  }
}
