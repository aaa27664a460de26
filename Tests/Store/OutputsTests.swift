// Saving for real, on disks that work. What a failing disk does is OutputFailureTests.

import Core
import Foundation
import Store
import Testing

/// What saving threw, nil when it was done.
func save(
  _ bytes: [UInt8] = Array("new".utf8), to path: String, replace: Bool = false, sync: Bool = true
) -> Failure? {
  bytes.withUnsafeBytes { memory in
    do throws(Failure) {
      try Outputs.save(memory, to: path, replace: replace, sync: sync)
      return nil
    } catch { return error }
  }
}

func keep(_ bytes: [UInt8] = [1], in folder: String, base: String = "a", ending: String = "png")
  -> Result<String, Failure>
{
  bytes.withUnsafeBytes { memory in
    Result { () throws(Failure) in try Outputs.keep(memory, in: folder, named: base, extension: ending) }
  }
}

@Suite struct OutputsTests {
  let scratch = Scratch()

  @Test(arguments: [0, 1, 3_000_000], [true, false])
  func whatWasSavedIsReadBack(size: Int, sync: Bool) {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(save(bytes, to: scratch("a.png"), sync: sync) == nil)
    #expect(scratch.read("a.png") == bytes)
    #expect(scratch.names == ["a.png"])
  }

  @Test func anExistingFileIsRefusedAndKept() throws {
    scratch.write("old", to: "a.png")
    let failure = try #require(save(to: scratch("a.png")))
    #expect(failure.status == .exists)
    #expect(failure.location == "path")
    #expect(failure.systemCode == Int64(EEXIST))
    #expect(failure.message == "\(scratch("a.png")) exists; pass T2I_SAVE_REPLACE to replace it")
    #expect(scratch.read("a.png") == Array("old".utf8))
    #expect(scratch.names == ["a.png"])
  }

  @Test func anExistingFileIsReplacedWhenAsked() {
    scratch.write("something longer", to: "a.png")
    #expect(save(to: scratch("a.png"), replace: true) == nil)
    #expect(scratch.read("a.png") == Array("new".utf8))
    #expect(scratch.names == ["a.png"])
  }

  @Test func aFreshPathIsWrittenWithReplaceToo() {
    #expect(save(to: scratch("a.png"), replace: true) == nil)
    #expect(scratch.read("a.png") == Array("new".utf8))
  }

