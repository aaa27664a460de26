// Materials that fill the picture and tile without a seam: every noise repeats with the picture, every
// thread, plank and ripple comes a whole number of times.

func composeSurface(on stage: Stage) {
  let surface = Surface(stage)
  stage.wash(0, 1, price: 110) { canvas, span in surface.paint(canvas, span) }
  if surface.material == .grass { stage.draw(price: 30) { drawTurf(on: $0, stage) } }
}

enum Material {
  case wood, sand, water, metal, fabric, lava, marble, grass

  init(_ asked: Concepts) {
    if asked.has(.wood) || asked.has(.tree) {
      self = .wood
    } else if asked.has(.metal) {
      self = .metal
    } else if asked.has(.fabric) {
      self = .fabric
    } else if asked.has(.lava) {
      self = .lava
    } else if asked.has(.marble) {
      self = .marble
    } else if asked.has(.grass) || asked.has(.meadow) {
      self = .grass
    } else if asked.has(.water) || asked.has(.sea) {
      self = .water
    } else {
      self = .sand
    }
  }
}

final class Surface {
  let material: Material
  private let width: Int
  private let height: Int
  /// How many times the material's own cell fits across and down.
  private let across: Int
  private let down: Int
  private let first: Noise
  private let second: Noise
  private let third: Noise
  private let asked: Colour?
  private var boards: [Float] = []
  /// The row whose relief the working memory still holds.

