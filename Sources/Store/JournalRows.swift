// Rows as values, and the checksum that each carries. What was written is read back the same, or it is damage.

import CZlib
internal import Core

/// CRC-32 of columns. Each goes in with its type and length, so that no two rows look the same to it.
struct Seal {
  private var sum: UInt = 0

  mutating func add(_ columns: [Column]) {
    for column in columns {
      switch column {
      case .null: add(tag: 0, 0)
      case .integer(let number): add(tag: 1, number)
      case .text(let text):
        add(tag: 2, Int64(text.byteCount))
        text.lend { feed($0) }
      }
    }
  }

  var value: Int64 { Int64(sum) }

  private mutating func add(tag: UInt8, _ number: Int64) {
    var bytes = [tag]
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number >> Int64(8 * shift))) }
    bytes.withUnsafeBufferPointer { feed($0) }
  }

  private mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
    // Without an address crc32 would begin anew.
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    sum = crc32(sum, start, UInt32(truncatingIfNeeded: bytes.count))
  }

  static func of(_ columns: [Column]) -> Int64 {
    var seal = Seal()
    seal.add(columns)
    return seal.value
  }
}

/// What of a task never changes.
struct Origin {
  let id: Int64
  let account: Int64
  let created: Int64
  let intent: String
  let provider: String
  let model: String
  /// Empty once the task was pruned.
  var request: String
  let digest: String
  let price: Price

  var columns: [Column] {
    [
      .integer(id), .integer(account), .integer(created), .text(intent), .text(provider), .text(model),
      .text(request), .text(digest), Column(price.millicredits), .text(price.certainty.rawValue),
    ]
  }

  var seal: Seal {
    var seal = Seal()
    seal.add(columns)
    return seal
  }
}

/// What of a task changes with its facts and owners.
struct Course {
  var owner: Int64
  var fence: Int64
  var updated: Int64
  var key: String?
  var stage: Int64
  var token: String?
  var reserved: Int64
  var spent: Int64?
  var isOpen: Bool

  /// Where its facts say that it stands. What is finished has no owner.
  mutating func follow(_ standing: Standing) {
    (stage, token) = (standing.stage.rawValue, standing.token)
    (reserved, spent) = (standing.reserved, standing.spent)
    isOpen = !standing.isFinished
    if !isOpen { owner = 0 }
  }

  func agrees(with standing: Standing) -> Bool {
    stage == standing.stage.rawValue && token.equals(standing.token) && reserved == standing.reserved
      && spent == standing.spent && isOpen == !standing.isFinished && (isOpen || owner == 0)
  }

  var columns: [Column] {
    [
      .integer(owner), .integer(fence), .integer(updated), Column(key), .integer(stage), Column(token),
      .integer(reserved), Column(spent), .integer(isOpen ? 1 : 0),
    ]
  }

  func crc(after seal: Seal) -> Int64 {
    var seal = seal
    seal.add(columns)
    return seal.value
  }
}

/// A task as it lies in the journal: its row, and its facts where it still has them.
final class TaskRecord {
  var origin: Origin
  var course: Course
  /// Held when it was accepted.
  var accepted: Int64 = 0
  var facts: [(at: Int64, fact: Fact)] = []
  var standing = Standing(reserved: 0)

  init(_ origin: Origin, _ course: Course) {
    self.origin = origin
    self.course = course
  }

  var isPruned: Bool { origin.request.byteCount == 0 }

  var found: Found {
    let opening = Opening(
      intent: origin.intent, provider: origin.provider, model: origin.model, request: origin.request,
      digest: origin.digest, dedupeKey: course.key, price: origin.price, reserved: accepted)
    return Found(
      row: origin.id, opening: opening, standing: standing, createdUnixMilliseconds: origin.created)
  }
}

extension Connection {
  /// The task with its facts, all of it checked; nil when there is none.
  func record(of id: Int64) throws(Fault) -> TaskRecord? {
    guard let record = try row(of: id) else { return nil }
    if record.isPruned { return record }
    let rows = try self(.facts).add(id)
    while try rows.step() {
      let fact = try rows.fact(of: id, number: Int64(record.facts.count) + 1)
      if record.facts.isEmpty {
        guard case .accepted = fact.fact, let reserved = fact.value else {
          throw .damage("a task's first fact")
        }
        record.accepted = reserved
        record.standing = Standing(reserved: reserved)
      }
      record.standing.take(fact.fact)
      record.facts.append((fact.at, fact.fact))
    }
    guard !record.facts.isEmpty, record.course.agrees(with: record.standing) else {
      throw .damage("a task and its facts")
    }
    return record
  }

