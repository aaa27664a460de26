// Which of the tasks that the service holds back are worth a look. Pure bookkeeping beside the task law.

/// Tasks in THROTTLED, each model's in a line of its own. The service takes them in the order they were submitted, so the
/// first of a line moves before the others do; those behind it are looked at less often.
package struct ThrottledLine: Sendable {
  /// Floors that a task behind the first rests beyond the end of its usual rest. It is looked at all the same: the order
  /// is what the service does, not what it promises.
  package static let patience: Int64 = 5

  private struct Place {
    let task: Handle
    let model: String
  }

  /// The oldest first; a handle rises with each task.
  private var places: [Place] = []

  package init() {}

  package mutating func enter(_ task: Handle, model: String) {
    let place = places.firstIndex { $0.task.rawValue > task.rawValue } ?? places.count
    places.insert(Place(task: task, model: model), at: place)
  }

  /// The task that is first of its line now because the one that left was, nil where nothing changed.
  package mutating func leave(_ task: Handle) -> Handle? {
    guard let index = places.firstIndex(where: { $0.task == task }) else { return nil }
    let wasFirst = !isBehind(task)
    let gone = places.remove(at: index)
    guard wasFirst else { return nil }
    return places.first { $0.model.equals(gone.model) }?.task
  }

  /// An older task of its model is held back too.
  package func isBehind(_ task: Handle) -> Bool {
    guard let own = places.first(where: { $0.task == task }) else { return false }
    return places.first { $0.model.equals(own.model) }?.task != task
  }
}
