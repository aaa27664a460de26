// A wall of stones that tiles without a seam: every noise and every cell repeats with the picture, so the
// right edge goes on at the left one and the bottom at the top.

func composeStone(on stage: Stage) {
  let wall = StoneWall(stage)
  stage.wash(0, 1, price: 200) { canvas, span in wall.paint(canvas, span) }
}

final class StoneWall {
  private let columns: Int
  private let rows: Int
  private let perPixelX: Float
  private let perPixelY: Float
  private let isBrick: Bool
  private let noise: Noise
  private let grain: Noise
  private let tones: [Colour]
  private let mortar: Colour
  private let moss: Float
  private let shadeInJoints: Float
  private let width: Int
  private let height: Int
  /// How steep the relief looks: heights are in cells, slopes in pixels.
  private let relief: Float
  /// Whose heights the working memory still holds.
  /// Each cell's middle, jittered, and its tone.
  private var middles: [Point] = []
  private var tone: [Float] = []

  init(_ stage: Stage) {
    let wish = stage.wish
    isBrick = wish.wants(.brick)
    width = stage.width
    height = stage.height
    let cell = min(stage.w, stage.h) / (isBrick ? 8 : 6.5)
    // Whole cells only; an even number of rows lets bricks in staggered courses meet.
    columns = min(64, max(2, floorToInt(stage.w / (cell * (isBrick ? 1.5 : 1.12)) + 0.5)))
    rows = min(64, max(2, floorToInt(stage.h / (cell * (isBrick ? 0.62 : 0.95)) / 2 + 0.5) * 2))
    perPixelX = Float(columns) / stage.w
    perPixelY = Float(rows) / stage.h
    noise = stage.random.noise()
    grain = stage.random.noise()
    relief = 1 / (perPixelX + perPixelY) * 2
    shadeInJoints = isBrick ? 0.75 : 0.32
    moss = wish.wants(.moss) ? 0.7 : 0.1
    mortar = Colour(hex: isBrick ? 0x9d968a : 0x4b463f)
    if let asked = wish.colour(of: .stone, .brick, .texture, .rock, orAny: true) {
      tones = [asked, asked.lightened(0.14), asked * 0.84, asked.saturated(0.75)]
    } else if isBrick {
      tones = [0xa4523c, 0x93452f, 0xb4654a, 0x85412f].map { Colour(hex: $0) }
    } else {
      tones = [0x9c9488, 0x857f78, 0xa3927a, 0x7b8086, 0xb3aa9a].map { Colour(hex: $0) }
    }
    for row in 0..<rows {
      for _ in 0..<columns {
        let shift: Float = row % 2 == 1 ? 0.5 : 0
        let jitter: Float = isBrick ? 0 : 0.62
        middles.append(
          Point(
            0.5 + shift + jitter * (stage.random.unit() - 0.5),
            0.5 + jitter * 0.9 * (stage.random.unit() - 0.5)))
        tone.append(stage.random.unit())
      }
    }
  }

  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let here = canvas.scratch(0)
    let below = canvas.scratch(1)
    let tones = canvas.scratch(2)
    let tonesBelow = canvas.scratch(4)
    let rough = canvas.scratch(3)
    // What was below the last span is this one, unless the picture is wider than a span.
    if canvas.kept?.x == span.x, canvas.kept?.y == span.y {
      here.update(from: below, count: span.count)
      tones.update(from: tonesBelow, count: span.count)
    } else {
      heights(span, canvas, to: here, tones: tones)
    }
    let next = RowSpan(y: (span.y + 1) % height, x: span.x, count: span.count, pixels: span.pixels)
    heights(next, canvas, to: below, tones: tonesBelow)
    canvas.kept = (span.x, span.y + 1)
    // One more to the right of the span, where the slope of its last pixel needs it.
    let after = RowSpan(y: span.y, x: (span.x + span.count) % width, count: 1, pixels: span.pixels)
    var last: Float = 0
    var unused: Float = 0
    height(of: after, canvas, to: &last, tone: &unused)
    here[span.count] = last

