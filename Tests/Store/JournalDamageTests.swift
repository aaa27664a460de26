// Whatever a disk does to a journal, it is noticed before money depends on it, and nothing of it is thrown away.

import CSQLite
import Core
import Foundation
import Store
import Testing

@Suite struct JournalDamageTests {
  let bench = Bench()
  private static let tasks = 40

  /// A closed journal whose every second task is unfinished, and all of whose tasks have keys.
  private func fill() throws {
    let journal = try bench.open()
    for index in 0..<Self.tasks {
      try journal.accept(
        handle(index), opening(key: "key \(index)", request: String(repeating: "r\(index)", count: 150)))
      try journal.write(
        handle(index), .submitting(attempt: 0), .submitted(token: "runway:\(index)", millicredits: 6000))
      if index % 2 == 0 { try journal.write(handle(index), .fetched(output: 0, picture), .ended(success)) }
    }
    journal.close()
  }

  /// What a client that would pay next meets: nil when the journal says all that it said before.
  private func verdict() -> Failure? {
    do throws(Failure) {
      let clock = bench.clock
      let journal = try SQLiteJournal(path: bench.path, account: 1, budget: nil) { clock.now }
      let (taken, _) = try journal.takeRecoverable(atMost: 1000)
      let tokens = taken.compactMap(\.standing.token)
      #expect(tokens == (0..<Self.tasks).filter { $0 % 2 == 1 }.map { "runway:\($0)" })
      for found in taken { journal.bind(found, to: handle(1000 + Int(found.row))) }
      let rulings = try journal.commit(
        (0..<Self.tasks).map { accepted(handle($0), opening(key: "key \($0)")) })
      #expect(rulings.count == Self.tasks)
      for (index, ruling) in rulings.enumerated() {
        if index % 2 == 0 {
          #expect([ruling].known?.standing.ending == success, "key \(index)")
        } else {
          #expect([ruling].failure?.status == .busy, "key \(index)")
        }
      }
      #expect(journal.funds == Funds(held: 20 * 6000, spent: 20 * 5000))
      return nil
    } catch { return error }
  }

  /// Writes bytes over a good journal, and says whether somebody noticed.
  private func isNoticed(_ damaged: Data, _ what: String) throws -> Bool {
    for name in bench.scratch.names { try FileManager.default.removeItem(atPath: bench.scratch(name)) }
    try damaged.write(to: URL(filePath: bench.path))
    guard let failure = verdict() else { return false }
    #expect(failure.status == .journal, "\(what): \(failure.message)")
    #expect(failure.message.utf8.count < 384)
    if failure.message.contains("it is now") {
      #expect(verdictOfNew() == nil)
      let aside = bench.scratch.names.filter {
        $0.contains(".damaged-") && !$0.hasSuffix("-shm") && !$0.hasSuffix("-wal")
      }
      #expect(aside.count == 1)
    } else {
      #expect(bench.scratch.read("journal.sqlite") == Array(damaged), "\(what): \(failure.message)")
      let told = ["another program's", "newer libt2i"].contains { failure.message.contains($0) }
      #expect(told, "\(what): \(failure.message)")
    }
    return true
  }

  /// The next client begins anew, and is not told that there was nothing.
  private func verdictOfNew() -> Failure? {
    do throws(Failure) {
      let clock = bench.clock
      let journal = try SQLiteJournal(path: bench.path, account: 1, budget: nil) { clock.now }
      _ = try journal.commit([accepted(handle(0), opening(key: "key 0"))])
      return nil
    } catch { return error }
  }

  @Test func aFlippedBitOnAnyPageIsNoticedOrHarmless() throws {
    try fill()
    let good = try Data(contentsOf: URL(filePath: bench.path))
    #expect(verdict() == nil)
    var random = Random(seed: 1)
    var noticed = 0
    for page in 0..<good.count / 4096 {
      for place in [0, 1, 5, 8, 20, 100, 4095, Int(random.below(4096)), Int(random.below(4096))] {
        var damaged = good
        damaged[page * 4096 + place] ^= 1 << UInt8(random.below(8))
        if try isNoticed(damaged, "page \(page), byte \(place)") { noticed += 1 }
      }
    }
    #expect(good.count / 4096 > 15)
    #expect(noticed > good.count / 4096)
  }