  /// The row alone.
  func row(of id: Int64) throws(Fault) -> TaskRecord? {
    let row = try self(.task).add(id)
    guard try row.step() else { return nil }
    guard let record = row.record(), row.integer() == record.course.crc(after: record.origin.seal),
      record.origin.id == id
    else { throw .damage("a task's row") }
    row.reset()
    return record
  }

  func insert(_ record: TaskRecord) throws(Fault) {
    let row = try self(.insertTask)
    for column in record.origin.columns + record.course.columns { row.add(column) }
    try row.add(record.course.crc(after: record.origin.seal)).run()
  }

  /// False when another owner has taken the task over since; then nothing is written.
  func update(_ id: Int64, _ seal: Seal, from old: Course, to new: Course) throws(Fault) -> Bool {
    let row = try self(.updateTask)
    for column in new.columns { row.add(column) }
    try row.add(new.crc(after: seal)).add(id).add(old.owner).add(old.fence).run()
    return changes == 1
  }
}

extension Statement {
  /// nil for what no version of ours wrote.
  fileprivate func record() -> TaskRecord? {
    guard let id = integer(), let account = integer(), let created = integer(), let intent = text(),
      let provider = text(), let model = text(), let request = text(), let digest = text()
    else { return nil }
    let millicredits = integer()
    guard let certainty = text().flatMap({ Price.Certainty(word: $0) }), let owner = integer(),
      let fence = integer(), let updated = integer()
    else { return nil }
    let key = text()
    guard let stage = integer() else { return nil }
    let token = text()
    guard let reserved = integer() else { return nil }
    let spent = integer()
    guard let open = integer(), open == 0 || open == 1 else { return nil }
    let origin = Origin(
      id: id, account: account, created: created, intent: intent, provider: provider, model: model,
      request: request, digest: digest, price: Price(millicredits: millicredits, certainty: certainty))
    let course = Course(
      owner: owner, fence: fence, updated: updated, key: key, stage: stage, token: token, reserved: reserved,
      spent: spent, isOpen: open == 1)
    return TaskRecord(origin, course)
  }
}

extension Price.Certainty {
  fileprivate init?(word: String) {
    for certainty in [Self.known, .estimated, .unknown] where word.equals(certainty.rawValue) {
      self = certainty
      return
    }
    return nil
  }
}

/// A day's money of an account.
struct Purse {
  let account: Int64
  let day: Int64
  var funds = Funds()

  private var columns: [Column] {
    [.integer(account), .integer(day), .integer(funds.held), .integer(funds.spent)]
  }

  static func read(_ account: Int64, _ day: Int64, on connection: Connection) throws(Fault) -> Purse {
    var purse = Purse(account: account, day: day)
    let row = try connection(.purse).add(account).add(day)
    guard try row.step() else { return purse }
    purse.funds = Funds(held: row.integer() ?? -1, spent: row.integer() ?? -1)
    guard row.integer() == Seal.of(purse.columns) else { throw .damage("a day's sums") }
    row.reset()
    return purse
  }

  func write(on connection: Connection) throws(Fault) {
    let row = try connection(.writePurse)
    for column in columns { row.add(column) }
    try row.add(Seal.of(columns)).run()
  }

  /// All of an account, or of one of its days.
  static func sum(_ account: Int64, day: Int64?, on connection: Connection) throws(Fault) -> Funds {
    if let day { return try read(account, day, on: connection).funds }
    let row = try connection(.purseSums).add(account)
    guard try row.step() else { return Funds() }
    defer { row.reset() }
    return Funds(held: row.integer() ?? 0, spent: row.integer() ?? 0)
  }

  static func checkAll(on connection: Connection) throws(Fault) {
    let row = try connection(.purses)
    while try row.step() {
      guard let account = row.integer(), let day = row.integer(), let held = row.integer(),
        let spent = row.integer()
      else { throw .damage("a day's sums") }
      let purse = Purse(account: account, day: day, funds: Funds(held: held, spent: spent))
      guard row.integer() == Seal.of(purse.columns) else { throw .damage("a day's sums") }
    }
  }
}
