// What hosts may read: one snapshot for each task, what they have not been told yet, and whether the client still
// lives. The loop writes it at the end of a turn; any thread reads it.

package import Core
import Platform

package final class Board: @unchecked Sendable {
  /// Looked into under the lock only; its snapshot is never changed, but replaced.
  private final class Entry {
    var snapshot: Snapshot
    var dossier: Dossier
    var news = News()
    /// It stands in `untold`.
    var isQueued = false

    init(_ snapshot: Snapshot, _ dossier: Dossier) {
      self.snapshot = snapshot
      self.dossier = dossier
    }
  }

  private struct State {
    var tasks = HandleTable<Entry>()
    /// Tasks with news, the longest waiting first.
    var untold = Fifo<Handle>()
    /// How many of them were closed since. A host that never takes an event must not pay for each task it ever had.
    var untoldAndGone = 0
    var sequence: UInt64 = 0
    var closed: Failure?
    /// Of the pictures in memory.
    var heldBytes = 0
  }

  private let state = Locked(State())
  let unixMilliseconds: @Sendable () -> Int64

  package init(unixMilliseconds: @escaping @Sendable () -> Int64) {
    self.unixMilliseconds = unixMilliseconds
  }

  /// Makes a task visible. Throws when the client is closing or has too many tasks. `isNews`: hosts are told its state.
  package func open(
    serial: UInt64, _ dossier: Dossier, _ first: Snapshot, isNews: Bool = false
  ) throws(Failure) -> Handle {
    try state.withLock { state throws(Failure) in
      if let closed = state.closed { throw closed }
      let entry = Entry(first, dossier)
      guard let handle = state.tasks.insert(.task, serial: serial, entry) else {
        throw Failure(.limit, "this client holds 1,048,576 tasks; close the ones you are done with")
      }
      if isNews {
        entry.news.noteRestored(first)
        entry.isQueued = true
        state.untold.append(handle)
      }
      return handle
    }
  }

  /// The handle stands for a task that was asked for before.
  package func adopt(_ task: Handle, _ opening: Opening) {
    state.withLock { state in
      guard let entry = state.tasks[task] else { return }
      entry.dossier = Dossier(entry.dossier, opening)
    }
  }

  /// False when a host would read just what it read before.
  package func publish(_ task: Handle, _ machine: TaskMachine, pictures: [Picture]) -> Bool {
    state.withLock { state in
      guard let entry = state.tasks[task] else { return true }
      if entry.snapshot.shows(machine, pictures: pictures) { return false }
      let new = Snapshot(
        of: machine, pictures: pictures, createdUnixMilliseconds: entry.snapshot.createdUnixMilliseconds,
        unixMilliseconds: unixMilliseconds())
      entry.news.note(entry.snapshot, new)
      state.heldBytes += new.heldBytes - entry.snapshot.heldBytes
      entry.snapshot = new
      if entry.news.isEmpty || entry.isQueued { return true }
      entry.isQueued = true
      state.untold.append(task)
      return true
    }
  }

  /// The next thing to tell, nil when the host knows everything.
  package func nextEvent() -> Event? {
    state.withLock { state in
      while let task = state.untold.popFirst() {
        guard let entry = state.tasks[task] else {
          state.untoldAndGone -= 1
          continue
        }
        let told = entry.news.take()
        entry.isQueued = !entry.news.isEmpty
        if entry.isQueued { state.untold.append(task) }
        guard let told else { continue }
        state.sequence += 1
        return Board.event(told, task, entry.snapshot, entry.dossier.user, state.sequence)
      }
      return nil
    }
  }

  private static func event(
    _ told: (kind: Event.Kind, output: Int?), _ task: Handle, _ snapshot: Snapshot, _ user: UInt64,
    _ sequence: UInt64
  ) -> Event {
    Event(
      kind: told.kind, task: task, user: user, state: snapshot.state,
      status: snapshot.failure?.status ?? .ok, permille: snapshot.permille, output: told.output,
      sequence: sequence)
  }

  /// Of the pictures that open handles hold in memory.
  package var heldBytes: Int { state.withLock { $0.heldBytes } }

  package var hasNews: Bool { state.withLock { $0.untold.count > $0.untoldAndGone } }

  // MARK: Reading

  package func snapshot(_ task: Handle) throws(Failure) -> Snapshot {
    try glance(task).0
  }

  package func user(_ task: Handle) throws(Failure) -> UInt64 {
    try glance(task).user
  }

  /// What is asked most often, without all that comes along with a dossier.
  @inline(never)
  package func glance(_ task: Handle) throws(Failure) -> (Snapshot, user: UInt64) {
    let found = state.withLock { state in state.tasks[task].map { ($0.snapshot, $0.dossier.user) } }
    guard let found else { throw Board.unknown(task) }
    return found
  }

  @inline(never)
  package func dossier(_ task: Handle) throws(Failure) -> (Snapshot, Dossier) {
    let found = state.withLock { state in state.tasks[task].map { ($0.snapshot, $0.dossier) } }
    guard let found else { throw Board.unknown(task) }
    return found
  }

  /// Oldest first.
  package var tasks: [Handle] {
    let handles = state.withLock { state in
      var handles: [Handle] = []
      state.tasks.forEach { handle, _ in handles.append(handle) }
      return handles
    }
    return Board.oldestFirst(handles)
  }

  /// Above the slot a handle is its serial, which rises with each task. Merging neighbours is all the sorting this
  /// library does; the standard one costs six times as much code.
  private static func oldestFirst(_ handles: [Handle]) -> [Handle] {
    guard handles.count > 1 else { return handles }
    let middle = handles.count / 2
    let (left, right) = (oldestFirst(Array(handles[..<middle])), oldestFirst(Array(handles[middle...])))
    var merged: [Handle] = []
    var (l, r) = (0, 0)
    while merged.count < handles.count {
      let takesLeft =
        r == right.count
        || (l < left.count && left[l].rawValue >> Handle.slotBits < right[r].rawValue >> Handle.slotBits)
      merged.append(takesLeft ? left[l] : right[r])
      if takesLeft { l += 1 } else { r += 1 }
    }
    return merged
  }

  package var hasLiveTasks: Bool {
    state.withLock { state in
      var hasLive = false
      state.tasks.forEach { _, entry in hasLive = hasLive || !entry.snapshot.state.isFinal }
      return hasLive
    }
  }

  package var snapshots: [Snapshot] {
    state.withLock { state in
      var snapshots: [Snapshot] = []
      state.tasks.forEach { _, entry in snapshots.append(entry.snapshot) }
      return snapshots
    }
  }

  // MARK: Closing

  /// Forgets a task, with its pictures and whatever the host was not told yet.
  package func remove(_ task: Handle) throws(Failure) {
    let entry = state.withLock { state in
      let entry = state.tasks.remove(task)
      state.heldBytes -= entry?.snapshot.heldBytes ?? 0
      if entry?.isQueued == true {
        state.untoldAndGone += 1
        if state.untoldAndGone > 64 + state.tasks.count { Board.sweep(&state) }
      }
      return entry
    }
    guard entry != nil else { throw Board.unknown(task) }
  }

  private static func sweep(_ state: inout State) {
    for _ in 0..<state.untold.count {
      guard let task = state.untold.popFirst() else { break }
      if state.tasks[task] != nil { state.untold.append(task) }
    }
    state.untoldAndGone = 0
  }

  /// From now on no task is opened; the failure says why.
  package func close(_ why: Failure) { state.withLock { $0.closed = $0.closed ?? why } }

  package var closed: Failure? { state.withLock { $0.closed } }

  private static func unknown(_ task: Handle) -> Failure {
    task.kind == .task
      ? Failure(
        .handle, at: "t", "no such task in this client; it was closed, or belongs to another client")
      : Failure(.handle, at: "t", "this is not a task's handle; t2i_submit gives one")
  }
}
