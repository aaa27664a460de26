// Where a picture is to lie, and the sentences a host reads when it cannot lie there.

internal import Core
import Platform

/// A folder and a name in it, taken apart but not looked up yet.
struct OutputPlace {
  let folder: String
  let name: String
  /// As a sentence shows it to whoever gave it.
  private let target: String
  /// A folder in which names are picked until one is free, rather than one path for one picture.
  private let picksNames: Bool

  init(path: String) throws(Failure) {
    picksNames = false
    target = shown(path)
    let bytes = path.bytes
    guard !bytes.isEmpty else { throw Failure(.argument, at: "path", "the path is empty; give a file name") }
    guard !bytes.contains(0) else { throw Failure(.argument, at: "path", "a path cannot contain a NUL byte") }

    let start = (bytes.lastIndex(of: slash) ?? -1) + 1
    let name = bytes[start...]
    if name.allSatisfy({ $0 == dot }) && name.count <= 2 {
      throw Failure(.argument, at: "path", "\(target) names a folder; add a file name to it")
    }
    self.name = String(name)
    folder = start == 0 ? "." : start == 1 ? "/" : String(bytes[..<(start - 1)])
  }

  init(folder: String, base: String, ending: String) throws(Failure) {
    picksNames = true
    self.folder = folder
    name = String(sentence: "\(base).\(ending)")
    target = shown(joined(folder, name))
    if folder.isEmpty || folder.bytes.contains(0) {
      throw Failure(.argument, at: "/outputDir", "outputDir is empty or contains a NUL byte; name a folder")
    }
    if base.isEmpty || name.bytes.contains(where: { $0 == slash || $0 == 0 }) {
      throw Failure(.argument, at: "/outputDir", "a picture cannot be called \(shown(name))")
    }
  }

  /// The path of another name in the folder.
  func path(of name: String) -> String { joined(folder, name) }

  func open(syncing: Bool) throws(Failure) -> Folder {
    do throws(Errno) { return try Folder(path: folder, syncing: syncing) } catch {
      if error == .noEntry {
        throw failure(error, .io, "the folder \(shown(folder)) does not exist; create it first")
      }
      guard error == .noAccess else { throw failure(error) }
      let nosync: StaticString = picksNames || !syncing ? "" : "; T2I_SAVE_NOSYNC does without the first"
      throw failure(
        error, .io, "no permission to read, write and search the folder \(shown(folder))\(nosync)")
    }
  }

  /// Looks before anything is written, so that nothing is written in vain. It is the rename that keeps a file safe;
  /// what a replacing one could still meet, a link put there this very moment, it does not follow.
  func refuseTaken(in folder: Folder, replace: Bool) throws(Failure) {
    let found: Folder.Kind?
    do throws(Errno) { found = try folder.kind(of: name) } catch { throw failure(error) }
    switch found {
    case nil: return
    case .file: if !replace { throw failure(.exists) }
    case .folder: throw failure(.isFolder)
    case .symbolicLink:
      throw failure(
        .linkLoop, .exists,
        "\(target) is a symbolic link, which is never replaced; name the file it points to")
    case .pipe, .socket, .device:
      throw failure(
        .exists, .exists, "\(target) is a pipe, a socket or a device, not a file; choose another name")
    }
  }

  func syncNames(of folder: Folder) throws(Failure) {
    do throws(Errno) { try folder.sync() } catch {
      throw failure(
        error, .io,
        "\(target) is whole, but syncing its folder failed: a power failure may undo it; save it elsewhere")
    }
  }

  /// What errno means for whoever wanted a picture here.
  func failure(_ error: Errno) -> Failure {
    let (status, sentence) = meaning(of: error)
    return failure(error, status, sentence)
  }

  private func failure(_ error: Errno, _ status: Status, _ sentence: Sentence) -> Failure {
    var failure = Failure(status, at: picksNames ? "/outputDir" : "path" as StaticString, sentence)
    failure.systemCode = Int64(error.code)
    failure.retryable =
      status == .noSpace || status == .noMemory || error == .processFilesFull || error == .systemFilesFull
    return failure
  }

  private func meaning(of error: Errno) -> (Status, Sentence) {
    let folder = shown(folder)
    return switch error {
    case .exists where picksNames:
      (.exists, "\(folder) has \(Outputs.namesMax) pictures called \(shown(name)); choose another folder")
    case .exists: (.exists, "\(target) exists; pass T2I_SAVE_REPLACE to replace it")
    case .isFolder: (.exists, "\(target) is a folder; name a file in it")
    case .noEntry: (.io, "the folder \(folder) is gone or takes no files; choose another")
    case .notFolder: (.io, "\(folder) is not a folder; choose one that is")
    case .linkLoop: (.io, "the symbolic links in \(folder) lead in a circle; choose another folder")
    case .noAccess, .notPermitted: (.io, "no permission to write in the folder \(folder); choose another")
    case .readOnly: (.io, "the folder \(folder) is on a read-only filesystem; choose another")
    case .noSpace: (.noSpace, "no space is left for \(target); free some and save again")
    case .overQuota: (.noSpace, "the quota leaves no room for \(target); free some and save again")
    case .tooLarge: (.limit, "\(target) would be larger than files may be; raise the limit (ulimit -f)")
    case .nameTooLong: (.limit, "the path \(target) is too long; choose a shorter one")
    case .processFilesFull, .systemFilesFull:
      (.io, "too many files are open; close some or raise the limit (ulimit -n)")
    case .noMemory: (.noMemory, "the system has no memory left to write \(target); free some and save again")
    case .notSupported where picksNames:
      (.unsupported, "the filesystem of \(folder) has neither renameat2 nor links; choose another folder")
    case .notSupported:
      (.unsupported, "the filesystem of \(folder) has neither renameat2 nor links; pass T2I_SAVE_REPLACE")
    default: (.io, "writing \(target) failed with errno \(error.code); check the disk or choose another")
    }
  }
}

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

private func joined(_ folder: String, _ name: String) -> String {
  String(sentence: folder.bytes.last == slash ? "\(folder)\(name)" : "\(folder)/\(name)")
}

/// A path as it fits into a sentence: a host sees 383 bytes of that, and its end names the fix.
func shown(_ path: String) -> String {
  let end = path.bytes.suffix(200)
  if path.byteCount <= 200 { return path }
  return String(sentence: "…\(String(end.drop { $0 & 0xC0 == 0x80 }))")
}
