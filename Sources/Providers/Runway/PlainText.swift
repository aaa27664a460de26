// Text from outside on its way into a sentence or a log: one line, short, and without a key, whoever wrote it.

import Core

enum PlainText {
  /// Nobody reads further, and a key further on cannot reach the part that is kept.
  private static let maxRead = 4096

  /// One line without control characters and without marks that turn the direction of writing, cut at a character. nil
  /// for nothing, for markup, and for text that holds `key`.
  static func line(_ text: String?, upTo limit: Int, hiding key: Secret) -> String? {
    guard let text else { return nil }
    let read = whole(text.bytes.prefix(maxRead))
    guard !holds(read, key) else { return nil }
    var line = cleaned(read)
    // More will follow it in the sentence.
    if line.last == UInt8(ascii: ".") { line = line.dropLast() }
    guard let first = line.first, first != UInt8(ascii: "<") else { return nil }
    if line.count <= limit { return String(line) }
    return String(sentence: "\(String(whole(line.prefix(limit - 3))))…")
  }

  /// Printable ASCII without spaces, such as a code or an id; nil for anything else or longer.
  static func word(_ text: String?, upTo limit: Int) -> String? {
    guard let text, text.byteCount > 0, text.byteCount <= limit,
      text.bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    return text
  }

  /// Without the piece of a character at its end.
  private static func whole(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var kept = bytes
    var trailing = 0
    while let last = kept.last, last & 0xC0 == 0x80, trailing < 3 {
      kept = kept.dropLast()
      trailing += 1
    }
    guard let lead = kept.last, lead >= 0xC0 else { return bytes }
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    return trailing + 1 == length ? bytes : kept.dropLast()
  }

  private static func cleaned(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line: [UInt8] = []
    var rest = bytes
    while let byte = rest.first {
      let hidden = hiddenLength(rest)
      if hidden > 0 {
        rest = rest.dropFirst(hidden)
      } else if byte <= 0x20 || byte == 0x7F {
        rest = rest.dropFirst()
        if let last = line.last, last != 0x20 { line.append(0x20) }
      } else if rest.begins(with: "key_") {
        // Somebody's key, or a part of one.
        rest = rest.dropFirst(4).drop { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
        line.append(contentsOf: String("key_…" as StaticString).bytes)
      } else {
        rest = rest.dropFirst()
        line.append(byte)
      }
    }
    return line.last == 0x20 ? line.dropLast() : line[...]
  }

  /// The length of a control character beyond ASCII, or of a mark that turns the direction of writing: U+0080…009F,
  /// U+200E…200F, U+2028…202E, U+2066…2069.
  private static func hiddenLength(_ bytes: ArraySlice<UInt8>) -> Int {
    let (first, start) = (bytes.first ?? 0, bytes.startIndex)
    if first == 0xC2, bytes.count >= 2 { return bytes[start + 1] < 0xA0 ? 2 : 0 }
    guard first == 0xE2, bytes.count >= 3 else { return 0 }
    switch (bytes[start + 1], bytes[start + 2]) {
    case (0x80, 0x8E...0x8F), (0x80, 0xA8...0xAE), (0x81, 0xA6...0xA9): return 3
    default: return 0
    }
  }

  private static func holds(_ text: ArraySlice<UInt8>, _ key: Secret) -> Bool {
    key.lend { key in
      guard let first = key.first, text.count >= key.count else { return false }
      for start in text.startIndex...text.endIndex - key.count where text[start] == first {
        if key.indices.allSatisfy({ text[start + $0] == key[$0] }) { return true }
      }
      return false
    }
  }
}
