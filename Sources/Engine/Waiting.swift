// What hosts wait for: tasks that end, pictures that are there, a client with nothing left to do.

package import Core
import Platform

extension Engine {
  /// The position of a task that ended: of the first in the row for any, of the last for all.
  package func waitForTasks(
    _ tasks: [Handle], all: Bool, until deadline: Instant
  ) throws(Failure) -> Waited<Int> {
    // Ended tasks stay ended, so the front of the row is asked only once.
    var ended = 0
    var found = tasks.count - 1
    let status = try wait(until: deadline) { () throws(Failure) in
      if all {
        while ended < tasks.count, try hasEnded(tasks, ended) { ended += 1 }
        return ended == tasks.count
      }
      for index in tasks.indices where try hasEnded(tasks, index) {
        found = index
        return true
      }
      return false
    }
    return Waited(value: found, status: status)
  }

  private func hasEnded(_ tasks: [Handle], _ index: Int) throws(Failure) -> Bool {
    do throws(Failure) { return try board.snapshot(tasks[index]).state.isFinal } catch {
      var failure = error
      failure.location = "tasks"
      failure.message = String(sentence: "tasks[\(index)]: \(error.message)")
      throw failure
    }
  }

  /// A picture of a task, once it is there. A task that ended without it throws how it ended; a picture that was left
  /// with the service is fetched now.
  package func output(_ index: Int, of task: Handle, until deadline: Instant) throws(Failure) -> Waited<
    Picture
  > {
    var picture: Picture?
    var grant: Grant?
    let status = try wait(until: deadline) { () throws(Failure) in
      picture = try outputNow(index, of: task)
      guard let found = picture else { return false }
      if found.isHere { return true }
      let joined = grant ?? join(task, index)
      grant = joined
      guard let granted = joined.answer.withLock({ $0?.granted }) else {
        picture = nil
        return false
      }
      // Told once: who asks again after a failure wants another try.
      grants.withLock { $0.removeAll { $0 === joined } }
      switch granted {
      case .here(let arrived): picture = arrived
      case .failed(let failure): throw failure
      }
      return true
    }
    return Waited(value: picture, status: status)
  }

  /// The same without waiting: nil while it may still come. Turns nothing, calls nobody and takes no wake.
  package func outputNow(_ index: Int, of task: Handle) throws(Failure) -> Picture? {
    let snapshot = try board.snapshot(task)
    let count = snapshot.pictures.count
    if index < count { return snapshot.pictures[index] }
    if let failure = snapshot.failure { throw failure }
    guard snapshot.state.isFinal else { return nil }
    throw Failure(
      .argument, at: "i", "i is \(index), must be below \(count): the task's outputs are counted from 0")
  }

  /// The wish for a picture that is under way or was just granted, or a new one: who waits in slices asks once.
  private func join(_ task: Handle, _ output: Int) -> Grant {
    grants.withLock { grants in
      grants.removeAll { !$0.isFresh }
      for grant in grants where grant.task == task && grant.output == output { return grant }
      let asked = Grant(task, output)
      grants.append(asked)
      mailbox.drop(
        .want(task, output: output) { [answer = asked.answer] granted in
          answer.withLock { $0 = (granted, until: Clock.now + Inquiry.freshness) }
        })
      return asked
    }
  }

  /// What the service says about the account. Who waits in slices asks once: a call joins the question under way.
  package func account(until deadline: Instant) throws(Failure) -> Waited<JSON> {
    let joined = inquiry.withLock { inquiry in
      if let inquiry, inquiry.isFresh { return inquiry }
      let asked = Inquiry()
      inquiry = asked
      mailbox.drop(
        .account { [answer = asked.answer, bell] told in
          answer.withLock { $0 = (told, until: Clock.now + Inquiry.freshness) }
          bell.ring()
        })
      return asked
    }
    let status = try wait(until: deadline) { joined.answer.withLock { $0 != nil } }
    switch joined.answer.withLock({ $0?.told }) {
    case .known(let json): return Waited(value: json, status: .ok)
    case .failed(let failure): throw failure
    case nil: return Waited(value: nil, status: status)
    }
  }

  /// Stops watching every task and waits until each has ended, all is told and no call of the host's is under way. No
  /// task is opened from here on; after a value the loop stays still and nobody is called any more.
  package func leave(_ why: Failure, until deadline: Instant) throws(Failure) -> Status {
    try refuseInsideCallback("close")
    if board.closed == nil {
      board.close(why)
      mailbox.drop(.leaveAll(why))
    }
    return try wait(until: deadline) { () throws(Failure) in
      // Nobody leaves the turnstile for us: it is closed for good, and only one of several closers gets it.
      guard !board.hasLiveTasks, !callsOnEvent || !board.hasNews, turnstile.enter() else { return false }
      deliver(limit: 0, until: .never)
      isOver.withLock { $0 = true }
      return true
    }
  }
}

/// A question about the account.
final class Inquiry: Sendable {
  /// For who asked a moment ago and gave up just before the answer came.
  static let freshness = Span.seconds(1)

  var isFresh: Bool { answer.withLock { $0.map { Clock.now < $0.until } ?? true } }

  let answer = Locked<(told: AccountAnswer, until: Instant)?>(nil)
}

/// A wish for a picture that was left with the service.
final class Grant: Sendable {
  let task: Handle
  let output: Int
  let answer = Locked<(granted: Granted, until: Instant)?>(nil)

  init(_ task: Handle, _ output: Int) {
    self.task = task
    self.output = output
  }

  var isFresh: Bool { answer.withLock { $0.map { Clock.now < $0.until } ?? true } }
}
