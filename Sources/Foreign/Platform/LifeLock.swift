// How processes on one machine know of each other that they live: a locked file. The kernel drops the lock with its
// holder, however that ends, and no clock is asked.

import CRT
import CSys
internal import Core

/// A locked file of one holder. It is unlocked and removed with its last reference.
package final class LifeLock {
  private let folder: Folder
  private let name: String
  private var file: File?

  /// `mark` is for others to read. EEXIST or EAGAIN: take another name. EINVAL: this kernel or filesystem has no such
  /// locks.
  package init(in folder: Folder, named name: String, mark: UInt64) throws(Errno) {
    // Embedded Swift never frees an object whose init throws before every property has a value.
    self.folder = folder
    self.name = name
    file = nil
    let file = try folder.create(name, isPrivate: true)
    self.file = file
    // Before the lock, so that who is seen to live is seen with its mark. On a full disk it lives without.
    withUnsafeBytes(of: mark) { try? file.write($0) }
    guard crt_lock_add(file.descriptor) == 0 else { throw Errno.processFilesFull }
    try succeed(outcome(cs_lock(file.descriptor, 1)))
    // Before the lock held, somebody may have taken the file for a dead one's and removed it.
    var status = stat()
    try succeed(outcome(fstat(file.descriptor, &status)))
    guard let named = try folder.status(of: name), named.isSameFile(as: FileStatus(status)) else {
      throw Errno.tryAgain
    }
  }

  deinit {
    guard let file else { return }
    try? folder.remove(name)
    crt_lock_remove(file.descriptor)
  }

  /// Whether the holder of that name lives. A dead one's file is removed.
  package static func isHeld(in folder: Folder, named name: String) throws(Errno) -> Bool {
    let opened = outcome(of: name) {
      cs_openat(folder.file.descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
    }
    if opened == -ENOENT { return false }
    let file = File(descriptor: try beyondStdio(opened))
    // A shared lock: two who ask at the same time do not take each other for the holder.
    let locked = outcome(cs_lock(file.descriptor, 0))
    if locked == -EAGAIN || locked == -EACCES { return true }
    try succeed(locked)
    // While it is held here, nobody can begin to live under this name.
    try? folder.remove(name)
    return false
  }

  /// Whether a holder of this process lives under that name with another mark. No, where the system does not tell.
  package static func isHeldHere(in folder: Folder, named name: String, without mark: UInt64) -> Bool {
    let opened = outcome(of: name) {
      cs_openat(folder.file.descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
    }
    guard let descriptor = try? beyondStdio(opened) else { return false }
    let file = File(descriptor: descriptor)
    var found: UInt64 = 0
    let count = withUnsafeMutableBytes(of: &found) { (try? file.read(into: $0)) ?? 0 }
    guard count == 8, found != mark, let facts = try? file.facts() else { return false }
    guard let own = try? Folder(path: "/proc/self/fd", syncing: false),
      let names = try? own.names(from: "", to: "", atMost: 1 << 16)
    else { return false }
    for name in names {
      // Who only asks whether the holder lives has the file open to read it.
      let number = name.bytes.reduce(0 as Int32) { $0 &* 10 &+ Int32($1 & 15) }
      guard cs_only_writes(number) == 1 else { continue }
      var status = stat()
      guard fstat(number, &status) == 0 else { continue }
      if UInt64(status.st_dev) == facts.device && UInt64(status.st_ino) == facts.inode { return true }
    }
    return false
  }
}
