// An SVG is a document, not a picture: it may carry scripts, and its mime type is what flags it to a host. Its size is
// read from the root's attributes, as far as they are plain numbers.

enum SVGHeader {
  /// The root begins within this many bytes, or it is no drawing anybody made.
  private static let maxPrologue = 64 << 10
  private static let maxSide = 1_000_000

  static func read(_ bytes: Peek) -> PictureHeader? {
    var offset = bytes.has([0xEF, 0xBB, 0xBF], at: 0) ? 3 : 0
    while offset < maxPrologue {
      offset = skipSpace(bytes, offset)
      if bytes.has("<svg", at: offset), let next = bytes[offset + 4],
        isSpace(next) || next == UInt8(ascii: ">")
      {
        return root(bytes, from: offset + 4)
      }
      if bytes.has("<!--", at: offset) {
        offset = end(of: "-->", bytes, from: offset + 4)
      } else if bytes.has("<?", at: offset) || bytes.has("<!DOCTYPE", at: offset) {
        offset = end(of: ">", bytes, from: offset + 2)
      } else {
        return nil
      }
    }
    return nil
  }

  /// Beyond `text`, or beyond the prologue.
  private static func end(of text: StaticString, _ bytes: Peek, from start: Int) -> Int {
    var offset = start
    while offset < maxPrologue, bytes[offset] != nil {
      if bytes.has(text, at: offset) { return offset + text.utf8CodeUnitCount }
      offset += 1
    }
    return maxPrologue
  }

  private static func skipSpace(_ bytes: Peek, _ start: Int) -> Int {
    var offset = start
    while offset < maxPrologue, let byte = bytes[offset], isSpace(byte) { offset += 1 }
    return offset
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  /// Reads name="value" up to the end of the tag; nil when there is none.
  private static func root(_ bytes: Peek, from start: Int) -> PictureHeader? {
    var (width, height): (Int?, Int?)
    var box: (width: Int, height: Int)?
    var offset = start
    while offset < 2 * maxPrologue {
      offset = skipSpace(bytes, offset)
      guard let first = bytes[offset] else { return nil }
      if first == UInt8(ascii: ">") || first == UInt8(ascii: "/") {
        return PictureHeader("image/svg+xml", width ?? box?.width ?? 0, height ?? box?.height ?? 0)
      }
      guard let (name, value, next) = attribute(bytes, offset) else { return nil }
      if name.is("width") { width = pixels(value) }
      if name.is("height") { height = pixels(value) }
      if name.is("viewBox") { box = viewBox(value) }
      offset = next
    }
    return nil
  }

  private static func attribute(_ bytes: Peek, _ start: Int) -> (String, ArraySlice<UInt8>, Int)? {
    var offset = start
    var name: [UInt8] = []
    while let byte = bytes[offset], byte != UInt8(ascii: "="), !isSpace(byte), name.count < 256 {
      name.append(byte)
      offset += 1
    }
    offset = skipSpace(bytes, offset)
    guard bytes[offset] == UInt8(ascii: "=") else { return nil }
    offset = skipSpace(bytes, offset + 1)
    guard let quote = bytes[offset], quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      return nil
    }
    offset += 1
    var value: [UInt8] = []
    while let byte = bytes[offset], byte != quote {
      guard value.count < maxPrologue else { return nil }
      value.append(byte)
      offset += 1
    }
    return bytes[offset] == nil ? nil : (String(name[...]), value[...], offset + 1)
  }

  /// "512", "512px" or "511.5"; nil for other units, which have no size in pixels.
  private static func pixels(_ text: ArraySlice<UInt8>) -> Int? {
    var rest = text.drop { isSpace($0) }
    guard let side = number(&rest) else { return nil }
    if rest.begins(with: "px") { rest = rest.dropFirst(2) }
    return rest.allSatisfy { isSpace($0) } && side > 0 ? side : nil
  }

  /// "0 0 512 512", also with commas.
  private static func viewBox(_ text: ArraySlice<UInt8>) -> (width: Int, height: Int)? {
    var numbers: [Int] = []
    var rest = text
    while numbers.count < 4 {
      rest = rest.drop { isSpace($0) || $0 == UInt8(ascii: ",") }
      if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard let number = number(&rest) else { return nil }
      numbers.append(number)
    }
    return numbers[2] > 0 && numbers[3] > 0 ? (numbers[2], numbers[3]) : nil
  }

  /// A decimal number rounded up, taken off the front.
  private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
    let whole = rest.prefix { $0.isDigit }
    guard var value = decimal(whole), value <= maxSide else { return nil }
    rest = rest.dropFirst(whole.count)
    guard rest.first == UInt8(ascii: ".") else { return value }
    let fraction = rest.dropFirst().prefix { $0.isDigit }
    if fraction.contains(where: { $0 != UInt8(ascii: "0") }) { value += 1 }
    rest = rest.dropFirst(1 + fraction.count)
    return value
  }
}