    let period = (x: columns * 2, y: rows * 2)
    grain.fractal(
      to: rough, count: span.count, x: Float(span.x) * perPixelX * 2, step: perPixelX * 2,
      y: Float(span.y) * perPixelY * 2,
      octaves: 5, gain: 0.55, period: period)
    for column in 0..<span.count {
      span.pixels[column] = shade(
        here[column], here[column + 1] - here[column], below[column] - here[column], tones[column],
        rough[column])
    }
  }

  /// Light from the upper left on the slope at one pixel.
  @inline(__always)
  private func shade(_ height: Float, _ right: Float, _ down: Float, _ tone: Float, _ rough: Float) -> Colour
  {
    let nx = -right * relief
    let ny = -down * relief
    let length = (nx * nx + ny * ny + 1).squareRoot()
    let lit = max(0, (0.66 - 0.46 * nx - 0.60 * ny) / length)
    let open = mix(shadeInJoints, 1, smoothstep(0.02, 0.75, height))
    let place = tone * Float(tones.count)
    let index = min(tones.count - 1, max(0, Int(place)))
    let inner = place - Float(index)
    var colour = tones[index] * (0.84 + 0.28 * inner + 0.20 * rough)
    colour = mortar.mixed(with: colour, smoothstep(0.10, 0.26, height))
    if moss > 0 {
      let damp = smoothstep(0.30 - 0.42 * moss, 0.62 - 0.42 * moss, rough + 0.30 * (1 - height) - 0.12 * ny)
      colour = colour.mixed(with: Colour(hex: 0x5f7239), damp * min(1, moss + 0.15))
    }
    return colour * (0.20 + 1.15 * lit) * open
  }

  private func height(of span: RowSpan, _ canvas: Canvas, to out: inout Float, tone: inout Float) {
    var heightHere: Float = 0
    var toneHere: Float = 0
    withUnsafeMutablePointer(to: &heightHere) { heightPointer in
      withUnsafeMutablePointer(to: &toneHere) { heights(span, canvas, to: heightPointer, tones: $0) }
    }
    out = heightHere
    tone = toneHere
  }

  /// How far the wall stands out at each pixel of a span, 0 in the joints to about 1.
  @_optimize(speed)
  func heights(
    _ span: RowSpan, _ canvas: Canvas, to out: UnsafeMutablePointer<Float>, tones: UnsafeMutablePointer<Float>
  ) {
    let bumps = canvas.scratch(5)
    let bend = canvas.scratch(6)
    let x = Float(span.x) * perPixelX
    let y = Float(span.y) * perPixelY
    noise.fractal(
      to: bumps, count: span.count, x: x * 2, step: perPixelX * 2, y: y * 2, octaves: 6, gain: 0.48,
      period: (columns * 2, rows * 2))
    noise.fractal(
      to: bend, count: span.count, x: x * 3, step: perPixelX * 3, y: y * 3 + 0.5, octaves: 2, gain: 0.5,
      period: (columns * 3, rows * 3))
    middles.withUnsafeBufferPointer { middles in
      for column in 0..<span.count {
        let u = x + Float(column) * perPixelX + 0.10 * bend[column]
        let v = y + 0.08 * bumps[column]
        let (joint, cell) = isBrick ? brick(u, v) : stone(u, v, middles)
        let edge = joint + 0.06 * bumps[column]
        let dome = smoothstep(0.02, 0.17, edge) * (0.72 + 0.28 * min(1, max(0, edge) * 2.4).squareRoot())
        out[column] = dome + bumps[column] * (0.04 + 0.10 * dome)
        tones[column] = tone[cell]
      }
    }
  }

  /// The distance to the nearest joint, and the number of the stone: stones are a Voronoi diagram's cells.
  @inline(__always)
  private func stone(_ u: Float, _ v: Float, _ middles: UnsafeBufferPointer<Point>) -> (
    joint: Float, cell: Int
  ) {
    let column = floorToInt(u)
    let row = floorToInt(v)
    // Within the picture, so that a neighbour's number is at most one picture off.
    let homeColumn = wrapped(column, columns)
    let homeRow = wrapped(row, rows)
    let place = Point(u - Float(column), v - Float(row))
    let above = course(homeColumn, homeRow, -1, place, middles)
    let level = course(homeColumn, homeRow, 0, place, middles)
    let below = course(homeColumn, homeRow, 1, place, middles)
    var nearest = NearestStone()
    nearest.look(through: above)
    nearest.look(through: level)
    nearest.look(through: below)
    var joints = nearest.joints(with: above)
    let others = (nearest.joints(with: level), nearest.joints(with: below))
    joints.replace(with: others.0, where: others.0 .< joints)
    joints.replace(with: others.1, where: others.1 .< joints)
    let joint = min(min(joints.x, joints.y), min(joints.z, joints.w))
    return (joint.squareRoot() * 0.5, nearest.cell)
  }

  /// Odd courses are shifted by half a stone, so a second one to the left can be near.
  @inline(__always)
  private func course(
    _ column: Int, _ row: Int, _ dy: Int, _ place: Point, _ middles: UnsafeBufferPointer<Point>
  ) -> Course {
    let line = folded(row + dy, rows) * columns
    let a = line + folded(column - 2, columns)
    let b = line + folded(column - 1, columns)
    let c = line + column
    let d = line + folded(column + 1, columns)
    let x = SIMD4(middles[a].x - 2, middles[b].x - 1, middles[c].x, middles[d].x + 1) - place.x
    let y = SIMD4(middles[a].y, middles[b].y, middles[c].y, middles[d].y) + (Float(dy) - place.y)
    return Course(x: x, y: y * 1.1, cells: (a, b, c, d))
  }

  @inline(__always)
  private func folded(_ index: Int, _ count: Int) -> Int {
    index < 0 ? index + count : (index < count ? index : index - count)
  }

  @inline(__always)
  private func brick(_ u: Float, _ v: Float) -> (joint: Float, cell: Int) {
    let row = floorToInt(v)
    let line = wrapped(row, rows)
    let along = u - (line % 2 == 1 ? 0.5 : 0)
    let column = floorToInt(along)
    let x = along - Float(column)
    let y = v - Float(row)
    let joint = min(min(x, 1 - x) * 2.0, min(y, 1 - y))
    return (joint + 0.01, line * columns + wrapped(column, columns))
  }
}

