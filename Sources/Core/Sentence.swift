// Text put together for people, at a tenth of the code: the standard interpolation unfolds two hundred bytes of
// String.append into the caller for every piece, and so does `+`. Everything here happens out of line.

/// Write a literal where one is asked for: "promptText: \(units) units, at most \(most)".
///
/// It is its own interpolation and one pointer wide, because half of all the code that reports a fault is the making of
/// its sentence.
package struct Sentence: ExpressibleByStringInterpolation, StringInterpolationProtocol, Sendable {
  package typealias StringInterpolation = Sentence
  package typealias StringLiteralType = StaticString

  private var bytes: [UInt8] = []

  package var text: String {
    @inline(never) get { String(bytes[...]) }
  }

  @inline(never)
  package init(_ text: String) { appendInterpolation(text) }

  // Literals are taken apart in the caller, where their length is a constant: two small arguments instead of three.
  @inline(__always)
  package init(stringLiteral text: StaticString) { self.init(text.utf8Start, text.utf8CodeUnitCount) }

  @inline(never)
  private init(_ start: UnsafePointer<UInt8>, _ count: Int) { add(start, count) }

  @inline(__always)
  package init(stringInterpolation sentence: Sentence) { self = sentence }

  @inline(__always)
  package init(literalCapacity: Int, interpolationCount: Int) {}

  // The compiler writes an empty piece after a value that ends the sentence, and here takes it away again.
  @inline(__always)
  package mutating func appendLiteral(_ literal: StaticString) {
    if literal.utf8CodeUnitCount > 0 { add(literal.utf8Start, literal.utf8CodeUnitCount) }
  }

  package mutating func appendInterpolation(_ piece: StaticString) {
    add(piece.utf8Start, piece.utf8CodeUnitCount)
  }

  @inline(never)
  package mutating func appendInterpolation(_ piece: String) {
    piece.lend { bytes.append(contentsOf: $0) }
  }

  @inline(never)
  package mutating func appendInterpolation(_ sentence: Sentence) {
    sentence.bytes.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
  }

  @inline(never)
  package mutating func appendInterpolation(_ number: Int64) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    add(number.magnitude)
  }

  package mutating func appendInterpolation(_ number: Int) { appendInterpolation(Int64(number)) }
  package mutating func appendInterpolation(_ number: Int32) { appendInterpolation(Int64(number)) }
  package mutating func appendInterpolation(_ number: UInt32) { appendInterpolation(Int64(number)) }
  package mutating func appendInterpolation(_ number: UInt64) { add(number) }

  @inline(never)
  private mutating func add(_ start: UnsafePointer<UInt8>, _ count: Int) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
  }

  /// The standard library's own description is generic over the radix and the width, and ten times the size.
  private mutating func add(_ number: UInt64) {
    if number >= 10 { add(number / 10) }
    bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
  }
}

extension String {
  /// A name or a key put together: String(sentence: "\(folder)/\(name)").
  package init(sentence: Sentence) { self = sentence.text }
}
