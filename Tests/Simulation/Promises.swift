// What must hold after every turn, whatever the seed did, and what must hold at the end.

import Core

extension Simulation {
  func drainEvents() throws {
    while let event = board.nextEvent() {
      try promise(event.sequence > lastSequence, "event numbers rise")
      lastSequence = event.sequence
      try promise(finalEvents[event.task] == nil, "nothing is told after the FINAL event")
      if event.kind == .final { finalEvents[event.task, default: 0] += 1 }
    }
  }

  // MARK: Promises

  private func promise(_ kept: Bool, _ sentence: String) throws {
    if !kept { throw BrokenPromise(description: "seed \(seed), turn \(turns): not kept: \(sentence)") }
  }

  func checkPromises() throws {
    for (task, intent) in journal?.known ?? [:] { intents[task] = intent }
    for (intent, count) in service.arrivals {
      try promise(count <= 1, "one submit reaches the service (intent \(intent): \(count))")
    }
    try promise(service.greatestOnTheWire <= maxSubmitting, "at most \(maxSubmitting) submits on the wire")
    try checkFacts()
    for task in tasks where !closed.contains(task) && !settled.contains(task) {
      let snapshot = try board.snapshot(task)
      if let final = finals[task] {
        try promise(snapshot.state == final, "a final state is final for ever")
        // Seen final in many turns; the last look at the end of the schedule is one more.
        if dice.hits(10) { settled.insert(task) }
      } else if snapshot.state.isFinal {
        finals[task] = snapshot.state
        try checkEnd(task, snapshot)
      }
    }
  }

  /// No submit without its fact, written before it left; no budget overshot.
  private func checkFacts() throws {
    guard let journal else { return }
    for (intent, count) in service.submitsAsked {
      try promise(disk.announced[intent, default: 0] >= count, "a submit is written down before it is sent")
    }
    guard let budget else { return }
    let taken = journal.funds.held + journal.funds.spent
    try promise(taken <= budget.maxMillicredits, "\(taken) is within the budget of \(budget.maxMillicredits)")
  }

  private func checkEnd(_ task: Handle, _ snapshot: Snapshot) throws {
    let charge = intents[task].flatMap { service.charge(for: $0) }
    let goesOn = charge.map { !$0.isDeleted && $0.ends > now } ?? false
    switch snapshot.state {
    case .failed, .cancelled:
      // A service that ends with us was told to stop in this very turn.
      try promise(
        !goesOn || !service.terms.survives, "FAILED and CANCELLED are not said of work that goes on")
      if snapshot.failure?.maySpend != true && service.terms.survives && snapshot.state == .failed {
        let isCharged = charge.map { !$0.isDeleted && $0.outcome == .succeeds } ?? false
        try promise(!isCharged, "a charged picture that was not fetched says that money may be spent")
      }
    case .ambiguous:
      try promise(snapshot.failure?.maySpend == true, "AMBIGUOUS says that money may be spent")
    case .succeeded:
      let isDone = charge.map { $0.outcome == .succeeds && $0.ends <= now } ?? false
      try promise(isDone, "SUCCEEDED only when the service said so")
      try promise(snapshot.pictures.count == charge?.outputs, "SUCCEEDED has every picture")
      if folder == nil && dice.hits(70) { journal?.handOut(task, outputs: snapshot.pictures.count) }
    default: break
    }
  }

  func checkTheEnd(leaves: Bool) throws {
    try drainEvents()
    try promise(
      loop.live == 0, "every task ends once faults stop (\(loop.live) live: \(board.snapshots.map(\.state)))")
    for task in tasks where !closed.contains(task) {
      let snapshot = try board.snapshot(task)
      try promise(snapshot.state.isFinal, "every handle ends")
      try promise(snapshot.state == finals[task, default: snapshot.state], "a final state is final for ever")
      try promise(finalEvents[task] == 1, "exactly one FINAL event for each handle")
      states[snapshot.state, default: 0] += 1
    }
    if service.terms.survives && hasJournal {
      for charge in service.charges.values { try checkJournalKnows(charge, isRecovered: !leaves) }
    }
    for (token, times) in service.lookTimes {
      guard case .polled(let floor) = service.terms.rhythm else { break }
      for (earlier, later) in zip(times, times.dropFirst()) {
        try promise(later - earlier >= floor, "no task is looked at more than once in \(floor) (\(token))")
      }
    }
    for charge in service.charges.values where charge.isDeleted && service.terms.survives {
      try promise(cancelAsked.contains(charge.intent), "only a task whose cancel was asked for is deleted")
    }
  }

  /// Whatever the service charged for can be found on the disk, however many lives it took: as a task that is not finished,
  /// as the word ambiguous, or as a picture; and its money counts.
  private func checkJournalKnows(_ charge: FakeService.Charge, isRecovered: Bool) throws {
    guard let standing = disk.row(of: charge.intent)?.standing else {
      return try promise(false, "every charge stands in the journal (\(charge.intent))")
    }
    // What the last process left as `submitting` is ambiguous to whoever recovers it.
    let isKnown =
      standing.token == charge.token || standing.stage == .ambiguous
      || (standing.stage == .submitting && !isRecovered)
    try promise(
      isKnown,
      "every charge is known by its token, or is ambiguous (\(charge.intent): \(disk.row(of: charge.intent)?.facts ?? []))"
    )
    guard charge.outcome == .succeeds && !charge.isDeleted else { return }
    try promise(
      standing.held + standing.charged >= 5000, "what was charged counts (\(charge.intent): \(standing))")
    guard standing.isFinished, let folder else { return }
    for output in 0..<charge.outputs {
      try promise(folder.files["\(charge.intent)-\(output)"] != nil, "what is finished lies in the folder")
    }
  }
}
