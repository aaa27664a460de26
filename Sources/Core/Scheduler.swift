// Who may start, in which order, and what is due next. Pure bookkeeping beside the task law.

/// Gives places in the order tasks asked for them.
package struct Scheduler {
  /// Tasks uploading or submitting at once; bounds what one crash can leave ambiguous.
  package var maxSubmitting: Int
  /// Tasks between their start and their end at once.
  package var maxConcurrent: Int

  private var waiting = Fifo<Handle>()
  private var submitting = 0
  private var active = 0

  package init(maxSubmitting: Int, maxConcurrent: Int) {
    self.maxSubmitting = maxSubmitting
    self.maxConcurrent = maxConcurrent
  }

  package mutating func wants(_ task: Handle) { waiting.append(task) }

  /// A task waits, and there is a place for it.
  package var hasNext: Bool { submitting < maxSubmitting && active < maxConcurrent && !waiting.isEmpty }

  /// The next task to start, if there is a place for it. A task that ended while it waited is the caller's to skip.
  package mutating func next() -> Handle? {
    hasNext ? waiting.popFirst() : nil
  }

  package mutating func moved(from old: TaskState, to new: TaskState) {
    submitting += Scheduler.submits(new) - Scheduler.submits(old)
    active += Scheduler.isActive(new) - Scheduler.isActive(old)
  }

  private static func submits(_ state: TaskState) -> Int {
    state == .uploading || state == .submitting ? 1 : 0
  }

  private static func isActive(_ state: TaskState) -> Int {
    state == .queued || state.isFinal ? 0 : 1
  }
}

/// Instants and the tasks that wait for them, soonest first. An entry whose task no longer wants it is found out when
/// it comes up, so nothing is ever searched for.
package struct Timers {
  private var heap: [(at: Instant, task: Handle)] = []

  package init() {}

  package var next: Instant { heap.first?.at ?? .never }

  package mutating func add(_ at: Instant, _ task: Handle) {
    heap.append((at, task))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].at < heap[parent].at else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// The next task whose instant has come.
  package mutating func pop(dueAt now: Instant) -> Handle? {
    guard let first = heap.first, first.at <= now else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].at < heap[least].at { least = child }
      }
      if least == parent { return first.task }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
