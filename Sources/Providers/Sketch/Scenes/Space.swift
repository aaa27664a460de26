// Space: glowing gas and dust along a band, stars in their thousands, and a world with the light on one side.

func composeSpace(on stage: Stage) {
  let nebula = Nebula(stage)
  stage.wash(0, 1, price: 95) { canvas, span in nebula.paint(canvas, span) }
  stage.draw(price: 4) { drawStars(on: $0, stage) }
  guard !stage.wish.refuses(.moon) else { return }
  let world = World(stage)
  let rows = world.rows
  stage.wash(rows.top, rows.bottom, price: 70) { _, span in world.paint(span) }
  if stage.random.chance(0.6) {
    let moon = World(moonOf: world, stage)
    stage.wash(moon.rows.top, moon.rows.bottom, price: 20) { _, span in moon.paint(span) }
  }
}

private final class Nebula {
  private let gas: Noise
  private let filaments: Noise
  private let dust: Noise
  private let unit: Float
  private let middle: Point
  private let along: Point
  private let warm: Colour
  private let cool: Colour
  private let core: Colour

  private static let pairs: [(UInt32, UInt32)] = [
    (0xd2508f, 0x2b62d8), (0xe0703a, 0x1f8f9e), (0x9a4fe0, 0x2a7fd0), (0xc94040, 0x5a4bd0),
    (0x38b58a, 0x3557c8),
  ]

  init(_ stage: Stage) {
    unit = stage.unit
    gas = stage.random.noise()
    filaments = stage.random.noise()
    dust = stage.random.noise()
    middle = Point(stage.random.between(0.35, 0.65) * stage.w, stage.random.between(0.38, 0.62) * stage.h)
    along = Point.polar(stage.random.between(-0.7, 0.7), 1)
    let pair = Nebula.pairs[stage.random.whole(0, Nebula.pairs.count - 1)]
    let asked = stage.wish.colour(of: .space, .sky, orAny: true)
    warm = asked ?? Colour(hex: pair.0)
    cool = asked.map { $0.mixed(with: Colour(hex: 0x2b50c0), 0.6) } ?? Colour(hex: pair.1)
    core = warm.mixed(with: Colour(hex: 0xffe9cf), 0.65)
  }

  @_optimize(speed)
  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let cloud = canvas.scratch(0)
    let thread = canvas.scratch(1)
    let dark = canvas.scratch(2)
    let work = canvas.scratch(3)
    let x = Float(span.x)
    let y = Float(span.y)
    let step = 2.0 / unit
    gas.fractal(to: cloud, count: span.count, x: x * step, step: step, y: y * step, octaves: 7, gain: 0.55)
    filaments.ridges(
      to: thread, work: work, count: span.count, x: x * step * 1.3, step: step * 1.3, y: y * step * 1.3,
      octaves: 5,
      gain: 0.6)
    dust.fractal(
      to: dark, count: span.count, x: x * step * 1.6, step: step * 1.6, y: y * step * 1.6, octaves: 6,
      gain: 0.58)
    let night = Colour(hex: 0x05060f)
    for column in 0..<span.count {
      let from = Point(x + Float(column), y) - middle
      let across = (from.y * along.x - from.x * along.y) / unit + 0.22 * cloud[column]
      let far = (from.x * along.x + from.y * along.y) / unit
      let band = 1 / (1 + across * across * 16)
      let heart = 1 / (1 + across * across * 44 + far * far * 5)
      let density = clamp(band * (0.42 + 1.25 * cloud[column]) + 0.18 * cloud[column])
      let hue = smoothstep(-0.35, 0.4, dark[column] + across * 0.9)
      var light = cool.mixed(with: warm, hue) * (density * (0.35 + 0.75 * thread[column]))
      light += core * (heart * (0.34 + 0.5 * cloud[column]) * 0.75)
      light += warm * (smoothstep(0.55, 0.95, thread[column]) * density * 0.45)
      // Dust in front of the gas; what shines through it is redder.
      let veil = smoothstep(0.04, 0.34, dark[column]) * band * 0.8
      light *= Colour(1 - veil * 0.80, 1 - veil * 0.90, 1 - veil * 0.95, 0)
      span.pixels[column] = night.screened(light.bounded)
    }
  }
}

