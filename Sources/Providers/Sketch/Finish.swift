// From the canvas to the file: the float picture is given its vignette, rounded to bytes and handed to the
// writer of its format, some rows at a time.

internal import Core
internal import Platform

final class Finish {
  private let canvas: Canvas
  private let writer: any PictureWriter
  private let vignette: Float
  /// Whether the file tells what is covered; where it cannot, a cut-out stands on white.
  private let hasAlpha: Bool
  private var nextRow = 0
  private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  private(set) var file: Buffer?

  private static let pricePerPixel = 45

  static func cost(of canvas: Canvas) -> Int { canvas.width * canvas.height * pricePerPixel }

  init(_ canvas: Canvas, _ commission: Commission, _ calledOff: CallOff) throws(Failure) {
    self.canvas = canvas
    vignette = 0
    hasAlpha = canvas.isCutOut && (commission.format == .png || commission.format == .rgba)
    writer = try Finish.writer(canvas, commission, calledOff)
  }

  private static func writer(
    _ canvas: Canvas, _ commission: Commission, _ calledOff: CallOff
  ) throws(Failure) -> any PictureWriter {
    let (width, height) = (canvas.width, canvas.height)
    let comment = String(
      sentence:
        "A procedural sketch by libt2i's offline painter, not by an AI model. Seed \(commission.seed).")
    switch commission.format {
    case .rgba: return try PixelWriter(width: width, height: height, hasAlpha: canvas.isCutOut)
    case .jpeg, .webp:
      return try CodecWriter(
        commission.format, width: width, height: height, comment: comment, calledOff: calledOff)
    case .png:
      return try PNGWriter(
        width: width, height: height, hasAlpha: canvas.isCutOut,
        texts: [
          ("Software", "libt2i sketch"), ("Description", commission.prompt), ("Comment", comment),
        ])
    }
  }

  /// Encodes the next rows. True while there are more.
  func encode(budget: Int) throws(Failure) -> Bool {
    let rowCost = max(1, canvas.width * Finish.pricePerPixel)
    let end = min(canvas.height, nextRow + max(1, budget / rowCost))
    writer.beginBand()
    while nextRow < end {
      round(canvas.row(nextRow), to: writer.currentRow)
      try writer.encodeRow()
      nextRow += 1
    }
    writer.endBand()
    guard nextRow == canvas.height else { return true }
    file = try writer.finish()
    return false
  }

  @_optimize(speed)
  private func round(_ row: UnsafeMutablePointer<Colour>, to bytes: UnsafeMutablePointer<UInt8>) {
    let white = Colour(repeating: 1)
    let black = Colour(repeating: 0)
    var state = hash
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
      state = (state ^ packed) &* 0x0000_0100_0000_01b3
    }
    hash = state
  }
}