  init(_ stage: Stage) {
    let wish = stage.wish
    material = Material(wish.asked)
    width = stage.width
    height = stage.height
    let side = min(stage.w, stage.h)
    let cells: Float
    switch material {
    case .wood: cells = 5
    case .fabric: cells = 56
    case .metal: cells = 2
    case .sand: cells = 5
    default: cells = 4
    }
    across = min(512, max(1, floorToInt(stage.w / side * cells + 0.5)))
    // An even number, for threads that take turns.
    down = min(512, max(2, floorToInt(stage.h / side * cells / 2 + 0.5) * 2))
    first = stage.random.noise()
    second = stage.random.noise()
    third = stage.random.noise()
    asked = wish.colour(
      of: .texture, .wood, .sand, .water, .metal, .fabric, .lava, .marble, .grass, orAny: true)
    for _ in 0..<512 { boards.append(stage.random.unit()) }
  }

  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let here = canvas.scratch(0)
    let tone = canvas.scratch(1)
    let below = canvas.scratch(2)
    let toneBelow = canvas.scratch(3)
    if canvas.kept?.x == span.x, canvas.kept?.y == span.y {
      here.update(from: below, count: span.count)
      tone.update(from: toneBelow, count: span.count)
    } else {
      relief(canvas, x: span.x, y: span.y, span.count, to: here, tone)
    }
    relief(canvas, x: span.x, y: (span.y + 1) % height, span.count, to: below, toneBelow)
    canvas.kept = (span.x, span.y + 1)
    // Beyond the last pixel the picture begins again.
    here[span.count] = span.count == width ? here[0] : here[span.count - 1]
    for column in 0..<span.count {
      span.pixels[column] = colour(
        here[column], here[column + 1] - here[column], below[column] - here[column], tone[column])
    }
  }

  /// A row of noise that repeats after so many cells across and down the picture.
  private func add(
    _ noise: Noise, _ x: Int, _ y: Int, _ count: Int, _ cells: (Int, Int), _ octaves: Int, _ gain: Float,
    to out: UnsafeMutablePointer<Float>
  ) {
    let perX = Float(cells.0) / Float(width)
    noise.fractal(
      to: out, count: count, x: Float(x) * perX, step: perX, y: Float(y) * Float(cells.1) / Float(height),
      octaves: octaves, gain: gain, period: cells)
  }

  /// The height and the tone of each pixel of a row.
  @_optimize(speed)
  func relief(
    _ canvas: Canvas, x: Int, y: Int, _ count: Int, to out: UnsafeMutablePointer<Float>,
    _ tone: UnsafeMutablePointer<Float>
  ) {
    let a = canvas.scratch(4)
    let b = canvas.scratch(5)
    let c = canvas.scratch(6)
    switch material {
    case .wood:
      add(first, x, y, count, (across, down * 6), 4, 0.55, to: a)
      add(second, x, y, count, (across * 4, down * 60), 3, 0.6, to: b)
    case .fabric:
      add(first, x, y, count, (across * 3, down), 2, 0.6, to: a)
      add(second, x, y, count, (across, down * 3), 2, 0.6, to: b)
      add(third, x, y, count, (max(1, across / 12), max(1, down / 12)), 4, 0.5, to: c)
    case .metal:
      add(first, x, y, count, (across * 3, down * 120), 2, 0.6, to: a)
      add(second, x, y, count, (across * 2, down * 2), 6, 0.6, to: b)
    case .marble:
      add(first, x, y, count, (across, down), 7, 0.52, to: a)
      add(second, x, y, count, (across * 2, down * 2), 6, 0.58, to: b)
      add(third, x, y, count, (across * 3, down * 3), 5, 0.6, to: c)
    case .sand:
      add(first, x, y, count, (across / 2 + 1, down / 2 + 1), 3, 0.5, to: a)
      add(second, x, y, count, (across * 40, down * 40), 2, 0.9, to: b)
    case .water:
      add(first, x, y, count, (across, down), 2, 0.5, to: a)
      add(second, x, y, count, (across * 2, down * 2), 2, 0.5, to: b)
      add(third, x, y, count, (across / 2 + 1, down / 2 + 1), 3, 0.5, to: c)
    case .lava, .grass:
      add(first, x, y, count, (across, down), 6, 0.55, to: a)
      add(second, x, y, count, (across * 4, down * 4), 5, 0.62, to: b)
      add(third, x, y, count, (across * 2, down * 2), 3, 0.5, to: c)
    }
    let u = Float(across) / Float(width)
    let v = Float(y) * Float(down) / Float(height)
    for column in 0..<count {
      let place = Point((Float(x + column)) * u, v)
      let (rise, shade) = shape(place, a[column], b[column], c[column])
      out[column] = rise
      tone[column] = shade
    }
  }

  @inline(__always)
  private func shape(_ at: Point, _ a: Float, _ b: Float, _ c: Float) -> (Float, Float) {
    switch material {
    case .wood:
      let board = min(down - 1, max(0, Int(at.y)))
      let inner = at.y - Float(board)
      let edge = min(inner, 1 - inner)
      // The rings of the trunk, cut lengthwise: lines of equal noise.
      let ring = a * 3.4 + boards[board] * 7 + inner * 1.6
      let line = abs(ring - Float(floorToInt(ring)) - 0.5) * 2
      let groove = smoothstep(0.0, 0.035, edge)
      return (
        groove * 0.7 + 0.05 * b - 0.04 * line,
        clamp(0.30 + 0.30 * boards[(board + 64) % 512] + 0.26 * line + 0.28 * b)
      )
    case .fabric:
      let i = Int(at.x)
      let j = Int(at.y)
      let fx = (at.x - Float(i)) * 2 - 1
      let fy = (at.y - Float(j)) * 2 - 1
      let isWarp = (i + j) % 2 == 0
      let ridge = isWarp ? 1 - fx * fx * 0.9 - fy * fy * 0.35 : 1 - fy * fy * 0.9 - fx * fx * 0.35
      return (ridge * 0.55 + 0.12 * (isWarp ? a : b), clamp(0.5 + 0.3 * (isWarp ? a : b) + 0.25 * c))
    case .metal:
      let fx = at.x - Float(Int(at.x))
      let fy = at.y - Float(Int(at.y))
      let edge = min(min(fx, 1 - fx), min(fy, 1 - fy))
      let panel = smoothstep(0.004, 0.016, edge)
      let rx = min(fx, 1 - fx) - 0.07
      let ry = min(fy, 1 - fy) - 0.07
      let rivet = max(0, 1 - (rx * rx + ry * ry) * 2400)
      return (
        panel + 0.8 * rivet.squareRoot() + 0.012 * a, clamp(0.5 + 0.22 * a)
      )
    case .marble:
      let vein = max(0, 1 - abs(a + 0.30 * c) * 9)
      let fine = max(0, 1 - abs(b + 0.22 * a) * 12)
      return (0, clamp(0.72 * vein * vein + 0.42 * fine * fine * (0.4 + vein) + 0.16 + 0.35 * a))
    case .sand:
      let ripple = sine((at.y + 0.9 * a) * fullTurn * 2)
      return (0.42 * ripple + 0.10 * ripple * ripple + 0.05 * b, clamp(0.5 + 0.35 * b + 0.25 * a))
    case .water:
      let net = max(0, 1 - abs(a + 0.2 * c) * 4.6)
      let fine = max(0, 1 - abs(b + 0.3 * a) * 4.2)
      return (0.3 * a + 0.12 * b, clamp(net * net * 0.75 + fine * fine * 0.35 + 0.28 * c + 0.12))
    case .lava:
      let crack = abs(a + 0.10 * b)
      let heat = max(0, 1 - crack * 7.5)
      let crust = smoothstep(0.02, 0.20, crack)
      return (
        crust * 0.7 + 0.22 * b * crust, clamp(heat * heat * 1.15 + max(0, c - 0.18) * 0.5 * (1 - crust))
      )
    case .grass:
      return (0.5 * b, clamp(0.5 + 0.6 * a + 0.4 * c))
    }
  }

  /// Light from the upper left on the slope at one pixel.
  @inline(__always)
  private func colour(_ height: Float, _ right: Float, _ down: Float, _ tone: Float) -> Colour {
    let steep = Float(min(width, self.height)) * 0.045 * (material == .fabric ? 0.35 : 1)
    let nx = -right * steep
    let ny = -down * steep
    let length = (nx * nx + ny * ny + 1).squareRoot()
    let lit = max(0, (0.68 - 0.44 * nx - 0.58 * ny) / length)
    let shine = lit * lit * lit * lit
    let light = 0.25 + 1.1 * lit
    func between(_ dark: UInt32, _ bright: UInt32) -> Colour {
      if let asked { return (asked * 0.55).mixed(with: asked.lightened(0.28), tone) }
      return Colour(hex: dark).mixed(with: Colour(hex: bright), tone)
    }
    switch material {
    case .wood: return between(0x5f3a1f, 0xc48f58) * (light * (0.35 + 0.65 * smoothstep(0.05, 0.6, height)))
    case .sand: return between(0xbb9459, 0xf0d6a2) * light
    case .water:
      return between(0x0a5a86, 0x2f9fc0).screened(Colour(hex: 0xd8fbff) * (tone * tone * 0.85))
        * (0.8 + 0.25 * lit)
    case .metal:
      return between(0x777f87, 0xbcc4ca).screened(Colour(grey: shine * 0.22))
        * (light * (0.4 + 0.6 * smoothstep(0, 0.7, height)))
    case .fabric: return between(0x24426e, 0x5f83b8) * (light * (0.45 + 0.75 * clamp(height * 1.5)))
    case .lava:
      let crust = Colour(hex: 0x2c2523) * (light * 0.95)
      let hot = Colour(1.0, clamp(tone * 1.35 - 0.22), clamp(tone * 1.8 - 1.15), 0)
      let glow = asked.map { $0.lightened(clamp(tone * 1.2 - 0.7)) } ?? hot
      return crust.mixed(with: glow, smoothstep(0.05, 0.42, tone))
    case .marble:
      let base = asked ?? Colour(hex: 0xf2efe9)
      return base.mixed(with: base * Colour(0.36, 0.38, 0.42, 0), tone * 0.85)
    case .grass: return between(0x2d4f1e, 0x5d8a32) * light
    }
  }
}

