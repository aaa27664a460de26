// What lives under water: corals, weed, fish near and far, and the bubbles between them.

func drawReef(on drawing: Drawing, _ stage: Stage, _ floor: Float) {
  let unit = stage.unit
  let corals: [UInt32] = [0xe8604f, 0xf08a3c, 0xd94f8f, 0x9b5fd0, 0xf2c14e, 0x3fb8a0]
  for index in 0..<26 {
    let near = Float(index) / 26
    // Higher at the sides, so that the middle stays open water.
    let side = stage.random.unit()
    let share = stage.random.chance(0.5) ? side * side * 0.55 : 1 - side * side * 0.55
    let foot = Point(share * stage.w, stage.h * mix(floor + 0.03, 1.02, near))
    let size = unit * mix(0.035, 0.15, near) * stage.random.between(0.7, 1.3)
    let distance = 0.66 * (1 - near)
    let colour = Colour(hex: corals[stage.random.whole(0, corals.count - 1)])
    switch stage.random.whole(0, 4) {
    case 0, 1: drawCoral(at: foot, size, colour, distance, on: drawing, stage)
    case 2: drawWeed(at: foot, size * 2.1, distance, on: drawing, stage)
    case 3:
      drawRock(at: foot, size: size * 0.55, on: drawing, stage, moss: 0.8)
      drawCoral(at: foot - Point(0, size * 0.3), size * 0.7, colour, distance, on: drawing, stage)
    default:
      drawFoliage(
        at: foot - Point(0, size * 0.22), size * 0.55, size * 0.38, colour: colour, distance: distance,
        leaves: 60,
        on: drawing, stage)
    }
  }
}

/// A branching coral: limbs that fork upwards and end round.
private func drawCoral(
  at foot: Point, _ size: Float, _ colour: Colour, _ distance: Float, on drawing: Drawing, _ stage: Stage
) {
  let air = stage.air
  func seen(_ lit: Float) -> Colour { air.distant(air.shaded(colour, lit), distance) }
  func grow(_ from: Point, _ angle: Float, _ length: Float, _ width: Float, _ forks: Int) {
    let tip = from + Point(sine(angle), -cosine(angle)) * length
    drawing.taper(from, tip, width, width * 0.8)
    drawing.ellipse(tip, width * 0.42, width * 0.42)
    guard forks > 0 else { return }
    for side in [1, -1] as [Float] {
      grow(
        tip, angle + side * stage.random.between(0.22, 0.62), length * stage.random.between(0.68, 0.88),
        width * 0.76,
        forks - 1)
    }
  }
  for limb in 0..<3 {
    grow(foot, (Float(limb) - 1) * 0.5 + stage.random.between(-0.15, 0.15), size * 0.30, size * 0.11, 3)
  }
  drawing.fill(
    Paint.vertical(seen(0.95), seen(0.05), foot.y - size, foot.y).grained(0.25, size: size * 0.05))
}

/// Weed: long blades that sway the same way.
private func drawWeed(
  at foot: Point, _ tall: Float, _ distance: Float, on drawing: Drawing, _ stage: Stage
) {
  let air = stage.air
  let green = Colour(hex: 0x5f8f3e).mixed(with: Colour(hex: 0x8a7a34), stage.random.unit())
  let phase = stage.random.between(0, fullTurn)
  for blade in 0..<7 {
    let height = tall * stage.random.between(0.55, 1.1)
    let root = foot + Point((Float(blade) - 3) * tall * 0.035, 0)
    var spine: [Point] = []
    var widths: [Float] = []
    for piece in 0...10 {
      let t = Float(piece) / 10
      let sway = sine(phase + t * 4.2 + Float(blade) * 0.4) * 0.09 * t + stage.facing * 0.12 * t * t
      spine.append(root + Point(sway * tall, -height * t))
      widths.append(tall * 0.030 * (1 - 0.85 * t * t) * (0.7 + 0.5 * sine(t * 3.1)))
    }
    drawing.ribbon(spine, widths)
    drawing.fill(
      .vertical(
        air.distant(air.shaded(green.lightened(0.1), 0.95), distance),
        air.distant(air.shaded(green * 0.7, 0.1), distance), root.y - height, root.y))
  }
}

/// A shoal in the distance: one shape, many times, heading one way.
func drawSchool(on drawing: Drawing, _ stage: Stage, _ floor: Float) {
  let unit = stage.unit
  let air = stage.air
  for shoal in 0..<2 {
    let middle = Point(
      stage.x(stage.random.between(0.3, 0.8)), stage.h * stage.random.between(0.25, floor - 0.2))
    for _ in 0..<22 {
      let place =
        middle
        + Point(
          (stage.random.unit() + stage.random.unit() - 1) * unit * 0.26,
          (stage.random.unit() + stage.random.unit() - 1) * unit * 0.11)
      drawFish(
        at: place, unit * stage.random.between(0.014, 0.022), stage.facing * (shoal == 0 ? 1 : -1),
        back: air.distant(air.shaded(Colour(hex: 0x3e6f86), 0.3), 0.45),
        belly: air.distant(air.shaded(Colour(hex: 0xcfe6e8), 0.9), 0.4), band: nil, on: drawing)
    }
  }
}

