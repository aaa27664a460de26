// A castle on its hill: keep, towers and walls in the last or first light, mountains behind, mist in the
// valley.

func composeCastle(on stage: Stage) {
  let air = stage.air
  let horizon = stage.random.between(0.60, 0.66)
  addSky(to: stage, horizon: horizon)
  addMountains(
    to: stage, base: horizon, height: stage.random.between(0.26, 0.36), waves: stage.random.between(1.3, 2),
    Rock(snow: air.isSnowy ? 0.8 : 0.3, distance: 0.58))
  let green = stage.wish.colour(of: .hill, .grass, .meadow) ?? Colour(hex: 0x6f8f4e)
  addGround(to: stage, from: horizon + 0.01)
  addHills(to: stage, base: horizon + 0.03, height: 0.09, colour: green, distance: 0.56, waves: 1.6)
  addMist(to: stage, at: horizon, thickness: 0.09, strength: air.isFoggy ? 1 : 0.55)
  addHills(to: stage, base: horizon + 0.16, height: 0.10, colour: green, distance: 0.42, waves: 1.9)
  let summit = Point(stage.x(stage.random.between(0.52, 0.66)), stage.h * stage.random.between(0.56, 0.60))
  let hill = addMound(to: stage, summit, green)
  stage.draw(price: 8) { drawing in
    CastlePainter(stage, drawing, summit).draw()
    drawHillTrees(on: drawing, stage, hill, summit)
  }
  addMist(to: stage, at: 0.80, thickness: 0.08, strength: air.isFoggy ? 0.8 : 0.25)
  addHills(to: stage, base: 1.02, height: 0.15, colour: green * 0.8, distance: 0.1, waves: 1.3)
  stage.draw(price: 4) { drawNearTrees(on: $0, stage) }
  addWeather(to: stage)
}

private func addMound(to stage: Stage, _ summit: Point, _ green: Colour) -> Outline {
  let air = stage.air
  let noise = stage.random.noise()
  let unit = stage.unit
  let turf = air.isSnowy ? Colour(hex: 0xe6edf5) : green
  let outline = Outline(stage) { share in
    let aside = (share * stage.w - summit.x) / unit
    let top = 1 / (1 + max(0, abs(aside) - 0.16) * max(0, abs(aside) - 0.16) * 9)
    return mix(stage.h * 0.86, summit.y, top) - 0.020 * unit * noise.fractal(at: share * 9, 0.5, octaves: 4)
  }
  let sun: Float = air.sunX * stage.w > summit.x ? 1 : -1
  let rock = Colour(hex: 0x8c8478)
  stage.wash(outline.top / stage.h - 0.01, 1, price: 40) { canvas, span in
    let top = canvas.scratch(0)
    let bumps = canvas.scratch(1)
    let there = canvas.scratch(2)
    outline.copy(under: span, to: top)
    let step = 1 / (unit * 0.09)
    let y = Float(span.y)
    let x = Float(span.x)
    noise.fractal(
      to: bumps, count: span.count, x: x * step, step: step, y: y * step * 1.4, octaves: 6, gain: 0.58)
    noise.fractal(
      to: there, count: span.count, x: x * step + 0.10 * sun, step: step, y: y * step * 1.4 - 0.08,
      octaves: 5,
      gain: 0.58)
    for column in 0..<span.count {
      let under = y + 1 - top[column]
      if under <= 0 { continue }
      let aside = (x + Float(column) - summit.x) / unit
      let lit = clamp(0.5 + 1.1 * (bumps[column] - there[column]) + 0.7 * aside * sun)
      let cliff = smoothstep(0.1, 0.38, bumps[column] + 0.35 * smoothstep(0.10, 0.02, under / unit) - 0.15)
      let colour = turf.mixed(with: rock, cliff * 0.85)
      let seen = air.distant(air.shaded(colour, lit), 0.20 + 0.35 * smoothstep(0.1, 0.4, under / unit))
      span.pixels[column] = span.pixels[column].mixed(with: seen, min(1, under))
    }
  }
  return outline
}

/// The castle alone.
func drawCastle(on drawing: Drawing, at summit: Point, _ stage: Stage) {
  CastlePainter(stage, drawing, summit, distance: 0).draw()
}

private struct CastlePainter {
  let stage: Stage
  let drawing: Drawing
  let summit: Point
  let size: Float
  let stone: Colour
  let roof: Colour
  let sun: Float
  let isDark: Bool
  let distance: Float

