// A disk that is full or refuses takes nothing, and forgets nothing.

import CSQLite
import Core
import Foundation
import Store
import Testing

@Suite struct JournalDiskTests {
  let bench = Bench()

  private func accepts(_ journal: SQLiteJournal, _ slot: Int) -> Failure? {
    do throws(Failure) {
      _ = try journal.commit([accepted(handle(slot), opening(request: String(repeating: "x", count: 9000)))])
      return nil
    } catch { return error }
  }

  @Test(.enabled(if: canMount, "needs the right to mount"))
  func aFullDiskTakesNothingUntilThereIsRoom() throws {
    let bench = bench
    let outcome = alone { () -> (Failure?, Failure?, Int, Int)? in
      guard becomesMounter(), mountMemory(on: bench.scratch.path, options: "size=1m"),
        let journal = try? bench.open(max: .max)
      else { return nil }
      bench.scratch.write(String(repeating: "x", count: 300_000), to: "ballast")
      var slot = 0
      while slot < 500, accepts(journal, slot) == nil { slot += 1 }
      let failure = accepts(journal, slot)
      try? FileManager.default.removeItem(atPath: bench.scratch("ballast"))
      let again = accepts(journal, slot)
      let sum = Int(journal.funds.held)
      journal.close()
      let found = (try? bench.open().takeRecoverable(atMost: 1000).taken.count) ?? -1
      return (failure, again, sum - 5000 * (slot + 1), found - slot - 1)
    }
    let (failure, again, money, tasks) = try #require(outcome)
    #expect(failure?.status == .journal)
    #expect(failure?.message.contains("disk is full") == true, "\(failure?.message ?? "")")
    #expect(again == nil)
    #expect(money == 0)
    #expect(tasks == 0)
  }

  @Test func whatSomebodyKeepsLockedIsAnErrorThatPasses() throws {
    let journal = try bench.open()
    #expect(accepts(journal, 0) == nil)
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    #expect(sqlite3_open(bench.path, &database) == SQLITE_OK)
    #expect(sqlite3_exec(database, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
    let failure = accepts(journal, 1)
    #expect(failure?.message.contains("another program keeps") == true, "\(failure?.message ?? "")")
    #expect(failure?.retryable == true)
    #expect(sqlite3_exec(database, "ROLLBACK", nil, nil, nil) == SQLITE_OK)
    #expect(accepts(journal, 1) == nil)
    #expect(journal.facts(of: handle(1)).count == 1)
  }

  @Test func aThousandInATurnAreOneTransaction() throws {
    let journal = try bench.open(max: .max)
    let other = try bench.open()
    #expect(accepts(other, 0) == nil)
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    #expect(sqlite3_open(bench.path, &database) == SQLITE_OK)
    func version() -> Int64 {
      var statement: OpaquePointer?
      defer { sqlite3_finalize(statement) }
      sqlite3_prepare_v2(database, "PRAGMA data_version", -1, &statement, nil)
      return sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1
    }
    // The first one checks and prunes, in transactions of its own.
    try journal.accept(handle(2000))
    let before = version()
    #expect(try journal.commit((0..<1000).map { accepted(handle($0)) }).isEmpty)
    #expect(version() == before + 1)
    #expect(try bench.sql("SELECT COUNT(*) FROM fact") == [["1002"]])
  }
}
