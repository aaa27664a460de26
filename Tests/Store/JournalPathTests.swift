// What cannot be a journal is said in a sentence, and left as it is.

import CSQLite
import Core
import Foundation
import Store
import Testing

@Suite struct JournalPathTests {
  let bench = Bench()

  private func attributes(_ path: String) throws -> [FileAttributeKey: Any] {
    try FileManager.default.attributesOfItem(atPath: path)
  }

  @Test func aNewJournalIsItsUsersAlone() throws {
    let path = bench.scratch("a/b/journal.sqlite")
    let clock = bench.clock
    let journal = try SQLiteJournal(path: path, account: 1, budget: nil) { clock.now }
    try journal.accept(handle(0))
    for folder in ["a", "a/b"] {
      #expect(try attributes(bench.scratch(folder))[.posixPermissions] as? Int == 0o700)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: bench.scratch("a/b")).sorted()
    #expect(names.count == 4)
    for name in names {
      #expect(try attributes(bench.scratch("a/b/" + name))[.posixPermissions] as? Int == 0o600, "\(name)")
    }
    journal.close()
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.scratch("a/b")) == ["journal.sqlite"])
  }

  @Test func aPathThatNamesNoFileIsRefused() throws {
    try FileManager.default.createDirectory(
      atPath: bench.scratch("folder"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: bench.scratch("link"), withDestinationPath: "nowhere")
    try FileManager.default.createSymbolicLink(atPath: bench.scratch("circle"), withDestinationPath: "circle")
    bench.scratch.write("text", to: "text")
    mkfifo(bench.scratch("pipe"), 0o600)
    let long = String(repeating: "a", count: 5000)
    for (path, words) in [
      ("", "empty"), ("a\0b", "NUL"), (bench.scratch("folder"), "is a folder"),
      (bench.scratch("folder/."), "is a folder"),
      (bench.scratch("folder/"), "is a folder"), (bench.scratch("link"), "symbolic link"),
      (bench.scratch("circle/x"), "links lead in a circle"), (bench.scratch("text/x"), "not a folder"),
      (bench.scratch("pipe"), "a pipe"), ("/dev/null", "belongs to another user"), (long, "5000 bytes"),
      (bench.scratch(String(repeating: "b", count: 300)), "too long a name"),
      ("/proc/x/journal", "cannot be made"),
      (bench.scratch("text"), "another program's file"),
    ] where path != "/dev/null" {
      let sentence = bench.refusal(at: path)
      #expect(sentence.contains(words), "\(sentence)")
      #expect(sentence.utf8.count < 384, "\(sentence)")
    }
    #expect(bench.refusal(at: "/dev/null").contains("a device"))
    #expect(bench.scratch.names == ["circle", "folder", "link", "pipe", "text"])
    #expect(bench.scratch.read("text") == Array("text".utf8))
  }

  @Test func aLinkToTheFolderIsFollowed() throws {
    try FileManager.default.createDirectory(atPath: bench.scratch("real"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: bench.scratch("link"), withDestinationPath: "real")
    let clock = bench.clock
    let linked = try SQLiteJournal(path: bench.scratch("link/j"), account: 1, budget: nil) { clock.now }
    try linked.accept(handle(0))
    let real = try SQLiteJournal(path: bench.scratch("real/j"), account: 1, budget: nil) { clock.now }
    #expect(try real.countRecoverable() == 0)
    linked.close()
    #expect(try real.countRecoverable() == 1)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root, to give a file to another user"))
  func anotherUsersFileIsRefused() throws {
    try bench.open().close()
    #expect(chown(bench.path, 12345, 12345) == 0)
    #expect(bench.refusal().contains("belongs to another user"))
  }

  @Test(.enabled(if: canBeRefused, "needs a user whom folders can be closed to"))
  func aFolderWithoutPermissionIsRefused() throws {
    let bench = bench
    #expect(chmod(bench.scratch.path, 0o755) == 0)
    let sentence = alone { () -> String in
      becomesNobody()
      return bench.refusal()
    }
    #expect(sentence.contains("permission"), "\(sentence)")
  }

  @Test(.enabled(if: canMount, "needs the right to mount"))
  func aReadOnlyDiskIsRefused() throws {
    let bench = bench
    let sentence = alone { () -> String in
      guard becomesMounter(), mountMemory(on: bench.scratch.path, options: "", readOnly: true) else {
        return ""
      }
      return bench.refusal()
    }
    #expect(sentence.contains("read-only filesystem"), "\(sentence)")
  }

  @Test func anotherProgramsDatabaseIsRefusedAndLeftAlone() throws {
    var database: OpaquePointer?
    #expect(sqlite3_open(bench.path, &database) == SQLITE_OK)
    #expect(
      sqlite3_exec(database, "CREATE TABLE theirs (x); PRAGMA application_id=7", nil, nil, nil) == SQLITE_OK)
    sqlite3_close(database)
    let before = bench.scratch.read("journal.sqlite")
    #expect(bench.refusal().contains("another program's file"))
    #expect(bench.scratch.read("journal.sqlite") == before)
    #expect(bench.scratch.names == ["journal.sqlite"])
  }

  @Test func aNewerJournalIsRefusedAndLeftAlone() throws {
    try bench.open().close()
    _ = try bench.sql("PRAGMA user_version=3")
    #expect(bench.refusal().contains("from a newer libt2i (version 3)"))
    #expect(bench.scratch.names == ["journal.sqlite"])
  }

  @Test func anEmptyFileIsNoNewJournal() throws {
    bench.scratch.write("", to: "journal.sqlite")
    let sentence = bench.refusal()
    #expect(sentence.contains("is damaged"), "\(sentence)")
    #expect(bench.scratch.names == ["journal.sqlite.damaged-\(bench.clock.now)"])
    try bench.open().accept(handle(0))
  }

  @Test func aLogWithoutItsJournalIsSetAside() throws {
    let journal = try bench.open()
    try journal.accept(handle(0))
    try FileManager.default.removeItem(atPath: bench.path)
    #expect(throws: Failure.self) { try journal.accept(handle(1)) }
    #expect(bench.refusal().contains("others still write its log"))
    journal.close()
    bench.scratch.write("what was not in the file yet", to: "journal.sqlite-wal")
    let sentence = bench.refusal()
    #expect(sentence.contains("is gone and its log is not"), "\(sentence)")
    #expect(bench.scratch.names.contains("journal.sqlite.damaged-\(bench.clock.now)-wal"))
    try bench.open().accept(handle(0))
  }

  @Test func aJournalThatWasMovedTakesNothingMore() throws {
    let journal = try bench.open()
    try journal.accept(handle(0))
    try FileManager.default.moveItem(atPath: bench.path, toPath: bench.scratch("elsewhere"))
    #expect { try journal.accept(handle(1)) } throws: {
      ($0 as? Failure)?.message.contains("was moved") == true
    }
    try FileManager.default.moveItem(atPath: bench.scratch("elsewhere"), toPath: bench.path)
    try journal.accept(handle(1))
  }

  @Test func whatADeadClientLeftIsSweptAway() throws {
    for name in ["0000000000000007.lock", "0000000000000007.new", "0000000000000007.new-journal"] {
      bench.scratch.write("", to: "journal.sqlite." + name)
    }
    // Who swept it before died too, between its lock and the rest.
    for name in ["0000000000000009.new", "0000000000000009.new-wal", "0000000000000009.new-shm"] {
      bench.scratch.write("", to: "journal.sqlite." + name)
    }
    for name in ["notes.lock", "0000000000000009.newer", "00000000000000a.new"] {
      bench.scratch.write("mine", to: "journal.sqlite." + name)
    }
    try bench.open().close()
    let kept = ["", ".0000000000000009.newer", ".00000000000000a.new", ".notes.lock"]
    #expect(bench.scratch.names.sorted() == kept.map { "journal.sqlite" + $0 })
  }

  @Test func aClosedJournalSaysSo() throws {
    let journal = try bench.open()
    journal.close()
    #expect { try journal.accept(handle(0)) } throws: { ($0 as? Failure)?.message.contains("closed") == true }
    journal.release(handle(0))
    #expect(journal.facts(of: handle(0)).isEmpty)
  }
}
