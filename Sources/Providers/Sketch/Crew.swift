// Several threads at one picture: whoever paints it deals out its rows piece by piece, and painters with nothing else to
// do take some. What a piece looks like does not depend on who paints it.

internal import Core
internal import Platform

final class Crew: @unchecked Sendable {
  private struct State {
    /// Nil when the picture is done.
    var canvas: Canvas?
    var work: ((Canvas, Int) -> Void)?
    /// The next piece that nobody has begun, and how many there are.
    var next = 0
    var count = 0
    /// Helpers that are here, and those of them with a piece in hand.
    var helpers = 0
    var busy = 0
  }

  private let state = Locked(State())
  private let call = OwnBell()
  private let done = OwnBell()
  private let helpersMax: Int

  /// At most so many threads beside the one that paints.
  init(_ canvas: Canvas, helpersMax: Int) {
    state.withLock { $0.canvas = canvas }
    self.helpersMax = helpersMax
  }

  /// How many paint at the moment.
  var hands: Int { state.withLock { 1 + $0.helpers } }

  /// Has all pieces painted, by this thread and whoever else is here, and returns when they are.
  func share(_ count: Int, on canvas: Canvas, _ work: @escaping (Canvas, Int) -> Void) {
    state.withLock { state in
      state.work = work
      state.next = 0
      state.count = count
    }
    call.bell.ring()
    while let piece = state.withLock({ Crew.take(&$0) }) { work(canvas, piece) }
    // A piece that a helper has begun is painted soon; one that none has begun was painted here.
    while true {
      let seen = done.bell.read()
      if state.withLock({ $0.busy == 0 }) { break }
      done.bell.wait(seen: seen, until: .never)
    }
    state.withLock { $0.work = nil }
  }

  /// Nobody is needed any more.
  func end() {
    state.withLock { $0.canvas = nil }
    call.bell.ring()
  }

  /// Wakes the helpers, so that they look whether they are wanted elsewhere.
  func stir() { call.bell.ring() }

  var isOver: Bool { state.withLock { $0.canvas == nil } }

  // MARK: Helpers

  /// True for a helper who may come.
  func join() -> Bool {
    state.withLock { state in
      guard state.canvas != nil, state.helpers < helpersMax else { return false }
      state.helpers += 1
      return true
    }
  }

  /// Paints pieces until the picture is done or the helper is wanted elsewhere.
  func help(until isWanted: () -> Bool) {
    defer { state.withLock { $0.helpers -= 1 } }
    guard let canvas = state.withLock({ $0.canvas }) else { return }
    let place = Canvas(beside: canvas)
    while true {
      let seen = call.bell.read()
      let turn = state.withLock { state -> (piece: Int, work: (Canvas, Int) -> Void)? in
        guard let work = state.work, let piece = Crew.take(&state) else { return nil }
        state.busy += 1
        return (piece, work)
      }
      if let turn {
        turn.work(place, turn.piece)
        let isLast = state.withLock { state in
          state.busy -= 1
          return state.busy == 0 && state.next == state.count
        }
        if isLast { done.bell.ring() }
      } else {
        if isOver || isWanted() { return }
        call.bell.wait(seen: seen, until: .never)
      }
    }
  }

  private static func take(_ state: inout State) -> Int? {
    guard state.next < state.count else { return nil }
    state.next += 1
    return state.next - 1
  }
}
