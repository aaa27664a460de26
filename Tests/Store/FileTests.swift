// What the disk's door promises by itself.

import Foundation
import Platform
import Testing

@Suite struct FileTests {
  let scratch = Scratch()

  @Test(.enabled(if: canStandAlone, "needs a thread with descriptors and folders of its own"))
  func aDescriptorIsNeverOneOfTheThreeStandardOnes() {
    let path = scratch.path
    let outcome = alone { () -> (descriptors: [Int32], stillClosed: Bool)? in
      for standard in Int32(0)...2 { close(standard) }
      guard let folder = try? Folder(path: path, syncing: true), let file = try? folder.create("a"),
        let other = try? folder.create("b")
      else { return nil }
      let stillClosed = (Int32(0)...2).allSatisfy { fcntl($0, F_GETFD) == -1 }
      return ([file.descriptor, other.descriptor], stillClosed)
    }
    #expect(outcome?.descriptors.allSatisfy { $0 >= 3 } == true)
    #expect(outcome?.stillClosed == true)
  }

  @Test func aDescriptorClosesWhenAProgramIsStarted() throws {
    let file = try Folder(path: scratch.path, syncing: false).create("a")
    #expect(fcntl(file.descriptor, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test(
    .enabled(if: canStandAlone && canRefuseCalls, "needs a thread with descriptors and folders of its own"))
  func aDescriptorThatCannotBeMovedIsClosed() {
    let path = scratch.path
    let outcome = alone { () -> (refused: Bool, stillClosed: Bool) in
      close(0)
      let dupAboveStdio = UInt32(F_DUPFD_CLOEXEC)
      guard refuse([Refusal(call: .fcntl, errno: EMFILE, argument: 1, mask: .max, value: dupAboveStdio)])
      else {
        return (false, false)
      }
      let refused = (try? Folder(path: path, syncing: false)) == nil
      return (refused, fcntl(0, F_GETFD) == -1)
    }
    #expect(outcome == (true, true))
  }

  @Test func anOpenFolderStaysTheSameWhenItsPathIsSwapped() throws {
    let path = scratch("here")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let folder = try Folder(path: path, syncing: false)
    try FileManager.default.moveItem(atPath: path, toPath: scratch("moved"))
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)

    try folder.create("a").close()
    #expect(FileManager.default.fileExists(atPath: scratch("moved/a")))
    #expect(!FileManager.default.fileExists(atPath: scratch("here/a")))
  }

  @Test func renamingAndLinkingRefuseATakenName() throws {
    scratch.write("old", to: "old")
    scratch.write("taken", to: "taken")
    let folder = try Folder(path: scratch.path, syncing: false)
    #expect(throws: Errno.exists) { try folder.rename("old", to: "taken") }
    #expect(throws: Errno.exists) { try folder.link("old", to: "taken") }
    #expect(throws: Errno.exists) { _ = try folder.create("taken") }
    #expect(scratch.read("taken") == Array("taken".utf8))

    try folder.link("old", to: "second")
    try folder.rename("old", to: "new")
    #expect(scratch.names == ["new", "second", "taken"])
  }

  @Test func creatingDoesNotFollowALinkThatLeadsNowhere() throws {
    try FileManager.default.createSymbolicLink(
      atPath: scratch("link"), withDestinationPath: scratch("nowhere"))
    let folder = try Folder(path: scratch.path, syncing: false)
    #expect(throws: Errno.exists) { _ = try folder.create("link") }
    #expect(scratch.names == ["link"])
  }

  @Test func twoSeedsDiffer() {
    #expect(systemSeed() != systemSeed())
  }
}
