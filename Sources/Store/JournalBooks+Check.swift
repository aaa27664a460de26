// Before money depends on it, a journal is read: SQLite's own check of its pages, and every sum that could be spent
// twice. What is long past is pruned after that.
//
// SQLite's quick check leaves out whether an index and its table agree. Here a key that is missing from its index is a
// picture paid for twice, and an unfinished task missing from its is one that is lost.

internal import Core

extension Books {
  /// Once for each client, before it accepts or takes a task.
  func checkOnce() throws(Failure) {
    if isChecked { return }
    try ask { connection throws(Fault) in
      let word = try connection(.check)
      guard try word.step(), word.text().is("ok") else { throw .damage("SQLite's check of its pages") }
      word.reset()
      // One transaction, or a task that changes in between would seem to be damaged.
      try connection.begin()
      let open = try connection(.allOpen)
      var ids: [Int64] = []
      while try open.step() { ids.append(open.integer() ?? 0) }
      for id in ids {
        guard try connection.record(of: id) != nil else { throw .damage("the index of tasks") }
      }
      try Purse.checkAll(on: connection)
      try connection.commit()
    }
    isChecked = true
    try prune()
  }

  /// Finished tasks are kept for 90 days, and 100,000 of them.
  private static let pastMax: Int64 = 100_000
  private static let pastMilliseconds: Int64 = 90 * 86_400_000
  /// Pruned at once: opening a journal takes no longer for what lies in it.
  private static let prunedMax: Int64 = 1000

  /// Of a task with a key its row stays, so that the key is never paid for again.
  private func prune() throws(Failure) {
    try transact { connection, batch throws(Fault) in
      let count = try connection(.pastCount)
      let past = try count.step() ? count.integer() ?? 0 : 0
      count.reset()
      try self.prune(olderThan: batch.now - Books.pastMilliseconds, atMost: Books.prunedMax, connection)
      let beyond = min(past - Books.pastMax, Books.prunedMax)
      if beyond > 0 { try self.prune(olderThan: .max, atMost: beyond, connection) }
    }
  }

  private func prune(olderThan limit: Int64, atMost count: Int64, _ connection: Connection) throws(Fault) {
    let rows = try connection(.past).add(limit).add(count)
    var ids: [Int64] = []
    while try rows.step() { ids.append(rows.integer() ?? 0) }
    for id in ids {
      guard let record = try connection.row(of: id) else { continue }
      try connection(.dropFacts).add(id).run()
      if record.course.key == nil {
        try connection(.dropTask).add(id).run()
      } else {
        try connection.empty(record)
      }
    }
  }
}
