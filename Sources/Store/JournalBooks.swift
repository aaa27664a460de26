// The journal as one thread sees it: a connection, who this client is, and which handle stands for which task. Every
// change is a transaction, and what memory says changes only with it.

import CSQLite
internal import Core
import Platform

/// A task that a handle of this client stands for.
final class Binding {
  let handle: Handle
  let id: Int64
  let created: Int64
  let seal: Seal
  var course: Course
  var standing: Standing
  /// As many as there were when memory and disk last agreed.
  var facts: Int64
  /// Nothing more is expected of it here but a late word on what became of an ambiguous submit.
  var isShut: Bool
  /// It counts against this client's own budget.
  var isCounted: Bool

  init(_ handle: Handle, _ record: TaskRecord, isCounted: Bool) {
    self.handle = handle
    (id, created, seal) = (record.origin.id, record.origin.created, record.seal)
    (course, standing, facts) = (record.course, record.standing, Int64(record.facts.count))
    isShut = !record.course.isOpen
    self.isCounted = isCounted
  }

  /// To be changed in a transaction, which may fail.
  init(copying old: Binding) {
    (handle, id, created, seal) = (old.handle, old.id, old.created, old.seal)
    (course, standing, facts) = (old.course, old.standing, old.facts)
    (isShut, isCounted) = (old.isShut, old.isCounted)
  }

  func reload(_ record: TaskRecord) {
    (standing, facts, course.updated) = (record.standing, Int64(record.facts.count), record.course.updated)
    (course.key, course.stage, course.token) = (record.course.key, record.course.stage, record.course.token)
    (course.reserved, course.spent) = (record.course.reserved, record.course.spent)
    course.isOpen = record.course.isOpen
  }
}

/// One transaction: what memory was before, and sums that are written once at its end.
final class Batch {
  let now: Int64
  var undo: [(slot: Int, binding: Binding?)] = []
  /// What is to be added to each.
  var purses: [Purse] = []
  var counted: Funds
  /// What counted against the budget when it began, once somebody asked.
  var before: Funds?
  /// Tasks that this transaction decided about; later facts of theirs are dropped.
  var ruled: [Handle] = []
  var nextTask: Int64?

  init(now: Int64, counted: Funds) {
    self.now = now
    self.counted = counted
  }

  var today: Int64 { day(of: now) }
}

func day(of milliseconds: Int64) -> Int64 { milliseconds / 86_400_000 }

/// One thread at a time; the lock is its holder's.
final class Books {
  private(set) var account: Int64
  var budget: Budget?
  private let now: @Sendable () -> Int64
  var place: JournalPlace?
  var owners: Owners?
  var connection: Connection?
  /// Why nothing can be asked any more.
  private var fault: Failure?
  var isChecked = false
  var comingKeys: [ComingKey] = []
  /// By the slot of the handle.
  var bindings: [Binding?] = []
  /// Of handles whose slots were given away again, while the answer to a paid submit may still be on its way.
  var displaced: [Binding] = []
  /// Found, and not bound to a handle yet.
  var found: [TaskRecord] = []
  /// What this client's own tasks hold and cost.
  var counted = Funds()
  /// Tasks that this client accepted and has let go of since, where they could still cost something.
  var countedPast: [Int64] = []

  init(account: UInt64, budget: Budget?, now: @escaping @Sendable () -> Int64) {
    self.account = Int64(bitPattern: account)
    self.budget = budget
    self.now = now
  }

  var unixMilliseconds: Int64 { now() }

  func open(_ path: String) throws(Failure) {
    if sqlite3_libversion_number() < CQ_VERSION_MIN {
      throw refusal("it needs SQLite 3.37 or newer and this process has an older one; update libsqlite3")
    }
    let place = try JournalPlace(path: path)
    let isThere = try place.isTaken()
    let owners = try Owners.join(at: place, mark: cq_copy())
    (self.place, self.owners) = (place, owners)
    if owners.meetsAnotherSQLite(than: cq_copy()) {
      close()
      throw refusal(
        """
        another copy of SQLite in this process uses \(shown(place.path)), and two of them destroy a file; load one libt2i \
        only, or name another file
        """)
    }
    let othersLive = owners.sweep()
    if !isThere {
      try place.refuseOrphan(now(), othersLive: othersLive)
      try place.make(temporarily: owners.temporaryName)
    }
    do throws(Fault) {
      let connection = try Connection.open(place.path)
      self.connection = connection
      try accept(connection, place)
    } catch {
      let failure = told(error)
      close()
      throw failure
    }
  }

