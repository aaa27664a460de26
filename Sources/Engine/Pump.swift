// The host's own thread at work: turning the loop of a pumped client and calling on_event.

package import Core
import Platform

extension Engine {
  package struct Pumped: Sendable {
    /// There is more to do or to tell at once.
    package let hasMore: Bool
    /// Until the loop wants to be turned again, nil when only news from outside can move it.
    package let nextIn: Span?
  }

  /// Turns the loop and delivers at most `maxEvents` events, for about `budget`. At least one turn is made, and one
  /// turn may take as long as one slice of painting, about 10 ms.
  package func pump(maxEvents: Int, budget: Span) throws(Failure) -> Pumped {
    try refuseInsideCallback("pump")
    let listener = hears
    let callsHere = !eventsOnOwnThread && (listener.onEvent != nil || listener.onLog != nil)
    guard drive == .pumped || callsHere else {
      throw Failure(
        .state, at: "c",
        "nothing to pump: this client has its own thread and no callbacks; open it with T2I_OPEN_PUMPED to pump it"
      )
    }
    guard turnstile.enter() else {
      if isOver.withLock({ $0 }) { throw closedMeanwhile }
      throw Failure(.busy, at: "c", "another thread is pumping this client; one thread at a time")
    }
    let end = Clock.now + budget
    signpost.withLock { $0?.lower() }
    // The wake has done its work: the host is here.
    _ = takeWake()
    var next = Instant.never
    repeat {
      if drive == .pumped { next = turn() }
    } while (next <= Clock.now || (drive == .pumped && !mailbox.isEmpty)) && Clock.now < end
    if callsHere {
      deliver(limit: maxEvents, until: budget == .zero ? .never : end)
    }
    turnstile.leave()
    announce()
    if drive == .pumped && !mailbox.isEmpty { signpost.withLock { $0?.raise() } }
    let isBehind = next <= Clock.now || !mailbox.isEmpty
    let hasMore = isBehind || (listener.onEvent != nil && board.hasNews)
    return Pumped(hasMore: hasMore, nextIn: next == .never ? nil : max(.zero, next - Clock.now))
  }

  /// For a waiting thread: a turn if one is due, or something may have arrived, and nobody else is at it.
  func turnIfDue(_ hasArrived: Bool) {
    let isDue = hasArrived || !mailbox.isEmpty || nextTurn.withLock({ $0 }) <= Clock.now
    guard isDue, turnstile.enter() else { return }
    _ = turn()
    turnstile.leave()
    resetSignpost()
    bell.ring()
  }

  /// Only with the turnstile held. Who calls it looks at the mailbox afterwards: what came meanwhile called nobody.
  private func turn() -> Instant {
    let next = loop.turn(now: Clock.now, messages: mailbox.takeAll())
    _ = mailbox.rest()
    nextTurn.withLock { $0 = next }
    signpost.withLock { $0?.setAlarm(next) }
    return next
  }

  // MARK: Events

  /// For a waiting thread of a client with callbacks.
  func deliverHere() {
    let hasNews = callsOnEvent && board.hasNews
    guard hasNews || log.hasRecords, delivering.withLock({ $0 }) == 0, !isInsideProvider(), turnstile.enter()
    else { return }
    deliver(limit: .max, until: .never)
    turnstile.leave()
    resetSignpost()
    bell.ring()
  }

  /// Hands over the log, then calls on_event until nothing is left to tell, `limit` events are told or the instant has
  /// passed. Only with the turnstile held.
  func deliver(limit: Int, until end: Instant) {
    let listener = hears
    delivering.withLock { $0 = Thread.current }
    if let onLog = listener.onLog {
      while let record = log.take() {
        onLog(record)
        if Clock.now >= end { break }
      }
    }
    if let onEvent = listener.onEvent {
      var told = 0
      while told < limit, let event = board.nextEvent() {
        onEvent(event)
        told += 1
        if Clock.now >= end { break }
      }
    }
    delivering.withLock { $0 = 0 }
  }

  /// Takes the next event, waiting for one if need be. Only where the host did not ask for calls.
  package func nextEvent(until deadline: Instant) throws(Failure) -> Waited<Event> {
    guard !callsOnEvent else {
      throw Failure(
        .state, at: "c", "this client was opened with on_event, which is told everything; pump it instead")
    }
    var event: Event?
    let status = try wait(until: deadline) { () throws(Failure) in
      event = board.nextEvent()
      if event == nil, let closed = board.closed { throw closed }
      return event != nil
    }
    resetSignpost()
    return Waited(value: event, status: status)
  }

  /// Lowered, and raised again where there is still something to take: what came in between is not lost.
  func resetSignpost() {
    let next = drive == .pumped ? nextTurn.withLock { $0 } : .never
    let isWatched = signpost.withLock { signpost in
      signpost?.lower()
      signpost?.setAlarm(next)
      return signpost != nil
    }
    if isWatched && hasSomethingToSay { signpost.withLock { $0?.raise() } }
  }

  /// Why the descriptor should be readable, the alarm apart.
  private var hasSomethingToSay: Bool {
    (board.hasNews && !eventsOnOwnThread) || (drive == .pumped && !mailbox.isEmpty) || hasWake()
  }

  // MARK: The signpost

  /// The descriptor to poll; made when first asked for.
  package func descriptor(_ tellSlot: (Int32) -> Void) throws(Failure) -> Int32 {
    let made = try signpost.withLock { signpost throws(Failure) in
      if let signpost { return signpost }
      // Nobody would ever close it.
      if isOver.withLock({ $0 }) { throw closedMeanwhile }
      let made = try Signpost()
      if drive == .pumped && loop.descriptor >= 0 { _ = made.watch(loop.descriptor) }
      made.setAlarm(drive == .pumped ? nextTurn.withLock { $0 } : .never)
      signpost = made
      return made
    }
    tellSlot(made.flag)
    if hasSomethingToSay { signpost.withLock { $0?.raise() } }
    return made.descriptor
  }
}
