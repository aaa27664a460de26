// A picture's bytes as the rooms hand them on. Core owns no memory of its own making: the holder is foreign (malloc,
// a file in memory), and a test's array is as good.

/// Bytes that never change and live as long as their holder. Any thread may read them.
package protocol Bytes: AnyObject, Sendable {
  /// Valid while the holder is referenced.
  var memory: UnsafeRawBufferPointer { get }
}
