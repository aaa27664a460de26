// Files and folders as libc knows them, errors by number. What a number means to a host is said by who asked.

import CSys
internal import Core

/// What errno held when a system call failed. Named are those that somebody tells apart.
package struct Errno: Error, Equatable, Sendable {
  package let code: Int32

  package static let exists = Errno(code: EEXIST)
  package static let noEntry = Errno(code: ENOENT)
  package static let notFolder = Errno(code: ENOTDIR)
  package static let isFolder = Errno(code: EISDIR)
  package static let linkLoop = Errno(code: ELOOP)
  package static let nameTooLong = Errno(code: ENAMETOOLONG)
  package static let invalid = Errno(code: EINVAL)
  package static let notImplemented = Errno(code: ENOSYS)
  package static let notSupported = Errno(code: EOPNOTSUPP)
  package static let noAccess = Errno(code: EACCES)
  package static let notPermitted = Errno(code: EPERM)
  package static let readOnly = Errno(code: EROFS)
  package static let noSpace = Errno(code: ENOSPC)
  package static let overQuota = Errno(code: EDQUOT)
  package static let tooLarge = Errno(code: EFBIG)
  package static let noMemory = Errno(code: ENOMEM)
  package static let processFilesFull = Errno(code: EMFILE)
  package static let systemFilesFull = Errno(code: ENFILE)
  package static let tryAgain = Errno(code: EAGAIN)
}

/// What a call returned, or errno with its sign turned: read before anything else can set it.
func outcome(_ result: Int32) -> Int32 { result < 0 ? -cs_errno() : result }

/// The outcome of a call that takes a name. String.withCString is generic and would be unfolded at each call.
@inline(never)
func outcome(of name: String, _ call: (UnsafePointer<CChar>) -> Int32) -> Int32 {
  var bytes: [UInt8] = []
  name.lend { bytes.append(contentsOf: $0) }
  bytes.append(0)
  return bytes.withUnsafeBytes { bytes in
    guard let start = bytes.baseAddress else { return -EINVAL }
    return outcome(call(start.assumingMemoryBound(to: CChar.self)))
  }
}

private func outcome(
  of old: String, _ new: String, _ call: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
) -> Int32 {
  outcome(of: old) { old in outcome(of: new) { new in call(old, new) } }
}

/// Throws the errno that `outcome` carried out.
func succeed(_ outcome: Int32) throws(Errno) {
  if outcome < 0 { throw Errno(code: -outcome) }
}

/// The descriptor that `open` got, or its like from 3 on.
func beyondStdio(_ opened: Int32) throws(Errno) -> Int32 {
  try succeed(opened)
  if opened >= 3 { return opened }
  let moved = outcome(cs_dup_above_stdio(opened))
  _ = close(opened)
  try succeed(moved)
  return moved
}

/// An open file that closes with its last reference. One thread at a time.
///
/// The descriptor is close-on-exec and never 0, 1 or 2: a host that closed those must not find our file where
/// its next printf goes.
package final class File {
  package fileprivate(set) var descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit {
    if descriptor >= 0 { _ = CSys.close(descriptor) }
  }

  /// Writes all of it, however many calls that takes.
  ///
  /// What would go beyond the process's file size limit is refused before the first byte, with EFBIG: the kernel
  /// would raise SIGXFSZ too, and signals are the host's.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
    guard UInt64(bytes.count) <= cs_file_size_limit() else { throw Errno(code: EFBIG) }
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = CSys.write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
      if count > 0 { written += count; continue }
      let code = count == 0 ? EIO : cs_errno()
      if code != EINTR { throw Errno(code: code) }
    }
  }

  /// Reads until the room is full or the file ends, and says how much that was.
  package func read(into room: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
    var got = 0
    while got < room.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: room[got...])
      let count = CSys.read(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
      if count == 0 { break }
      if count > 0 { got += count; continue }
      let code = cs_errno()
      if code != EINTR { throw Errno(code: code) }
    }
    return got
  }

  /// Opens what lies under a path, to read it. A pipe without a writer does not hold up the caller.
  package static func open(reading path: String) throws(Errno) -> File {
    let opened = outcome(of: path) { cs_open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0) }
    return File(descriptor: try beyondStdio(opened))
  }

  /// Returns when the bytes are on the medium. After a failure nobody knows which are: start again with a new file.
  package func sync() throws(Errno) {
    var result = outcome(fsync(descriptor))
    while result == -EINTR { result = outcome(fsync(descriptor)) }
    try succeed(result)
  }

  /// Some filesystems, NFS among them, tell only here that bytes were lost. Nothing else may be asked afterwards.
  package func close() throws(Errno) {
    let closing = descriptor
    descriptor = -1
    // After EINTR Linux has closed the descriptor already; a second try could close somebody else's.
    let result = outcome(CSys.close(closing))
    if result != -EINTR { try succeed(result) }
  }
}

