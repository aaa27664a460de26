// A URL taken apart by syntax alone, as far as somebody must know it before a key or a picture travels: which scheme,
// which host, which path. Nothing is resolved; what a name points to is looked at when the connection is made.

import Core

/// An absolute http or https URL of printable ASCII without a user name.
struct Address {
  /// Why a text is no such URL. Each is a piece of a sentence, "the link …"; none quotes the text.
  struct Fault: Error {
    let sentence: StaticString
  }

  let isSecure: Bool
  /// In lower case; an IPv6 address in its brackets.
  let host: String
  /// From the first slash on, or empty.
  let path: String
  let hasQuery: Bool
  let hasFragment: Bool

  /// 127.0.0.0/8 written as four decimal numbers, or [::1]. Other spellings and names do not count: what they point to
  /// is somebody else's word.
  var isLoopback: Bool {
    if host.is("[::1]") { return true }
    guard host.begins(with: "127.") else { return false }
    var rest = host.bytes
    for part in 1...4 {
      guard Address.number(&rest, upTo: 255) != nil else { return false }
      if part < 4 && rest.popFirst() != UInt8(ascii: ".") { return false }
    }
    return rest.isEmpty
  }

  init(_ text: String, upTo limit: Int) throws(Fault) {
    let bytes = text.bytes
    guard !bytes.isEmpty, bytes.count <= limit else { throw Fault(sentence: "is empty or too long") }
    for byte in bytes where byte <= 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\\") {
      throw Fault(
        sentence: "has a space, a control character, a backslash or a letter beyond ASCII; percent-encode it")
    }
    var rest: ArraySlice<UInt8>
    (isSecure, rest) = try Address.scheme(bytes)
    let authority = rest.prefix { !Address.endsAuthority($0) }
    rest = rest.dropFirst(authority.count)
    guard !authority.contains(UInt8(ascii: "@")) else {
      throw Fault(sentence: "has a user name or password; leave them out")
    }
    host = try Address.host(authority)
    let path = rest.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    self.path = String(path)
    rest = rest.dropFirst(path.count)
    hasQuery = rest.first == UInt8(ascii: "?")
    hasFragment = rest.contains(UInt8(ascii: "#"))
  }

  private static func scheme(_ bytes: ArraySlice<UInt8>) throws(Fault) -> (Bool, ArraySlice<UInt8>) {
    let beginning = String(bytes.prefix(8)).asciiLowercase
    if beginning.begins(with: "https://") { return (true, bytes.dropFirst(8)) }
    if beginning.begins(with: "http://") { return (false, bytes.dropFirst(7)) }
    throw Fault(sentence: "does not begin with https://")
  }

  private static func endsAuthority(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
  }

  private static func host(_ authority: ArraySlice<UInt8>) throws(Fault) -> String {
    let isBracketed = authority.first == UInt8(ascii: "[")
    var name = authority.prefix { $0 != UInt8(ascii: isBracketed ? "]" : ":") }
    if isBracketed { name = authority.prefix(name.count + 1) }
    try checkPort(authority.dropFirst(name.count))
    guard isBracketed ? isAddress6(name) : isName(name) else {
      throw Fault(sentence: "has no host name, or one with characters that no host name has")
    }
    return String(name).asciiLowercase
  }

  /// Nothing, or a colon and a number.
  private static func checkPort(_ text: ArraySlice<UInt8>) throws(Fault) {
    if text.isEmpty { return }
    var digits = text.dropFirst()
    let port = number(&digits, upTo: 65535) ?? 0
    guard text.first == UInt8(ascii: ":"), port > 0, digits.isEmpty else {
      throw Fault(sentence: "has a port that is no number from 1 to 65535")
    }
  }

  private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
    var previous = UInt8(ascii: ".")
    for byte in name {
      let isPlain = byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      let isDot = byte == UInt8(ascii: ".") && previous != UInt8(ascii: ".")
      guard isPlain || isDot else { return false }
      previous = byte
    }
    return !name.isEmpty && name.count <= 253
  }

  /// Loosely: the resolver reads it properly, here it only must not hide anything.
  private static func isAddress6(_ name: ArraySlice<UInt8>) -> Bool {
    name.count >= 4 && name.count <= 47 && name.last == UInt8(ascii: "]")
      && name.dropFirst().dropLast().allSatisfy {
        $0.hexDigit != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
      }
  }

  /// A decimal number without leading zeros, taken off the front.
  private static func number(_ rest: inout ArraySlice<UInt8>, upTo limit: Int) -> Int? {
    let digits = rest.prefix { $0.isDigit }
    guard let first = digits.first, digits.count <= 5, first != UInt8(ascii: "0") || digits.count == 1 else {
      return nil
    }
    var value = 0
    for digit in digits { value = value * 10 + Int(digit - UInt8(ascii: "0")) }
    guard value <= limit else { return nil }
    rest = rest.dropFirst(digits.count)
    return value
  }
}
