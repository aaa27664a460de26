// Rows as values, and the checksum that each carries. What was written is read back the same, or it is damage.

import CZlib
internal import Core

/// CRC-32 of values. Each goes in with its type and length, so that no two rows look the same to it.
struct Seal {
  private var sum: UInt = 0

  var value: Int64 { Int64(sum) }

  mutating func add(_ number: Int64?) { add(tag: number == nil ? 0 : 1, number ?? 0) }

  mutating func add(_ text: String?) {
    guard let text else { return add(tag: 0, 0) }
    add(tag: 2, Int64(text.byteCount))
    var sum = sum
    text.lend { bytes in
      // Without an address crc32 would begin anew.
      guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
      sum = crc32(sum, start, UInt32(truncatingIfNeeded: bytes.count))
    }
    self.sum = sum
  }

  @inline(never)
  private mutating func add(tag: UInt8, _ number: Int64) {
    var (tag, number) = (tag, number.littleEndian)
    sum = withUnsafeBytes(of: &tag) { crc32(sum, $0.baseAddress, 1) }
    sum = withUnsafeBytes(of: &number) { crc32(sum, $0.baseAddress, 8) }
  }
}

/// What of a task never changes.
final class Origin {
  let id: Int64
  let account: Int64
  let created: Int64
  let intent: String
  let provider: String
  let model: String
  /// Empty once the task was pruned.
  let request: String
  let digest: String
  let price: Price

  init(
    id: Int64, account: Int64, created: Int64, intent: String, provider: String, model: String,
    request: String,
    digest: String, price: Price
  ) {
    (self.id, self.account, self.created, self.intent) = (id, account, created, intent)
    (self.provider, self.model, self.request, self.digest) = (provider, model, request, digest)
    self.price = price
  }

  /// `request` is its own, or empty.
  func write(to row: Statement, request: String) {
    row.add(id).add(account).add(created).add(intent).add(provider).add(model).add(request).add(digest)
      .add(price.millicredits).add(price.certainty.rawValue)
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

  func write(to row: Statement) {
    row.add(owner).add(fence).add(updated).add(key).add(stage).add(token).add(reserved).add(spent)
      .add(isOpen ? 1 : 0)
  }

  /// Who may write.
  var hold: (owner: Int64, fence: Int64) { (owner, fence) }
}

/// A task as it lies in the journal: its row, and its facts where it still has them.
final class TaskRecord {
  let origin: Origin
  /// Of the columns that never change.
  var seal: Seal
  var course: Course
  /// Held when it was accepted.
  var accepted: Int64 = 0
  var facts: [(at: Int64, fact: Fact)] = []
  var standing = Standing(reserved: 0)

  init(_ origin: Origin, _ course: Course, _ seal: Seal = Seal()) {
    self.origin = origin
    self.course = course
    self.seal = seal
  }

  var isPruned: Bool { origin.request.byteCount == 0 }

  var found: Found {
    let opening = Opening(
      intent: .written(origin.intent), provider: origin.provider, model: origin.model,
      request: origin.request,
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
    guard let record = row.record(), row.isSealed, record.origin.id == id else {
      throw .damage("a task's row")
    }
    row.reset()
    return record
  }

  func insert(_ record: TaskRecord) throws(Fault) {
    let row = try self(.insertTask)
    record.origin.write(to: row, request: record.origin.request)
    record.seal = row.seal
    record.course.write(to: row)
    try row.addSeal().run()
  }

  /// Of a task that is long past its row stays.
  func empty(_ record: TaskRecord) throws(Fault) {
    let row = try self(.emptyTask)
    record.origin.write(to: row, request: "")
    record.course.write(to: row)
    try row.addSeal().run()
  }

  /// `seal` is that of the columns that never change. False when another owner has taken the task over since; then
  /// nothing is written.
  func update(
    _ id: Int64, _ seal: Seal, from old: (owner: Int64, fence: Int64), to new: Course
  ) throws(Fault) -> Bool {
    let row = try self(.updateTask)
    row.seal = seal
    new.write(to: row)
    try row.addSeal().add(id).add(old.owner).add(old.fence).run()
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
    guard let certainty = text().flatMap({ Price.Certainty(word: $0) }) else { return nil }
    let seal = seal
    guard let owner = integer(), let fence = integer(), let updated = integer()
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
    return TaskRecord(origin, course, seal)
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

/// A day's money of an account, or a change of it.
final class Purse {
  let account: Int64
  let day: Int64
  var funds: Funds

  init(_ account: Int64, _ day: Int64, _ funds: Funds = Funds()) {
    self.account = account
    self.day = day
    self.funds = funds
  }

  static func read(_ account: Int64, _ day: Int64, on connection: Connection) throws(Fault) -> Purse {
    let row = try connection(.purse).add(account).add(day)
    guard try row.step() else { return Purse(account, day) }
    guard let purse = row.purse(), purse.account == account, purse.day == day else {
      throw .damage("a day's sums")
    }
    row.reset()
    return purse
  }

  func write(on connection: Connection) throws(Fault) {
    let row = try connection(.writePurse).add(account).add(day).add(funds.held).add(funds.spent)
    try row.addSeal().run()
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
      if row.purse() == nil { throw .damage("a day's sums") }
    }
  }
}

extension Statement {
  /// nil for what no version of ours wrote.
  fileprivate func purse() -> Purse? {
    guard let account = integer(), let day = integer(), let held = integer(), let spent = integer(), isSealed
    else { return nil }
    return Purse(account, day, Funds(held: held, spent: spent))
  }
}
