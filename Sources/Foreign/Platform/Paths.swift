// What lies under a path, asked without opening it, and folders made on the way.

import CSys
internal import Core

/// A file as its folder knows it.
package struct FileStatus: Equatable, Sendable {
  package let kind: Folder.Kind
  package let size: Int64
  /// The user it belongs to.
  package let user: UInt32
  let device: UInt64
  let inode: UInt64

  init(_ status: stat) {
    kind = Folder.Kind(mode: status.st_mode)
    size = Int64(status.st_size)
    user = status.st_uid
    (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }

  package func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }

  /// Of the user this process acts for.
  package var isOurs: Bool { user == geteuid() }
}

package enum Paths {
  /// Makes the folder and those above it that are missing, for this user alone, and syncs their names. What exists
  /// stays as it is.
  package static func makeFolders(_ path: String) throws(Errno) {
    let bytes = path.bytes
    var end = 0
    var result: Int32 = 0
    while end < bytes.count {
      end += 1
      guard end == bytes.count || bytes[end] == UInt8(ascii: "/") else { continue }
      result = outcome(of: String(bytes[..<end])) { mkdir($0, 0o700) }
      if result == 0 {
        let slash = bytes[..<end].lastIndex(of: UInt8(ascii: "/"))
        try Folder(path: slash.map { String(bytes[...$0]) } ?? ".", syncing: true).sync()
      }
      // A folder that exists may be in one that takes no new ones, on a read-only disk for example.
      if result == -EEXIST || result == -EROFS || result == -EACCES { continue }
      try succeed(result)
    }
    if result != -EEXIST && (try? Folder(path: path, syncing: false)) == nil { try succeed(result) }
  }

  /// The absolute path without links and dots. What it names must exist.
  package static func resolved(_ path: String) throws(Errno) -> String {
    var resolved: UnsafeMutablePointer<CChar>?
    try succeed(
      outcome(of: path) { path in
        resolved = realpath(path, nil)
        return resolved == nil ? -1 : 0
      })
    guard let resolved else { throw .noMemory }
    defer { free(resolved) }
    return String(utf8: UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
  }
}

extension Folder.Kind {
  init(mode: mode_t) {
    self =
      switch Int32(bitPattern: mode) & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .symbolicLink
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      default: .device
      }
  }
}

extension Folder {
  /// What lies under the name, nil when nothing does. A symbolic link is not followed.
  package func status(of name: String) throws(Errno) -> FileStatus? {
    var status = stat()
    let result = outcome(of: name) { fstatat(file.descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
    if result == -ENOENT { return nil }
    try succeed(result)
    return FileStatus(status)
  }

  /// Whether another machine keeps it.
  package func isRemote() throws(Errno) -> Bool {
    let result = outcome(cs_is_remote(file.descriptor))
    try succeed(result)
    return result == 1
  }

  /// The names that begin so and end so, at most as many as said.
  package func names(from beginning: String, to ending: StaticString, atMost limit: Int) throws(Errno)
    -> [String]
  {
    // Reading moves the place in an open folder, so it gets one of its own.
    let opened = outcome(cs_openat(file.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0))
    let descriptor = try beyondStdio(opened)
    guard let stream = fdopendir(descriptor) else {
      let error = Errno(code: cs_errno())
      _ = CSys.close(descriptor)
      throw error
    }
    defer { closedir(stream) }
    let beginning = beginning.bytes
    var names: [String] = []
    while names.count < limit, let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { room in
        String(utf8: UnsafeRawBufferPointer(rebasing: room.prefix { $0 != 0 }))
      }
      let bytes = name.bytes
      guard bytes.count >= beginning.count + ending.utf8CodeUnitCount,
        bytes.prefix(beginning.count).elementsEqual(beginning),
        bytes.suffix(ending.utf8CodeUnitCount).begins(with: ending)
      else { continue }
      names.append(name)
    }
    return names
  }
}
