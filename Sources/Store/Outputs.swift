// Pictures on disk. A picture was paid for, and somebody may be watching its name: whatever happens, the power
// failing included, under that name there is the whole picture or what was there before.

package import Core
import Platform

package enum Outputs {
  /// Writes the bytes to the path: a temporary file beside it, synced, renamed, and the folder synced.
  ///
  /// Only a regular file is ever replaced, and only if asked. On failure the temporary file is gone and the path is
  /// as it was, but for one case that its sentence tells: the folder could not be synced, and the picture, whole,
  /// may lose its name if the power fails. Without `sync` nothing waits for the medium. Any thread; blocks on the
  /// disk.
  package static func save(
    _ bytes: UnsafeRawBufferPointer, to path: String, replace: Bool, sync: Bool
  ) throws(Failure) {
    let place = try OutputPlace(path: path)
    let folder = try place.open(syncing: sync)
    try place.refuseTaken(in: folder, replace: replace)
    do throws(Errno) {
      try deposit(bytes, in: folder, stem: place.name, sync: sync) { (temporary) throws(Errno) in
        if replace {
          try folder.rename(temporary, replacing: place.name)
        } else {
          try name(temporary, place.name, in: folder)
        }
      }
    } catch { throw place.failure(error) }
    if sync { try place.syncNames(of: folder) }
  }

  /// Throws what `keep` would throw now, before anything is painted in vain.
  package static func requireFolder(_ folder: String) throws(Failure) {
    _ = try OutputPlace(folder: folder, base: "t2i", ending: "png").open(syncing: true)
  }

  /// How many names `keep` tries; a folder that has them all is refused.
  package static let namesMax = 9999

  /// Writes the bytes to `<base>.<extension>` in the folder, or `<base>-2.<extension>` and so on when that is
  /// taken, and returns the path. Replaces nothing and creates no folder; otherwise as `save` with sync. `adopts`: we
  /// may have died over this before. A file of the first name that holds these very bytes is the one, and what lies
  /// beside it half written is removed.
  package static func keep(
    _ bytes: UnsafeRawBufferPointer, in folder: String, named base: String, extension ending: String,
    adopts: Bool = false
  ) throws(Failure) -> String {
    let place = try OutputPlace(folder: folder, base: base, ending: ending)
    let folder = try place.open(syncing: true)
    if adopts {
      sweep(folder, base)
      if Reading.holds(place.path(of: place.name), bytes) { return place.path(of: place.name) }
    }
    var kept = place.name
    do throws(Errno) {
      try deposit(bytes, in: folder, stem: base, sync: true) { (temporary) throws(Errno) in
        for number in 1...namesMax {
          kept = number == 1 ? place.name : String(sentence: "\(base)-\(number).\(ending)")
          do throws(Errno) { return try name(temporary, kept, in: folder) } catch {
            if error != .exists { throw error }
          }
        }
        throw Errno.exists
      }
    } catch { throw place.failure(error) }
    try place.syncNames(of: folder)
    return place.path(of: kept)
  }

  /// Only for a base that nobody else writes.
  private static func sweep(_ folder: Folder, _ base: String) {
    let names = try? folder.names(from: String(sentence: ".\(base)."), to: ".part", atMost: temporaryNamesMax)
    for name in names ?? [] { try? folder.remove(name) }
  }

  /// How many temporary names are tried. With 63 random bits the second is already a sign of something strange.
  private static let temporaryNamesMax = 100

  /// Writes the bytes to a temporary file, which `publish` is to give its name; it is gone when either fails.
  private static func deposit(
    _ bytes: UnsafeRawBufferPointer, in folder: Folder, stem: String, sync: Bool,
    publish: (_ temporary: String) throws(Errno) -> Void
  ) throws(Errno) {
    var random = Random(seed: systemSeed())
    for _ in 0..<temporaryNamesMax {
      let temporary = temporaryName(stem, random.next())
      let file: File
      do throws(Errno) { file = try folder.create(temporary) } catch {
        if error == .exists { continue }
        throw error
      }
      do throws(Errno) {
        try file.write(bytes)
        if sync { try file.sync() }
        try file.close()
        return try publish(temporary)
      } catch {
        try? folder.remove(temporary)
        throw error
      }
    }
    throw Errno.tryAgain
  }

  /// Hidden, told apart from pictures by its ending, and short whatever the picture's name: some filesystems hold
  /// names of 143 bytes only.
  private static func temporaryName(_ stem: String, _ number: UInt64) -> String {
    var start = stem.bytes.prefix(64)
    // Back to a plain ASCII character, so that no half of another remains.
    while let last = start.last, last & 0x80 != 0 { start = start.dropLast() }
    return String(sentence: ".\(String(start)).\(Int64(bitPattern: number >> 1)).part")
  }

  /// Gives the temporary file its name, unless that is taken (EEXIST). There is no moment between looking and
  /// taking in which another could come: the kernel does both in one step, or refuses.
  private static func name(
    _ temporary: String, _ name: String, in folder: Folder
  ) throws(Errno) {
    do throws(Errno) { return try folder.rename(temporary, to: name) } catch {
      if error != .invalid && error != .notImplemented { throw error }
    }
    do throws(Errno) { try folder.link(temporary, to: name) } catch {
      // Filesystems without hard links say EPERM, which would be told as a matter of permission.
      throw error == .notPermitted ? .notSupported : error
    }
    // The picture has its name. A second, hidden one that cannot be removed is no reason to say that it failed.
    try? folder.remove(temporary)
  }
}
