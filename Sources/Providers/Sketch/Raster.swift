// Which share of each pixel a shape covers, exactly: every edge adds its signed area to the pixels it
// crosses, and a running sum along the row turns that into coverage. There is no sampling, so nothing
// shimmers at any size.

/// Both coordinates in one register: a point costs as little code as a number.
typealias Point = SIMD2<Float>

extension SIMD2 where Scalar == Float {
  var length: Float { (x * x + y * y).squareRoot() }

  func towards(_ other: Point, _ share: Float) -> Point { self + (other - self) * share }

  @inline(never)
  static func polar(_ angle: Float, _ radius: Float) -> Point {
    Point(cosine(angle) * radius, sine(angle) * radius)
  }
}

/// A window of the picture in which areas are added up.
struct AreaTile {
  let x: Int
  let y: Int
  let width: Int
  let height: Int
  let area: UnsafeMutablePointer<Float>

  /// An edge may touch the two cells after the last column.
  static let margin = 4
  var stride: Int { width + AreaTile.margin }

  func clear() { area.update(repeating: 0, count: stride * height) }

  @_optimize(speed)
  func add(edge from: Point, _ to: Point) {
    guard from.y != to.y else { return }
    let downward = from.y < to.y
    // Rows keep their numbers in the picture, so that a tile's place changes no bit of what a row is covered by.
    let origin = Point(Float(x), 0)
    let upper = (downward ? from : to) - origin
    let lower = (downward ? to : from) - origin
    let direction: Float = downward ? 1 : -1
    let slope = (lower.x - upper.x) / (lower.y - upper.y)
    let first = max(y, floorToInt(upper.y))
    let end = min(y + height, floorToInt(lower.y) + 1)
    guard first < end else { return }

    for row in first..<end {
      let top = max(Float(row), upper.y)
      let bottom = min(Float(row + 1), lower.y)
      guard bottom > top else { continue }
      let limit = Float(width)
      let a = clamp(upper.x + (top - upper.y) * slope, 0, limit)
      let b = clamp(upper.x + (bottom - upper.y) * slope, 0, limit)
      addRow(area + (row - y) * stride, min(a, b), max(a, b), (bottom - top) * direction)
    }
  }

  /// Spreads `height` over the cells between `left` and `right`, as the part of each cell right of the edge.
  @inline(__always)
  @_optimize(speed)
  private func addRow(_ cells: UnsafeMutablePointer<Float>, _ left: Float, _ right: Float, _ height: Float) {
    let first = Int(left)
    let firstEdge = Float(first)
    if right <= firstEdge + 1 {
      let inner = (left + right) * 0.5 - firstEdge
      cells[first] += height * (1 - inner)
      cells[first + 1] += height * inner
      return
    }
    // A triangle in the first cell, a trapezium in each cell between, what is left of the whole in the last
    // two.
    let rate = height / (right - left)
    let firstPart = firstEdge + 1 - left
    var covered = 0.5 * rate * firstPart * firstPart
    cells[first] += covered
    var previous = covered
    var cell = first + 1
    while Float(cell + 1) < right {
      covered = rate * (Float(cell) + 0.5 - left)
      cells[cell] += covered - previous
      previous = covered
      cell += 1
    }
    let lastPart = right - Float(cell)
    let inLast = rate * (Float(cell) - left + lastPart * (1 - 0.5 * lastPart))
    cells[cell] += inLast - previous
    cells[cell + 1] += height - inLast
  }
}
