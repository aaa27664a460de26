// Pictures that came along as bytes, as files that a provider of the host's can open: for this user alone, and gone when
// the job is.

import Core
import Platform

final class Spool: Sendable {
  private let folder: String
  private let names = Locked<[String]>([])

  init(folder: String) { self.folder = folder }

  deinit { remove() }

  /// The path of a new file with these bytes.
  func keep(_ bytes: UnsafeRawBufferPointer, ending: StaticString) throws(Failure) -> String {
    let name = String(sentence: "t2i-\(Intent.make(systemSeed(), systemSeed()))\(ending)")
    do throws(Errno) {
      let file = try Folder(path: folder, syncing: false).create(name, isPrivate: true)
      names.withLock { $0.append(name) }
      try file.write(bytes)
      try file.close()
    } catch { throw failure(error) }
    return String(sentence: folder.bytes.last == UInt8(ascii: "/") ? "\(folder)\(name)" : "\(folder)/\(name)")
  }

  private func failure(_ error: Errno) -> Failure {
    let isFull = error == .noSpace || error == .overQuota
    var failure = Failure(
      isFull ? .noSpace : .io, at: "/referenceImages",
      isFull
        ? "no space is left in \(folder) for a reference of the request; free some, or set TMPDIR to another folder"
        : "a reference of the request cannot be written in \(folder) (errno \(error.code)); set TMPDIR to a folder"
    )
    failure.systemCode = Int64(error.code)
    return failure
  }

  func remove() {
    let gone = names.withLock { names in
      defer { names = [] }
      return names
    }
    // What cannot be removed now cannot be removed later either.
    guard !gone.isEmpty, let place = try? Folder(path: folder, syncing: false) else { return }
    for name in gone { _ = try? place.remove(name) }
  }
}
