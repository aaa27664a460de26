// Strings by their bytes. A Character costs Embedded Swift its tables of graphemes and `==` its tables of canonical
// spellings (46 KB), and nothing a service checks is compared or counted in them. So text is compared by `is`,
// `equals` and `includes`, and walked over as `bytes`.

extension String {
  /// The UTF-8 for a reader that walks over it: an array is a tenth of the code of a view of a string. To be sliced, not
  /// edited: each kind of edit of a slice is a quarter of a kilobyte.
  package var bytes: ArraySlice<UInt8> {
    @inline(never) get {
      var bytes: ArraySlice<UInt8> = []
      lend { bytes = ArraySlice($0) }
      return bytes
    }
  }

  /// Lends the UTF-8. Every string of ours has it at hand; the standard ways bring along those that do not.
  @inline(never)
  package func lend(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    utf8.withContiguousStorageIfAvailable(body)
  }

  package var byteCount: Int {
    @inline(never) get {
      var count = 0
      lend { count = $0.count }
      return count
    }
  }

  @inline(never)
  package init(_ bytes: ArraySlice<UInt8>) {
    self = bytes.withUnsafeBytes { String(utf8: $0) }
  }

  /// What is not UTF-8 becomes the one character that says so; repairing it brings 6 KB of views and indices.
  @inline(never)
  package init(utf8 bytes: UnsafeRawBufferPointer) {
    self = bytes.withMemoryRebound(to: UInt8.self) { String(validating: $0, as: UTF8.self) } ?? "\u{FFFD}"
  }

  @inline(never)
  package init(_ text: StaticString) {
    self = text.withUTF8Buffer { String(utf8: UnsafeRawBufferPointer($0)) }
  }

  @inline(never)
  package func `is`(_ text: StaticString) -> Bool {
    var isSame = false
    lend { own in text.withUTF8Buffer { isSame = same(own, $0) } }
    return isSame
  }

  @inline(never)
  package func equals(_ other: String) -> Bool {
    var isSame = false
    lend { own in other.lend { isSame = same(own, $0) } }
    return isSame
  }

  @inline(never)
  package func begins(with text: StaticString) -> Bool { bytes.begins(with: text) }

  @inline(never)
  package func contains(text: StaticString) -> Bool {
    var rest = bytes
    while !rest.begins(with: text) {
      if rest.isEmpty { return false }
      rest = rest.dropFirst()
    }
    return true
  }

  /// The decimal number it is: up to eighteen digits, with a sign if need be.
  var integer: Int64? {
    let isNegative = begins(with: "-")
    let digits = bytes.dropFirst(isNegative || begins(with: "+") ? 1 : 0)
    guard digits.count >= 1, digits.count <= 18 else { return nil }
    var number: Int64 = 0
    for digit in digits {
      guard digit.isDigit else { return nil }
      number = number * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    return isNegative ? -number : number
  }

  /// The length in UTF-16 code units, which is what the service's JavaScript counts.
  package var utf16Length: Int {
    @inline(never) get {
      var units = 0
      for byte in bytes where byte & 0xC0 != 0x80 { units += byte >= 0xF0 ? 2 : 1 }
      return units
    }
  }

  /// Nothing but what JavaScript's trim takes away.
  var isBlank: Bool {
    @inline(never) get {
      var rest = bytes
      while let first = rest.popFirst() {
        // White space takes at most three bytes of UTF-8; the later ones carry six bits each.
        var scalar = first < 0x80 ? UInt32(first) : UInt32(first) & (first < 0xE0 ? 0x1F : 0x0F)
        for _ in 0..<(first < 0xC0 ? 0 : first < 0xE0 ? 1 : 2) {
          scalar = scalar << 6 | UInt32(rest.popFirst() ?? 0) & 0x3F
        }
        switch scalar {
        case 0x09...0x0D, 0x20, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
          if first >= 0xF0 { return false }
        default: return false
        }
      }
      return true
    }
  }

  /// ASCII letters in lower case, all else as it is.
  package var asciiLowercase: String {
    @inline(never) get {
      var lower: [UInt8] = []
      for byte in bytes { lower.append(byte.isUppercaseLetter ? byte | 0x20 : byte) }
      return String(lower[...])
    }
  }

  /// For a sentence: in quotation marks, and short even if someone sent a megabyte.
  var quoted: String {
    @inline(never) get {
      let limit = 48
      if byteCount <= limit { return String(sentence: "\"\(self)\"") }
      var kept = bytes.prefix(limit)
      while let last = kept.last, last & 0xC0 == 0x80 { kept = kept.dropLast() }
      if let last = kept.last, last >= 0xC0 { kept = kept.dropLast() }
      return String(sentence: "\"\(String(kept))…\"")
    }
  }
}

@inline(never)
private func same(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  for index in left.indices where left[index] != right[index] { return false }
  return true
}

extension String? {
  package func `is`(_ text: StaticString) -> Bool { self?.is(text) ?? false }

