// A silhouette blown up to a body under the scene's light: how far inside the outline a point lies says how high the
// body stands there, and its slope how the light falls on it.

internal import Core

final class LitForm: Layer {
  /// In pixels.
  private var outer: [[Point]] = []
  private var holes: [[Point]] = []
  private let colour: Colour
  private let sheen: Substance.Sheen
  private let air: Air
  private let isLow: Bool
  /// The box around it, in pixels.
  private let left: Int
  private let top: Int
  private let width: Int
  private let height: Int
  /// Towards the light, z towards the eye.
  private let sun: SIMD3<Float>
  private let relief = Relief()
  private var nextRow = 0

  static let price = 40

  /// The icon's pin, in its own units, comes to a place of the picture; a unit is so many pixels in each direction, fewer
  /// than none where it is mirrored.
  init(
    _ icon: Icon, pin: Point, at place: Point, scale: Point, colour: Colour, _ sheen: Substance.Sheen,
    _ stage: Stage
  ) {
    let seen = { (contour: [Point]) -> [Point] in
      var points: [Point] = []
      for point in contour { points.append(place + (point - pin) * scale) }
      return points
    }
    for contour in icon.outer { outer.append(seen(contour)) }
    for contour in icon.holes { holes.append(seen(contour)) }
    self.colour = colour
    self.sheen = sheen
    air = stage.air
    isLow = stage.air.isLow || stage.air.isNight
    var (least, most) = (Point(stage.w, stage.h), Point(0, 0))
    for contour in outer {
      for point in contour {
        least = Point(min(least.x, point.x), min(least.y, point.y))
        most = Point(max(most.x, point.x), max(most.y, point.y))
      }
    }
    left = min(max(floorToInt(least.x) - 1, 0), stage.width)
    top = min(max(floorToInt(least.y) - 1, 0), stage.height)
    width = max(0, min(floorToInt(most.x) + 2, stage.width) - left)
    height = max(0, min(floorToInt(most.y) + 2, stage.height) - top)
    let x = stage.air.sunX * stage.w > (least.x + most.x) * 0.5 ? Float(0.62) : -0.62
    sun = SIMD3(x, isLow ? -0.28 : -0.58, 0.55)
    relief.place(least, most)
  }

  var cost: Int { width * height * LitForm.price + Relief.price }

  func paint(on canvas: Canvas, budget: Int) -> Bool {
    guard width > 0, height > 0 else { return false }
    var left = budget
    if nextRow == 0 {
      relief.raise(outer, holes)
      left -= Relief.price
    }
    let end = min(height, nextRow + max(1, left / max(1, width * LitForm.price)))
    canvas.share(nextRow..<end) { canvas, rows in self.lay(rows, on: canvas) }
    nextRow = end
    return nextRow < height
  }

  /// Half of the rasteriser's memory is for the holes.
  private func lay(_ rows: Range<Int>, on canvas: Canvas) {
    let columns = min(width, RowSpan.limit - AreaTile.margin)
    let most = max(1, Canvas.coverageLimit / (columns + AreaTile.margin) / 2)
    let pits = canvas.coverage + Canvas.coverageLimit / 2
    var row = rows.lowerBound
    while row < rows.upperBound {
      let count = min(most, rows.upperBound - row)
      let hollow = AreaTile(x: left, y: top + row, width: columns, height: count, area: pits)
      let body = AreaTile(x: left, y: top + row, width: columns, height: count, area: canvas.coverage)
      trace(holes, in: hollow)
      trace(outer, in: body)
      for line in 0..<count { shade(line, body, hollow, canvas) }
      row += count
    }
  }

  /// Coverage, summed up along the rows.
  private func trace(_ contours: [[Point]], in tile: AreaTile) {
    tile.clear()
    for contour in contours {
      guard var previous = contour.last else { continue }
      for point in contour {
        tile.add(edge: previous, point)
        previous = point
      }
    }
    for row in 0..<tile.height {
      var sum: Float = 0
      for column in 0..<tile.width {
        sum += tile.area[row * tile.stride + column]
        tile.area[row * tile.stride + column] = min(1, abs(sum))
      }
    }
  }

