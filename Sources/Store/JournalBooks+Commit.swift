// What a turn writes down: tasks that are accepted, or turn out to be known or beyond the budget, and facts of those
// that this client drives.

internal import Core

extension Books {
  /// The rulings, in the order of their entries.
  func commit(_ entries: [Entry]) throws(Failure) -> [Ruling] {
    var accepts = false
    var writes = false
    for entry in entries {
      if entry.opening != nil { accepts = true } else if binding(of: entry.task) != nil { writes = true }
    }
    guard accepts || writes else { return [] }
    if accepts { try checkOnce() }
    var rulings: [Ruling] = []
    try transact { connection, batch throws(Fault) in
      for entry in entries where !batch.ruled.contains(entry.task) {
        let word = try self.take(entry, connection, batch)
        guard let word else { continue }
        rulings.append(Ruling(entry.task, word))
        batch.ruled.append(entry.task)
      }
    }
    return rulings
  }

  private func take(
    _ entry: Entry, _ connection: Connection, _ batch: Batch
  ) throws(Fault) -> Ruling.Word? {
    if let opening = entry.opening { return try accept(opening, for: entry.task, connection, batch) }
    guard let binding = binding(of: entry.task) else { return nil }
    if case .settled(let token) = entry.fact {
      _ = try settle(binding, token, connection, batch)
      return nil
    }
    return binding.isShut ? nil : try write(entry.fact, binding, connection, batch)
  }

  // MARK: Accepting

  private func accept(
    _ opening: Opening, for task: Handle, _ connection: Connection, _ batch: Batch
  ) throws(Fault) -> Ruling.Word? {
    if let key = opening.dedupeKey {
      let row = try connection(.keyed).add(account).add(key)
      if try row.step(), let id = row.integer() {
        row.reset()
        return try known(id, opening, task, connection, batch)
      }
    }
    if let failure = try overBudget(opening.reserved, connection, batch) { return .refused(failure) }
    try insert(opening, for: task, connection, batch)
    return nil
  }

  /// The key is taken: by this very request, or by another one.
  private func known(
    _ id: Int64, _ opening: Opening, _ task: Handle, _ connection: Connection, _ batch: Batch
  ) throws(Fault) -> Ruling.Word {
    guard let record = try connection.record(of: id) else { throw .damage("the index of keys") }
    if !record.origin.digest.equals(opening.digest) {
      return .refused(Books.otherRequest)
    }
    if record.isPruned {
      return .refused(
        Failure(
          .gone, at: "opts.dedupe_key",
          "the task of this dedupe_key is already done, and pruned from the journal; nothing was sent"))
    }
    if record.course.isOpen {
      // Nothing is being done about an ambiguous one; what is learnt of it is written down whoever has it.
      if record.standing.stage == .ambiguous {
        shut(id, batch)
      } else if let who = driver(of: record) ?? finder(of: record) {
        return .refused(busy(who))
      }
      try takeOver(record, connection, batch)
    }
    set(Binding(task, record, isCounted: wasCounted(id)), at: task, batch)
    return .known(record.found)
  }

  /// Who lives and has the task, nil for nobody.
  func driver(of record: TaskRecord) -> StaticString? {
    let owner = record.course.owner
    guard owner != 0, let owners else { return nil }
    if owner == owners.own {
      return drives(record.origin.id) ? "another handle of this client" : nil
    }
    return owners.isAlive(owner) ? "another client" : nil
  }

  /// Whoever has just found the task, and whose handle for it is still being made.
  private func finder(of record: TaskRecord) -> StaticString? {
    found.contains { $0.origin.id == record.origin.id } ? "another handle of this client" : nil
  }

  /// The handle that had the task so far has it no more.
  private func shut(_ id: Int64, _ batch: Batch) {
    for driver in driving where driver.id == id {
      let binding = Binding(copying: driver)
      binding.isShut = true
      set(binding, at: binding.handle, batch)
    }
  }

  private func busy(_ who: StaticString) -> Failure {
    var failure = Failure(
      .busy, at: "opts.dedupe_key",
      "\(who) has the task of this dedupe_key and is not done with it; wait for that one; nothing was sent")
    failure.retryable = true
    return failure
  }

  /// In memory there is one owner. It is not 0, which would say that nobody drives its tasks.
  private var ownOwner: Int64 { owners?.own ?? 1 }

  /// This client owns it from now on; who did so before may write no more.
  func takeOver(_ record: TaskRecord, _ connection: Connection, _ batch: Batch) throws(Fault) {
    let old = record.course.hold
    record.course.owner = ownOwner
    record.course.fence += 1
    record.course.updated = batch.now
    let isOurs = try connection.update(record.origin.id, record.seal, from: old, to: record.course)
    if !isOurs { throw .damage("a task's owner") }
  }

