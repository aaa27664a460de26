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

  /// EEXIST or EAGAIN: take another name. EINVAL: this kernel or filesystem has no such locks.
  package init(in folder: Folder, named name: String) throws(Errno) {
    // Embedded Swift never frees an object whose init throws before every property has a value.
    self.folder = folder
    self.name = name
    file = nil
    let file = try folder.create(name, isPrivate: true)
    self.file = file
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
}
