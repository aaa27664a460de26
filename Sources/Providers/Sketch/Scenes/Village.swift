// A village in a valley and a farm among its fields: houses by depth, trees between them, a lane or rows of
// corn that lead the eye in.

func composeVillage(on stage: Stage) {
  let air = stage.air
  let horizon = stage.random.between(0.46, 0.54)
  let green = stage.wish.colour(of: .grass, .meadow, .hill) ?? Colour(hex: 0x7f9f52)
  addValley(to: stage, horizon, green)
  addGround(to: stage, from: horizon + 0.02)
  let lane = Lane(stage, horizon)
  stage.wash(horizon + 0.05, 1, price: 12) { canvas, span in lane.paint(canvas, span) }
  stage.draw(price: 14) { drawHouses(on: $0, stage, horizon, lane) }
  if air.isFoggy { addMist(to: stage, at: horizon + 0.1, thickness: 0.2, strength: 0.8) }
  stage.draw(price: 2) { drawing in
    guard !air.isSnowy else { return }
    drawGrass(
      from: stage.h * 0.9, to: stage.h * 1.03, count: 500, colour: green, length: stage.unit * 0.06,
      on: drawing, stage)
  }
  addWeather(to: stage)
}

func composeFarm(on stage: Stage) {
  let air = stage.air
  let horizon = stage.random.between(0.50, 0.57)
  addValley(to: stage, horizon, Colour(hex: 0x86a050))
  addGround(to: stage, from: horizon)
  stage.draw(price: 8) { drawFarmyard(on: $0, stage, horizon) }
  addCrop(to: stage, from: horizon + 0.085)
  if air.isFoggy { addMist(to: stage, at: horizon + 0.06, thickness: 0.2, strength: 0.8) }
  stage.draw(price: 3) { drawEars(on: $0, stage) }
  addWeather(to: stage)
}

private func addValley(to stage: Stage, _ horizon: Float, _ green: Colour) {
  addSky(to: stage, horizon: horizon + 0.03)
  if stage.wish.wants(.mountain) || stage.random.chance(0.4) {
    addMountains(
      to: stage, base: horizon + 0.02, height: 0.30, waves: 1.6, Rock(snow: 0.4, distance: 0.60))
  }
  addHills(
    to: stage, base: horizon + 0.03, height: 0.16, colour: green.mixed(with: Colour(hex: 0x6d8f93), 0.5),
    distance: 0.62,
    waves: 0.9)
  addHills(to: stage, base: horizon + 0.035, height: 0.10, colour: green, distance: 0.46, waves: 1.3)
  addMist(to: stage, at: horizon + 0.01, thickness: 0.06, strength: stage.air.isFoggy ? 0.95 : 0.4)
}

/// A lane that winds from the viewer's feet to the houses.
struct Lane {
  private let stage: (w: Float, h: Float, unit: Float)
  private let air: Air
  private let horizon: Float
  private let start: Float
  private let swing: Float
  private let noise: Noise

  init(_ stage: Stage, _ horizon: Float) {
    self.stage = (stage.w, stage.h, stage.unit)
    air = stage.air
    self.horizon = horizon
    start = stage.x(stage.random.between(0.30, 0.45)) / stage.w
    swing = stage.facing * stage.random.between(0.10, 0.18)
    noise = stage.random.noise()
  }

  /// Its middle as a share of the width, and half its width in pixels, at a pixel row.
  func course(_ y: Float) -> (middle: Float, half: Float) {
    let near = clamp((y / stage.h - horizon) / (1 - horizon))
    let middle = start + swing * sine(near * 4.6 + 0.6) * (1 - 0.45 * near)
    return (middle, stage.unit * (0.004 + 0.15 * near * near))
  }