  @inline(never)
  package func equals(_ other: String?) -> Bool {
    guard let self, let other else { return self == nil && other == nil }
    return self.equals(other)
  }
}

extension [String] {
  @inline(never)
  package func includes(_ word: String?) -> Bool {
    for own in self where word.equals(own) { return true }
    return false
  }
}

extension ArraySlice<UInt8> {
  @inline(never)
  package func begins(with text: StaticString) -> Bool {
    text.withUTF8Buffer { text in
      guard count >= text.count else { return false }
      for offset in text.indices where self[startIndex + offset] != text[offset] { return false }
      return true
    }
  }
}

extension UInt8 {
  var isUppercaseLetter: Bool { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") }
  package var isLetter: Bool { (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z") }
  package var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  /// What a tag is made of.
  var isWordByte: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }

  package var hexDigit: UInt8? {
    if isDigit { return self - UInt8(ascii: "0") }
    let lower = self | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f") ? lower - UInt8(ascii: "a") + 10 : nil
  }
}

/// "a, b, c and 4 more", for a sentence.
@inline(never)
func enumerated(_ words: [String], limit: Int = 6) -> Sentence {
  var sentence: Sentence = ""
  for index in 0..<min(words.count, limit) {
    let comma: StaticString = index == 0 ? "" : index == words.count - 1 ? " and " : ", "
    sentence = "\(sentence)\(comma)\(words[index])"
  }
  return words.count > limit ? "\(sentence) and \(words.count - limit) more" : sentence
}

/// "1 reference image", "3 reference images".
@inline(never)
func counted(_ count: Int, _ noun: StaticString) -> Sentence {
  count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}

/// A JSON pointer (RFC 6901), built while walking down.
package struct Pointer {
  package let text: String

  package static let root = Pointer(text: "")

  @inline(never)
  package static func / (pointer: Pointer, key: String) -> Pointer {
    var token: [UInt8] = []
    for byte in key.bytes {
      let isEscaped = byte == UInt8(ascii: "~") || byte == UInt8(ascii: "/")
      token.append(isEscaped ? UInt8(ascii: "~") : byte)
      if isEscaped { token.append(byte == UInt8(ascii: "~") ? UInt8(ascii: "0") : UInt8(ascii: "1")) }
    }
    return Pointer(text: String(sentence: "\(pointer.text)/\(String(token[...]))"))
  }

  @inline(never)
  package static func / (pointer: Pointer, index: Int) -> Pointer {
    Pointer(text: String(sentence: "\(pointer.text)/\(index)"))
  }
}

/// One to nine digits and nothing else.
package func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
  guard !digits.isEmpty, digits.count <= 9 else { return nil }
  var number = 0
  for digit in digits {
    guard digit.isDigit else { return nil }
    number = number * 10 + Int(digit - UInt8(ascii: "0"))
  }
  return number
}