  /// Throws unless it is a journal of ours that can be written.
  private func accept(_ connection: Connection, _ place: JournalPlace) throws(Fault) {
    var beginning = [UInt8](repeating: 0, count: 100)
    var size: Int64 = 0
    let code = beginning.withUnsafeMutableBytes {
      cq_beginning(connection.pointer, $0.baseAddress, Int32($0.count), &size)
    }
    if code != SQLITE_OK { throw .code(code) }
    if size == 0 { throw .damage("a file without a byte") }
    let isSQLite = beginning[...].begins(with: "SQLite format 3\0")
    let application = beginning[68..<72].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    guard application == Schema.application else {
      throw .refusal(refusal("\(shown(place.path)) is another program's file; name another, or move it away"))
    }
    if !isSQLite { throw .damage("its first bytes") }
    if sqlite3_db_readonly(connection.pointer, "main") != 0 {
      throw .refusal(refusal("\(shown(place.path)) cannot be written; allow it, or name another file"))
    }
    try connection.execute(Schema.settings)
    let version = try connection(.version)
    let number = try version.step() ? version.integer() ?? 0 : 0
    version.reset()
    if number > Schema.version {
      throw .refusal(
        refusal(
          "\(shown(place.path)) is from a newer libt2i (version \(number)); update libt2i, or name another file"
        ))
    }
    if number < 1 { throw .damage("its version") }
    if number < Schema.version { try connection.execute(Schema.fromVersion1) }
    let mode = try connection(.mode)
    guard try mode.step(), mode.text().is("wal") else { throw .damage("its mode") }
    mode.reset()
    account = try account(of: account, connection)
  }

  func close() {
    fault = fault ?? refusal("it was closed with its client; open a client to use it")
    connection = nil
    owners = nil
    place = nil
  }

  // MARK: Transactions

  /// All of the body is on disk when this returns, or nothing of it is anywhere. Not generic, so that it is there once.
  func transact(_ body: (Connection, Batch) throws(Fault) -> Void) throws(Failure) {
    let connection = try ready()
    let displacedBefore = displaced
    let batch = Batch(now: now(), counted: counted)
    do throws(Fault) {
      if cq_has_moved(connection.pointer) != 0 {
        throw .refusal(
          refusal("\(name) was moved or removed while in use; put it back, or open a new client"))
      }
      try connection.begin()
      try body(connection, batch)
      try settlePurses(batch, connection)
      try connection.commit()
      counted = batch.counted
    } catch {
      connection.rollBack()
      for old in batch.undo.reversed() { bindings[old.slot] = old.binding }
      displaced = displacedBefore
      throw told(error)
    }
  }

  /// For questions that change nothing.
  func ask(_ body: (Connection) throws(Fault) -> Void) throws(Failure) {
    let connection = try ready()
    do throws(Fault) { try body(connection) } catch {
      connection.rollBack()
      throw told(error)
    }
  }

  private func ready() throws(Failure) -> Connection {
    if let fault { throw fault }
    guard let connection else { throw refusal("it is not open") }
    return connection
  }

  private var name: String { place.map { shown($0.path) } ?? "it" }

  /// What a fault means to a host. A damaged file is set aside, unless others use it.
  private func told(_ error: Fault) -> Failure {
    switch error {
    case .refusal(let failure): return failure
    case .code(let code):
      guard code & 0xFF == SQLITE_CORRUPT || code & 0xFF == SQLITE_NOTADB else {
        return journalFailure(code, place?.path ?? "")
      }
      return damaged("SQLite cannot read it")
    case .damage(let what): return damaged(what)
    }
  }

  private func damaged(_ what: StaticString) -> Failure {
    let failure = setAside(what)
    fault = failure
    connection = nil
    return failure
  }