  @_optimize(speed)
  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let rough = canvas.scratch(0)
    let y = Float(span.y)
    let (middle, half) = course(y)
    let step = 1 / max(1.5, half * 0.35)
    noise.fractal(
      to: rough, count: span.count, x: Float(span.x) * step, step: step, y: y * step * 2, octaves: 4,
      gain: 0.65)
    let near = clamp((y / stage.h - horizon) / (1 - horizon))
    let gravel = Colour(hex: air.isSnowy ? 0xcdd8e6 : 0xc9b48c)
    for column in 0..<span.count {
      let away = abs(Float(span.x + column) - middle * stage.w) / half + 0.35 * rough[column]
      let share = smoothstep(1.15, 0.8, away)
      if share <= 0 { continue }
      let rut = smoothstep(0.22, 0.0, abs(away - 0.5)) * 0.16
      let colour = air.distant(
        air.shaded(gravel, clamp(0.66 + 0.3 * rough[column] - rut)), 0.5 * (1 - near) * (1 - near))
      span.pixels[column] = span.pixels[column].mixed(with: colour, share * 0.9)
    }
  }
}

private let walls: [UInt32] = [0xefe4cf, 0xe6d2ae, 0xd9b99a, 0xf3ede2, 0xc8ab8c]
private let roofs: [UInt32] = [0x9c4a35, 0x8a5a3c, 0x6b4a44, 0xb0603f, 0x5b5f69]

private func drawHouses(on drawing: Drawing, _ stage: Stage, _ horizon: Float, _ lane: Lane) {
  let unit = stage.unit
  let count = stage.random.whole(11, 15)
  let church = stage.random.whole(2, 4)
  for index in 0..<count {
    let near = Float(index) / Float(count)
    let y = stage.h * (horizon + 0.045 + 0.30 * near * near)
    let (middle, half) = lane.course(y)
    let side: Float = index % 2 == 0 ? 1 : -1
    let size = unit * (0.050 + 0.165 * near * near)
    let gap =
      half + size * stage.random.between(0.5, 1.1) + unit * stage.random.between(0, 0.30) * (1 - near * 0.6)
    let foot = Point(middle * stage.w + side * gap, y)
    let distance = 0.44 * (1 - near)
    drawTrees(around: foot, size, distance, on: drawing, stage)
    if index == church { drawChurch(at: foot, size * 1.25, distance, on: drawing, stage) }
    drawHouse(
      House(
        foot: foot, size: size, facing: side, distance: distance,
        wall: Colour(hex: walls[stage.random.whole(0, walls.count - 1)]),
        roof: stage.wish.colour(of: .village) ?? Colour(hex: roofs[stage.random.whole(0, roofs.count - 1)]),
        timbered: stage.random.chance(0.45), long: stage.random.between(0.75, 1.15)),
      on: drawing, stage)
  }
}

private func drawTrees(
  around foot: Point, _ size: Float, _ distance: Float, on drawing: Drawing, _ stage: Stage
) {
  guard !stage.wish.refuses(.tree) else { return }
  let leaves: [UInt32] =
    stage.wish.wants(.autumn) ? [0xc9652a, 0xd99a35, 0xa8452c] : [0x5a7f42, 0x6b9148, 0x4c7046]
  for _ in 0..<2 {
    let place = foot + Point(stage.random.between(-1.6, 1.6) * size, -size * stage.random.between(0, 0.1))
    let crown = size * stage.random.between(0.24, 0.42)
    drawing.taper(place, place - Point(0, crown * 1.6), crown * 0.2, crown * 0.14)
    drawing.fill(stage.air.distant(stage.air.shaded(Colour(hex: 0x54433a), 0.4), distance))
    let leaf = stage.air.isSnowy ? Colour(hex: 0xdfe7ee) : Colour(hex: leaves[stage.random.whole(0, 2)])
    drawFoliage(
      at: place - Point(0, crown * 1.9), crown * 1.1, crown, colour: leaf, distance: distance, leaves: 46,
      on: drawing,
      stage)
  }
}

