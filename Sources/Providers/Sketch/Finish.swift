// From the canvas to the file: the float picture is given its vignette, rounded to bytes and handed to the
// writer of its format, some rows at a time.

internal import Core
internal import Platform

final class Finish {
  /// How rows get into the file: one after the other, or in strips that several threads may encode.
  private enum Way {
    case rows(any PictureWriter)
    case strips(PNGWriter)
  }

  private let canvas: Canvas
  private let way: Way
  /// Of strips, the memory that encodes them, and of each of their rows a hash.
  private var strips: [PNGStrip] = []
  private let rowHashes: Buffer
  /// Whether the file tells what is covered; where it cannot, a cut-out stands on white.
  private let hasAlpha: Bool
  private var nextRow = 0
  private(set) var hash: UInt64 = Finish.hashBasis
  private(set) var file: Buffer?

  private static let pricePerPixel = 45
  // FNV-1a.
  private static let hashBasis: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let hashPrime: UInt64 = 0x0000_0100_0000_01b3

  static func cost(of canvas: Canvas) -> Int { canvas.width * canvas.height * pricePerPixel }

  init(_ canvas: Canvas, _ commission: Commission, _ calledOff: CallOff) throws(Failure) {
    self.canvas = canvas
    hasAlpha = canvas.isCutOut && (commission.format == .png || commission.format == .rgba)
    way = try Finish.way(canvas, commission, calledOff)
    rowHashes = try Buffer(capacity: canvas.height * MemoryLayout<UInt64>.stride)
  }

  private static func way(
    _ canvas: Canvas, _ commission: Commission, _ calledOff: CallOff
  ) throws(Failure) -> Way {
    let (width, height) = (canvas.width, canvas.height)
    let comment = String(
      sentence:
        "A procedural sketch by libt2i's offline painter, not by an AI model. Seed \(commission.seed).")
    switch commission.format {
    case .rgba: return .rows(try PixelWriter(width: width, height: height, hasAlpha: canvas.isCutOut))
    case .jpeg, .webp:
      return .rows(
        try CodecWriter(
          commission.format, width: width, height: height, comment: comment, calledOff: calledOff))
    case .png:
      let texts: [(keyword: StaticString, text: String)] = [
        ("Software", "libt2i sketch"), ("Description", commission.prompt), ("Comment", comment),
      ]
      return .strips(try PNGWriter(width: width, height: height, hasAlpha: canvas.isCutOut, texts: texts))
    }
  }

  /// Encodes the next rows. True while there are more.
  func encode(budget: Int) throws(Failure) -> Bool {
    let rows = max(1, budget / max(1, canvas.width * Finish.pricePerPixel))
    switch way {
    case .rows(let writer): try encode(rows, with: writer)
    case .strips(let writer): try encode(rows, with: writer)
    }
    guard nextRow == canvas.height else { return true }
    for row in 0..<canvas.height { hash = (hash ^ hashes[row]) &* Finish.hashPrime }
    switch way {
    case .rows(let writer): file = try writer.finish()
    case .strips(let writer): file = writer.finish()
    }
    return false
  }

  private var hashes: UnsafeMutablePointer<UInt64> { rowHashes.start.assumingMemoryBound(to: UInt64.self) }

  private func encode(_ rows: Int, with writer: any PictureWriter) throws(Failure) {
    let end = min(canvas.height, nextRow + rows)
    while nextRow < end {
      hashes[nextRow] = round(canvas.row(nextRow), to: writer.currentRow)
      try writer.encodeRow()
      nextRow += 1
    }
  }

  private func encode(_ rows: Int, with writer: PNGWriter) throws(Failure) {
    let (first, size, height) = (nextRow, writer.stripRows, canvas.height)
    let count = min((height - first + size - 1) / size, max(1, rows / size), Finish.stripsMax)
    while strips.count < count { strips.append(try writer.strip()) }
    canvas.shareEach(count) { canvas, number in
      let top = first + number * size
      let rows = top..<min(height, top + size)
      self.strips[number].encode(rows, isLast: rows.upperBound == height) { row, bytes in
        let hash = self.round(canvas.row(row), to: bytes)
        if row >= top { self.hashes[row] = hash }
      }
    }
    for number in 0..<count { try writer.append(strips[number]) }
    nextRow = min(height, first + count * size)
  }

  /// Strips at a time; each takes half a megabyte.
  private static let stripsMax = 8

  /// Writes a row's bytes, and returns their hash.
  @_optimize(speed)
  private func round(_ row: UnsafeMutablePointer<Colour>, to bytes: UnsafeMutablePointer<UInt8>) -> UInt64 {
    let white = Colour(repeating: 1)
    let black = Colour(repeating: 0)
    var state = Finish.hashBasis
    var out = bytes
    let isOnWhite = canvas.isCutOut && !hasAlpha
    for column in 0..<canvas.width {
      // Bounded first: a float outside the bytes' range would be a trap, not a wrong colour.
      var colour = row[column]
      let covered = colour.w
      if hasAlpha { colour *= 1 / max(covered, 1e-4) }
      if isOnWhite { colour += Colour(repeating: 1 - covered) }
      colour.replace(with: black, where: .!(colour .>= black))
      colour.replace(with: white, where: colour .> white)
      colour = colour * 255 + 0.5
      let red = UInt8(colour.x)
      let green = UInt8(colour.y)
      let blue = UInt8(colour.z)
      out[0] = red
      out[1] = green
      out[2] = blue
      out += 3
      var packed = UInt64(red) | UInt64(green) << 8 | UInt64(blue) << 16
      if hasAlpha {
        let alpha = UInt8(clamp(covered) * 255 + 0.5)
        out[0] = alpha
        out += 1
        packed |= UInt64(alpha) << 24
      }
      state = (state ^ packed) &* Finish.hashPrime
    }
    return state
  }
}
