// Tasks that nobody drives any more: found, taken, bound to a handle, let go.

internal import Core

extension Books {
  /// How many tasks of this account nobody drives.
  func countRecoverable() throws(Failure) -> Int {
    try ask { connection throws(Fault) in
      guard let owners = self.owners else { return 0 }
      var roll = RollCall(owners)
      var count: Int64 = 0
      let rows = try connection(.openOwners).add(self.account)
      while try rows.step() {
        guard let owner = rows.integer(), let tasks = rows.integer() else { continue }
        if owner == owners.own {
          count += tasks - Int64(self.drivenOpen)
        } else if !roll.lives(owner) {
          count += tasks
        }
      }
      return Int(max(0, count))
    }
  }

  private var drivenOpen: Int { driven.count }

  /// Takes the oldest that nobody drives, for handles that are bound to them later.
  func takeRecoverable(atMost limit: Int) throws(Failure) -> (taken: [Found], hasMore: Bool) {
    try checkOnce()
    return try transact { connection, batch throws(Fault) in
      let (free, hasMore) = try self.free(connection, atMost: limit)
      var taken: [TaskRecord] = []
      for id in free {
        guard var record = try connection.record(of: id) else { throw .damage("the index of tasks") }
        try self.takeOver(&record, connection, batch)
        taken.append(record)
      }
      self.keep(taken)
      var found: [Found] = []
      for record in taken { found.append(record.found) }
      return (found, hasMore)
    }
  }

  private func free(_ connection: Connection, atMost limit: Int) throws(Fault) -> (
    ids: [Int64], hasMore: Bool
  ) {
    guard let owners else { return ([], false) }
    var roll = RollCall(owners)
    let driven = driven
    var ids: [Int64] = []
    let rows = try connection(.openTasks).add(account)
    defer { rows.reset() }
    while try rows.step() {
      guard let id = rows.integer(), let owner = rows.integer() else { continue }
      if owner == owners.own ? driven.contains(id) : roll.lives(owner) { continue }
      if ids.count >= limit { return (ids, true) }
      ids.append(id)
    }
    return (ids, false)
  }

  /// The task of a token, to be driven by a handle that is bound to it later.
  func take(token: String) throws(Failure) -> SQLiteJournal.Taken {
    try checkOnce()
    return try transact { connection, batch throws(Fault) in
      let row = try connection(.withToken).add(self.account).add(.text(token))
      guard try row.step(), let id = row.integer() else { return .unknown }
      row.reset()
      guard var record = try connection.record(of: id) else { throw .damage("the index of tokens") }
      if record.isPruned { return .unknown }
      if record.course.isOpen {
        if self.driven.contains(id) { return .busy }
        guard let owners = self.owners else { return .busy }
        let owner = record.course.owner
        if owner != 0, owner != owners.own, owners.isAlive(owner) { return .busy }
        try self.takeOver(&record, connection, batch)
      }
      self.keep([record])
      return .found(record.found)
    }
  }

  /// Until handles are bound to them. Should the transaction fail, the fences of these tell that they are stale.
  private func keep(_ records: [TaskRecord]) {
    for record in records {
      found.removeAll { $0.origin.id == record.origin.id }
      found.append(record)
    }
  }

  func bind(_ found: Found, to task: Handle) {
    guard let index = self.found.firstIndex(where: { $0.origin.id == found.row }) else { return }
    let record = self.found.remove(at: index)
    var batch = Batch(now: 0, counted: counted)
    set(Binding(task, record, isCounted: wasCounted(found.row)), at: task, &batch)
  }

  /// Whether this client accepted it, and has let it go since.
  func wasCounted(_ id: Int64) -> Bool { countedPast.contains(id) }

  /// No handle stands for it any more. Where something is left to do, the next who asks may.
  func release(_ task: Handle) throws(Failure) {
    guard let binding = binding(of: task) else { return }
    var batch = Batch(now: 0, counted: counted)
    set(nil, at: task, &batch)
    if owners == nil { return try dropFromMemory(binding.id) }
    if binding.isCounted && binding.course.isOpen && !wasCounted(binding.id) {
      countedPast.append(binding.id)
    }
    if binding.isShut { return }
    try transact { connection, batch throws(Fault) in
      guard let record = try connection.row(of: binding.id), record.course.fence == binding.course.fence
      else {
        return
      }
      var course = record.course
      course.owner = 0
      _ = try connection.update(binding.id, record.origin.seal, from: record.course, to: course)
    }
  }

  /// A person's word on an ambiguous submit.
  func settle(_ task: Handle, _ token: String?) throws(Failure) {
    try transact { connection, batch throws(Fault) in
      guard let binding = self.binding(of: task), try self.settle(binding, token, connection, &batch) else {
        throw .refusal(
          Failure(.state, at: "t", "only a task that ended AMBIGUOUS can be settled; this one did not"))
      }
    }
  }

  func facts(of task: Handle) throws(Failure) -> [(at: Int64, fact: Fact)] {
    guard let binding = binding(of: task) else { return [] }
    return try ask { connection throws(Fault) in try connection.record(of: binding.id)?.facts ?? [] }
  }
}
