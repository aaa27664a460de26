// Which threads are inside a function of the host's provider. What waits there would wait for itself, and a client does
// not close while one of them still asks the host something.

import Core
import Platform

final class Callers: Sendable {
  private struct State {
    /// A thread stands here as often as it is inside.
    var inside: [UInt] = []
    /// How many of them ask on their own account, and not for the loop.
    var asking = 0
    var isClosing = false
  }

  private let state = Locked(State())
  private let bell = OwnBell()

  var isInside: Bool { state.withLock { $0.inside.contains(Thread.current) } }

  var isClosing: Bool { state.withLock { $0.isClosing } }

  static var closed: Failure { Failure(.closed, at: "c", "the client was closed meanwhile") }

  /// Calls the host for the loop.
  func call<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    state.withLock { $0.inside.append(Thread.current) }
    defer { leave(asked: false) }
    return try body()
  }

  /// Calls the host for any other thread; refused once the client is closing.
  func ask<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let isClosing = state.withLock { state in
      if state.isClosing { return true }
      state.inside.append(Thread.current)
      state.asking += 1
      return false
    }
    if isClosing { throw Callers.closed }
    defer { leave(asked: true) }
    return try body()
  }

  private func leave(asked: Bool) {
    state.withLock { state in
      if let index = state.inside.lastIndex(of: Thread.current) { state.inside.remove(at: index) }
      if asked { state.asking -= 1 }
    }
    if asked { bell.bell.ring() }
  }

  /// From now on nobody asks. False when some who did were not done in time.
  func close(until deadline: Instant) -> Bool {
    while true {
      let seen = bell.bell.read()
      let isDone = state.withLock { state in
        state.isClosing = true
        return state.asking == 0
      }
      if isDone { return true }
      if Clock.now >= deadline { return false }
      bell.bell.wait(seen: seen, until: deadline)
    }
  }
}