  @_optimize(speed)
  private func shade(_ row: Int, _ tile: AreaTile, _ hollow: AreaTile, _ canvas: Canvas) {
    let pixels = canvas.row(tile.y + row) + tile.x
    let height = 1 - (Float(tile.y - top + row) + 0.5) / Float(self.height)
    let shine: Float = sheen == .matt ? 0.22 : 0.75
    for column in 0..<tile.width {
      var cover = tile.area[row * tile.stride + column]
      if cover < 0.003 { continue }
      let slope = relief.slope(Float(tile.x + column) + 0.5, Float(tile.y + row) + 0.5)
      let length = (slope.x * slope.x + slope.y * slope.y + 1).squareRoot()
      let normal = SIMD3(-slope.x, -slope.y, 1) / length
      let facing = max(0, (normal * sun).sum())
      // The eye looks along z, so what lies half way between it and the sun shines.
      let half = SIMD3(sun.x, sun.y, sun.z + 1) * 0.62
      let gleam = max(0, (normal * half).sum())
      let edge = 1 - normal.z
      // Less light reaches what is near the ground.
      let lit = clamp(facing * 0.95 + 0.10) * (0.72 + 0.28 * height)
      var paint = air.shaded(colour, lit)
      paint += air.horizon * (edge * edge * (isLow ? 0.42 : 0.24) * max(0.25, height))
      let polish = gleam * gleam * gleam * gleam
      paint += air.light * (polish * polish * shine * air.brightness)
      if sheen == .shiny {
        // What shines shows the sky above and the ground below it.
        let mirrored = normal.y < 0 ? air.horizon : air.shade * 0.5
        paint = paint.mixed(with: mirrored, min(0.5, abs(normal.y) * 0.8))
      }
      paint = paint.mixed(with: paint * 0.32, min(1, hollow.area[row * tile.stride + column]))
      // Clear things are seen by their rims.
      if sheen == .clear { cover *= min(1, 0.34 + edge * 1.1 + polish * polish * 0.5) }
      let old = pixels[column]
      var new = old.mixed(with: paint.bounded, cover)
      new.w = old.w + (1 - old.w) * cover
      pixels[column] = new
    }
  }
}

/// The height of a body over its outline, on a small grid.
final class Relief {
  static let size = 96
  static let price = 1_500_000
  private static let margin = 8

  private var heights: [Float] = []
  private var origin = Point(0, 0)
  /// Cells in a pixel.
  private var scale: Float = 1

  func place(_ least: Point, _ most: Point) {
    let side = max(most.x - least.x, most.y - least.y, 1)
    scale = Float(Relief.size - 2 * Relief.margin) / side
    let middle = (least + most) * 0.5
    origin = middle - Point(repeating: Float(Relief.size) * 0.5 / scale)
  }

  /// Blurs of the outline at several widths add up to a body that is steep at its rim and round above.
  func raise(_ outer: [[Point]], _ holes: [[Point]]) {
    let size = Relief.size
    var mask = covered(outer)
    let pits = covered(holes)
    for index in mask.indices { mask[index] *= 1 - 0.45 * pits[index] }
    heights = [Float](repeating: 0, count: size * size)
    var blurred = mask
    for (radius, weight) in [(2, 1.6), (4, 3.0), (9, 6.5)] as [(Int, Float)] {
      blurred = Relief.blurred(Relief.blurred(blurred, radius), radius)
      for index in heights.indices { heights[index] += blurred[index] * mask[index] * weight }
    }
    heights = Relief.blurred(heights, 1)
  }

  private func covered(_ contours: [[Point]]) -> [Float] {
    let size = Relief.size
    var area = [Float](repeating: 0, count: (size + AreaTile.margin) * size + 8)
    var mask = [Float](repeating: 0, count: size * size)
    area.withUnsafeMutableBufferPointer { area in
      guard let start = area.baseAddress else { return }
      let tile = AreaTile(x: 0, y: 0, width: size, height: size, area: start)
      for contour in contours {
        guard let last = contour.last else { continue }
        var previous = (last - origin) * scale
        for point in contour {
          let next = (point - origin) * scale
          tile.add(edge: previous, next)
          previous = next
        }
      }
      for row in 0..<size {
        var sum: Float = 0
        for column in 0..<size {
          sum += start[row * tile.stride + column]
          mask[row * size + column] = min(1, abs(sum))
        }
      }
    }
    return mask
  }

  /// A box in both directions.
  @_optimize(speed)
  private static func blurred(_ cells: [Float], _ radius: Int) -> [Float] {
    var across = cells
    for row in 0..<size { smear(cells, &across, row * size, 1, radius) }
    var down = across
    for column in 0..<size { smear(across, &down, column, size, radius) }
    return down
  }

  @_optimize(speed)
  private static func smear(_ from: [Float], _ to: inout [Float], _ start: Int, _ step: Int, _ radius: Int) {
    let share = 1 / Float(2 * radius + 1)
    var sum: Float = 0
    for index in 0..<min(radius, size) { sum += from[start + index * step] }
    for index in 0..<size {
      if index + radius < size { sum += from[start + (index + radius) * step] }
      to[start + index * step] = sum * share
      if index >= radius { sum -= from[start + (index - radius) * step] }
    }
  }

  /// How fast the height rises to the right and downwards, at a pixel of the picture.
  @inline(__always)
  func slope(_ x: Float, _ y: Float) -> Point {
    let at = (Point(x, y) - origin) * scale - Point(0.5, 0.5)
    let column = min(max(Int(at.x), 1), Relief.size - 3)
    let row = min(max(Int(at.y), 1), Relief.size - 3)
    let (u, v) = (clamp(at.x - Float(column)), clamp(at.y - Float(row)))
    let index = row * Relief.size + column
    let upper = slope(index).towards(slope(index + 1), u)
    let lower = slope(index + Relief.size).towards(slope(index + Relief.size + 1), u)
    return upper.towards(lower, v)
  }

  @inline(__always)
  private func slope(_ index: Int) -> Point {
    Point(
      heights[index + 1] - heights[index - 1], heights[index + Relief.size] - heights[index - Relief.size])
      * 0.5
  }
}
