// A key. It has no description, is no String, and goes to one place: the header of a request to the service's API.

/// The bytes of a key, lent and never given.
package final class Secret: Sendable {
  private let bytes: [UInt8]

  package init(_ text: String) { bytes = Array(text.bytes) }

  /// For the one place that writes it to the wire.
  package func lend<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { body($0) }
  }
}