private func drawStars(on drawing: Drawing, _ stage: Stage) {
  let clumps = stage.random.noise()
  let smallest = max(stage.unit * 0.0007, 0.38)
  for _ in 0..<1500 {
    let point = Point(stage.random.unit() * stage.w, stage.random.unit() * stage.h)
    let rank = stage.random.unit()
    let crowd = clumps.at(point.x / stage.unit * 3, point.y / stage.unit * 3)
    let bright = rank * rank * rank * rank * rank
    let colour = Colour(hex: 0xaec6ff).mixed(with: Colour(hex: 0xffe2c0), stage.random.unit())
    let size = smallest * (0.9 + 1.5 * bright)
    drawing.dab(point, size, size, turned: 0, colour, clamp(0.22 + 0.35 * crowd + 0.8 * bright))
    guard bright > 0.80 else { continue }
    drawing.glow(point, smallest * 16 * bright, colour, 0.5)
    guard bright > 0.93 else { continue }
    for arm in [Point(1, 0), Point(0, 1)] {
      drawing.spot(
        point, smallest * (1 + 20 * arm.x), smallest * (1 + 20 * arm.y), Paint.flat(colour, 0.75).asLight)
    }
  }
}

/// A planet or a moon: a ball with weather or craters, air around it, sometimes rings.
private final class World {
  private let centre: Point
  private let radius: Float
  private let light: SIMD3<Float>
  private let surface: Noise
  private let land: Colour
  private let sea: Colour
  private let air: Colour
  private let isBanded: Bool
  private let isBare: Bool
  private let ringTilt: Float
  private let width: Int
  private let h: Float

  private static let kinds: [(UInt32, UInt32, UInt32)] = [
    (0x6f8a4e, 0x1d4f8c, 0x6fb4ff), (0xd9b48a, 0xa86f4c, 0xffc890), (0xc2673c, 0x7c3a26, 0xff9c70),
    (0x9ac4d6, 0x3f77a6, 0x9adcff), (0xb99ad0, 0x6a4a8e, 0xd0a8ff),
  ]

  init(_ stage: Stage) {
    width = stage.width
    h = stage.h
    let kind = stage.random.whole(0, World.kinds.count - 1)
    isBanded = kind == 1 || kind == 3 || kind == 4
    isBare = false
    radius = stage.unit * stage.random.between(0.20, 0.34)
    centre = Point(stage.x(stage.random.between(0.22, 0.40)), stage.h * stage.random.between(0.48, 0.68))
    let side: Float = stage.random.chance(0.5) ? 1 : -1
    light = SIMD3(side * 0.74, -0.48, 0.47)
    surface = stage.random.noise()
    let asked = stage.wish.colour(of: .space, orAny: true)
    land = asked?.lightened(0.15) ?? Colour(hex: World.kinds[kind].0)
    sea = asked.map { $0 * 0.6 } ?? Colour(hex: World.kinds[kind].1)
    air = Colour(hex: World.kinds[kind].2)
    ringTilt = isBanded && stage.random.chance(0.7) ? stage.random.between(0.16, 0.34) : 0
  }

  init(moonOf world: World, _ stage: Stage) {
    width = stage.width
    h = stage.h
    radius = world.radius * stage.random.between(0.14, 0.26)
    centre = Point(
      stage.x(stage.random.between(0.62, 0.86)),
      world.centre.y - stage.unit * stage.random.between(0.12, 0.36))
    light = world.light
    surface = stage.random.noise()
    land = Colour(hex: 0xb9b2a8)
    sea = Colour(hex: 0x77716b)
    air = Colour(repeating: 0)
    isBanded = false
    isBare = true
    ringTilt = 0
  }

  /// Its rows as shares of the picture's height.
  var rows: (top: Float, bottom: Float) {
    let reach = radius * (isBare ? 1.05 : 1.5)
    return (max(0, (centre.y - reach) / h), min(1, (centre.y + reach) / h))
  }

