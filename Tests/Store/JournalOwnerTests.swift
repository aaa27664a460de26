// Who is dead loses its tasks, who lives keeps them, however either comes about.

import CRT
import Core
import Foundation
import Store
import Testing

@Suite struct JournalOwnerTests {
  let bench = Bench()

  /// Another process that holds the lock of a client until it is killed.
  private func holder(of lock: String) throws -> Process {
    let script = """
      import fcntl, os, struct, sys
      file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
      fcntl.fcntl(file, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
      print("locked", flush=True)
      sys.stdin.read()
      """
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, lock]
    let (output, input) = (Pipe(), Pipe())
    (process.standardOutput, process.standardInput) = (output, input)
    try process.run()
    #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("locked"))
    return process
  }

  @Test func aKilledProcessesTasksAreTakenAndALivingOnesAreNot() throws {
    var lock: String
    do {
      let journal = try bench.open()
      try journal.accept(handle(0), opening(key: "k"))
      try journal.write(handle(0), .submitting(attempt: 0))
      lock = try #require(bench.scratch.names.first { $0.hasSuffix(".lock") })
    }
    // The client is gone; now another process lives under its number.
    let process = try holder(of: bench.scratch(lock))
    let journal = try bench.open()
    #expect(try journal.countRecoverable() == 0)
    #expect(try journal.takeRecoverable(atMost: 9).taken.isEmpty)
    #expect(try journal.commit([accepted(handle(0), opening(key: "k"))]).failure?.status == .busy)

    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(bench.scratch.names.contains(lock))
    #expect(try journal.countRecoverable() == 1)
    #expect(!bench.scratch.names.contains(lock))
    let found = try #require(try journal.commit([accepted(handle(0), opening(key: "k"))]).known)
    #expect(found.standing.stage == .submitting)
  }

  @Test func clientsThatOpenAtTheSameTimeAllLive() throws {
    let bench = bench
    nonisolated(unsafe) var journals: [SQLiteJournal?] = Array(repeating: nil, count: 16)
    journals.withUnsafeMutableBufferPointer { places in
      nonisolated(unsafe) let places = places
      DispatchQueue.concurrentPerform(iterations: 16) { places[$0] = try? bench.open() }
    }
    for (slot, journal) in journals.enumerated() {
      let journal = try #require(journal)
      try journal.accept(handle(slot))
    }
    for journal in journals { #expect(try journal?.countRecoverable() == 0) }
    #expect(bench.scratch.names.filter { $0.hasSuffix(".lock") }.count == 16)
    #expect(bench.scratch.names.filter { $0.contains(".new") } == [])
    for journal in journals.dropFirst() { journal?.close() }
    #expect(try journals[0]?.countRecoverable() == 15)
  }

  @Test func aForkedChildLetsGoOfItsParentsLocks() throws {
    let journal = try bench.open()
    try journal.accept(handle(0))
    #expect(crt_fork_guard() == 0)
    typealias Fork = @convention(c) () -> Int32
    let fork = unsafeBitCast(dlsym(dlopen(nil, RTLD_NOW), "fork"), to: Fork.self)
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let child = fork()
    if child == 0 {
      // Nothing of Swift's runtime here: other threads' locks are held for ever.
      var said: UInt8 = 0
      write(ends[1], &said, 1)
      sleep(1)
      said = UInt8(crt_forked())
      write(ends[1], &said, 1)
      while true { pause() }
    }
    defer {
      kill(child, SIGKILL)
      waitpid(child, nil, 0)
      close(ends[0])
      close(ends[1])
    }
    func locks() -> [String] {
      let folder = "/proc/\(child)/fd"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + $0)
      }
      .filter { $0.hasPrefix(bench.scratch.path) && $0.hasSuffix(".lock") }
    }
    var said: UInt8 = 9
    read(ends[0], &said, 1)
    #expect(locks().count == 1)
    read(ends[0], &said, 1)
    #expect(said == 1)
    #expect(locks() == [])
    #expect(try bench.open().countRecoverable() == 0)
  }

  @Test func thousandsOfRacingSubmitsNeverOvershoot() throws {
    let (threads, each, price): (Int, Int, Int64) = (8, 125, 7)
    let ceiling = Int64(threads * each / 3) * price + 3
    let journals = try (0..<2).map { _ in try bench.open(max: ceiling) }
    nonisolated(unsafe) var counts = Array(repeating: 0, count: threads)
    counts.withUnsafeMutableBufferPointer { counts in
      nonisolated(unsafe) let counts = counts
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        for index in 0..<each {
          let rulings = try? journals[thread % 2].commit(
            [0, 1].map { accepted(handle(thread * 1000 + index * 2 + $0), opening(price)) })
          counts[thread] += 2 - (rulings?.count ?? 2)
        }
      }
    }
    #expect(counts.reduce(0, +) == threads * each / 3)
    #expect(journals.map(\.funds.held).max() == ceiling - 3)
    #expect(try bench.sql("SELECT SUM(held) FROM purse") == [["\(ceiling - 3)"]])
  }

  /// Two copies of SQLite on one file in one process drop each other's locks and destroy it.
  @Test func aSecondSQLiteInThisProcessIsRefused() throws {
    let journal = try bench.open()
    let lock = bench.scratch(try #require(bench.scratch.names.first { $0.hasSuffix(".lock") }))
    let mark = try Data(contentsOf: URL(filePath: lock))
    #expect(mark.count == 8)
    // With the same SQLite any number of clients may share it.
    let second = try bench.open()
    second.close()

    // Another copy writes where its own SQLite is. The file is written in place, as its holder did.
    let file = try FileHandle(forWritingTo: URL(filePath: lock))
    try file.write(contentsOf: Data(repeating: 7, count: 8))
    try file.close()
    #expect(bench.refusal().contains("another copy of SQLite in this process"))
    journal.close()
    try bench.open().close()
  }

  @Test func anotherProcesssSQLiteIsNobodysBusiness() throws {
    try bench.open().close()
    let lock = "\(bench.path).00000000000000ab.lock"
    try Data(repeating: 7, count: 8).write(to: URL(filePath: lock))
    let process = try holder(of: lock)
    try bench.open().close()
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
