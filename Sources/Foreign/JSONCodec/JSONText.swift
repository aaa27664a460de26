// JSON text on its way out. It grows in malloc memory because a C host ends up owning it and calls free().

internal import Core
import CSys

/// A NUL-terminated text of a JSON document. It frees its memory, unless that was given away.
package final class JSONText: Bytes, @unchecked Sendable {
  /// The length without the terminator.
  package private(set) var count = 0
  private var capacity = 0
  private var start: UnsafeMutablePointer<CChar>?

  init() {}

  deinit { free(start) }

  /// The text without its terminator. Valid while this object lives and was not given away.
  package var memory: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  package var string: String { String(utf8: memory) }

  /// Hands the memory to a caller who will free() it; this object is empty afterwards. Only its sole holder may ask.
  package func giveAway() -> UnsafeMutablePointer<CChar>? {
    let given = start
    (start, count, capacity) = (nil, 0, 0)
    return given
  }

  /// False when there is no memory for one more piece and the terminator.
  func append(_ piece: UnsafePointer<CChar>, _ size: Int) -> Bool {
    guard size >= 0, size < Int.max / 4, count < Int.max / 4, reserve(count + size + 1), let start else {
      return false
    }
    memcpy(start + count, piece, size)
    count += size
    start[count] = 0
    return true
  }

  private func reserve(_ size: Int) -> Bool {
    if size <= capacity { return true }
    let larger = max(size, capacity * 2, 256)
    guard let moved = realloc(start, larger) else { return false }
    start = moved.assumingMemoryBound(to: CChar.self)
    capacity = larger
    return true
  }
}
