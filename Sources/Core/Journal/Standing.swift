// Where a task stands by its facts alone. Every journal folds with this, so a task that comes back from disk is the one
// that was written, and money is counted by one rule.

/// It is one pointer wide: it is handed on through many hands, and copying ten fields would be code in each. A copy is its
/// own until it takes a fact.
package struct Standing: Sendable {
  package enum Stage: Int64, Sendable {
    /// Nothing that could cost money is under way.
    case waiting = 1
    /// The paid submit was announced. Whoever finds it so, its owner dead, knows only that it may have counted.
    case submitting = 2
    /// The service has it.
    case remote = 3
    case ambiguous = 4
    /// The service, or we before sending, ended it.
    case ended = 5
  }

  private var fold: Fold

  package init(reserved: Int64) { fold = Fold(reserved) }

  package init(reserved: Int64, facts: [Fact]) {
    self.init(reserved: reserved)
    for fact in facts { take(fact) }
  }

  package mutating func take(_ fact: Fact) {
    if !isKnownUniquelyReferenced(&fold) { fold = Fold(copying: fold) }
    fold.take(fact)
  }

  package var stage: Stage { fold.stage }
  /// Submits that surely did not count.
  package var attempt: Int { fold.attempt }
  package var token: String? { fold.token }
  package var isCancelling: Bool { fold.isCancelling }
  /// Millicredits held when it was accepted, or the service's own estimate where that is higher.
  package var reserved: Int64 { fold.reserved }
  /// What the service said it cost.
  package var spent: Int64? { fold.spent }
  /// How the last handle on it ended, nil while nobody has.
  package var ending: Ending? { fold.ending }
  /// Of its uploads, in their order.
  package var uploaded: [String] { fold.uploaded }
  /// Its pictures as they were fetched, in their order; nil where one was not.
  package var pictures: [Filed?] { fold.pictures }
  /// Of each picture: it lies in the client's folder, or the host has it.
  package var placed: [Bool] { fold.placed }
}

/// What a standing says. Changed by the one that has it alone.
private final class Fold: @unchecked Sendable {
  var stage = Standing.Stage.waiting
  var attempt = 0
  var token: String?
  var isCancelling = false
  var reserved: Int64
  var spent: Int64?
  var ending: Ending?
  var uploaded: [String] = []
  var pictures: [Filed?] = []
  var placed: [Bool] = []

  init(_ reserved: Int64) { self.reserved = reserved }

  init(copying old: Fold) {
    (stage, attempt, token, isCancelling) = (old.stage, old.attempt, old.token, old.isCancelling)
    (reserved, spent, ending) = (old.reserved, old.spent, old.ending)
    (uploaded, pictures, placed) = (old.uploaded, old.pictures, old.placed)
  }

  func take(_ fact: Fact) {
    switch fact {
    case .accepted: stage = .waiting
    case .uploaded(_, let uri): uploaded.append(uri)
    case .submitting(let attempt):
      stage = .submitting
      self.attempt = attempt
    case .unsent, .refused:
      stage = .waiting
      attempt += 1
    case .submitted(let token, let estimate):
      stage = .remote
      self.token = token
      reserved = max(reserved, estimate ?? 0)
    case .ambiguous: stage = .ambiguous
    case .cancelling: isCancelling = true
    case .fetched(let output, let filed):
      makeRoom(for: output)
      pictures[output] = filed
      if filed.path != nil { placed[output] = true }
    case .handedOut(let output):
      makeRoom(for: output)
      placed[output] = true
    case .witnessed: break
    case .settled(let token): settle(token)
    case .ended(let ending): end(ending)
    }
  }

  private func makeRoom(for output: Int) {
    while pictures.count <= output {
      pictures.append(nil)
      placed.append(false)
    }
  }

  /// The later word wins: a token after "it was not accepted" opens the task again.
  private func settle(_ token: String?) {
    self.token = token
    stage = token == nil ? .ended : .remote
    ending = token == nil ? Ending(.ambiguous, nil) : nil
  }

  private func end(_ ending: Ending) {
    self.ending = ending
    spent = ending.spent ?? spent
    if ending.outputs > 0 { makeRoom(for: ending.outputs - 1) }
    switch ending.state {
    // Nobody watches it any more; it goes on.
    case .detached, .ambiguous: break
    // It is paid for and still there; only we could not get it.
    case .failed where ending.isUnfetched && token != nil: break
    default: stage = .ended
    }
  }
}

extension Standing {
  /// What a handle on it shows.
  package var state: TaskState {
    switch stage {
    case .waiting: .queued
    case .submitting, .ambiguous: .ambiguous
    case .remote: .pending
    case .ended: ending?.state ?? .failed
    }
  }

  /// Its pictures as a handle shows them. Of a task that succeeded, all; of one that goes on, those that lie in the client's
  /// folder, up to the first that does not.
  package var kept: [Picture] {
    var kept: [Picture] = []
    let isComplete = state == .succeeded
    for (filed, isPlaced) in zip(pictures, placed) {
      guard isComplete || (isPlaced && filed?.path != nil) else { break }
      kept.append(filed.map { Picture($0) } ?? Picture(leftAt: ""))
    }
    return kept
  }

  /// Nothing is left to be done or decided about it.
  package var isFinished: Bool {
    guard stage == .ended else { return false }
    return ending?.state != .succeeded || !placed.contains(false)
  }

  /// Counts against a budget until it is known what it cost.
  package var held: Int64 { stage == .ended || spent != nil ? 0 : reserved }

  /// Counts against a budget for good. Where the service did not say, what may have been charged counts as if it was.
  package var charged: Int64 {
    if let spent { return spent }
    guard stage == .ended, let ending else { return 0 }
    return ending.state == .succeeded || ending.failure?.maySpend == true ? reserved : 0
  }
}

/// How a handle on a task ended.
package final class Ending: Equatable, Sendable {
  package let state: TaskState
  /// nil for a task that succeeded.
  package let failure: Failure?
  /// Pictures of a task that succeeded.
  package let outputs: Int
  /// Millicredits, where the service said so.
  package let spent: Int64?

  package init(_ state: TaskState, _ failure: Failure?, outputs: Int = 0, spent: Int64? = nil) {
    self.state = state
    self.failure = failure
    self.outputs = outputs
    self.spent = spent
  }

  /// The picture could not be got here and waits at the service.
  package var isUnfetched: Bool { failure.map { $0.retryable && $0.maySpend } ?? false }

  package static func == (left: Ending, right: Ending) -> Bool {
    left.state == right.state && left.failure == right.failure && left.outputs == right.outputs
      && left.spent == right.spent
  }
}

/// What is written down of a picture: everything but its bytes.
package final class Filed: Equatable, Sendable {
  package let mime: String
  package let width: Int
  package let height: Int
  package let size: Int
  package let sha256: String
  /// Where it lies in the client's folder, nil where it was held in memory.
  package let path: String?

  package init(mime: String, width: Int, height: Int, size: Int, sha256: String, path: String?) {
    self.mime = mime
    self.width = width
    self.height = height
    self.size = size
    self.sha256 = sha256
    self.path = path
  }

  package convenience init(_ picture: Picture) {
    self.init(
      mime: picture.mime, width: picture.width, height: picture.height, size: picture.size,
      sha256: picture.sha256, path: picture.path)
  }

  package static func == (left: Filed, right: Filed) -> Bool {
    left.size == right.size && left.width == right.width && left.height == right.height
      && left.sha256.equals(right.sha256) && left.mime.equals(right.mime) && left.path.equals(right.path)
  }
}