private func drawChurch(at foot: Point, _ size: Float, _ distance: Float, on drawing: Drawing, _ stage: Stage)
{
  let air = stage.air
  func seen(_ hex: UInt32, _ lit: Float) -> Colour {
    air.distant(air.shaded(Colour(hex: hex), lit), distance)
  }
  let sun: Float = air.sunX * stage.w > foot.x ? 1 : -1
  let x = foot.x - size * 0.9
  let half = size * 0.17
  drawing.rectangle(x - half, foot.y - size * 1.15, x + half, foot.y)
  drawing.fill(
    Paint.gradient(
      seen(0xe9dfca, 0.9), Point(x + half * sun, 0), seen(0xbfb4a0, 0.2), Point(x - half * sun, 0)
    )
    .grained(0.15, size: size * 0.04))
  drawing.polygon([
    Point(x - half * 1.2, foot.y - size * 1.13), Point(x, foot.y - size * 1.95),
    Point(x + half * 1.2, foot.y - size * 1.13),
  ])
  drawing.fill(
    .gradient(seen(0x6c7a80, 0.9), Point(x + half * sun, 0), seen(0x3e474e, 0.1), Point(x - half * sun, 0)))
  drawing.rectangle(x - half * 0.22, foot.y - size * 1.02, x + half * 0.22, foot.y - size * 0.84)
  drawing.ellipse(Point(x, foot.y - size * 1.02), half * 0.22, half * 0.22)
  drawing.fill(air.isNight || air.isLow ? Colour(hex: 0xffcb72) : seen(0x2e2c33, 0.3))
}

private func drawFarmyard(on drawing: Drawing, _ stage: Stage, _ horizon: Float) {
  let unit = stage.unit
  let air = stage.air
  let y = stage.h * (horizon + 0.095)
  let size = unit * stage.random.between(0.24, 0.29)
  let foot = Point(stage.x(stage.random.between(0.30, 0.38)), y)
  for _ in 0..<5 {
    drawTrees(
      around: foot + Point(stage.random.between(-2, 3.4) * size, -unit * 0.03), size * 0.6, 0.3, on: drawing,
      stage)
  }
  for silo in 0..<2 {
    let half = size * 0.12
    let x = foot.x + stage.facing * size * (1.14 + 0.30 * Float(silo))
    let top = y - size * (1.10 - 0.18 * Float(silo))
    let sun: Float = air.sunX * stage.w > x ? 1 : -1
    drawing.rectangle(x - half, top, x + half, y)
    drawing.ellipse(Point(x, top), half, half * 0.9)
    drawing.fill(
      Paint.gradient(
        air.distant(air.shaded(Colour(hex: 0xd5d9da), 1), 0.15), Point(x + half * 0.5 * sun, 0),
        air.distant(air.shaded(Colour(hex: 0x8d969b), 0.05), 0.15), Point(x - half * sun, 0)
      ).grained(0.1, size: size * 0.03))
  }
  drawHouse(
    House(
      foot: foot, size: size, facing: stage.facing, distance: 0.10,
      wall: stage.wish.colour(of: .farm, .wood) ?? Colour(hex: 0xa83a2e), roof: Colour(hex: 0x5c5a5e),
      timbered: false, long: 0.98,
      tall: 0.52),
    on: drawing, stage)
  drawHouse(
    House(
      foot: Point(stage.x(0.72), y - unit * 0.03), size: size * 0.55, facing: -stage.facing, distance: 0.2,
      wall: Colour(hex: 0xf0e9da), roof: Colour(hex: 0x7c4a3a), timbered: false),
    on: drawing, stage)
  drawFence(on: drawing, stage, y + unit * 0.012)
}

