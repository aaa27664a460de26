// Files read whole: pictures that lie in the client's folder, and the catalogue a config names.

package import Core
package import Platform

package enum Reading {
  /// The bytes of a picture that was kept at the path. They must still be as many as were written.
  package static func picture(_ path: String, size: Int) throws(Failure) -> Buffer {
    let buffer = try read(path, atMost: size, "path")
    guard buffer.memory.count == size else {
      throw Failure(
        .io, at: "path", "\(shown(path)) is no longer the picture that was kept there; submit it again")
    }
    return buffer
  }

  /// A file of text of at most so many bytes. `location` names what pointed at it.
  package static func document(_ path: String, atMost limit: Int, _ location: StaticString) throws(Failure)
    -> Buffer
  {
    let buffer = try read(path, atMost: limit + 1, location)
    guard buffer.memory.count <= limit else {
      throw Failure(.limit, at: location, "\(shown(path)) has more than \(limit) bytes")
    }
    return buffer
  }

  /// Whether a file is there and holds just these bytes.
  static func holds(_ path: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let buffer = try? read(path, atMost: bytes.count + 1, "path") else { return false }
    let found = buffer.memory
    guard found.count == bytes.count else { return false }
    for index in 0..<bytes.count where found[index] != bytes[index] { return false }
    return true
  }

  private static func read(_ path: String, atMost size: Int, _ location: StaticString) throws(Failure)
    -> Buffer
  {
    let buffer = try Buffer(capacity: size)
    do throws(Errno) {
      let file = try File.open(reading: path)
      buffer.fill(to: try file.read(into: UnsafeMutableRawBufferPointer(start: buffer.start, count: size)))
    } catch {
      var failure = Failure(.io, at: location, "cannot read \(shown(path)) (errno \(error.code))")
      if error == .noEntry { failure.message = String(sentence: "\(shown(path)) does not exist") }
      failure.systemCode = Int64(error.code)
      throw failure
    }
    return buffer
  }
}
