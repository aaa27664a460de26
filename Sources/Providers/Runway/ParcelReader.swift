// The bytes of a checked picture on their way. They are hashed once more while they leave, and the last piece is held
// back until the hash is that of the check: a file that changed in between never arrives whole.

import Core
import Platform
import Transport

/// Turned by one thread, the one that turns the loop.
final class ParcelReader: Cargo, @unchecked Sendable {
  let size: Int
  private(set) var loaded = 0
  /// Why it stopped.
  private(set) var failure: Failure?

  private let parcel: Parcel
  /// nil for what is in memory.
  private let file: File?
  private var hash = SHA256()

  /// Fails where the file cannot be opened any more, or is of another size.
  init(_ parcel: Parcel) throws(Failure) {
    let file = try ParcelReader.open(parcel)
    self.parcel = parcel
    self.file = file
    size = parcel.size
  }

  var permille: Int { loaded * 1000 / max(1, size) }

  func load(into room: UnsafeMutableRawBufferPointer) -> Int? {
    do throws(Failure) {
      let wanted = min(room.count, size - loaded)
      let piece = UnsafeMutableRawBufferPointer(rebasing: room[..<wanted])
      try read(into: piece)
      hash.update(UnsafeRawBufferPointer(piece))
      if loaded + wanted == size, wanted > 0 { try checkEnd() }
      loaded += wanted
      return wanted
    } catch {
      failure = error
      return nil
    }
  }

  private func read(into piece: UnsafeMutableRawBufferPointer) throws(Failure) {
    guard let file else {
      guard case .memory(let bytes) = parcel.content else { return }
      return piece.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes.memory[loaded..<loaded + piece.count]))
    }
    let count: Int
    do throws(Errno) { count = try file.read(into: piece) } catch {
      throw error.failure(reading: parcel.name)
    }
    if count < piece.count { throw ParcelReader.changed(parcel) }
  }

  private func checkEnd() throws(Failure) {
    guard hash.finish().equals(parcel.sha256) else { throw ParcelReader.changed(parcel) }
    guard let file else { return }
    do throws(Errno) {
      if try file.facts().size == size { return }
    } catch { throw error.failure(reading: parcel.name) }
    throw ParcelReader.changed(parcel)
  }

  private static func open(_ parcel: Parcel) throws(Failure) -> File? {
    guard case .file(let path, let root) = parcel.content else { return nil }
    let file: File
    let facts: File.Facts
    do throws(Errno) {
      file = try File.open(reading: path, beneath: root)
      facts = try file.facts()
    } catch { throw error.failure(reading: parcel.name) }
    guard facts.isRegular, facts.size == parcel.size else { throw changed(parcel) }
    return file
  }

  private static func changed(_ parcel: Parcel) -> Failure {
    Failure(.state, "it is no longer the file that was checked; submit again once it stays as it is")
  }
}
