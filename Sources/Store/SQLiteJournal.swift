// The journal of a paid client: what was written down before it was done, and what is known again after a crash. It
// lies in one SQLite file that any number of clients and processes share.

package import Core
import Platform

/// A client's own view of a journal.
///
/// Any thread. Calls wait for each other, and for the disk, but for the questions about money, which are answered from
/// memory. What a turn gathers is one `commit`, by the thread that turns the loop; a picture that was handed out is
/// another, by the thread that has it.
package final class SQLiteJournal: Journal, @unchecked Sendable {
  /// What a token stands for.
  package enum Taken {
    /// This journal knows no such task of this account.
    case unknown
    case found(Found)
    /// A living owner watches it: another client, or a handle of this one.
    case busy
  }

  /// What is known about money without asking the disk.
  private struct Till {
    var funds = Funds()
    /// Let through, and not written down yet.
    var coming: Int64 = 0
    /// The day these funds are of, where the budget is a day's.
    var day: Int64 = 0
  }

  // It is held while the disk works, so that nobody sees half a transaction.
  private let books: Locked<Books>
  private let till = Locked(Till())
  private let budgeted: Locked<Budget?>
  private let unixMilliseconds: @Sendable () -> Int64

  /// Opens the journal, and makes it where there is none. All failures have the status `journal`; a damaged file was
  /// set aside, never deleted, and its sentence says where. Without a path it is kept in memory, for a budget alone.
  package init(
    path: String?, account: UInt64, budget: Budget?, unixMilliseconds: @escaping @Sendable () -> Int64
  ) throws(Failure) {
    budgeted = Locked(budget)
    self.unixMilliseconds = unixMilliseconds
    books = Locked(Books(account: account, budget: budget, now: unixMilliseconds))
    try use { books throws(Failure) in
      if let path { try books.open(path) } else { try books.openInMemory() }
      try look(books)
    }
  }

  // A write beyond the process's file size limit raises a signal whose default ends the host. Not generic, so that it
  // is there once.
  @inline(never)
  private func use(_ body: (Books) throws(Failure) -> Void) throws(Failure) {
    try books.withLock { books throws(Failure) in
      let held = FileSizeSignal()
      defer { held.release() }
      try body(books)
    }
  }

  deinit { close() }

  private var budget: Budget? { budgeted.withLock { $0 } }

  /// Another ceiling from now on.
  package func change(_ budget: Budget) throws(Failure) {
    try use { books throws(Failure) in
      books.budget = budget
      budgeted.withLock { $0 = budget }
      try look(books)
    }
  }

  /// The key with this hash sees the same tasks from now on, in later clients too. Fails with `state` where the journal
  /// knows it as another account's.
  package func addKey(_ hash: UInt64) throws(Failure) {
    try use { books throws(Failure) in try books.addKey(Int64(bitPattern: hash)) }
  }

  package func commit(_ entries: [Entry]) throws(Failure) -> [Ruling] {
    var rulings: [Ruling] = []
    try use { books throws(Failure) in
      // Committed or not: a task whose acceptance could not be written ends, and comes no more.
      defer { settle(entries, books) }
      rulings = try books.commit(entries)
      try? look(books)
    }
    return rulings
  }

  private func settle(_ entries: [Entry], _ books: Books) {
    for entry in entries {
      guard let opening = entry.opening else { continue }
      if budget != nil { forget(amount: opening.reserved) }
      for index in books.comingKeys.indices where books.comingKeys[index].handle == entry.task {
        books.comingKeys.remove(at: index)
        break
      }
    }
  }

  /// The open handle of this client that has the key, nil where a new one may be made. Throws `exists` where the key is
  /// another request's.
  package func holder(of key: String, digest: String) throws(Failure) -> Handle? {
    var holder: Handle?
    try use { books throws(Failure) in holder = try books.holder(of: key, digest) }
    return holder
  }

  /// A submit with this key is on its way to `commit`.
  package func expect(_ key: String, digest: String, _ task: Handle) {
    books.withLock { $0.comingKeys.append(ComingKey(key, digest: digest, task)) }
  }

  package func release(_ task: Handle) {
    try? use { books throws(Failure) in try books.release(task) }
  }

  /// The handle stands for this task from now on.
  package func bind(_ found: Found, to task: Handle) {
    books.withLock { $0.bind(found, to: task) }
  }

  /// Tasks of this account that are unfinished, paid for and not handed out, or ambiguous, and that nobody drives.
  package func countRecoverable() throws(Failure) -> Int {
    var count = 0
    try use { books throws(Failure) in
      try look(books)
      count = try books.countRecoverable()
    }
    return count
  }

  /// Takes the oldest of them. Those that are not bound to a handle can be taken again.
  package func takeRecoverable(atMost limit: Int) throws(Failure) -> (taken: [Found], hasMore: Bool) {
    var found: (taken: [Found], hasMore: Bool) = ([], false)
    try use { books throws(Failure) in found = try books.takeRecoverable(atMost: limit) }
    return found
  }

  /// Takes the task that the service calls so.
  package func take(token: String) throws(Failure) -> Taken {
    var taken = Taken.unknown
    try use { books throws(Failure) in taken = try books.take(token: token) }
    return taken
  }

  /// Writes down what a person says became of an ambiguous submit: its token, or nil where it was not accepted. It is
  /// nobody's task then. Fails with `state` for a task that is not ambiguous.
  package func settle(_ task: Handle, token: String?) throws(Failure) {
    try use { books throws(Failure) in
      try books.settle(task, token)
      try? look(books)
    }
  }

  /// Holds the amount until its task was committed, or forgotten. The failure says why it is more than the budget allows,
  /// by what is known here; the transaction looks again. A hard budget then holds nothing, a soft one all the same.
  package func hold(_ amount: Int64) -> Failure? {
    let today = day(of: unixMilliseconds())
    return till.withLock { till in
      var taken = funds(till, today)
      taken.add(Funds(held: till.coming))
      let failure = budget?.refusal(of: amount, beside: taken)
      if failure != nil && budget?.isHard == true { return failure }
      till.coming = min(.max - till.coming, amount) + till.coming
      return failure
    }
  }

  /// A task of this amount was let through, and will not be committed.
  package func forget(amount: Int64) {
    till.withLock { $0.coming = max(0, $0.coming - amount) }
  }

  /// What counts against the budget, as of the last transaction of this client; without a budget, all of the account.
  package var funds: Funds {
    let today = day(of: unixMilliseconds())
    return till.withLock { funds($0, today) }
  }

  /// More is held and spent than the budget allows: the service estimated more than was expected.
  package var isOver: Bool {
    let funds = funds
    return budget?.refusal(of: 0, beside: funds) != nil
  }

  /// Everything that is written down of a task that a handle stands for; nothing where it cannot be read.
  package func facts(of task: Handle) -> [(at: Int64, fact: Fact)] {
    var facts: [(at: Int64, fact: Fact)] = []
    try? use { books throws(Failure) in facts = try books.facts(of: task) }
    return facts
  }

  /// What was uploaded for tasks of this account since then, the latest first, a thousand at most.
  package func uploads(since unixMilliseconds: Int64) throws(Failure) -> [Uploaded] {
    var uploads: [Uploaded] = []
    try use { books throws(Failure) in
      try books.ask { connection throws(Fault) in
        let row = try connection(.uploads).add(unixMilliseconds).add(books.account)
        while try row.step() {
          if let upload = Uploaded(row) { uploads.append(upload) }
        }
      }
    }
    return uploads
  }

  /// Lets go of the file. What is unfinished can be taken by others; every later call fails.
  package func close() {
    try? use { $0.close() }
  }

  private func funds(_ till: Till, _ today: Int64) -> Funds {
    if case .day = budget?.scope, till.day != today { return Funds() }
    return till.funds
  }

  /// Reads the sums again.
  private func look(_ books: Books) throws(Failure) {
    let today = day(of: unixMilliseconds())
    var funds = Funds()
    try books.ask { connection throws(Fault) in funds = try books.funds(connection, today: today) }
    till.withLock { till in (till.funds, till.day) = (funds, today) }
  }
}
