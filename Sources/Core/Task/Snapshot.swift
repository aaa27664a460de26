// What a host may see of a task, and the events that say it changed.

/// Small things stand last and together: ten thousand tasks that wait have one of these each.
package final class Snapshot: Sendable {
  /// How a final task ended; nil while it lives and when it succeeded.
  package let failure: Failure?
  package let pictures: [Picture]
  package let token: String?
  package let reserved: Int64
  package let createdUnixMilliseconds: Int64
  package let updatedUnixMilliseconds: Int64
  package let spent: Int64?
  package let state: TaskState
  private let thousandths: Int16?

  package var permille: Int? { thousandths.map { Int($0) } }

  /// Of its pictures in memory.
  package var heldBytes: Int {
    var sum = 0
    for picture in pictures where picture.bytes != nil { sum += picture.size }
    return sum
  }

  /// Of a task that was just opened, or came back from an earlier life.
  package init(
    reserved: Int64, past: Standing? = nil, created: Int64? = nil, _ unixMilliseconds: Int64
  ) {
    state = past?.state ?? .queued
    thousandths = nil
    let ambiguous = state == .ambiguous ? Sentences.ambiguous(Sentences.diedSubmitting) : nil
    failure = state.isFinal ? past?.ending?.failure ?? ambiguous : nil
    pictures = past?.kept ?? []
    token = past?.token
    self.reserved = past?.held ?? reserved
    spent = past?.spent
    createdUnixMilliseconds = created ?? unixMilliseconds
    updatedUnixMilliseconds = unixMilliseconds
  }

  package init(
    of machine: TaskMachine, pictures: [Picture], createdUnixMilliseconds: Int64, unixMilliseconds: Int64
  ) {
    state = machine.state
    thousandths = machine.phase.permille.map { Int16(clamping: $0) }
    failure = if case .ended(let ended) = machine.phase { ended.failure } else { nil }
    self.pictures = pictures
    token = machine.knownToken
    reserved = machine.state.isFinal && machine.state != .ambiguous ? 0 : machine.reserved
    spent = machine.spent
    self.createdUnixMilliseconds = createdUnixMilliseconds
    updatedUnixMilliseconds = unixMilliseconds
  }
}

extension TaskMachine {
  /// By which the task can be found again.
  fileprivate var knownToken: String? { token.flatMap { $0.isEmpty ? nil : $0 } }
}

extension Snapshot {
  /// Whether a look at a task that lives changed nothing a host can see. Its pictures only become more.
  package func shows(_ machine: TaskMachine, pictures: [Picture]) -> Bool {
    !machine.state.isFinal && machine.state == state && machine.phase.permille == permille
      && pictures.count == self.pictures.count && (machine.knownToken == nil) == (token == nil)
      && machine.reserved == reserved && machine.spent == spent
  }
}

package final class Event: Sendable {
  package enum Kind: Int32, Sendable {
    case state = 1
    case progress = 2
    case output = 3
    case final = 64
  }

  package let kind: Kind
  package let task: Handle
  package let user: UInt64
  package let state: TaskState
  package let status: Status
  package let permille: Int?
  package let output: Int?
  package let sequence: UInt64

  package init(
    kind: Kind, task: Handle, user: UInt64, state: TaskState, status: Status, permille: Int?, output: Int?,
    sequence: UInt64
  ) {
    self.kind = kind
    self.task = task
    self.user = user
    self.state = state
    self.status = status
    self.permille = permille
    self.output = output
    self.sequence = sequence
  }
}

/// What a host has not been told yet about one task. Only the latest is kept, so telling nobody costs no memory.
package struct News: Equatable, Sendable {
  package var state = false
  package var progress = false
  package var final = false
  package var outputsTold: UInt16 = 0
  package var outputs: UInt16 = 0

  package init() {}

  package var isEmpty: Bool { !state && !progress && !final && outputsTold == outputs }

  /// A task that came back is news, whatever its state.
  package mutating func noteRestored(_ snapshot: Snapshot) {
    final = snapshot.state.isFinal
    state = !final
  }

  /// Takes note of a change. Once a task is final only its outputs and its end are news.
  package mutating func note(_ old: Snapshot, _ new: Snapshot) {
    outputs = UInt16(clamping: new.pictures.count)
    if new.state.isFinal {
      if !old.state.isFinal { final = true }
      state = false
      progress = false
      return
    }
    if new.state != old.state {
      state = true
    } else if new.permille != old.permille {
      progress = true
    }
  }

  /// Takes the next thing to tell: the state, then progress, then outputs one by one, the end last.
  package mutating func take() -> (kind: Event.Kind, output: Int?)? {
    if state {
      state = false
      return (.state, nil)
    }
    if progress {
      progress = false
      return (.progress, nil)
    }
    if outputsTold < outputs {
      outputsTold += 1
      return (.output, Int(outputsTold) - 1)
    }
    if final {
      final = false
      return (.final, nil)
    }
    return nil
  }
}