func drawFishNearby(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  let air = stage.air
  let kinds: [(UInt32, UInt32)] = [
    (0xf2821e, 0xfff6ea), (0x2f5fd0, 0xf5d33c), (0xf4d03a, 0xfdf6d8), (0x7a3fb0, 0xf7b23c),
    (0xd84b5a, 0xf9d9c8),
  ]
  let asked = stage.wish.colour(of: .koi)
  let count = stage.random.whole(4, 8)
  for index in 0..<count {
    let kind = kinds[stage.random.whole(0, kinds.count - 1)]
    let near = Float(index) / Float(count)
    let place = Point(stage.random.between(0.10, 0.90) * stage.w, stage.random.between(0.30, 0.80) * stage.h)
    let distance = 0.32 * (1 - near)
    let back = asked ?? Colour(hex: kind.0)
    drawFish(
      at: place, unit * mix(0.030, 0.062, near), stage.random.chance(0.7) ? stage.facing : -stage.facing,
      back: air.distant(air.shaded(back, 0.55), distance),
      belly: air.distant(air.shaded(back.lightened(0.35), 0.95), distance),
      band: air.distant(air.shaded(Colour(hex: kind.1), 0.9), distance), on: drawing)
  }
}

/// A fish on its own.
func drawFish(on drawing: Drawing, at centre: Point, _ size: Float, _ stage: Stage) {
  let colour = stage.wish.colour(of: .koi, orAny: true) ?? Colour(hex: 0xf2821e)
  let air = stage.air
  drawFish(
    at: centre, size, stage.facing, back: air.shaded(colour, 0.55),
    belly: air.shaded(colour.lightened(0.35), 0.95),
    band: air.shaded(Colour(hex: 0xfff6ea), 0.9), on: drawing)
}

private func drawFish(
  at centre: Point, _ size: Float, _ facing: Float, back: Colour, belly: Colour, band: Colour?,
  on drawing: Drawing
) {
  func p(_ x: Float, _ y: Float) -> Point { centre + Point(x * facing, y) * size }
  // Fins behind the body.
  drawing.polygon([p(-0.85, 0), p(-1.55, -0.62), p(-1.38, -0.05), p(-1.55, 0.60)])
  drawing.polygon([p(0.25, -0.45), p(-0.30, -0.88), p(-0.75, -0.58), p(-0.55, -0.25)])
  drawing.polygon([p(0.05, 0.45), p(-0.30, 0.80), p(-0.55, 0.35)])
  drawing.fill(.vertical(back, belly, centre.y - size * 0.8, centre.y + size, 0.85))
  func body() {
    drawing.move(p(1, 0.02))
    drawing.curve(p(0.6, -0.62), p(-0.4, -0.62), p(-0.98, -0.06))
    drawing.line(p(-0.98, 0.08))
    drawing.curve(p(-0.4, 0.62), p(0.6, 0.56), p(1, 0.02))
  }
  body()
  drawing.fill(.vertical(back, belly, centre.y - size * 0.45, centre.y + size * 0.45))
  guard let band, size > 4 else { return }
  for x in [0.42, -0.28] as [Float] {
    drawing.move(p(x, -0.40))
    drawing.curve(p(x + 0.16, -0.15), p(x + 0.16, 0.15), p(x, 0.38))
    drawing.line(p(x - 0.16, 0.38))
    drawing.curve(p(x - 0.02, 0.15), p(x - 0.02, -0.15), p(x - 0.16, -0.40))
    drawing.fill(band, 0.85)
  }
  drawing.ellipse(p(0.70, -0.10), size * 0.10, size * 0.10)
  drawing.fill(Colour(hex: 0xf6f4ea))
  drawing.ellipse(p(0.72, -0.10), size * 0.06, size * 0.06)
  drawing.fill(Colour(hex: 0x10141a))
}

func drawBubbles(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  for _ in 0..<3 {
    let x = stage.random.unit() * stage.w
    for bubble in 0..<12 {
      let rise = Float(bubble) / 12
      let size = unit * stage.random.between(0.002, 0.009) * (0.6 + 0.6 * rise)
      let place = Point(
        x + sine(rise * 9) * unit * 0.02 + stage.random.between(-0.01, 0.01) * unit,
        stage.h * (0.9 - 0.85 * rise) + stage.random.between(-0.02, 0.02) * unit)
      drawing.spot(place, size * 1.2, size * 1.2, Paint.flat(stage.air.zenith, 0.22).asLight)
      drawing.glow(place + Point(-size * 0.35, -size * 0.4), size * 0.5, Colour(grey: 1), 0.9)
    }
  }
  for _ in 0..<120 {
    let place = Point(stage.random.unit() * stage.w, stage.random.unit() * stage.h)
    drawing.glow(place, unit * stage.random.between(0.001, 0.004), stage.air.zenith, 0.35)
  }
}
