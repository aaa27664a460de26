// Keys between a submit and its commit, and journals that are only kept in memory.

internal import Core

/// A key that was given with a submit which is not written down yet.
final class ComingKey {
  let key: String
  let digest: String
  let handle: Handle

  init(_ key: String, digest: String, _ handle: Handle) {
    self.key = key
    self.digest = digest
    self.handle = handle
  }
}

extension Books {
  /// For a client that wants a budget and no file: the same tables, in memory, for as long as it lives.
  func openInMemory() throws(Failure) {
    do throws(Fault) {
      let connection = try Connection.open(":memory:")
      try connection.execute(Schema.making)
      self.connection = connection
      isChecked = true
    } catch {
      if case .code(let code) = error { throw journalFailure(code, ":memory:") }
      throw refusal("it could not be made in memory")
    }
  }

  /// The handle of this client that stands for the task with this key, should it still be watched, or have ended for good.
  func holder(of key: String, _ digest: String) throws(Failure) -> Handle? {
    for coming in comingKeys where coming.key.equals(key) {
      guard coming.digest.equals(digest) else { throw Books.otherRequest }
      return coming.handle
    }
    var holder: Handle?
    try ask { connection throws(Fault) in
      let row = try connection(.keyed).add(self.account).add(key)
      guard try row.step(), let id = row.integer() else { return }
      row.reset()
      for case let binding? in self.bindings
      where binding.id == id && (!binding.isShut || !binding.course.isOpen) {
        guard let record = try connection.row(of: id) else { throw .damage("the index of keys") }
        guard record.origin.digest.equals(digest) else { throw .refusal(Books.otherRequest) }
        holder = binding.handle
        return
      }
    }
    return holder
  }

  /// A submit that is not written down yet gave its key, and will take it; so one task gets one handle.
  func isComing(_ record: TaskRecord) -> Bool {
    guard let key = record.course.key else { return false }
    for coming in comingKeys where coming.key.equals(key) {
      return coming.digest.equals(record.origin.digest)
    }
    return false
  }

  static var otherRequest: Failure {
    Failure(
      .exists, at: "opts.dedupe_key",
      "this dedupe_key belongs to another request; give each request its own; nothing was sent")
  }

  /// What memory alone holds is of no use once its handle is gone.
  func dropFromMemory(_ id: Int64) throws(Failure) {
    try transact { connection, _ throws(Fault) in
      try connection(.dropFacts).add(id).run()
      try connection(.dropTask).add(id).run()
    }
  }
}