  private static let roofs: [UInt32] = [0x3f5f86, 0x8c3f36, 0x4b5a5e, 0x6a4a78]

  init(_ stage: Stage, _ drawing: Drawing, _ summit: Point, distance: Float = 0.14) {
    self.distance = distance
    self.stage = stage
    self.drawing = drawing
    self.summit = summit
    size = stage.unit * stage.random.between(0.27, 0.33)
    stone = stage.wish.colour(of: .castle, .stone) ?? Colour(hex: 0xc3b59c)
    roof = Colour(hex: CastlePainter.roofs[stage.random.whole(0, CastlePainter.roofs.count - 1)])
    sun = stage.air.sunX * stage.w > summit.x ? 1 : -1
    isDark = stage.air.isNight || stage.air.isLow
  }

  func draw() {
    // Back to front: place along the hill, height, width, and how far behind it stands; shares of the size.
    let plan: [(x: Float, tall: Float, wide: Float, behind: Float)] = [
      (-0.10, 1.02, 0.15, 0.16), (0.22, 0.80, 0.14, 0.14), (-0.42, 0.62, 0.13, 0.12),
      (0.06, 1.10, 0.22, 0.08),
      (0.48, 0.58, 0.15, 0.05), (-0.26, 0.72, 0.18, 0.03), (-0.58, 0.44, 0.17, 0.0), (0.30, 0.50, 0.20, 0.0),
      (0.66, 0.40, 0.16, 0.0),
    ]
    for (index, tower) in plan.enumerated() {
      let stretch = stage.random.between(0.84, 1.16)
      if index == 4 { wall(from: -0.56, to: 0.06, 0.30, 0.06) }
      if index == 6 { wall(from: -0.26, to: 0.50, 0.36, 0.02) }
      self.tower(
        at: tower.x * stage.facing, tower.tall * stretch, tower.wide * stage.random.between(0.9, 1.1),
        tower.behind,
        hasRoof: index % 4 != 3 || index == 3)
    }
    wall(from: -0.56, to: 0.66, 0.22, 0)
    gate()
  }

  private func seen(_ colour: Colour, _ lit: Float, _ behind: Float) -> Colour {
    stage.air.distant(stage.air.shaded(colour, lit), distance * (1 + 9 * behind))
  }

  private func teeth(_ left: Float, _ right: Float, _ top: Float, _ tooth: Float) {
    let count = max(2, min(40, floorToInt((right - left) / (tooth * 1.9))))
    let pitch = (right - left) / (Float(count) - 0.45)
    for index in 0..<count {
      let x = left + Float(index) * pitch
      drawing.rectangle(x, top - tooth, x + pitch * 0.55, top + 0.5)
    }
  }

  private func tower(at x: Float, _ tall: Float, _ wide: Float, _ behind: Float, hasRoof: Bool) {
    let half = wide * size * 0.5
    let middle = summit.x + x * size
    let bottom = summit.y + size * 0.14
    let top = summit.y - tall * size
    let head = half * 1.22
    let battlement = top + half * 0.7
    drawing.rectangle(middle - half, top, middle + half, bottom)
    drawing.rectangle(middle - head, top, middle + head, battlement)
    if !hasRoof { teeth(middle - head, middle + head, top, half * 0.34) }
    drawing.fill(
      Paint.gradient(
        seen(stone, 1, behind), Point(middle + half * 0.75 * sun, 0), seen(stone * 0.8, 0.05, behind),
        Point(middle - half * 1.05 * sun, 0)
      ).grained(0.26, size: size * 0.016))
    drawing.rectangle(middle - head, battlement, middle + head, battlement + half * 0.14)
    drawing.fill(seen(stone * 0.5, 0.1, behind), 0.6)
    if hasRoof { cone(middle, top, head * 1.1, behind) }
    windows(middle, top + half * 1.2, half, behind, floors: floorToInt(tall * 4))
  }

