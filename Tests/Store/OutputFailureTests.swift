// Saving for real, on disks that do not work. Each failure names its place, carries errno, leaves no file behind,
// and what was there before stays.

import Core
import Foundation
import Store
import Testing

@Suite struct OutputFailureTests {
  let scratch = Scratch()

  @Test(arguments: [
    ("", "empty"), ("/", "names a folder"), ("a/", "names a folder"), (".", "names a folder"),
    ("a/..", "names a folder"), ("a\0b", "NUL"),
  ])
  func aPathThatIsNoFileNameIsMisuse(path: String, word: String) throws {
    let failure = try #require(save(to: path))
    #expect(failure.status == .argument && failure.location == "path")
    #expect(failure.message.contains(word), "\(failure.message)")
  }

  @Test(arguments: [
    ("", "a", "png"), ("f\0", "a", "png"), ("F", "", "png"), ("F", "a/b", "png"), ("F", "a", "p/g"),
  ])
  func aNameThatIsNoneIsNotKept(folder: String, base: String, ending: String) {
    let folder = folder == "F" ? scratch.path : folder
    guard case .failure(let failure) = keep(in: folder, base: base, ending: ending) else {
      return #expect(Bool(false), "kept")
    }
    #expect(failure.status == .argument && failure.location == "/outputDir")
    #expect(scratch.names == [])
  }

  @Test func aFolderThatIsMissingIsSaidToBe() throws {
    let failure = try #require(save(to: scratch("missing/a.png")))
    #expect(failure.status == .io && failure.systemCode == Int64(ENOENT))
    #expect(failure.message == "the folder \(scratch("missing")) does not exist; create it first")

    guard case .failure(let kept) = keep(in: scratch("missing")) else { return #expect(Bool(false), "kept") }
    #expect(kept.status == .io && kept.systemCode == Int64(ENOENT) && kept.location == "/outputDir")
    #expect(scratch.names == [])
  }

  @Test func aFileIsNoFolder() throws {
    scratch.write("", to: "file")
    let failure = try #require(save(to: scratch("file/a.png")))
    #expect(failure.status == .io && failure.systemCode == Int64(ENOTDIR))
    #expect(failure.message.contains("is not a folder"))
  }

  @Test func linksThatLeadInACircleAreSaidTo() throws {
    try FileManager.default.createSymbolicLink(atPath: scratch("circle"), withDestinationPath: "circle")
    let failure = try #require(save(to: scratch("circle/a.png")))
    #expect(failure.status == .io && failure.systemCode == Int64(ELOOP))
    #expect(failure.message.contains("circle;"), "\(failure.message)")
  }

  @Test func namesOf256BytesAndFoldersOf4096AreTooLong() throws {
    let long = scratch(String(repeating: "n", count: 256))
    let deep = "/" + String(repeating: "d/", count: 2049) + "a"
    for path in [long, deep] {
      for replace in [true, false] {
        let failure = try #require(save(to: path, replace: replace))
        #expect(failure.status == .limit && failure.systemCode == Int64(ENAMETOOLONG))
        #expect(failure.message.contains("too long; choose a shorter one"))
        // The sentence and its fix fit into a t2i_error.
        #expect(failure.message.utf8.count < 384)
      }
    }
    #expect(scratch.names == [])
  }

  @Test(.enabled(if: canBeRefused, "needs another user's folder, or not to be root"))
  func aFolderThatIsNotOursIsRefused() throws {
    chmod(scratch.path, 0o555)
    let path = scratch("a.png")
    let failure = try #require(
      alone {
        becomesNobody()
        return save(to: path)
      })
    #expect(failure.status == .io && failure.systemCode == Int64(EACCES))
    #expect(failure.message == "no permission to write in the folder \(scratch.path); choose another")
    #expect(scratch.names == [])
  }

  @Test(.enabled(if: canBeRefused, "needs another user's folder, or not to be root"))
  func aFolderThatCannotBeReadNeedsNosync() {
    chmod(scratch.path, 0o333)
    let path = scratch("a.png")
    let failures = alone {
      becomesNobody()
      return [save(to: path), save(to: path, sync: false)]
    }
    #expect(failures[0]?.status == .io && failures[0]?.systemCode == Int64(EACCES))
    #expect(failures[0]?.message.contains("T2I_SAVE_NOSYNC") == true)
    #expect(failures[1] == nil)
    #expect(scratch.names == ["a.png"])
  }

  @Test(.enabled(if: canMount, "needs root: a filesystem mounted read-only"))
  func aReadOnlyFilesystemIsSaidToBe() throws {
    let folder = scratch.path
    let failure = try #require(
      alone { () -> Failure? in
        guard becomesMounter(), mountMemory(on: folder, options: "", readOnly: true) else { return nil }
        return save(to: folder + "/a.png")
      })
    #expect(failure.status == .io && failure.systemCode == Int64(EROFS))
    #expect(failure.message.contains("read-only"))
  }

  @Test(.enabled(if: canMount, "needs root: a small filesystem"), arguments: [true, false])
  func aFullDiskLeavesNothingBehind(replace: Bool) throws {
    let folder = scratch.path
    let (failure, names, old) = alone { () -> (Failure?, [String], Data?) in
      guard becomesMounter(), mountMemory(on: folder, options: "size=64k") else { return (nil, [], nil) }
      let target = folder + (replace ? "/old.png" : "/a.png")
      _ = save(Array("old".utf8), to: folder + "/old.png")
      let failure = save([UInt8](repeating: 1, count: 100_000), to: target, replace: replace)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return (failure, names, FileManager.default.contents(atPath: folder + "/old.png"))
    }
    #expect(failure?.status == .noSpace && failure?.systemCode == Int64(ENOSPC) && failure?.retryable == true)
    #expect(names == ["old.png"])
    #expect(old == Data("old".utf8))
  }

  @Test func aFileLargerThanTheLimitIsRefusedWithoutASignal() throws {
    // The pages are reserved and unreadable: whoever tried to write them would be told EFAULT instead. No other
    // test writes files of this size, so the limit, which is the whole process's, disturbs none.
    let size = 64 << 30
    let pages = mmap(nil, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)!
    defer { munmap(pages, size) }
    var before = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before)
    var lowered = before
    lowered.rlim_cur = rlim_t(size - 1)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &lowered)
    defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before) }

    let bytes = UnsafeRawBufferPointer(start: pages, count: size)
    let failure = #expect(throws: Failure.self) {
      try Outputs.save(bytes, to: scratch("a.png"), replace: false, sync: true)
    }
    #expect(failure?.status == .limit && failure?.systemCode == Int64(EFBIG))
    #expect(scratch.names == [])
  }
}