  @_optimize(speed)
  func paint(_ span: RowSpan) {
    let y = (Float(span.y) + 0.5 - centre.y) / radius
    let reach = ringTilt > 0 ? radius * 2.3 : radius * 1.5
    let first = max(0, floorToInt(centre.x - reach) - span.x)
    let end = min(span.count, floorToInt(centre.x + reach) + 1 - span.x)
    guard first < end else { return }
    for column in first..<end {
      let x = (Float(span.x + column) + 0.5 - centre.x) / radius
      let squared = x * x + y * y
      let old = span.pixels[column]
      let cover = clamp((1 - squared.squareRoot()) * radius + 0.5)
      var seen = cover < 1 ? old.screened(halo(x, y, squared)) : old
      if cover > 0 { seen = seen.mixed(with: ball(x, y, squared), cover) }
      if ringTilt > 0 { seen = ringed(seen, x, y, squared) }
      span.pixels[column] = seen
    }
  }

  @inline(__always)
  private func halo(_ x: Float, _ y: Float, _ squared: Float) -> Colour {
    guard !isBare else { return Colour(repeating: 0) }
    let distance = squared.squareRoot()
    let facing = clamp(0.35 + 0.75 * (x * light.x + y * light.y) / distance)
    let fall = clamp(1 - (distance - 1) / 0.45)
    return air * (facing * (0.55 * fall * fall * fall * fall * fall + 0.16 * fall * fall))
  }

  @inline(__always)
  private func ball(_ x: Float, _ y: Float, _ squared: Float) -> Colour {
    let z = max(0, 1 - squared).squareRoot()
    // Bulges the map towards the viewer, as a globe does.
    let bulge = 1 / (0.45 + 0.55 * z)
    let u = x * bulge
    let v = y * bulge
    var height: Float
    if isBanded {
      let swirl = surface.fractal(at: u * 2.2, v * 5, octaves: 3, gain: 0.55)
      height = 0.5 + 0.9 * surface.at(3.5, (v + 0.10 * swirl) * 5.5) + 0.30 * swirl
    } else {
      height = 0.5 + 1.15 * surface.fractal(at: u * 2.4, v * 2.4, octaves: 6, gain: 0.55)
    }
    height = isBare || isBanded ? clamp(height) : smoothstep(0.46, 0.56, height) * (0.6 + 0.5 * height)
    var colour = sea.mixed(with: land, clamp(height))
    if !isBanded, !isBare {
      let cloud = surface.fractal(at: u * 3 + 9, v * 6.5 + 5, octaves: 5, gain: 0.6)
      colour = colour.mixed(with: Colour(grey: 0.96), smoothstep(0.02, 0.5, cloud) * 0.85)
    }
    let facing = x * light.x + y * light.y + z * light.z
    let lit = smoothstep(-0.10, 0.85, facing)
    let rim = (1 - z) * (1 - z)
    let day = colour * (0.015 + 1.15 * lit)
    return isBare ? day : day.screened(air * (rim * (0.10 + 0.95 * lit) * 0.8))
  }

  @inline(__always)
  private func ringed(_ under: Colour, _ x: Float, _ y: Float, _ squared: Float) -> Colour {
    let slant = y + 0.22 * x
    let plane = slant / ringTilt
    let distance = (x * x + plane * plane).squareRoot()
    guard distance > 1.28, distance < 2.2, slant > 0 || squared > 1 else { return under }
    let groove = 0.55 + 0.9 * surface.fractal(at: distance * 11, 4.5, octaves: 3, gain: 0.7)
    let body = clamp(groove) * smoothstep(1.28, 1.36, distance) * smoothstep(2.2, 2.05, distance)
    // The ball throws its shadow over the rings behind it.
    let shadow: Float = slant < 0 && x * light.x < -0.2 && abs(x) < 1.25 ? 0.3 : 1
    return under.mixed(with: land.lightened(0.35) * shadow, body * 0.72)
  }
}
