// Whether bytes from outside are text. Swift would repair bad UTF-8 in silence, and a repaired prompt is not the
// prompt that was asked for.

package enum UTF8Check {
  /// The offset of the first byte that cannot be part of UTF-8, or nil. Refused are overlong forms, surrogates,
  /// anything above U+10FFFF, stray and missing continuation bytes.
  package static func firstFault(in text: UnsafeRawBufferPointer) -> Int? {
    var offset = 0
    while offset < text.count {
      if text[offset] < 0x80 {
        offset += 1
        continue
      }
      guard let length = sequenceLength(text, at: offset) else { return offset }
      offset += length
    }
    return nil
  }

  /// The length of the well-formed sequence of two to four bytes at `offset`.
  private static func sequenceLength(_ text: UnsafeRawBufferPointer, at offset: Int) -> Int? {
    // Only the second byte's range depends on the first: it keeps overlong forms and surrogates out.
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch text[offset] {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard length <= text.count - offset, second.contains(text[offset + 1]) else { return nil }
    for position in offset + 2..<offset + max(2, length) where text[position] & 0xC0 != 0x80 { return nil }
    return length
  }
}