private func drawFence(on drawing: Drawing, _ stage: Stage, _ y: Float) {
  let unit = stage.unit
  let pitch = unit * 0.055
  let count = min(120, floorToInt(stage.w / pitch) + 2)
  for post in 0..<count {
    let x = (Float(post) - 0.5) * pitch + stage.random.between(-0.04, 0.04) * pitch
    drawing.rectangle(x, y - unit * 0.034, x + unit * 0.006, y + unit * 0.006)
  }
  for rail in 0..<2 {
    let height = y - unit * (0.012 + 0.013 * Float(rail))
    drawing.rectangle(-2, height, stage.w + 2, height + unit * 0.0042)
  }
  drawing.fill(stage.air.shaded(Colour(hex: 0x8f7a62), 0.5))
}

/// A field in rows that run to one point on the horizon.
private func addCrop(to stage: Stage, from top: Float) {
  let air = stage.air
  let noise = stage.random.noise()
  let unit = stage.unit
  let asked = stage.wish.colour(of: .farm, .meadow, .grass, .ground)
  let corn = air.isSnowy ? Colour(hex: 0xe6edf4) : asked ?? Colour(hex: 0xd9b24a)
  let vanishing = Point(stage.x(stage.random.between(0.5, 0.8)), stage.h * (top - 0.07))
  let edge = Outline(stage) { share in stage.h * (top + 0.008 * noise.fractal(at: share * 5, 0.5, octaves: 3))
  }
  stage.wash(edge.top / stage.h, 1, price: 34) { canvas, span in
    let line = canvas.scratch(0)
    let wind = canvas.scratch(1)
    let upper = canvas.scratch(2)
    edge.copy(under: span, to: upper)
    let y = Float(span.y)
    let down = y - vanishing.y
    let near = clamp((y / stage.h - top) / (1 - top))
    let perPixel = 2.6 / down
    let fine = 1 / (unit * (0.004 + 0.02 * near))
    noise.fractal(
      to: line, count: span.count, x: Float(span.x) * fine, step: fine, y: y * fine * 0.5, octaves: 3,
      gain: 0.7)
    let slow = 1 / (unit * (0.1 + 0.3 * near))
    noise.fractal(
      to: wind, count: span.count, x: Float(span.x) * slow, step: slow, y: logarithm(1 + near * 12) * 4,
      octaves: 3)
    for column in 0..<span.count {
      let under = y + 1 - upper[column]
      if under <= 0 { continue }
      let along = (Float(span.x + column) - vanishing.x) * perPixel * 4.6 + 0.35 * line[column]
      let place = abs(along - Float(floorToInt(along)) - 0.5) * 2
      let furrow = smoothstep(0.25, 0.85, place) * (0.35 + 0.65 * near)
      let lit = clamp(0.74 + 0.30 * line[column] + 0.30 * wind[column] - 0.42 * furrow)
      let colour = corn.mixed(with: Colour(hex: 0x8a6a3a), furrow * 0.35)
      span.pixels[column] = span.pixels[column].mixed(
        with: air.distant(air.shaded(colour, lit), 0.42 * (1 - near) * (1 - near)), min(1, under * 0.5))
    }
  }
}

/// Ears of corn close by.
private func drawEars(on drawing: Drawing, _ stage: Stage) {
  guard !stage.air.isSnowy else { return }
  let unit = stage.unit
  let corn = stage.wish.colour(of: .farm) ?? Colour(hex: 0xe3bf5c)
  for _ in 0..<260 {
    let foot = Point(stage.random.unit() * stage.w, stage.h * stage.random.between(1.0, 1.1))
    let tall = unit * stage.random.between(0.08, 0.20)
    let head = foot + Point(stage.random.between(-0.2, 0.3) * tall * stage.facing, -tall)
    let colour = stage.air.shaded(corn, stage.random.between(0.25, 1))
    drawing.taper(foot, head, unit * 0.003, unit * 0.002)
    drawing.fill(colour * 0.85)
    drawing.dab(
      head - Point(0, unit * 0.010), unit * 0.0055, unit * 0.019, turned: 0.25 * stage.facing, colour)
  }
}
