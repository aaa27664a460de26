// What a file says of itself in its first bytes: which format, how large. The pixels are never decoded; these are bytes
// from outside, and every one of them is looked for before it is read.

/// PNG, JPEG, WebP or SVG by its magic, and its size by its header.
package struct PictureHeader: Sendable {
  package let mime: StaticString
  /// Pixels; 0 where an SVG does not say.
  package let width: Int
  package let height: Int

  init(_ mime: StaticString, _ width: Int, _ height: Int) {
    self.mime = mime
    self.width = width
    self.height = height
  }

  /// nil for another format, and for a header that is cut short or has no size. `bytes` may be the first of a file that
  /// has `size` in all.
  package static func read(_ bytes: UnsafeRawBufferPointer, of size: Int? = nil) -> PictureHeader? {
    let peek = Peek(bytes)
    return png(peek) ?? jpeg(peek) ?? webp(peek, size ?? bytes.count) ?? SVGHeader.read(peek)
  }

  private static func png(_ bytes: Peek) -> PictureHeader? {
    guard bytes.has(magic, at: 0), bytes.has("IHDR", at: 12), bytes.big(8, 4) == 13, bytes[32] != nil,
      let width = bytes.big(16, 4), let height = bytes.big(20, 4), width > 0, height > 0,
      width <= Int(Int32.max), height <= Int(Int32.max)
    else { return nil }
    return PictureHeader("image/png", width, height)
  }

  private static let magic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  // MARK: JPEG

  /// A real file has dozens of segments; fill bytes count as one each.
  private static let maxSegments = 65536

  /// Walks the segments to the one that begins the frame.
  private static func jpeg(_ bytes: Peek) -> PictureHeader? {
    guard bytes[0] == 0xFF, bytes[1] == 0xD8 else { return nil }
    var offset = 2
    for _ in 0..<maxSegments {
      guard bytes[offset] == 0xFF, let marker = bytes[offset + 1] else { return nil }
      switch marker {
      case 0xFF: offset += 1
      case 0x01, 0xD0...0xD7: offset += 2
      case 0xC0...0xCF where marker != 0xC4 && marker != 0xC8 && marker != 0xCC:
        guard let height = bytes.big(offset + 5, 2), let width = bytes.big(offset + 7, 2), width > 0,
          height > 0
        else { return nil }
        return PictureHeader("image/jpeg", width, height)
      case 0x00, 0xD8, 0xD9, 0xDA: return nil
      default:
        guard let length = bytes.big(offset + 2, 2), length >= 2 else { return nil }
        offset += 2 + length
      }
    }
    return nil
  }

  // MARK: WebP

  /// The first chunk says the size, each of the three kinds in its own way.
  private static func webp(_ bytes: Peek, _ size: Int) -> PictureHeader? {
    guard bytes.has("RIFF", at: 0), bytes.has("WEBP", at: 8), let length = bytes.little(4, 4),
      length <= size - 8
    else { return nil }
    var sides: (width: Int, height: Int)?
    if bytes.has("VP8X", at: 12), let width = bytes.little(24, 3), let height = bytes.little(27, 3) {
      sides = (width + 1, height + 1)
    } else if bytes.has("VP8L", at: 12), bytes[20] == 0x2F, let packed = bytes.little(21, 4) {
      sides = (packed & 0x3FFF + 1, packed >> 14 & 0x3FFF + 1)
    } else if bytes.has("VP8 ", at: 12), bytes.has([0x9D, 0x01, 0x2A], at: 23),
      let width = bytes.little(26, 2), let height = bytes.little(28, 2)
    {
      sides = (width & 0x3FFF, height & 0x3FFF)
    }
    guard let sides, sides.width > 0, sides.height > 0 else { return nil }
    return PictureHeader("image/webp", sides.width, sides.height)
  }
}

/// Bytes one may ask for anywhere: outside of them there is nothing.
struct Peek {
  private let bytes: UnsafeRawBufferPointer
  let count: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    count = bytes.count
  }

  subscript(offset: Int) -> UInt8? {
    offset >= 0 && offset < count ? bytes[offset] : nil
  }

  /// An unsigned number of up to four bytes, the highest first.
  func big(_ offset: Int, _ size: Int) -> Int? {
    var number = 0
    for index in 0..<size {
      guard let byte = self[offset + index] else { return nil }
      number = number << 8 | Int(byte)
    }
    return number
  }

  func little(_ offset: Int, _ size: Int) -> Int? {
    var number = 0
    for index in 0..<size {
      guard let byte = self[offset + index] else { return nil }
      number |= Int(byte) << (8 * index)
    }
    return number
  }

  func has(_ expected: [UInt8], at offset: Int) -> Bool {
    for index in expected.indices where self[offset + index] != expected[index] { return false }
    return true
  }

  func has(_ text: StaticString, at offset: Int) -> Bool {
    text.withUTF8Buffer { text in
      for index in text.indices where self[offset + index] != text[index] { return false }
      return true
    }
  }
}

extension Picture {
  /// A fetched file, with what its header and its bytes say.
  ///
  /// Fails with `protocolError` for a file that is no picture of a known format.
  package convenience init(checking bytes: any Bytes) throws(Failure) {
    guard let header = PictureHeader.read(bytes.memory) else {
      var failure = Failure(
        .protocolError,
        "what came for the picture (\(bytes.memory.count) bytes) is no PNG, JPEG, WebP or SVG, or is cut short"
      )
      failure.retryable = true
      throw failure
    }
    var hash = SHA256()
    hash.update(bytes.memory)
    self.init(
      mime: String(header.mime), width: header.width, height: header.height, sha256: hash.finish(),
      bytes: bytes)
  }
}
