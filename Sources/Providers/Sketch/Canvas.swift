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
    rows = .allocate(capacity: Canvas.scratchRows * (RowSpan.limit + Canvas.slack))
    rows.initialize(repeating: 0, count: Canvas.scratchRows * (RowSpan.limit + Canvas.slack))
    coverage = .allocate(capacity: Canvas.coverageLimit + Canvas.slack)
    coverage.initialize(repeating: 0, count: Canvas.coverageLimit + Canvas.slack)
  }

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
