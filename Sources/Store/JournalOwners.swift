// Who drives a task. A client has a number nobody else has, and a locked file of that name beside the journal; the lock
// ends with its process, so nobody needs a clock to know that an owner is dead.

internal import Core
import Platform

/// This client among those that share a journal.
final class Owners {
  private let place: JournalPlace
  private let lock: LifeLock
  /// Above 0.
  let own: Int64

  /// How many names are tried; the second is already a sign of something strange.
  private static let namesTried = 100
  /// Files of owners looked at when all are asked for.
  private static let namesMax = 4096
  private static let digitsOfName = 16

  private init(_ place: JournalPlace, _ lock: LifeLock, _ own: Int64) {
    (self.place, self.lock, self.own) = (place, lock, own)
  }

  /// Takes a number; from now on until it goes, everyone sees that this client lives. `mark` tells this process's copies
  /// of SQLite apart.
  static func join(at place: JournalPlace, mark: UInt64) throws(Failure) -> Owners {
    var random = Random(seed: systemSeed())
    var last = Errno.exists
    for _ in 0..<Owners.namesTried {
      let number = Int64(bitPattern: random.next() >> 2) | 1
      do throws(Errno) {
        let lock = try LifeLock(in: place.folder, named: Owners.lockName(place, number), mark: mark)
        return Owners(place, lock, number)
      } catch {
        last = error
        if error != .exists && error != .tryAgain { break }
      }
    }
    throw refused(last, "\(shown(place.path))")
  }

  /// A name that only this client uses.
  var temporaryName: String { Owners.temporaryName(place, own) }

  /// Where it cannot be told, an owner lives: nothing of a living one is ever taken.
  func isAlive(_ owner: Int64) -> Bool {
    if owner == own { return true }
    return (try? LifeLock.isHeld(in: place.folder, named: Owners.lockName(place, owner))) ?? true
  }

  /// Removes what dead clients left beside the journal, and says whether another one lives. A lock file goes as soon as
  /// its owner is found dead; so what else that one left is known by its own name, and not by its lock's.
  func sweep() -> Bool {
    var othersLive = false
    let isWhole = eachOther { name, owner, isTemporary in
      if isAlive(owner) {
        othersLive = true
      } else if isTemporary {
        try? place.folder.remove(name)
      }
    }
    return othersLive || !isWhole
  }

  /// Whether a client of this process uses another copy of SQLite on the journal. Neither would know of the other's
  /// locks, because the system keeps those by process.
  func meetsAnotherSQLite(than mark: UInt64) -> Bool {
    var meets = false
    _ = eachOther { name, _, isTemporary in
      if !isTemporary && LifeLock.isHeldHere(in: place.folder, named: name, without: mark) { meets = true }
    }
    return meets
  }

  /// Every file that another client has or left beside the journal. False where there may be more of them.
  private func eachOther(_ body: (_ name: String, _ owner: Int64, _ isTemporary: Bool) -> Void) -> Bool {
    let beginning = String(sentence: "\(place.name).")
    let names = try? place.folder.names(from: beginning, to: "", atMost: Owners.namesMax)
    guard let names, names.count < Owners.namesMax else { return false }
    for name in names {
      let digits = name.bytes.dropFirst(beginning.byteCount).prefix(Owners.digitsOfName)
      guard digits.count == Owners.digitsOfName, let owner = number(digits), owner != own else { continue }
      let isTemporary = isTemporary(name, of: owner)
      if isTemporary || name.equals(Owners.lockName(place, owner)) { body(name, owner, isTemporary) }
    }
    return true
  }

  private func isTemporary(_ name: String, of owner: Int64) -> Bool {
    let temporary = Owners.temporaryName(place, owner)
    for ending in ["", "-journal", "-wal", "-shm"] as [StaticString]
    where name.equals(String(sentence: "\(temporary)\(ending)")) { return true }
    return false
  }

  private static func lockName(_ place: JournalPlace, _ owner: Int64) -> String {
    String(sentence: "\(place.name).\(hexadecimal(owner)).lock")
  }

  private static func temporaryName(_ place: JournalPlace, _ owner: Int64) -> String {
    String(sentence: "\(place.name).\(hexadecimal(owner)).new")
  }

  private static func hexadecimal(_ number: Int64) -> String {
    var text: [UInt8] = []
    for shift in stride(from: Int64(60), through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: number >> shift) & 15
      text.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
    return String(text[...])
  }

  private func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    var number: Int64 = 0
    for digit in digits {
      guard let value = digit.hexDigit, number >> 59 == 0 else { return nil }
      number = number << 4 | Int64(value)
    }
    return number
  }
}

/// Which owners live, each asked once.
struct RollCall {
  private let owners: Owners
  private var living: [Int64] = []
  private var dead: [Int64] = []

  init(_ owners: Owners) { self.owners = owners }

  mutating func lives(_ owner: Int64) -> Bool {
    if owner == 0 { return false }
    if living.contains(owner) { return true }
    if dead.contains(owner) { return false }
    let lives = owners.isAlive(owner)
    if lives { living.append(owner) } else { dead.append(owner) }
    return lives
  }
}
