// A disk that outlives its writer, and the moment at which the writer dies.

import Core

/// When the process dies: between any two things it does to the world.
final class Fate {
  private(set) var isDead = false
  private var stepsLeft: Int?

  /// Death comes before the n-th step from now.
  func die(beforeStep steps: Int) { stepsLeft = steps }

  func reborn() {
    isDead = false
    stepsLeft = nil
  }

  /// One step: false when the dead would take it.
  func lives() -> Bool {
    if isDead { return false }
    guard let left = stepsLeft else { return true }
    if left == 0 { isDead = true } else { stepsLeft = left - 1 }
    return !isDead
  }
}

/// What is on the disk.
final class Disk {
  final class Row {
    let opening: Opening
    var facts: [Fact] = []
    var standing: Standing
    /// The life whose row it is, 0 for nobody's.
    var owner: Int

    init(_ opening: Opening, owner: Int) {
      self.opening = opening
      self.owner = owner
      standing = Standing(reserved: opening.reserved)
    }

    func take(_ fact: Fact) {
      facts.append(fact)
      standing.take(fact)
    }
  }

  var rows: [Row] = []
  /// Submits announced, for each intent.
  var announced: [String: Int] = [:]

  func row(of intent: String) -> Row? { rows.first { $0.opening.intent == intent } }
}

/// A journal in memory that can refuse to sync.
final class FakeJournal: Journal {
  var failsPercent = 0
  private let disk: Disk
  private let life: Int
  private let fate: Fate
  private let budget: Budget?
  private var dice: Dice
  private var bound: [Handle: Disk.Row] = [:]
  /// Handles that became an earlier task, by its intent.
  private(set) var known: [Handle: String] = [:]

  init(_ disk: Disk, life: Int, fate: Fate, budget: Budget?, seed: UInt64) {
    self.disk = disk
    self.life = life
    self.fate = fate
    self.budget = budget
    dice = Dice(seed)
  }

  /// What was written is on disk or is not; a writer that dies afterwards never hears which.
  func commit(_ entries: [Entry]) throws(Failure) -> [Ruling] {
    let dead = Failure(.journal, "the process is dead")
    guard fate.lives() else { throw dead }
    if dice.hits(failsPercent) { throw Failure(.journal, "the disk is full") }
    var rulings: [Ruling] = []
    var ruledOn = Set<Handle>()
    for entry in entries where !ruledOn.contains(entry.task) {
      if let opening = entry.opening {
        guard let ruling = accept(entry.task, opening) else { continue }
        rulings.append(ruling)
        ruledOn.insert(entry.task)
      } else {
        write(entry)
      }
    }
    guard fate.lives() else { throw dead }
    return rulings
  }

  private func accept(_ task: Handle, _ opening: Opening) -> Ruling? {
    if let key = opening.dedupeKey, let row = disk.rows.first(where: { $0.opening.dedupeKey == key }) {
      guard row.opening.digest == opening.digest else {
        return Ruling(task, .refused(Failure(.exists, "same key, other request")))
      }
      if bound.values.contains(where: { $0 === row }) {
        return Ruling(task, .refused(Failure(.busy, "a live handle has it")))
      }
      known[task] = row.opening.intent
      return Ruling(task, .known(take(row, task)))
    }
    if let refusal = budget?.refusal(of: opening.reserved, beside: funds) {
      return Ruling(task, .refused(refusal))
    }
    let row = Disk.Row(opening, owner: life)
    row.take(.accepted)
    disk.rows.append(row)
    bound[task] = row
    return nil
  }

  var funds: Funds {
    var funds = Funds()
    for row in disk.rows { funds.move(from: nil, to: row.standing) }
    return funds
  }

  private func write(_ entry: Entry) {
    guard let row = bound[entry.task] else { return }
    if case .submitting = entry.fact { disk.announced[row.opening.intent, default: 0] += 1 }
    row.take(entry.fact)
    guard case .ended(let ending) = entry.fact else { return }
    if ending.state == .detached || (ending.state == .failed && !row.standing.isFinished) {
      bound[entry.task] = nil
      row.owner = 0
    }
  }

  private func take(_ row: Disk.Row, _ task: Handle?) -> Found {
    row.owner = life
    if let task { bound[task] = row }
    return Found(
      row: Int64(disk.rows.firstIndex { $0 === row } ?? 0), opening: row.opening, standing: row.standing,
      createdUnixMilliseconds: 0)
  }

  func release(_ task: Handle) { bound[task] = nil }

  func handOut(_ task: Handle, outputs: Int) {
    guard let row = bound[task] else { return }
    for output in 0..<outputs where fate.lives() { row.take(.handedOut(output: output)) }
  }

  /// What nobody watches and is not finished, oldest first.
  func takeRecoverable() -> [Found] {
    disk.rows.filter { row in !row.standing.isFinished && !bound.values.contains { $0 === row } }
      .map { take($0, nil) }
  }

  func bind(_ found: Found, to task: Handle) { bound[task] = disk.rows[Int(found.row)] }
}

/// A folder: what lies in it stays, and the same picture of the same task lies there once.
final class FakeFolder: Album {
  private(set) var files: [String: String] = [:]
  private let fate: Fate

  init(fate: Fate) { self.fate = fate }

  func keep(_ picture: Picture, intent: String, output: Int, again: Bool) throws(Failure) -> String {
    guard fate.lives() else { throw Failure(.io, "the process is dead") }
    let name = "\(intent)-\(output)"
    files[name] = picture.sha256
    return name
  }
}