/// A folder that was opened once and closes with its last reference. Names are looked up in it, even if its path
/// has come to mean another folder.
package final class Folder {
  /// What a name stands for. A symbolic link is one, wherever it points.
  package enum Kind: Equatable, Sendable {
    case file, folder, symbolicLink, pipe, socket, device
  }

  let file: File

  /// Opening for `sync` needs read permission; otherwise search permission is enough.
  package init(path: String, syncing: Bool) throws(Errno) {
    // Embedded Swift never frees an object whose init throws before every property has a value.
    file = File(descriptor: -1)
    let access = syncing ? O_RDONLY : CS_O_PATH
    let opened = outcome(of: path) { cs_open($0, access | O_DIRECTORY | O_CLOEXEC, 0) }
    file.descriptor = try beyondStdio(opened)
  }

  /// What lies under the name, nil when nothing does.
  package func kind(of name: String) throws(Errno) -> Kind? {
    try status(of: name)?.kind
  }

  /// What lies below the folder, to read it. A link that leads out is EXDEV, as is "..".
  func open(beneath path: String) throws(Errno) -> File {
    let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC
    var opened = outcome(of: path) { cs_open_beneath(file.descriptor, $0, flags) }
    // Somebody renamed a folder on the way, so the kernel could not be sure.
    for _ in 0..<16 where opened == -EAGAIN {
      opened = outcome(of: path) { cs_open_beneath(file.descriptor, $0, flags) }
    }
    return File(descriptor: try beyondStdio(opened))
  }

  /// A new empty file to write, if asked for this user alone; EEXIST when the name is taken, by a dangling link too.
  package func create(_ name: String, isPrivate: Bool = false) throws(Errno) -> File {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    // The process's umask takes its part of the mode, as for every file the host makes itself.
    let opened = outcome(of: name) { cs_openat(file.descriptor, $0, flags, isPrivate ? 0o600 : 0o666) }
    return File(descriptor: try beyondStdio(opened))
  }

  package func remove(_ name: String) throws(Errno) {
    try succeed(outcome(of: name) { unlinkat(file.descriptor, $0, 0) })
  }

  /// Gives a file its new name in one step, in place of whatever has it.
  package func rename(_ old: String, replacing new: String) throws(Errno) {
    try succeed(outcome(of: old, new) { renameat(file.descriptor, $0, file.descriptor, $1) })
  }

  /// Gives a file its new name in one step; EEXIST when the name is taken. EINVAL or ENOSYS: this filesystem or
  /// kernel has no such step, and `link` may do.
  package func rename(_ old: String, to new: String) throws(Errno) {
    try succeed(outcome(of: old, new) { cs_rename_new(file.descriptor, $0, $1) })
  }

  /// Gives a file a second name; EEXIST when that name is taken.
  package func link(_ old: String, to new: String) throws(Errno) {
    try succeed(outcome(of: old, new) { linkat(file.descriptor, $0, file.descriptor, $1, 0) })
  }

  /// Returns when the folder's names are on the medium, or its filesystem says that it has nothing to do for that.
  package func sync() throws(Errno) {
    do throws(Errno) { try file.sync() } catch {
      if error != .invalid && error != .notSupported { throw error }
    }
  }
}

/// A seed from the kernel for names nobody else uses. It need not be secret: a taken name is refused, not shared.
package func systemSeed() -> UInt64 {
  var seed: UInt64 = 0
  if getrandom(&seed, 8, UInt32(GRND_NONBLOCK)) == 8 { return seed }
  // No entropy yet, early in the machine's life. Process and time tell two writers apart.
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return UInt64(truncatingIfNeeded: getpid()) << 40 ^ UInt64(truncatingIfNeeded: now.tv_nsec)
}