  private func overBudget(
    _ amount: Int64, _ connection: Connection, _ batch: Batch
  ) throws(Fault) -> Failure? {
    guard let budget, budget.isHard else { return nil }
    if case .client = budget.scope { return budget.refusal(of: amount, beside: batch.counted) }
    var taken: Funds
    if let before = batch.before { taken = before } else { taken = try funds(connection, today: batch.today) }
    batch.before = taken
    // What this transaction did so far is not on disk yet.
    for change in batch.purses {
      if case .day = budget.scope, change.day != batch.today { continue }
      taken.add(change.funds)
    }
    return budget.refusal(of: amount, beside: taken)
  }

  private func insert(
    _ opening: Opening, for task: Handle, _ connection: Connection, _ batch: Batch
  ) throws(Fault) {
    let id = try nextTask(connection, batch)
    let standing = Standing(reserved: opening.reserved, facts: [.accepted])
    let origin = Origin(
      id: id, account: account, created: batch.now, intent: opening.intent, provider: opening.provider,
      model: opening.model, request: opening.request, digest: opening.digest, price: opening.price)
    var course = Course(
      owner: ownOwner, fence: 1, updated: batch.now, key: opening.dedupeKey, stage: 0, token: nil,
      reserved: 0, spent: nil, isOpen: true)
    course.follow(standing)
    let record = TaskRecord(origin, course)
    (record.facts, record.standing) = ([(batch.now, .accepted)], standing)
    try connection.insert(record)
    try FactColumns(accepting: opening).insert(id, 1, at: batch.now, on: connection)
    move(batch.now, isCounted: true, from: nil, to: standing, batch)
    set(Binding(task, record, isCounted: true), at: task, batch)
  }

  private func nextTask(_ connection: Connection, _ batch: Batch) throws(Fault) -> Int64 {
    if batch.nextTask == nil {
      let row = try connection(.lastTask)
      batch.nextTask = try row.step() ? (row.integer() ?? 0) + 1 : 1
      row.reset()
    }
    let next = batch.nextTask ?? 1
    batch.nextTask = next + 1
    return next
  }

  // MARK: Facts

  /// A fact of a task that this client drives.
  private func write(
    _ fact: Fact, _ old: Binding, _ connection: Connection, _ batch: Batch
  ) throws(Fault) -> Ruling.Word? {
    let binding = Binding(copying: old)
    let last = try connection.lastFact(of: binding.id)
    if last != binding.facts {
      // A late word on an ambiguous submit, from a handle that had the task before.
      guard let record = try connection.record(of: binding.id) else { throw .damage("the list of tasks") }
      binding.reload(record)
    }
    let before = binding.standing
    let hold = binding.course.hold
    binding.standing.take(fact)
    binding.course.follow(binding.standing)
    binding.course.updated = batch.now
    if case .ended(let ending) = fact, ending.state == .detached || ending.state == .failed {
      // It goes on without this handle.
      binding.course.owner = 0
    }
    if binding.course.owner == 0 { binding.isShut = true }
    guard try connection.update(binding.id, binding.seal, from: hold, to: binding.course) else {
      set(nil, at: binding.handle, batch)
      return .refused(refusal("another process has taken the task over, for this one was not seen to live"))
    }
    binding.facts = last + 1
    try FactColumns(fact, accepted: 0).insert(binding.id, last + 1, at: batch.now, on: connection)
    move(binding.created, isCounted: binding.isCounted, from: before, to: binding.standing, batch)
    set(binding, at: binding.handle, batch)
    return nil
  }

  /// What became of an ambiguous submit. It is written down whoever owns the task by now; the later word wins. False
  /// when the task is not ambiguous, and never was settled.
  func settle(
    _ old: Binding, _ token: String?, _ connection: Connection, _ batch: Batch
  ) throws(Fault) -> Bool {
    guard let record = try connection.record(of: old.id), let last = record.facts.last else { return false }
    var isOpenToWords = record.standing.stage == .ambiguous || record.standing.stage == .submitting
    if case .settled = last.fact { isOpenToWords = true }
    guard isOpenToWords else { return false }
    let binding = Binding(copying: old)
    let (hold, before) = (record.course.hold, record.standing)
    record.standing.take(.settled(token: token))
    // Whoever drove it under the old word has nothing to do under the new one.
    if hold.fence == old.course.fence { record.course.owner = 0 }
    if token == nil { record.course.key = nil }
    record.course.follow(record.standing)
    record.course.updated = batch.now
    guard try connection.update(old.id, record.seal, from: hold, to: record.course) else {
      throw .damage("a task's owner")
    }
    let number = Int64(record.facts.count) + 1
    try FactColumns(.settled(token: token), accepted: 0).insert(old.id, number, at: batch.now, on: connection)
    move(binding.created, isCounted: binding.isCounted, from: before, to: record.standing, batch)
    binding.reload(record)
    binding.facts = number
    binding.isShut = true
    set(binding, at: binding.handle, batch)
    return true
  }
}

extension Connection {
  fileprivate func lastFact(of task: Int64) throws(Fault) -> Int64 {
    let row = try self(.lastFact).add(task)
    guard try row.step() else { return 0 }
    defer { row.reset() }
    return row.integer() ?? 0
  }
}
