// Oil: strokes of a bristle brush along the forms, broad ones first, finer ones only where the broad ones
// missed something.

final class OilStrokes: Layer {
  private let sketch: Sketch
  private let sizes: [Float]
  private let strokesPerSize: [Int]
  private let bristles: Noise
  private var random: Random
  private var size = 0
  private var stroke = 0

  private static let pricePerPixel = 9

  init(_ stage: Stage, _ sketch: Sketch) {
    self.sketch = sketch
    bristles = stage.random.noise()
    random = Random(stage.random.bits())
    sizes = [stage.unit / 34, stage.unit / 72, stage.unit / 150].map { max($0, 1.2) }
    let area = stage.w * stage.h
    // Enough to cover the picture about twice with each size.
    strokesPerSize = sizes.map { floorToInt(min(area * 0.40 / ($0 * $0), 300_000)) + 1 }
  }

  var cost: Int { sketch.width * sketch.height * 3 * 2 * OilStrokes.pricePerPixel }

  func paint(on canvas: Canvas, budget: Int) -> Bool {
    var left = budget
    while size < sizes.count {
      left -= paintStroke(on: canvas)
      stroke += 1
      if stroke == strokesPerSize[size] {
        stroke = 0
        size += 1
      }
      if left <= 0 { return size < sizes.count }
    }
    return false
  }

  /// Returns about how many nanoseconds it took.
  private func paintStroke(on canvas: Canvas) -> Int {
    let half = sizes[size]
    let x = floorToInt(random.unit() * Float(sketch.width))
    let y = floorToInt(random.unit() * Float(sketch.height))
    let reach = max(1, floorToInt(half * 0.5))
    let seen = sketch.around(x, y, reach)
    // Finer brushes correct; where the picture is right they stay away.
    let wrong = seen - canvas.pixel(x, y)
    let error = abs(wrong.x) + abs(wrong.y) + abs(wrong.z)
    let chance = random.unit()
    if size > 0, error < 0.10 + 0.06 * chance { return 150 }
    let dx =
      sketch.around(x + reach * 2, y, reach).luminance - sketch.around(x - reach * 2, y, reach).luminance
    let dy =
      sketch.around(x, y + reach * 2, reach).luminance - sketch.around(x, y - reach * 2, reach).luminance
    let steep = (dx * dx + dy * dy).squareRoot()
    let turn = random.between(-0.35, 0.35)
    // Along the form; where there is none, along a slow swirl.
    let calm =
      bristles.fractal(at: Float(x) / half * 0.02 + 3, Float(y) / half * 0.02, octaves: 2) * 2.4 + turn
    let angle = steep > 0.012 ? arcTangent(dx, -dy) + turn * 0.5 : calm
    let along = Point.polar(angle, 1)
    let long = half * random.between(2.2, 3.6) * (size == 0 ? 1 : 0.85)
    let tint = seen.saturated(1.12) * (1 + random.between(-0.07, 0.07))
    return lay(Point(Float(x), Float(y)), along, long, half * random.between(0.75, 1), tint, on: canvas)
  }

  @_optimize(speed)
  private func lay(
    _ centre: Point, _ along: Point, _ long: Float, _ half: Float, _ colour: Colour, on canvas: Canvas
  ) -> Int {
    let wide = abs(along.x) * long + abs(along.y) * half
    let tall = abs(along.y) * long + abs(along.x) * half
    let left = max(0, floorToInt(centre.x - wide))
    let right = min(canvas.width, floorToInt(centre.x + wide) + 1)
    let top = max(0, floorToInt(centre.y - tall))
    let bottom = min(canvas.height, floorToInt(centre.y + tall) + 1)
    guard left < right, top < bottom else { return 200 }
    let number = stroke &* 3 &+ size
    let lanes = max(3, half * 1.1)
    for y in top..<bottom {
      let row = canvas.row(y)
      for x in left..<right {
        let from = Point(Float(x), Float(y)) - centre
        let u = (from.x * along.x + from.y * along.y) / long
        let v = (from.y * along.x - from.x * along.y) / half
        if u * u >= 1 || v * v >= 1 { continue }
        let place = (v + 1) * lanes
        let lane = Int(place)
        let share = place - Float(lane)
        let hair = mix(bristles.cell(lane, number), bristles.cell(lane + 1, number), share)
        // The paint runs out hair by hair, and lies thick along one side.
        let body = smoothstep(0, 0.25, 1 - abs(v)) * smoothstep(0, 0.20, 1 - abs(u) - 0.30 * hair * u)
        let ridge = 1 + 0.24 * (hair - 0.5) + 0.05 * v
        row[x] = row[x].mixed(with: colour * ridge, min(1, body * 1.1))
      }
    }
    return 400 + (right - left) * (bottom - top) * OilStrokes.pricePerPixel
  }
}
