// Where a journal lies: what is wrong with a path is said before SQLite sees it, and a new journal appears under its
// name whole or not at all. So an empty file there is never a new journal, but one that lost what it had.

internal import Core
import Platform

/// A journal's folder and its name in it.
struct JournalPlace {
  let folder: Folder
  let name: String
  /// Absolute, without links.
  let path: String

  /// SQLite's own limit, less what it appends.
  private static let pathMax = 500

  /// Makes the folder where it is missing, and looks at what lies there.
  init(path given: String) throws(Failure) {
    let bytes = given.bytes
    if bytes.isEmpty || bytes.contains(0) {
      throw refusal("its path is empty or contains a NUL byte; name a file, or null for no journal")
    }
    if bytes.count > JournalPlace.pathMax { throw tooLong(bytes.count) }
    let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
    name = String(bytes[(slash.map { $0 + 1 } ?? 0)...])
    if name.bytes.allSatisfy({ $0 == UInt8(ascii: ".") }) && name.byteCount <= 2 {
      throw refusal("\(given) is a folder; name a file in it")
    }
    let above = slash.map { $0 == 0 ? "/" : String(bytes[..<$0]) } ?? "."
    let resolved: String
    do throws(Errno) {
      try Paths.makeFolders(above)
      resolved = try Paths.resolved(above)
      folder = try Folder(path: resolved, syncing: true)
    } catch { throw refused(error, "its folder \(shown(above))") }
    path = String(sentence: resolved.is("/") ? "/\(name)" : "\(resolved)/\(name)")
    if path.byteCount > JournalPlace.pathMax { throw tooLong(path.byteCount) }
    try refuseRemote()
  }

  private func refuseRemote() throws(Failure) {
    do throws(Errno) {
      guard try folder.isRemote() else { return }
    } catch { throw refused(error, "\(shown(path))") }
    throw refusal(
      "\(shown(path)) lies on another machine, whose locks cannot be relied on; name a local file")
  }

  /// Whether there is one. Throws for what could be none.
  func isTaken() throws(Failure) -> Bool {
    let found: FileStatus?
    do throws(Errno) { found = try folder.status(of: name) } catch { throw refused(error, "\(shown(path))") }
    guard let found else { return false }
    switch found.kind {
    case .file: break
    case .folder: throw refusal("\(shown(path)) is a folder; name a file in it")
    case .symbolicLink: throw refusal("\(shown(path)) is a symbolic link; name the file it should point to")
    case .pipe, .socket, .device:
      throw refusal("\(shown(path)) is a pipe, a socket or a device; name a file")
    }
    if !found.isOurs {
      throw refusal("\(shown(path)) belongs to another user; name a file of your own")
    }
    return true
  }

  /// Makes an empty journal under this name. Where somebody else just did, that one stays.
  func make(temporarily temporary: String) throws(Failure) {
    do throws(Errno) { _ = try folder.create(temporary, isPrivate: true) } catch {
      throw refused(error, "\(shown(path))")
    }
    defer { try? folder.remove(temporary) }
    do throws(Fault) {
      let connection = try Connection.open(beside(temporary))
      try connection.execute(Schema.making)
    } catch {
      if case .code(let code) = error { throw journalFailure(code, path) }
      throw refusal("\(shown(path)) could not be made; name another file")
    }
    do throws(Errno) {
      try give(temporary)
      try folder.sync()
    } catch {
      if error != .exists { throw refused(error, "\(shown(path))") }
    }
  }

  private func give(_ temporary: String) throws(Errno) {
    do throws(Errno) { return try folder.rename(temporary, to: name) } catch {
      if error != .invalid && error != .notImplemented { throw error }
    }
    try folder.link(temporary, to: name)
  }

  /// The path of another file in the folder.
  func beside(_ other: String) -> String {
    String(sentence: "\(String(path.bytes.dropLast(name.byteCount)))\(other)")
  }

  /// Gives a damaged journal another name; nothing of it is lost. The log of its last changes goes after it: without
  /// its file, SQLite would throw it away.
  func setAside(_ now: Int64) throws(Errno) -> String {
    let aside = String(sentence: "\(name).damaged-\(now)")
    for ending in JournalPlace.parts {
      do throws(Errno) {
        try folder.rename(
          String(sentence: "\(name)\(ending)"), replacing: String(sentence: "\(aside)\(ending)"))
      } catch { if error != .noEntry { throw error } }
    }
    try folder.sync()
    return beside(aside)
  }

  /// Of a journal: itself, its log, and the memory its users share.
  private static let parts: [StaticString] = ["", "-wal", "-shm"]

  /// Throws when a log lies here whose journal is gone: SQLite would destroy it, or mix it into a new one.
  func refuseOrphan(_ now: Int64, othersLive: Bool) throws(Failure) {
    var aside = ""
    do throws(Errno) {
      guard try folder.status(of: String(sentence: "\(name)-wal")) != nil else { return }
      // The file comes before its log: where another process is just beginning the journal, it is there by now.
      if try folder.status(of: name) != nil { return }
      if !othersLive { aside = try setAside(now) }
    } catch { throw refused(error, "\(shown(path))") }
    if othersLive {
      throw refusal("\(shown(path)) is gone and others still write its log; put it back, or close them all")
    }
    throw refusal(
      "\(shown(path)) is gone and its log is not; the log is now \(shown(aside))-wal; open again to begin a new one"
    )
  }
}

/// Every failure of a journal has this form.
func refusal(_ sentence: Sentence) -> Failure {
  Failure(.journal, at: "/journal", "the journal: \(sentence)")
}

private func tooLong(_ size: Int) -> Failure {
  refusal("its path has \(size) bytes and SQLite takes few more than 500; choose a shorter one")
}

/// What errno means for whoever wanted a journal there.
func refused(_ error: Errno, _ what: Sentence) -> Failure {
  let meaning: Sentence =
    switch error {
    case .noEntry: "does not exist and cannot be made; make it first"
    case .notFolder: "cannot be, because a part of its path is not a folder; name another"
    case .linkLoop: "cannot be reached, because links lead in a circle; name another"
    case .nameTooLong: "has too long a name; choose a shorter one"
    case .noAccess, .notPermitted:
      "cannot be used without permission to read, write and search; allow it, or name another"
    case .readOnly: "is on a read-only filesystem; name a place that can be written"
    case .noSpace, .overQuota: "cannot be made, because no space is left; free some"
    case .processFilesFull, .systemFilesFull: "cannot be opened, because too many files are open; close some"
    case .invalid: "is on a filesystem without locks; name a file on another"
    default: "failed with errno \(error.code); check the disk or name another file"
    }
  var failure = refusal("\(what) \(meaning)")
  failure.systemCode = Int64(error.code)
  return failure
}
