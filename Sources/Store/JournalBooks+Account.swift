// Whose tasks a key sees. A key that takes another's place, because that one was lost or has expired, sees the tasks of
// the first: they are paid for, and its own process may not be the one that fetches them.

internal import Core

extension Books {
  /// The account behind the hash of a key.
  func account(of key: Int64, _ connection: Connection) throws(Fault) -> Int64 {
    let row = try connection(.renewal).add(key)
    guard try row.step() else { return key }
    defer { row.reset() }
    guard row.integer() == key, let account = row.integer(), row.isSealed else {
      throw .damage("whose place a key took")
    }
    return account
  }

  /// From now on this key is the account's as well.
  func addKey(_ key: Int64) throws(Failure) {
    // What is kept in memory ends with this client, whatever its key.
    guard owners != nil, key != account else { return }
    try transact { connection, _ throws(Fault) in
      let known = try self.account(of: key, connection)
      if known == self.account { return }
      let other = try connection(.anyTask).add(key)
      let hasTasks = try other.step()
      other.reset()
      if hasTasks || known != key {
        throw .refusal(
          Failure(
            .state, at: "/apiKey",
            "the journal knows this key, and not as this client's account; open a client of its own for it"))
      }
      try connection(.addRenewal).add(key).add(self.account).addSeal().run()
    }
  }
}
