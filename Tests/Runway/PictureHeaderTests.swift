// Headers of pictures, made here byte by byte; then cut short everywhere and beaten with chance.

import Testing

@testable import Core

enum Samples {
  static func big(_ number: Int, _ size: Int) -> [UInt8] {
    (0..<size).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  static func little(_ number: Int, _ size: Int) -> [UInt8] { big(number, size).reversed() }

  static func png(width: Int, height: Int) -> [UInt8] {
    let header = Array("IHDR".utf8) + big(width, 4) + big(height, 4) + [8, 2, 0, 0, 0]
    let end: [UInt8] = [0, 0, 0, 0] + Array("IEND".utf8) + [0, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + big(13, 4) + header + [0, 0, 0, 0] + end
  }

  /// With an APP0, a comment, fill bytes and a table before the frame.
  static func jpeg(width: Int, height: Int, frame: UInt8 = 0xC0) -> [UInt8] {
    let app: [UInt8] = [0xFF, 0xE0] + big(16, 2) + Array(repeating: 0, count: 14)
    let comment: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFE] + big(5, 2) + [0xFF, 0xC0, 0x00]
    let table: [UInt8] = [0xFF, 0xC4] + big(3, 2) + [0]
    let sizes: [UInt8] = [0xFF, frame] + big(11, 2) + [8] + big(height, 2) + big(width, 2) + [1, 1, 0x11, 0]
    return [0xFF, 0xD8] + app + comment + table + sizes + [0xFF, 0xDA]
  }

  static func webp(_ chunk: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array("WEBP".utf8) + Array(chunk.utf8) + little(content.count, 4) + content
    return Array("RIFF".utf8) + little(body.count, 4) + body
  }

  static func lossy(width: Int, height: Int) -> [UInt8] {
    webp("VP8 ", [0x30, 0x01, 0x00, 0x9D, 0x01, 0x2A] + little(width, 2) + little(height, 2))
  }

  static func lossless(width: Int, height: Int) -> [UInt8] {
    webp("VP8L", [0x2F] + little((width - 1) | (height - 1) << 14, 4))
  }

  static func extended(width: Int, height: Int) -> [UInt8] {
    webp("VP8X", [0x10, 0, 0, 0] + little(width - 1, 3) + little(height - 1, 3))
  }

  static func svg(_ text: String) -> [UInt8] { Array(text.utf8) }

  static let drawing = svg(
    "\u{FEFF}<?xml version='1.0'?>\n<!-- a > b --><!DOCTYPE svg>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
      + "width='512px' height = \"255.5\"><script>alert(1)</script></svg>")

  static let all = [
    png(width: 1280, height: 720), jpeg(width: 1280, height: 720), lossy(width: 1280, height: 720),
    lossless(width: 1280, height: 720), extended(width: 1280, height: 720), drawing,
  ]
}

private func header(_ bytes: [UInt8]) -> String? {
  let memory = Memory(bytes)
  return withExtendedLifetime(memory) {
    PictureHeader.read(memory.memory).map { "\($0.mime) \($0.width)x\($0.height)" }
  }
}

@Suite struct PictureHeaderTests {
  @Test func eachFormatSaysItsSize() {
    #expect(header(Samples.png(width: 1280, height: 720)) == "image/png 1280x720")
    for frame: UInt8 in [0xC0, 0xC1, 0xC2, 0xC9, 0xCF] {
      #expect(header(Samples.jpeg(width: 1920, height: 1080, frame: frame)) == "image/jpeg 1920x1080")
    }
    #expect(header(Samples.lossy(width: 1280, height: 720)) == "image/webp 1280x720")
    #expect(header(Samples.lossless(width: 16384, height: 1)) == "image/webp 16384x1")
    #expect(header(Samples.extended(width: 6336, height: 2688)) == "image/webp 6336x2688")
  }

  @Test(arguments: [
    ("<svg width='10' height='20'/>", "10x20"), ("<svg>", "0x0"), ("<svg viewBox='0 0 30 40.5'>", "30x41"),
    ("<svg viewBox=\"-1,-2,30,40\" width=\"100%\">", "30x40"), ("<svg width='5cm' height='1e9'>", "0x0"),
    ("<svg width='99999999999999999999' height='3'>", "0x3"), ("<svg viewBox='0 0 0 0'>", "0x0"),
    ("  <?xml?><svg\nwidth = '7'\theight='8' >", "7x8"),
  ])
  func aDrawingSaysItsSizeOrNone(text: String, size: String) {
    #expect(header(Samples.svg(text)) == "image/svg+xml " + size)
  }

  @Test func aDrawingIsFlaggedByItsType() {
    #expect(header(Samples.drawing) == "image/svg+xml 512x256")
  }

  @Test(arguments: [
    Samples.svg(""), Samples.svg("<html><svg width='1' height='1'>"), Samples.svg("<svgx>"),
    Samples.svg("<svg width=5>"),
    Samples.svg("<svg width='5"), Samples.svg("GIF89a\u{5}\u{0}\u{5}\u{0}"), Samples.svg("%PDF-1.7"),
    Samples.png(width: 0, height: 5), Samples.png(width: 1 << 31, height: 5),
    Samples.jpeg(width: 0, height: 5),
    Samples.jpeg(width: 5, height: 5, frame: 0xC8), [0xFF, 0xD8, 0xFF, 0xD9],
    [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x01],
    Samples.lossy(width: 0, height: 5), Samples.webp("VP8Y", Array(repeating: 1, count: 20)),
    Array(repeating: 0xFF, count: 100_000),
  ])
  func anythingElseIsNoPicture(bytes: [UInt8]) {
    #expect(header(bytes) == nil)
  }

  @Test func aHeaderThatIsCutIsNoPicture() {
    for sample in Samples.all.dropLast() {
      let whole = header(sample)
      for length in 0..<min(sample.count, 33) {
        #expect(header(Array(sample.prefix(length))) == nil, "\(length)")
      }
      #expect(whole != nil)
    }
    let tail = "><script>alert(1)</script></svg>".utf8.count
    for length in 0...Samples.drawing.count - tail {
      #expect(header(Array(Samples.drawing.prefix(length))) == nil, "\(length)")
    }
  }

  @Test func chanceNeverTraps() {
    var random = Random(seed: 4)
    for round in 0..<200_000 {
      var bytes = Samples.all[round % Samples.all.count]
      for _ in 0...random.below(4) {
        bytes[Int(random.below(UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: random.next())
      }
      if round % 3 == 0 { bytes = Array(bytes.prefix(Int(random.below(UInt64(bytes.count + 1))))) }
      guard let found = header(bytes) else { continue }
      #expect(!found.contains("-"), "\(bytes)")
    }
  }
}