  private func cone(_ middle: Float, _ base: Float, _ half: Float, _ behind: Float) {
    let rise = half * stage.random.between(2.3, 3.1)
    drawing.move(middle - half, base)
    drawing.curve(
      Point(middle - half * 0.45, base - rise * 0.35), Point(middle - half * 0.2, base - rise * 0.7),
      Point(middle, base - rise))
    drawing.curve(
      Point(middle + half * 0.2, base - rise * 0.7), Point(middle + half * 0.45, base - rise * 0.35),
      Point(middle + half, base))
    drawing.fill(
      Paint.gradient(
        seen(roof.lightened(0.15), 1, behind), Point(middle + half * 0.6 * sun, 0),
        seen(roof * 0.7, 0.05, behind),
        Point(middle - half * 0.8 * sun, 0)
      ).grained(0.2, size: size * 0.012))
    let tip = Point(middle, base - rise)
    drawing.taper(tip, tip - Point(0, half * 0.7), half * 0.07, half * 0.05)
    drawing.fill(seen(Colour(hex: 0x5a4a3c), 0.4, behind))
    guard stage.random.chance(0.5) else { return }
    let mast = tip - Point(0, half * 0.7)
    drawing.move(mast)
    drawing.curve(
      mast + Point(half * 0.4 * sun, -half * 0.1), mast + Point(half * 0.5 * sun, half * 0.25),
      mast + Point(half * 0.95 * sun, half * 0.14))
    drawing.line(mast + Point(0, half * 0.36))
    drawing.fill(seen(Colour(hex: 0xc23b36), 0.8, behind))
  }

  private func windows(_ middle: Float, _ top: Float, _ half: Float, _ behind: Float, floors: Int) {
    let glow = Colour(hex: 0xffcf7a)
    for floor in 0..<max(1, min(5, floors)) {
      let x = middle + half * 0.28 * (floor % 2 == 0 ? 1 : -1)
      let y = top + Float(floor) * size * 0.17
      guard y < summit.y - size * 0.1 else { return }
      let wide = half * 0.14
      drawing.rectangle(x - wide, y, x + wide, y + half * 0.5)
      drawing.ellipse(Point(x, y), wide, wide)
      let isLit = isDark && stage.random.chance(0.7)
      drawing.fill(isLit ? glow : seen(Colour(hex: 0x2b2a33), 0.2, behind), 0.92)
      if isLit { drawing.glow(Point(x, y + half * 0.2), half * 1.1, glow, 0.4) }
    }
  }

  private func wall(from: Float, to: Float, _ tall: Float, _ behind: Float) {
    let ends = (summit.x + from * size * stage.facing, summit.x + to * size * stage.facing)
    let left = min(ends.0, ends.1)
    let right = max(ends.0, ends.1)
    let top = summit.y - tall * size
    drawing.rectangle(left, top, right, summit.y + size * 0.14)
    teeth(left, right, top, size * 0.024)
    drawing.fill(
      Paint.vertical(
        seen(stone, sun * stage.facing > 0 ? 0.74 : 0.5, behind), seen(stone * 0.75, 0.3, behind), top,
        summit.y + size * 0.14
      ).grained(0.24, size: size * 0.02))
  }

  private func gate() {
    let half = size * 0.055
    let x = summit.x - size * 0.12 * stage.facing
    let foot = summit.y + size * 0.14
    drawing.rectangle(x - half, summit.y - size * 0.02, x + half, foot)
    drawing.ellipse(Point(x, summit.y - size * 0.02), half, half)
    drawing.fill(seen(Colour(hex: 0x33261e), isDark ? 0.5 : 0.15, 0), 0.95)
    if isDark { drawing.glow(Point(x, summit.y), half * 2.6, Colour(hex: 0xffb765), 0.6) }
  }
}

private func drawHillTrees(on drawing: Drawing, _ stage: Stage, _ hill: Outline, _ summit: Point) {
  let unit = stage.unit
  for tree in 0..<44 {
    let near = Float(tree) / 44
    let x = stage.random.unit() * stage.w
    let ground = hill.row(at: x) + unit * (0.012 + 0.17 * near * near)
    let isNarrow = abs(x - summit.x) < unit * 0.24
    let size = unit * stage.random.between(0.014, 0.026) * (isNarrow ? 0.8 : 1.2) * (0.8 + 0.8 * near)
    drawFoliage(
      at: Point(x, ground), size * 1.2, size,
      colour: Colour(hex: stage.wish.wants(.autumn) ? 0xb5702f : 0x4f6f3c),
      distance: 0.32 - 0.1 * near, leaves: 22, on: drawing, stage)
  }
}

private func drawNearTrees(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  for tree in 0..<11 {
    let place = stage.random.unit()
    let isMain = tree % 3 != 0
    let x = stage.x(isMain ? place * place * 0.34 : 1 - place * 0.12)
    drawPine(
      at: Point(x, stage.h * stage.random.between(0.99, 1.04)),
      height: unit * stage.random.between(0.22, 0.42) * (1.1 - 0.6 * place), colour: Colour(hex: 0x2f4a36),
      distance: 0.03, on: drawing, stage)
  }
}
