// What is checked before jansson sees a byte: the limits, and the faults that deserve a better sentence than a
// parser's. It reads no grammar; whatever it lets through, jansson still has to accept.

internal import Core

/// One pass over the text of a JSON document from outside.
struct Scan {
  /// 16 MiB: three data URIs of the service's largest size fit.
  static let maxBytes = 16 << 20
  static let maxDepth = 64

  private let text: UnsafeRawBufferPointer
  private let what: StaticString
  /// A document of nothing but brackets would cost jansson fifty times its size in memory.
  private let maxValues: Int
  private var offset = 0
  private var depth = 0
  private var values = 1

  /// Throws what is wrong with the text as a whole or with any part of it.
  static func check(_ text: UnsafeRawBufferPointer, what: StaticString, maxValues: Int) throws(Failure) {
    var scan = Scan(text, what, maxValues)
    try scan.checkWhole()
    try scan.checkParts()
  }

  private init(_ text: UnsafeRawBufferPointer, _ what: StaticString, _ maxValues: Int) {
    self.text = text
    self.what = what
    self.maxValues = maxValues
  }

  private func checkWhole() throws(Failure) {
    guard text.count <= Self.maxBytes else {
      throw Failure(
        .limit, at: what,
        "\(what): \(text.count) bytes, at most \(Self.maxBytes); send large pictures as blobs")
    }
    if begins(with: 0xEF_BB_BF, of: 3) {
      throw Failure(.json, at: what, "\(what): begins with a byte order mark; leave its three bytes out")
    }
    if begins(with: 0xFF_FE, of: 2) || begins(with: 0xFE_FF, of: 2) {
      throw Failure(.utf8, at: what, "\(what): looks like UTF-16; send UTF-8 without a byte order mark")
    }
    if let fault = UTF8Check.firstFault(in: text) {
      throw Failure(.utf8, at: what, "\(what): byte \(fault) is not part of valid UTF-8")
    }
    for byte in text where byte > 0x20 || byte == 0 { return }
    throw Failure(.json, at: what, "\(what): is empty; send a JSON object, such as {}")
  }

  private func begins(with mark: UInt32, of length: Int) -> Bool {
    var beginning: UInt32 = 0
    for byte in text.prefix(length) { beginning = beginning << 8 | UInt32(byte) }
    return text.count >= length && beginning == mark
  }

  private mutating func checkParts() throws(Failure) {
    while offset < text.count {
      switch text[offset] {
      case 0: throw fault("a NUL byte; the length may count the terminator")
      case UInt8(ascii: "\""): try skipString()
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        try countValue()
        if depth > Self.maxDepth { throw fault("nested deeper than \(Self.maxDepth) levels", .limit) }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ","): try countValue()
      default: break
      }
      offset += 1
    }
  }

  private mutating func countValue() throws(Failure) {
    values += 1
    if values > maxValues { throw fault("more than \(maxValues) values", .limit) }
  }

  /// From an opening quotation mark to the closing one, or to the end of the text, which jansson will refuse.
  private mutating func skipString() throws(Failure) {
    offset += 1
    while offset < text.count, text[offset] != UInt8(ascii: "\"") {
      if text[offset] == 0 { throw fault("a NUL byte; the length may count the terminator") }
      if text[offset] == UInt8(ascii: "\\") { try checkEscape() } else { offset += 1 }
    }
  }

  /// Swift strings could carry U+0000 but C hosts cannot, and half a surrogate pair is no character at all.
  private mutating func checkEscape() throws(Failure) {
    guard let unit = escapedUnit(at: offset) else {
      offset += 2
      return
    }
    switch unit {
    case 0: throw fault("\\u0000 is not allowed")
    case 0xD800...0xDBFF:
      guard let low = escapedUnit(at: offset + 6), low >= 0xDC00, low <= 0xDFFF else {
        throw fault("the first half of a surrogate pair without its second")
      }
      offset += 12
    case 0xDC00...0xDFFF: throw fault("the second half of a surrogate pair without its first")
    default: offset += 6
    }
  }

  /// The code unit of a complete `\uXXXX` at a position; nil for any other text.
  private func escapedUnit(at start: Int) -> UInt32? {
    guard start <= text.count - 6, text[start] == UInt8(ascii: "\\"), text[start + 1] == UInt8(ascii: "u")
    else {
      return nil
    }
    var unit: UInt32 = 0
    for position in start + 2..<start + 6 {
      guard let digit = hexDigit(text[position]) else { return nil }
      unit = unit << 4 | digit
    }
    return unit
  }

  private func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private func fault(_ sentence: Sentence, _ status: Status = .json) -> Failure {
    Failure(status, at: what, "\(what): \(Place(of: offset, in: text).sentence): \(sentence)")
  }
}

/// A position as editors count it: from 1, columns in code points.
struct Place {
  private var line = 1
  private var column = 1

  init(of offset: Int, in text: UnsafeRawBufferPointer) {
    for byte in text.prefix(max(0, offset)) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
  }

  var sentence: Sentence { "line \(line), column \(column)" }
}
