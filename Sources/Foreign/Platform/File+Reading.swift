// Files of the host's that are read and not ours: opened below a folder if need be, and known again by what the
// system says of them.

import CSys
package import Core

extension Errno {
  /// The path leads out of the folder it must stay in.
  package static let leadsOut = Errno(code: EXDEV)
}

extension File {
  /// What the system says of an open file. Two files with the same facts are the same file, unchanged.
  package struct Facts: Equatable, Sendable {
    package let isRegular: Bool
    package let isFolder: Bool
    package let size: Int
    let device: UInt64
    let inode: UInt64
    /// Of the last change, in nanoseconds since 1970.
    package let changed: Int64
  }

  package func facts() throws(Errno) -> Facts {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Errno(code: cs_errno()) }
    let kind = Int32(bitPattern: status.st_mode) & S_IFMT
    return Facts(
      isRegular: kind == S_IFREG, isFolder: kind == S_IFDIR, size: Int(status.st_size),
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
      changed: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec))
  }

  /// Opens a path to read it; with a `root` only what lies below that folder, whatever links say. EXDEV: it does not;
  /// ENOSYS: the kernel cannot tell, so nothing is opened.
  package static func open(reading path: String, beneath root: String?) throws(Errno) -> File {
    guard let root else { return try open(reading: path) }
    let folder = try Folder(path: root, syncing: false)
    return try folder.open(beneath: relative(path, to: root))
  }

  /// A path that begins with the folder's own is meant from there on.
  private static func relative(_ path: String, to root: String) -> String {
    var (rest, prefix) = (path.bytes, root.bytes)
    while prefix.last == UInt8(ascii: "/") { prefix = prefix.dropLast() }
    guard rest.count > prefix.count, rest.prefix(prefix.count) == prefix,
      rest[rest.startIndex + prefix.count] == UInt8(ascii: "/")
    else { return path }
    rest = rest.dropFirst(prefix.count)
    while rest.first == UInt8(ascii: "/") { rest = rest.dropFirst() }
    return String(rest)
  }
}

extension Errno {
  /// Why a file of the host's could not be read. `name` is without its folders, which may be nobody's business.
  package func failure(reading name: String) -> Failure {
    let sentence: Sentence =
      switch self {
      case .noEntry: "\(name) does not exist; check the path"
      case .notFolder: "a folder in the path of \(name) is a file; check the path"
      case .noAccess, .notPermitted: "\(name) may not be read by this process; change its permissions"
      case .linkLoop:
        "the symbolic links of \(name) lead in a circle, or where none may; name the file itself"
      case .leadsOut: "\(name) does not lie below referenceRoot; only files below it may be sent"
      case .notImplemented:
        "the kernel has no openat2, without which referenceRoot cannot be kept; Linux 5.6 has"
      case .nameTooLong: "the path of \(name) is too long; choose a shorter one"
      case .processFilesFull, .systemFilesFull: "\(name): too many files are open; close some (ulimit -n)"
      default: "\(name) cannot be read (errno \(code))"
      }
    var failure = Failure(.io, sentence)
    failure.systemCode = Int64(code)
    return failure
  }
}
