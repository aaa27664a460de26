// Write down, then act: what a turn gathered goes to the journal, and only then out into the world.

import Core

extension Loop {
  func commit(_ now: Instant) {
    guard let journal else { return facts = [] }
    if let witness { facts += witness.takeTestimony() }
    let batch = unwritten + facts
    facts = []
    guard !batch.isEmpty else { return }
    do throws(Failure) {
      let rulings = try journal.commit(batch)
      unwritten = []
      committed = clock()
      for ruling in rulings { obey(ruling, now) }
      // What a ruling leads to is of this turn too.
      if !rulings.isEmpty { commit(now) }
    } catch {
      noteLostCommit(error)
      unwritten = batch.filter { !Loop.announces($0.fact) }
      withhold(batch.filter { Loop.announces($0.fact) }.map { $0.task }, error, now)
      unwritten += facts
      facts = []
    }
  }

  private func obey(_ ruling: Ruling, _ now: Instant) {
    switch ruling.word {
    case .refused(let why): withhold([ruling.task], why, now)
    case .known(let found):
      withhold([ruling.task], nil, now)
      guard let record = records[ruling.task] else { return release(ruling.task) }
      record.opening = found.opening
      board.adopt(ruling.task, found.opening)
      goOn(record, found.standing, now)
    }
  }

  /// Steps whose fact is not on disk are not taken. Looks and fetches go on.
  private func withhold(_ tasks: [Handle], _ why: Failure?, _ now: Instant) {
    for task in tasks { records[task]?.isWithheld = true }
    asks = asks.filter { ask in
      guard case .ask(let operation, let ticket) = ask else { return false }
      return records[ticket.task]?.isWithheld != true || !Loop.mustBeAnnounced(operation)
    }
    for task in tasks {
      records[task]?.isWithheld = false
      if let why { feed(task, .unrecorded(why), now) }
    }
  }

  /// A task from an earlier life goes on where its facts end.
  func goOn(_ record: Record, _ past: Standing, _ now: Instant) {
    record.pictures = past.kept
    record.isRestored = true
    feed(record.task, .known(past), now)
  }

  /// The journal lets go of a task when all that happened to it is written down.
  func release(_ task: Handle) {
    if journal != nil { released.append(task) }
  }

  func letGo() {
    guard unwritten.isEmpty, let journal else { return }
    for task in released { journal.release(task) }
    released = []
  }

  private static func announces(_ fact: Fact) -> Bool {
    switch fact {
    case .accepted, .submitting, .cancelling: true
    default: false
    }
  }

  private static func mustBeAnnounced(_ operation: Operation) -> Bool {
    switch operation {
    case .submit, .cancel, .upload: true
    case .check, .fetch: false
    }
  }

  func perform(_ now: Instant) {
    for case .drop(let ticket) in drops { provider.drop(ticket) }
    drops = []
    let leaving = asks
    asks = []
    for case .ask(let operation, let ticket) in leaving {
      guard let record = records[ticket.task] else { continue }
      if case .submit = operation, isStale {
        feed(ticket.task, .setBack(ticket, Setback(.neverArrived, Loop.slept)), now)
        continue
      }
      noteAsk(operation, ticket.task)
      provider.perform(
        operation, of: record.request, intent: record.opening.intent, uploaded: record.machine.uris,
        ticket: ticket, now: now)
    }
    if !facts.isEmpty { commit(now) }
  }

  /// What was written down is too old to act on: the disk was slow, or the machine slept and somebody has decided
  /// meanwhile.
  private var isStale: Bool { journal != nil && clock() - committed > Policies.actWithin }

  private static var slept: Failure {
    Failure(.io, "the machine slept, or its disk was slow, between writing the submit down and sending it")
  }

  /// When something is left to do that this turn could not, or only heard of at its end.
  func nextTurn(_ now: Instant) -> Instant {
    if let witness, !witness.testimony.isEmpty { return now }
    // A ruling made a task wait for its place again, or the account has answered.
    if scheduler.hasNext && witness?.delay(now) == nil { return now }
    return unwritten.isEmpty ? .never : now + Policies.restAfterLostCommit
  }
}