/// Four neighbouring stones of one course: where their middles are from here, and their numbers.
private struct Course {
  let x: SIMD4<Float>
  let y: SIMD4<Float>
  let cells: (Int, Int, Int, Int)
}

private struct NearestStone {
  var distance = Float.infinity
  var offset = Point(0, 0)
  var cell = 0

  @inline(__always)
  mutating func look(through course: Course) {
    look(course.x.x, course.y.x, course.cells.0)
    look(course.x.y, course.y.y, course.cells.1)
    look(course.x.z, course.y.z, course.cells.2)
    look(course.x.w, course.y.w, course.cells.3)
  }

  @inline(__always)
  private mutating func look(_ x: Float, _ y: Float, _ number: Int) {
    let found = x * x + y * y
    guard found < distance else { return }
    distance = found
    offset = Point(x, y)
    cell = number
  }

  /// The joint with a stone is the line half-way between the two middles: twice the distance to it, squared.
  /// A stone has no joint with itself.
  @inline(__always)
  func joints(with course: Course) -> SIMD4<Float> {
    let dx = course.x - offset.x
    let dy = course.y - offset.y
    let apart = dx * dx + dy * dy
    let behind = course.x * course.x + course.y * course.y - distance
    var joints = behind * behind / apart
    joints.replace(with: SIMD4(repeating: 9), where: apart .< SIMD4(repeating: 1e-6))
    return joints
  }
}
