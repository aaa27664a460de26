// Memory whose size someone else decides. Swift's own allocation traps when there is none, and a trap ends the
// host; malloc says so instead.

package import Core
import CSys

/// A block of malloc memory, freed with its last reference. Write it before you share it.
package final class Buffer: Bytes, @unchecked Sendable {
  package private(set) var start: UnsafeMutableRawPointer
  package private(set) var count: Int
  package private(set) var capacity: Int

  /// Throws `noMemory` when the system has none to give.
  package init(capacity: Int) throws(Failure) {
    guard capacity >= 0, let start = malloc(max(1, capacity)) else { throw Buffer.refused(capacity) }
    self.start = start
    self.count = 0
    self.capacity = capacity
  }

  deinit { free(start) }

  package var memory: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  /// Says how much of the capacity has been written.
  package func fill(to count: Int) {
    precondition(count >= 0 && count <= capacity)
    self.count = count
  }

  /// Makes room for this many bytes in all and keeps what was written. False when the system has none; then nothing
  /// changes.
  package func grow(to capacity: Int) -> Bool {
    guard capacity > self.capacity else { return true }
    guard let larger = realloc(start, capacity) else { return false }
    start = larger
    self.capacity = capacity
    return true
  }

  /// Gives back what was not filled. Where the system cannot, nothing changes.
  package func trim() {
    guard count < capacity, let smaller = realloc(start, max(1, count)) else { return }
    start = smaller
    capacity = count
  }

  private static func refused(_ size: Int) -> Failure {
    Failure(.noMemory, "no memory for \(size) bytes; close tasks whose pictures you no longer need")
  }
}