/// Blades that lie every way; one that leaves the picture comes in again on the other side.
private func drawTurf(on drawing: Drawing, _ stage: Stage) {
  let side = min(stage.w, stage.h)
  let green = stage.wish.colour(of: .grass, .texture, orAny: true) ?? Colour(hex: 0x6f9c3c)
  let noise = stage.random.noise()
  for blade in 0..<4200 {
    let near = Float(blade) / 4200
    let foot = Point(stage.random.unit() * stage.w, stage.random.unit() * stage.h)
    let angle = stage.random.between(-0.9, 0.9)
    let tall = side * stage.random.between(0.035, 0.085)
    let tip = Point(sine(angle), -cosine(angle)) * tall
    let bend = Point(-tip.y, tip.x) * stage.random.between(-0.22, 0.22)
    let half = tall * 0.045 + 0.3
    // The same patches on both sides of the seam: a circle through the noise in each direction.
    let turn = foot.x / stage.w * fullTurn
    let patch = noise.at(cosine(turn) + 3, sine(foot.y / stage.h * fullTurn) + sine(turn))
    let tint = green.mixed(with: Colour(hex: 0xb9b35c), stage.random.unit() * 0.3)
    let colour = tint * (0.42 + 0.5 * near + 0.2 * stage.random.unit() + 0.3 * patch)
    for dx in [0, foot.x < side * 0.1 ? 1 : (foot.x > stage.w - side * 0.1 ? -1 : 0)] as [Float] {
      for dy in [0, foot.y < side * 0.1 ? 1 : 0] as [Float] {
        let at = foot + Point(dx * stage.w, dy * stage.h)
        drawing.move(at - Point(half, 0))
        drawing.line(at + tip * 0.55 + bend - Point(half * 0.7, 0))
        drawing.line(at + tip)
        drawing.line(at + tip * 0.55 + bend + Point(half * 0.7, 0))
        drawing.line(at + Point(half, 0))
        drawing.fill(.gradient(colour * 0.45, at, colour, at + tip * 0.7))
        if dy == 0, foot.y >= side * 0.1 { break }
      }
      if dx == 0, foot.x >= side * 0.1, foot.x <= stage.w - side * 0.1 { break }
    }
  }
}
