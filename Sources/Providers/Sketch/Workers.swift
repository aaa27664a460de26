// The threads that paint: started when there is something to paint, gone a second after the last picture, so that a
// host that is done with us has no thread of ours.

import Core
import Platform

final class Workers: @unchecked Sendable {
  private struct State {
    var waiting = Fifo<Job>()
    /// Threads that live, and how many of them have nothing to do.
    var alive = 0
    var idle = 0
    var workers: [Worker] = []
    /// Pictures that idle workers may help with.
    var crews: [Crew] = []
    var isStopping = false
  }

  /// A thread that lives, or has left and still has to be joined. Guarded by the lock of `state`.
  private final class Worker: @unchecked Sendable {
    var thread: Thread?
    /// It has left or is about to.
    var hasLeft = false
  }

  private static let patience = Span.seconds(1)
  private static let stackBytes = 1 << 20

  private let limit: Int
  private let state = Locked(State())
  private let bell = OwnBell()
  /// Painted in the turn, where no thread may.
  private var easel: Job?

  init(threads: Int) { limit = threads }

  func add(_ job: Job) {
    let mustStart = state.withLock { state in
      state.waiting.append(job)
      guard state.alive < limit, state.waiting.count > state.idle else { return false }
      state.alive += 1
      return true
    }
    stir()
    if mustStart { start() }
  }

  /// Those who help with this canvas; nil where a painter is always alone.
  func crew(for canvas: Canvas) -> Crew? {
    guard limit > 1 else { return nil }
    let crew = Crew(canvas, helpersMax: limit - 1)
    let mustStart = state.withLock { state in
      guard !state.isStopping else { return false }
      state.crews.append(crew)
      guard state.alive < limit, state.idle == 0, state.waiting.isEmpty else { return false }
      state.alive += 1
      return true
    }
    bell.bell.ring()
    if mustStart { start() }
    return crew
  }

  /// Wakes all, those too that help.
  private func stir() {
    bell.bell.ring()
    for crew in state.withLock({ $0.crews }) { crew.stir() }
  }

  private var needsNoHelp: Bool { state.withLock { $0.isStopping || !$0.waiting.isEmpty } }

  /// A slice of painting where there are no threads. Wants the next turn at once while there is more.
  func turn(now: Instant) -> Instant {
    guard limit == 0 else { return .never }
    if easel == nil { easel = state.withLock { $0.waiting.popFirst() } }
    guard let job = easel else { return .never }
    if !job.paint() { easel = nil }
    let hasMore = easel != nil || !state.withLock { $0.waiting.isEmpty }
    return hasMore ? now : .never
  }

  /// Returns when no thread is left. Jobs that wait are dropped.
  func stop() {
    let workers = state.withLock { state in
      state.isStopping = true
      state.waiting = Fifo()
      let workers = state.workers
      state.workers = []
      return workers
    }
    stir()
    for worker in workers { worker.thread?.join() }
  }

  private func start() {
    joinThoseThatLeft()
    let worker = Worker()
    do throws(Failure) {
      let thread = try Thread("t2i-paint", stackBytes: Workers.stackBytes) { self.work(worker) }
      state.withLock { state in
        worker.thread = thread
        state.workers.append(worker)
      }
    } catch {
      // While another thread works the jobs only wait longer; without one they would wait for ever.
      let orphans = state.withLock { state in
        state.alive -= 1
        var orphans: [Job] = []
        while state.alive == 0, let job = state.waiting.popFirst() { orphans.append(job) }
        return orphans
      }
      for job in orphans { job.finish(.failed(error)) }
    }
  }

  private func joinThoseThatLeft() {
    let left = state.withLock { state in
      var (left, staying): ([Worker], [Worker]) = ([], [])
      for worker in state.workers {
        if worker.hasLeft { left.append(worker) } else { staying.append(worker) }
      }
      state.workers = staying
      return left
    }
    for worker in left { worker.thread?.join() }
  }

  private func work(_ worker: Worker) {
    while let turn = next(worker) {
      switch turn {
      case .paint(let job):
        while job.paint(with: self) {}
      case .help(let crew): crew.help { needsNoHelp }
      }
    }
  }

  private enum Turn {
    case paint(Job)
    case help(Crew)
  }

  private enum Look {
    case found(Turn)
    case leave
    case wait
  }

  /// What to do next, nil when this thread is to end.
  private func next(_ worker: Worker) -> Turn? {
    let deadline = Clock.now + Workers.patience
    state.withLock { $0.idle += 1 }
    while true {
      let seen = bell.bell.read()
      let look: Look = state.withLock { state in
        if let turn = Workers.find(in: &state) {
          state.idle -= 1
          return .found(turn)
        }
        guard state.isStopping || Clock.now >= deadline else { return .wait }
        state.idle -= 1
        state.alive -= 1
        worker.hasLeft = true
        return .leave
      }
      switch look {
      case .found(let turn): return turn
      case .leave: return nil
      case .wait: bell.bell.wait(seen: seen, until: deadline)
      }
    }
  }

  /// A job that waits, or a picture in need of help.
  private static func find(in state: inout State) -> Turn? {
    if let job = state.waiting.popFirst() { return .paint(job) }
    state.crews = state.crews.filter { !$0.isOver }
    guard !state.isStopping else { return nil }
    for crew in state.crews where crew.join() { return .help(crew) }
    return nil
  }
}
