// The picture while it is being painted: floats, so that a dozen translucent layers leave no bands, and the
// few rows of working memory that painting needs. All memory whose size the caller chose is had here, once,
// or refused.

internal import Core
internal import Platform

/// Some neighbouring pixels of one row.
struct RowSpan {
  /// The longest span there is; a row wider than this is painted in several.
  static let limit = 4096

  let y: Int
  let x: Int
  let count: Int
  let pixels: UnsafeMutablePointer<Colour>
}

final class Canvas {
  let width: Int
  let height: Int
  /// Whether the fourth lane of its pixels tells how much of them is covered.
  var isCutOut = false
  private let store: Buffer
  private let pixels: UnsafeMutablePointer<Colour>
  private let rows: UnsafeMutablePointer<Float>
  /// Signed area, where the rasteriser adds up what a shape covers.
  let coverage: UnsafeMutablePointer<Float>

  /// Who helps with the picture.
  var crew: Crew?
  /// The row that `scratch` holds already, where a layer keeps one for the next.
  var kept: (x: Int, y: Int)?

  /// How many floats `coverage` holds, beside a little room at the end.
  static let coverageLimit = 16 * RowSpan.limit
  private static let slack = 64
  private static let scratchRows = 8

  init(width: Int, height: Int) throws(Failure) {
    let (count, tooMany) = width.multipliedReportingOverflow(by: height)
    let (bytes, tooLarge) = count.multipliedReportingOverflow(by: MemoryLayout<Colour>.stride)
    guard width > 0, height > 0, !tooMany, !tooLarge else {
      throw Failure(.argument, "a picture needs at least one pixel, and no more than memory can number")
    }
    self.width = width
    self.height = height
    store = try Buffer(capacity: bytes)
    pixels = store.start.bindMemory(to: Colour.self, capacity: count)
    (rows, coverage) = Canvas.workplace()
  }

  /// The same picture, with working memory for another thread.
  init(beside other: Canvas) {
    (width, height, isCutOut) = (other.width, other.height, other.isCutOut)
    (store, pixels) = (other.store, other.pixels)
    (rows, coverage) = Canvas.workplace()
  }

  private static func workplace() -> (
    rows: UnsafeMutablePointer<Float>, coverage: UnsafeMutablePointer<Float>
  ) {
    let rows = UnsafeMutablePointer<Float>.allocate(capacity: scratchRows * (RowSpan.limit + slack))
    rows.initialize(repeating: 0, count: scratchRows * (RowSpan.limit + slack))
    let coverage = UnsafeMutablePointer<Float>.allocate(capacity: coverageLimit + slack)
    coverage.initialize(repeating: 0, count: coverageLimit + slack)
    return (rows, coverage)
  }

  /// How many threads paint.
  var hands: Int { crew?.hands ?? 1 }

  /// Has rows painted, by all hands; each piece may only write to its own.
  func share(_ all: Range<Int>, _ paint: @escaping (Canvas, Range<Int>) -> Void) {
    let hands = self.hands
    guard hands > 1, all.count >= 2 * Canvas.pieceMin, let crew else { return paint(self, all) }
    // A few pieces for each, because some are slower.
    let size = max(Canvas.pieceMin, (all.count + 3 * hands - 1) / (3 * hands))
    crew.share((all.count + size - 1) / size, on: self) { canvas, piece in
      let first = all.lowerBound + piece * size
      paint(canvas, first..<min(all.upperBound, first + size))
    }
  }

  /// Has so many things done, by all hands, none of which touches what another does.
  func shareEach(_ count: Int, _ work: @escaping (Canvas, Int) -> Void) {
    if count > 1, let crew, crew.hands > 1 { return crew.share(count, on: self, work) }
    for number in 0..<count { work(self, number) }
  }

  private static let pieceMin = 4

  deinit {
    rows.deallocate()
    coverage.deallocate()
  }

  /// A row of floats to work in, as long as the longest span; what it holds is whatever the last user left.
  func scratch(_ number: Int) -> UnsafeMutablePointer<Float> {
    precondition(number >= 0 && number < Canvas.scratchRows)
    return rows + number * (RowSpan.limit + Canvas.slack)
  }

  @inline(__always)
  func row(_ y: Int) -> UnsafeMutablePointer<Colour> { pixels + y * width }

  func span(y: Int, x: Int, count: Int) -> RowSpan {
    RowSpan(y: y, x: x, count: count, pixels: pixels + y * width + x)
  }

  /// The pixel there, or the nearest one inside the picture.
  @inline(__always)
  func pixel(_ x: Int, _ y: Int) -> Colour {
    let column = x < 0 ? 0 : (x < width ? x : width - 1)
    let line = y < 0 ? 0 : (y < height ? y : height - 1)
    return pixels[line * width + column]
  }
}
