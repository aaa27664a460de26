// The door to SQLite: one connection, its statements prepared once, values in and out by position. Nothing here knows
// what a task is.

import CSQLite
internal import Core

/// What went wrong below the journal's rules. One pointer wide, because every `try` hands it on.
indirect enum Fault: Error {
  /// SQLite's extended code.
  case code(Int32)
  /// The file says things that cannot both be true.
  case damage(StaticString)
  /// Nothing is wrong with the file.
  case refusal(Failure)
}

/// One thread at a time.
final class Connection {
  let pointer: OpaquePointer
  private var statements: [Statement?] = []

  // Embedded Swift never frees an object whose init throws before every property has a value.
  private init(_ pointer: OpaquePointer) { self.pointer = pointer }

  /// The path must be absolute, without links, and there.
  static func open(_ path: String) throws(Fault) -> Connection {
    var opened: OpaquePointer?
    var code = SQLITE_OK
    let flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
      | SQLITE_OPEN_EXRESCODE
    var name = path.bytes
    name.append(0)
    name.withUnsafeBytes { name in
      code = sqlite3_open_v2(name.baseAddress?.assumingMemoryBound(to: CChar.self), &opened, flags, nil)
    }
    guard code == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw .code(code)
    }
    sqlite3_busy_timeout(opened, 10_000)
    return Connection(opened)
  }

  deinit {
    statements = []
    sqlite3_close_v2(pointer)
  }

  /// For what is said once. It ends with a semicolon; more may follow.
  func execute(_ text: StaticString) throws(Fault) {
    let code = text.withUTF8Buffer { text in
      // A StaticString's bytes end with a NUL.
      text.withMemoryRebound(to: CChar.self) { sqlite3_exec(pointer, $0.baseAddress, nil, nil, nil) }
    }
    if code != SQLITE_OK { throw .code(code) }
  }

  /// The prepared statement, ready for its values.
  func callAsFunction(_ query: Query) throws(Fault) -> Statement {
    while statements.count <= query.rawValue { statements.append(nil) }
    if let statement = statements[query.rawValue] {
      statement.reset()
      return statement
    }
    let statement = try Statement.prepare(query.text, on: self)
    statements[query.rawValue] = statement
    return statement
  }

  func begin() throws(Fault) { try self(.begin).run() }
  func commit() throws(Fault) { try self(.commit).run() }

  /// After some failures SQLite has done so by itself.
  func rollBack() {
    for statement in statements { statement?.reset() }
    if sqlite3_get_autocommit(pointer) == 0 { _ = try? self(.rollBack).run() }
  }

  /// Rows the last statement changed.
  var changes: Int32 { sqlite3_changes(pointer) }
}

/// Values go in by `add` and come out by `integer` and `text`, in the order of their columns. Either way they pass the
/// seal, so a row is written and read with the same checksum.
final class Statement {
  private let pointer: OpaquePointer
  private var next: Int32 = 0
  /// The first value that could not be bound; told by the step.
  private var bound = SQLITE_OK
  /// Of the values since the reset, or since the row began.
  var seal = Seal()

  private init(_ pointer: OpaquePointer) { self.pointer = pointer }

  static func prepare(_ text: StaticString, on connection: Connection) throws(Fault) -> Statement {
    var prepared: OpaquePointer?
    let code = text.withUTF8Buffer { text in
      text.withMemoryRebound(to: CChar.self) { text in
        sqlite3_prepare_v3(
          connection.pointer, text.baseAddress, Int32(text.count), UInt32(SQLITE_PREPARE_PERSISTENT),
          &prepared, nil)
      }
    }
    guard code == SQLITE_OK, let prepared else { throw .code(code) }
    return Statement(prepared)
  }

  deinit { sqlite3_finalize(pointer) }

  func reset() {
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
    next = 0
    bound = SQLITE_OK
    seal = Seal()
  }

  @discardableResult @inline(never)
  func add(_ number: Int64?) -> Statement {
    next += 1
    seal.add(number)
    if let number {
      note(sqlite3_bind_int64(pointer, next, number))
    } else {
      note(sqlite3_bind_null(pointer, next))
    }
    return self
  }

  @discardableResult @inline(never)
  func add(_ text: String?) -> Statement {
    next += 1
    seal.add(text)
    guard let text else {
      note(sqlite3_bind_null(pointer, next))
      return self
    }
    text.lend { text in
      note(
        Int32(exactly: text.count).map { cq_bind_text(pointer, next, text.baseAddress, $0) } ?? SQLITE_TOOBIG)
    }
    return self
  }

  /// The checksum of what was added so far.
  @discardableResult func addSeal() -> Statement { add(seal.value) }

  private func note(_ code: Int32) {
    if bound == SQLITE_OK { bound = code }
  }

  /// True when there is a row, whose first column is the next.
  func step() throws(Fault) -> Bool {
    if bound != SQLITE_OK { throw .code(bound) }
    next = 0
    seal = Seal()
    let code = sqlite3_step(pointer)
    if code == SQLITE_ROW { return true }
    sqlite3_reset(pointer)
    if code != SQLITE_DONE { throw .code(code) }
    return false
  }

  /// For what gives no rows, or none that matter.
  func run() throws(Fault) {
    while try step() {}
  }

  /// The next column; a NULL is nil, and so is a text.
  @inline(never)
  func integer() -> Int64? {
    next += 1
    let isNumber = sqlite3_column_type(pointer, next - 1) == SQLITE_INTEGER
    let number = isNumber ? sqlite3_column_int64(pointer, next - 1) : nil
    seal.add(number)
    return number
  }

  @inline(never)
  func text() -> String? {
    next += 1
    let text = sqlite3_column_text(pointer, next - 1).map {
      String(utf8: UnsafeRawBufferPointer(start: $0, count: Int(sqlite3_column_bytes(pointer, next - 1))))
    }
    seal.add(text)
    return text
  }

  /// Whether the next column is the checksum of those before it.
  var isSealed: Bool {
    let sum = seal.value
    return integer() == sum
  }
}
