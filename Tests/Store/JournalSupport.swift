// Journals for tests: real files, a clock that is set by hand, and requests that cost what is said.

import CSQLite
import Core
import Foundation
import Store
import Testing

/// A folder, a journal's name in it, and the clients that were opened on it.
final class Bench: Sendable {
  let scratch = Scratch()
  let clock = SetClock()
  var path: String { scratch("journal.sqlite") }

  func open(
    account: UInt64 = 1, max: Int64? = nil, _ scope: Budget.Scope = .journal, isHard: Bool = true
  ) throws -> SQLiteJournal {
    let budget = max.map { Budget(maxMillicredits: $0, scope: scope, isHard: isHard, assumed: []) }
    let clock = clock
    return try SQLiteJournal(path: path, account: account, budget: budget) { clock.now }
  }

  /// What SQL finds in the journal, each row's columns as text.
  func sql(_ text: String) throws -> [[String?]] {
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    try #require(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    try #require(sqlite3_prepare_v2(database, text, -1, &statement, nil) == SQLITE_OK, "\(text)")
    var rows: [[String?]] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(
        (0..<sqlite3_column_count(statement)).map { column in
          sqlite3_column_text(statement, column).map { String(cString: $0) }
        })
    }
    return rows
  }

  /// The sentence of an opening that must fail.
  func refusal(at path: String? = nil) -> String {
    do throws(Failure) {
      let clock = clock
      _ = try SQLiteJournal(path: path ?? self.path, account: 1, budget: nil) { clock.now }
      return "it opened"
    } catch {
      #expect(error.status == .journal)
      #expect(error.location == "/journal")
      return error.message
    }
  }
}

final class SetClock: @unchecked Sendable {
  private let lock = NSLock()
  private var milliseconds: Int64 = 1_800_000_000_000
  var now: Int64 {
    get { lock.withLock { milliseconds } }
    set { lock.withLock { milliseconds = newValue } }
  }
}

func handle(_ slot: Int, _ serial: UInt64 = 1) -> Handle { Handle(.task, slot: slot, serial: serial) }

func opening(_ reserved: Int64 = 5000, key: String? = nil, digest: String = "d", request: String = "{}")
  -> Opening
{
  Opening(
    intent: .written("00000000-0000-4000-8000-000000000000"), provider: "runway", model: "gen4_image",
    request: request,
    digest: digest, dedupeKey: key, price: Price(millicredits: reserved, certainty: .known),
    reserved: reserved)
}

func accepted(_ task: Handle, _ opening: Opening = opening()) -> Entry {
  Entry(task, .accepted, opening: opening)
}

extension SQLiteJournal {
  /// Writes facts that nothing may be ruled about.
  func write(_ task: Handle, _ facts: Fact...) throws {
    #expect(try commit(facts.map { Entry(task, $0) }).isEmpty)
  }

  func accept(_ task: Handle, _ opening: Opening = opening()) throws {
    #expect(try commit([accepted(task, opening)]).isEmpty)
  }
}

extension [Ruling] {
  /// Of the only ruling: why the task was refused.
  var failure: Failure? {
    if count == 1, case .refused(let failure) = self[0].word { failure } else { nil }
  }
  var known: Found? {
    if count == 1, case .known(let found) = self[0].word { found } else { nil }
  }
}

let success = Ending(.succeeded, nil, outputs: 1, spent: 5000)
let picture = Filed(
  mime: "image/png", width: 64, height: 48, size: 1234, sha256: "ab", path: "/pictures/a.png")
