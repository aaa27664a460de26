// Tasks that nobody drives any more: found, taken, bound to a handle, let go.

internal import Core

extension Books {
  /// How many tasks of this account nobody drives.
  func countRecoverable() throws(Failure) -> Int {
    var count: Int64 = 0
    try ask { connection throws(Fault) in
      guard let owners = self.owners else { return }
      var roll = RollCall(owners)
      let rows = try connection(.openOwners).add(self.account)
      while try rows.step() {
        guard let owner = rows.integer(), let tasks = rows.integer() else { continue }
        if owner == owners.own {
          count += tasks - Int64(self.driving.count)
        } else if !roll.lives(owner) {
          count += tasks
        }
      }
    }
    return Int(max(0, count))
  }

  /// Takes the oldest that nobody drives, for handles that are bound to them later.
  func takeRecoverable(atMost limit: Int) throws(Failure) -> (taken: [Found], hasMore: Bool) {
    try checkOnce()
    var (taken, hasMore): ([Found], Bool) = ([], false)
    try transact { connection, batch throws(Fault) in
      let free = try self.free(connection, atMost: limit)
      hasMore = free.hasMore
      for id in free.ids {
        guard let record = try connection.record(of: id) else { throw .damage("the index of tasks") }
        if self.isComing(record) { continue }
        try self.takeOver(record, connection, batch)
        self.keep(record)
        taken.append(record.found)
      }
    }
    return (taken, hasMore)
  }

  private func free(_ connection: Connection, atMost limit: Int) throws(Fault) -> (
    ids: [Int64], hasMore: Bool
  ) {
    guard let owners else { return ([], false) }
    var roll = RollCall(owners)
    let driving = driving
    var ids: [Int64] = []
    let rows = try connection(.openTasks).add(account)
    defer { rows.reset() }
    while try rows.step() {
      guard let id = rows.integer(), let owner = rows.integer() else { continue }
      if owner == owners.own ? driving.contains(where: { $0.id == id }) : roll.lives(owner) { continue }
      if ids.count >= limit { return (ids, true) }
      ids.append(id)
    }
    return (ids, false)
  }

  /// The task of a token, to be driven by a handle that is bound to it later.
  func take(token: String) throws(Failure) -> SQLiteJournal.Taken {
    try checkOnce()
    var taken = SQLiteJournal.Taken.unknown
    try transact { connection, batch throws(Fault) in
      let row = try connection(.withToken).add(self.account).add(token)
      guard try row.step(), let id = row.integer() else { return }
      row.reset()
      guard let record = try connection.record(of: id) else { throw .damage("the index of tokens") }
      if record.isPruned { return }
      if record.course.isOpen {
        taken = .busy
        if self.driver(of: record) != nil || self.isComing(record) { return }
        try self.takeOver(record, connection, batch)
      }
      self.keep(record)
      taken = .found(record.found)
    }
    return taken
  }

  /// Until a handle is bound to it. Should the transaction fail, its fence tells that it is stale.
  private func keep(_ record: TaskRecord) {
    for index in found.indices where found[index].origin.id == record.origin.id {
      found[index] = record
      return
    }
    found.append(record)
  }

  func bind(_ found: Found, to task: Handle) {
    for index in self.found.indices where self.found[index].origin.id == found.row {
      let record = self.found.remove(at: index)
      let batch = Batch(now: 0, counted: counted)
      return set(Binding(task, record, isCounted: wasCounted(found.row)), at: task, batch)
    }
  }

  /// Whether this client accepted it, and has let it go since.
  func wasCounted(_ id: Int64) -> Bool { countedPast.contains(id) }

  /// No handle stands for it any more. Where something is left to do, the next who asks may.
  func release(_ task: Handle) throws(Failure) {
    guard let binding = binding(of: task) else { return }
    let batch = Batch(now: 0, counted: counted)
    set(nil, at: task, batch)
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
      let hold = record.course.hold
      record.course.owner = 0
      _ = try connection.update(binding.id, record.seal, from: hold, to: record.course)
    }
  }

  /// A person's word on an ambiguous submit.
  func settle(_ task: Handle, _ token: String?) throws(Failure) {
    try transact { connection, batch throws(Fault) in
      guard let binding = self.binding(of: task), try self.settle(binding, token, connection, batch) else {
        throw .refusal(
          Failure(.state, at: "t", "only a task that ended AMBIGUOUS can be settled; this one did not"))
      }
    }
  }

  func facts(of task: Handle) throws(Failure) -> [(at: Int64, fact: Fact)] {
    guard let binding = binding(of: task) else { return [] }
    var facts: [(at: Int64, fact: Fact)] = []
    try ask { connection throws(Fault) in facts = try connection.record(of: binding.id)?.facts ?? [] }
    return facts
  }
}