  @Test func aJournalCutShortAnywhereIsNoticed() throws {
    try fill()
    let good = try Data(contentsOf: URL(filePath: bench.path))
    for size in stride(from: 0, to: good.count, by: 4096) {
      #expect(try isNoticed(good.prefix(size), "cut to \(size)"))
      #expect(try isNoticed(good.prefix(size + 1000), "cut to \(size + 1000)"))
    }
  }

  @Test(arguments: [
    "UPDATE task SET reserved = 1 WHERE id = 2", "UPDATE task SET token = 'runway:x' WHERE id = 2",
    "UPDATE task SET owner = 0 WHERE id = 2", "UPDATE fact SET text = 'runway:x' WHERE task = 2 AND kind = 5",
    "DELETE FROM fact WHERE task = 2 AND number = 3", "DELETE FROM fact WHERE task = 2 AND number = 2",
    "DELETE FROM fact WHERE task = 2", "UPDATE purse SET held = 0",
  ])
  func aChangedNumberIsNoticed(sql: String) throws {
    try fill()
    _ = try bench.sql(sql)
    let failure = try #require(verdict(), "\(sql)")
    #expect(failure.message.contains("is damaged"), "\(failure.message)")
  }

  @Test func aDamagedJournalThatOthersUseStaysWhereItIs() throws {
    try fill()
    let other = try bench.open()
    try other.accept(handle(0))
    _ = try bench.sql("UPDATE task SET reserved = 1 WHERE id = 2")
    let failure = try #require(verdict())
    #expect(failure.message.contains("others use it"), "\(failure.message)")
    #expect(bench.scratch.names.contains("journal.sqlite"))
    // It stays refused for whoever met it.
    #expect(verdict() != nil)
    other.close()
    #expect(verdict()?.message.contains("it is now") == true)
  }

  @Test func damageFoundLaterEndsTheClientsUse() throws {
    try fill()
    let journal = try bench.open()
    try journal.accept(handle(0))
    _ = try bench.sql("UPDATE task SET model = 'x' WHERE id = 1")
    for _ in 0..<2 {
      #expect { try journal.commit([accepted(handle(1), opening(key: "key 0"))]) } throws: {
        ($0 as? Failure)?.message.contains("it is now") == true
      }
    }
    #expect(bench.scratch.names.contains { $0.contains(".damaged-") })
    #expect(!bench.scratch.names.contains("journal.sqlite"))
  }

  // MARK: Pruning

  @Test func whatIsLongPastIsPrunedAndItsKeysAreNot() throws {
    try fill()
    let journal = try bench.open()
    try journal.accept(handle(100))
    try journal.write(handle(100), .ended(Ending(.failed, Failure(.rejected, "no"))))
    journal.close()
    bench.clock.now += 91 * 86_400_000
    let later = try bench.open()
    try later.accept(handle(0))
    #expect(try bench.sql("SELECT COUNT(*), SUM(request = '') FROM task") == [["41", "20"]])
    #expect(try bench.sql("SELECT COUNT(*) FROM history") == [["21"]])
    #expect(try bench.sql("SELECT COUNT(*) FROM fact WHERE task = 1") == [["0"]])
    let failure = try #require(try later.commit([accepted(handle(1), opening(key: "key 0"))]).failure)
    #expect(failure.status == .gone)
    #expect(try later.countRecoverable() == 20)
    #expect(later.funds == Funds(held: 20 * 6000 + 5000, spent: 20 * 5000))
    guard case .unknown = try later.take(token: "runway:0") else { return #expect(Bool(false)) }
    later.close()
    #expect(try bench.open().takeRecoverable(atMost: 100).taken.count == 21)
  }
}