  private func setAside(_ what: StaticString) -> Failure {
    guard let place, let owners else {
      return refusal("it is damaged (\(what)); restore it or name another file")
    }
    if owners.sweep() {
      return refusal(
        "\(name) is damaged (\(what)) and others use it; close all its clients, the next to open sets it aside"
      )
    }
    // Renamed while it is open: when SQLite closes a file that has moved, it leaves the log alone.
    do throws(Errno) {
      let aside = try place.setAside(now())
      return refusal("\(name) is damaged (\(what)); it is now \(shown(aside)); open again to begin a new one")
    } catch { return refused(error, "\(name) is damaged, and renaming it") }
  }

  // MARK: Bindings

  /// The binding of a handle, nil where it has none.
  func binding(of handle: Handle) -> Binding? {
    if handle.slot < bindings.count, let binding = bindings[handle.slot], binding.handle == handle {
      return binding
    }
    for binding in displaced where binding.handle == handle { return binding }
    return nil
  }

  /// Binds a handle to a task, or to none, to be undone with the batch.
  func set(_ binding: Binding?, at handle: Handle, _ batch: Batch) {
    for index in displaced.indices where displaced[index].handle == handle {
      if let binding { displaced[index] = binding } else { displaced.remove(at: index) }
      return
    }
    while bindings.count <= handle.slot { bindings.append(nil) }
    let old = bindings[handle.slot]
    if let old, old.handle != handle {
      if binding == nil { return }
      displaced.append(old)
    }
    batch.undo.append((handle.slot, old))
    bindings[handle.slot] = binding
  }

  /// Of the handles that drive their tasks.
  var driving: [Binding] {
    var driving: [Binding] = []
    for case let binding? in bindings where !binding.isShut { driving.append(binding) }
    for binding in displaced where !binding.isShut { driving.append(binding) }
    return driving
  }

  func drives(_ id: Int64) -> Bool {
    for binding in driving where binding.id == id { return true }
    return false
  }

  // MARK: Money

  /// What counts against the budget on disk, without what this client has not committed.
  func funds(_ connection: Connection, today: Int64) throws(Fault) -> Funds {
    switch budget?.scope {
    case .client: counted
    case .day: try Purse.sum(account, day: today, on: connection)
    case .journal, nil: try Purse.sum(account, day: nil, on: connection)
    }
  }

  /// A task's money moved from one standing to another.
  func move(_ created: Int64, isCounted: Bool, from old: Standing?, to new: Standing, _ batch: Batch) {
    var change = Funds()
    change.move(from: old, to: new)
    if change == Funds() { return }
    if isCounted { batch.counted.move(from: old, to: new) }
    let day = day(of: created)
    for purse in batch.purses where purse.day == day { return purse.funds.move(from: old, to: new) }
    batch.purses.append(Purse(account, day, change))
  }

  private func settlePurses(_ batch: Batch, _ connection: Connection) throws(Fault) {
    for change in batch.purses {
      let purse = try Purse.read(account, change.day, on: connection)
      purse.funds.add(change.funds)
      try purse.write(on: connection)
    }
  }
}

extension Funds {
  mutating func add(_ change: Funds) {
    held = sum(held, change.held)
    spent = sum(spent, change.spent)
  }
}

private func sum(_ left: Int64, _ right: Int64) -> Int64 {
  let (sum, overflow) = left.addingReportingOverflow(right)
  return overflow ? (left < 0 ? .min : .max) : sum
}

/// What a code of SQLite's means to a host.
func journalFailure(_ code: Int32, _ path: String) -> Failure {
  let path = shown(path)
  let sentence: Sentence =
    switch code & 0xFF {
    case SQLITE_FULL: "the disk is full, nothing was written to \(path); free some space"
    case SQLITE_BUSY, SQLITE_LOCKED: "another program keeps \(path) locked; wait until it is done"
    case SQLITE_READONLY: "\(path) cannot be written; allow it, or name another file"
    case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
      "\(path) or a file beside it cannot be opened; check its folder"
    case SQLITE_NOMEM: "there is no memory for \(path); free some"
    case SQLITE_IOERR: "reading or writing \(path) failed (SQLite \(code)); check the disk"
    default: "SQLite refused \(path) (\(code)); name another file"
    }
  var failure = refusal(sentence)
  failure.systemCode = Int64(code)
  failure.retryable = code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_FULL || code & 0xFF == SQLITE_NOMEM
  return failure
}