  @Test(arguments: [true, false])
  func onlyARegularFileIsEverReplaced(replace: Bool) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: scratch("folder"), withIntermediateDirectories: false)
    scratch.write("kept", to: "file")
    try files.createSymbolicLink(atPath: scratch("link"), withDestinationPath: "file")
    try files.createSymbolicLink(atPath: scratch("dangling"), withDestinationPath: "nowhere")
    mkfifo(scratch("pipe"), 0o600)
    try listen(at: scratch("socket"))

    for (path, word) in [
      (scratch("folder"), "is a folder"), (scratch("link"), "symbolic link"),
      (scratch("dangling"), "symbolic link"),
      (scratch("pipe"), "pipe"), (scratch("socket"), "socket"), ("/dev/null", "device"),
    ] {
      let failure = try #require(save(to: path, replace: replace), "\(path)")
      #expect(failure.status == .exists)
      #expect(failure.message.contains(word) && failure.message.hasPrefix(path), "\(failure.message)")
      #expect(!failure.message.contains("REPLACE"))
    }
    #expect(scratch.read("file") == Array("kept".utf8))
    #expect(scratch.names == ["dangling", "file", "folder", "link", "pipe", "socket"])
  }

  @Test func aLinkedFolderIsFollowed() throws {
    let files = FileManager.default
    try files.createDirectory(atPath: scratch("real"), withIntermediateDirectories: false)
    try files.createSymbolicLink(atPath: scratch("linked"), withDestinationPath: "real")
    #expect(save(to: scratch("linked/a.png")) == nil)
    #expect(scratch.read("real/a.png") == Array("new".utf8))
  }

  @Test(.enabled(if: canStandAlone, "needs a thread with descriptors and folders of its own"))
  func aNameWithoutAFolderLiesInTheWorkingOne() {
    let path = scratch.path
    let failures = alone {
      chdir(path)
      return [save(to: "a.png"), save(to: "./b.png"), save(to: "a.png")]
    }
    #expect(failures[0] == nil && failures[1] == nil)
    #expect(failures[2]?.message == "a.png exists; pass T2I_SAVE_REPLACE to replace it")
    #expect(scratch.names == ["a.png", "b.png"])
  }

  @Test(
    .enabled(if: canStandAlone, "needs a thread with descriptors and folders of its own"),
    arguments: [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)] as [(mode_t, mode_t)])
  func theUmaskOfTheHostDecidesTheMode(mask: mode_t, mode: mode_t) {
    let path = scratch("a.png")
    let found = alone { () -> (failure: Failure?, mode: mode_t, mask: mode_t) in
      umask(mask)
      let failure = save(to: path)
      var status = stat()
      stat(path, &status)
      return (failure, status.st_mode & 0o777, umask(0))
    }
    #expect(found == (nil, mode, mask))
  }

  @Test(arguments: [
    String(repeating: "n", count: 255), String(repeating: "ü", count: 127),
    "…" + String(repeating: "𝄞", count: 63),
    "a b\nc", ".hidden", "-", "名前.png",
  ])
  func everyNameTheFilesystemHoldsIsWritten(name: String) {
    #expect(save(to: scratch(name)) == nil)
    #expect(scratch.names == [name])
  }

  @Test func theFirstFreeNameIsKept() throws {
    let all = (1...4).map { _ in keep(in: scratch.path) }
    #expect(try all.map { try $0.get() } == ["a.png", "a-2.png", "a-3.png", "a-4.png"].map { scratch($0) })

    mkfifo(scratch("b.png"), 0o600)
    #expect(try keep(in: scratch.path + "/", base: "b").get() == scratch("b-2.png"))
  }

  @Test func anEmptiedNameIsPickedAgainOnlyWhenItIsFree() throws {
    for number in 2...Outputs.namesMax { scratch.write("", to: "a-\(number).png") }
    #expect(try keep(in: scratch.path).get() == scratch("a.png"))
    guard case .failure(let failure) = keep(in: scratch.path) else {
      return #expect(Bool(false), "replaced one")
    }
    #expect(failure.status == .exists && failure.location == "/outputDir")
    #expect(failure.message.contains("9999"))
    #expect(scratch.names.count == Outputs.namesMax)
  }

  @Test func ofManySaversOfOnePathExactlyOneWins() async {
    let path = scratch("a.png")
    let outcomes = await withTaskGroup(of: Failure?.self) { group in
      for number in UInt8(0)..<16 {
        group.addTask { alone { save([UInt8](repeating: number, count: 100_000), to: path, sync: false) } }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.filter { $0 == nil }.count == 1)
    #expect(outcomes.compactMap { $0?.status } == Array(repeating: Status.exists, count: 15))
    #expect(Set(scratch.read("a.png") ?? []).count == 1 && scratch.read("a.png")?.count == 100_000)
    #expect(scratch.names == ["a.png"])
  }

  @Test func ofManyKeepersEachGetsAName() async {
    let folder = scratch.path
    let paths = await withTaskGroup(of: [String].self) { group in
      for number in UInt8(0)..<8 {
        group.addTask { alone { (0..<10).compactMap { _ in try? keep([number], in: folder).get() } } }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(paths).count == 80)
    #expect(scratch.names.count == 80)
  }

  @Test func aReaderNeverSeesAHalfWrittenFile() {
    let path = scratch("a.png")
    let pictures = (UInt8(1)...2).map { [UInt8](repeating: $0, count: 300_000 + Int($0)) }
    #expect(save(pictures[0], to: path) == nil)

    let writing = DispatchSemaphore(value: 0)
    Thread {
      for round in 0..<100 { _ = save(pictures[round % 2], to: path, replace: true, sync: false) }
      writing.signal()
    }.start()
    var (whole, other) = (0, 0)
    while writing.wait(timeout: .now()) == .timedOut {
      let seen = FileManager.default.contents(atPath: path).map { Array($0) }
      if seen == pictures[0] || seen == pictures[1] { whole += 1 } else { other += 1 }
    }
    #expect(other == 0 && whole > 0)
  }

  private func listen(at path: String) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
  }
}
