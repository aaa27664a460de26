// What the loop remembers of the tasks it has not forgotten.

import Core

/// One task of the loop's.
final class Record {
  let task: Handle
  let request: Request
  var opening: Opening
  var machine: TaskMachine
  var deadline: Instant
  var pictures: [Picture] = []
  /// Hosts that wait for a picture which was left with the service; the first is being served.
  var wishes: [Wish] = []
  /// The board is to be told of it at the end of the turn.
  var touched = false
  /// The host closed its handle.
  var isForgotten = false
  /// The journal did not take its fact.
  var isWithheld = false
  fileprivate var older: Record?

  /// A host may still ask for what is not here.
  var hasPicturesElsewhere: Bool { pictures.contains { !$0.isHere } }

  init(_ task: Handle, _ machine: TaskMachine, _ assignment: Assignment) {
    self.task = task
    self.machine = machine
    request = assignment.request
    opening = assignment.opening
    deadline = assignment.deadline
  }
}

/// Records by the slot of their handle, so that nothing is hashed and their order repeats. A slot is given away again
/// when its task is closed, while the answer to a paid submit may still be on its way: each place holds a chain.
struct Records {
  private var newest: [Record?] = []

  subscript(task: Handle) -> Record? {
    var next = task.slot < newest.count ? newest[task.slot] : nil
    while let record = next {
      if record.task == task { return record }
      next = record.older
    }
    return nil
  }

  mutating func add(_ record: Record) {
    while newest.count <= record.task.slot { newest.append(nil) }
    record.older = newest[record.task.slot]
    newest[record.task.slot] = record
  }

  mutating func remove(_ task: Handle) {
    guard let gone = self[task] else { return }
    if newest[task.slot] === gone { newest[task.slot] = gone.older }
    var next = newest[task.slot]
    while let record = next {
      if record.older === gone { record.older = gone.older }
      next = record.older
    }
  }

  /// The oldest of the tasks of a model that the service holds back; a handle rises with each task.
  func firstHeldBack(_ model: String) -> Record? {
    var first: Record?
    for record in newest {
      var next = record
      while let record = next {
        next = record.older
        if let first, first.task.rawValue < record.task.rawValue { continue }
        if record.machine.isHeldBack && record.request.model.equals(model) { first = record }
      }
    }
    return first
  }

  var all: [Record] {
    var all: [Record] = []
    for record in newest {
      var next = record
      while let record = next {
        all.append(record)
        next = record.older
      }
    }
    return all
  }
}
