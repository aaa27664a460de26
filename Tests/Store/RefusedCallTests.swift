// Saving where the kernel refuses one step: a filter on the saving thread answers for disks we cannot have here.

import Core
import Foundation
import Store
import Testing

@Suite(.enabled(if: canRefuseCalls, "needs a kernel that filters calls"))
struct RefusedCallTests {
  let scratch = Scratch()
  private let path: String
  /// The bit that tells the temporary file's open from the folder's.
  private static let creating = UInt32(O_CREAT)

  init() {
    path = scratch("a.png")
    scratch.write("old", to: "a.png")
  }

  /// What a save to `path` meets on a thread that is refused these calls.
  private func saving(
    _ refusals: [Refusal], replace: Bool = true, sync: Bool = true, to name: String = "a.png"
  ) -> Failure? {
    let path = scratch(name)
    return alone {
      _ = refuse(refusals)
      return save(to: path, replace: replace, sync: sync)
    }
  }

  private func refusingCreation(_ errno: Int32) -> Refusal {
    Refusal(call: .openat, errno: errno, argument: 2, mask: Self.creating, value: Self.creating)
  }

  @Test(
    arguments: [
      (EIO, .io, "errno 5"), (ENOSPC, .noSpace, "no space"), (EDQUOT, .noSpace, "quota"),
      (EFBIG, .limit, "larger"),
      (EMFILE, .io, "ulimit -n"), (ENFILE, .io, "ulimit -n"), (ENOMEM, .noMemory, "memory"),
      (EROFS, .io, "read-only"),
      (EPERM, .io, "no permission"), (EACCES, .io, "no permission"), (ENOENT, .io, "is gone"),
    ] as [(Int32, Status, String)], [Refusal.Call.openat, .write, .fsync, .renameat])
  func aRefusedStepLeavesWhatWas(_ told: (errno: Int32, status: Status, word: String), step: Refusal.Call)
    throws
  {
    let refusal = step == .openat ? refusingCreation(told.errno) : Refusal(call: step, errno: told.errno)
    let failure = try #require(saving([refusal]))
    #expect(failure.status == told.status && failure.systemCode == Int64(told.errno))
    #expect(failure.location == "path")
    #expect(failure.message.contains(told.word) && failure.message.contains(";"), "\(failure.message)")
    #expect(scratch.names == ["a.png"])
    #expect(scratch.read("a.png") == Array("old".utf8))
  }

  @Test(arguments: [EINVAL, ENOSYS])
  func withoutRenameat2ALinkKeepsTheOldFile(errno: Int32) {
    let lacking = Refusal(call: .renameat2, errno: errno)
    #expect(saving([lacking], replace: false, to: "b.png") == nil)
    #expect(scratch.read("b.png") == Array("new".utf8))
    #expect(saving([lacking], replace: false)?.status == .exists)
    #expect(scratch.read("a.png") == Array("old".utf8))
    #expect(scratch.names == ["a.png", "b.png"])
  }

  @Test func aFileThatComesBetweenLookingAndLinkingIsKept() {
    // The look sees nothing, as if the file came right after it; the link is what refuses.
    let lacking = Refusal(call: .renameat2, errno: EINVAL)
    let blind = Refusal(call: .newfstatat, errno: ENOENT)
    #expect(saving([lacking, blind], replace: false)?.status == .exists)
    #expect(saving([blind], replace: false)?.status == .exists)
    #expect(scratch.read("a.png") == Array("old".utf8))
    #expect(scratch.names == ["a.png"])
  }

  @Test func withoutEitherTheFixIsNamed() throws {
    let lacking = [Refusal(call: .renameat2, errno: EINVAL), Refusal(call: .linkat, errno: EPERM)]
    let failure = try #require(saving(lacking, replace: false, to: "b.png"))
    #expect(failure.status == .unsupported && failure.message.contains("T2I_SAVE_REPLACE"))
    #expect(scratch.names == ["a.png"])
    #expect(saving(lacking, replace: true) == nil)
  }

  @Test func aRefusedSyncIsNotMetWithoutSync() {
    #expect(saving([Refusal(call: .fsync, errno: EIO)], sync: false) == nil)
  }

  @Test(
    .enabled(if: canStandAlone, "needs a thread with descriptors and folders of its own"),
    arguments: [(EIO, false), (EINVAL, true)])
  func aFolderThatCannotBeSyncedIsTold(errno: Int32, harmless: Bool) {
    let path = path
    let failure = alone { () -> Failure? in
      // Descriptors are given lowest first, and the folder is opened first.
      let next = open("/dev/null", O_RDONLY)
      close(next)
      let refusal = Refusal(call: .fsync, errno: errno, mask: .max, value: UInt32(next))
      _ = refuse([refusal])
      return save(to: path, replace: true)
    }
    #expect(scratch.read("a.png") == Array("new".utf8))
    #expect(scratch.names == ["a.png"])
    if harmless {
      #expect(failure == nil)
    } else {
      #expect(failure?.status == .io && failure?.systemCode == Int64(errno))
      #expect(failure?.message.contains("is whole") == true)
    }
  }

  @Test(.enabled(if: canStandAlone, "needs a thread with descriptors and folders of its own"))
  func savingLeavesNoDescriptorOpen() {
    let path = path
    let counts = alone { () -> (Int, Int) in
      let count = { (0..<256).count { fcntl(Int32($0), F_GETFD) != -1 } }
      let before = count()
      _ = save(to: path)
      _ = save(to: path, replace: true)
      _ = refuse([Refusal(call: .write, errno: EIO)])
      _ = save(to: path, replace: true)
      return (before, count())
    }
    #expect(counts.0 == counts.1)
  }
}
