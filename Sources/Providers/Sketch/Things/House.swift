// A house seen at an angle: a gable, a long side, a roof, windows that are lit after dark, smoke from the
// chimney.

struct House {
  /// The near corner of the gable and the long side, where it meets the ground.
  var foot: Point
  var size: Float
  /// 1 when the long side goes off to the right, -1 to the left.
  var facing: Float
  var distance: Float
  var wall: Colour
  var roof: Colour
  var timbered = false
  /// How long the side is, and how high the walls are, as shares of the size.
  var long: Float = 0.95
  var tall: Float = 0.46
}

func drawHouse(_ house: House, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let size = house.size
  func p(_ x: Float, _ y: Float) -> Point { house.foot + Point(x * house.facing, -y) * size }
  func seen(_ colour: Colour, _ lit: Float) -> Colour { air.distant(air.shaded(colour, lit), house.distance) }
  let sun: Float = (air.sunX * stage.w > house.foot.x ? 1 : -1) * house.facing
  let sideLit: Float = sun > 0 ? 0.85 : 0.22
  let gableLit: Float = sun > 0 ? 0.3 : 0.9
  let tall = house.tall
  let long = house.long
  let ridge = tall + 0.40
  drawing.spot(
    p(0.2, -0.01), size * 1.1, size * 0.10, .flat(air.shade * 0.3, 0.4 * (1 - house.distance)))
  drawing.polygon([p(0, 0), p(0, tall), p(long, tall - 0.03), p(long, 0.05)])
  drawing.fill(
    Paint.vertical(seen(house.wall, sideLit), seen(house.wall * 0.86, sideLit - 0.1), p(0, tall).y, p(0, 0).y)
      .grained(0.12, size: size * 0.03))
  drawing.polygon([p(0, 0), p(0, tall), p(-0.27, ridge), p(-0.54, tall - 0.02), p(-0.54, 0.03)])
  drawing.fill(
    Paint.vertical(
      seen(house.wall, gableLit), seen(house.wall * 0.84, gableLit - 0.1), p(0, ridge).y, p(0, 0).y
    )
    .grained(0.12, size: size * 0.03))
  if house.timbered { drawTimber(house, p, seen(Colour(hex: 0x4c382b), 0.4), on: drawing) }
  drawWindows(of: house, p, seen, on: drawing, stage)
  drawChimney(of: house, p, seen, on: drawing, stage)
  // The roof comes last: its eaves stand out over the walls.
  let roof = air.isSnowy ? Colour(hex: 0xeef3f8) : house.roof
  drawing.polygon([
    p(-0.29, ridge + 0.035), p(0.07, tall - 0.06), p(long + 0.05, tall - 0.09), p(long - 0.27, ridge),
  ])
  drawing.fill(
    Paint.vertical(seen(roof, sideLit + 0.12), seen(roof * 0.8, sideLit - 0.08), p(0, ridge).y, p(0, tall).y)
      .grained(0.22, size: size * 0.022))
  drawing.polygon([
    p(-0.27, ridge + 0.04), p(-0.62, tall - 0.10), p(-0.58, tall - 0.14), p(-0.27, ridge - 0.03),
    p(0.03, tall - 0.10), p(0.07, tall - 0.06),
  ])
  drawing.fill(seen(roof * 0.62, gableLit))
}

private func drawTimber(_ house: House, _ p: (Float, Float) -> Point, _ beam: Colour, on drawing: Drawing) {
  let tall = house.tall
  let width = max(0.8, house.size * 0.022)
  let beams: [(Float, Float, Float, Float)] = [
    (-0.53, tall - 0.02, 0, tall), (-0.27, 0.02, -0.27, tall + 0.36), (-0.53, 0.03, -0.53, tall),
    (0, 0, 0, tall),
    (-0.53, tall * 0.5, 0, tall * 0.5), (-0.52, tall * 0.5, -0.27, tall), (-0.02, tall * 0.5, -0.27, tall),
    (0, tall * 0.52, house.long, tall * 0.5), (house.long * 0.34, 0.02, house.long * 0.34, tall),
    (house.long * 0.67, 0.03, house.long * 0.67, tall),
  ]
  for (x0, y0, x1, y1) in beams { drawing.taper(p(x0, y0), p(x1, y1), width, width) }
  drawing.fill(beam, 0.9)
}

private func drawWindows(
  of house: House, _ p: (Float, Float) -> Point, _ seen: (Colour, Float) -> Colour, on drawing: Drawing,
  _ stage: Stage
) {
  let air = stage.air
  let isDark = air.isNight || air.isLow
  let glow = Colour(hex: 0xffcb72)
  let tall = house.tall
  for place in 0..<4 {
    let isGable = place == 0
    let x = isGable ? -0.40 : 0.10 + house.long * 0.29 * Float(place - 1)
    let bottom = tall * 0.42
    let top = tall * 0.80
    let wide: Float = 0.13
    let isLit = isDark && stage.random.chance(air.isNight ? 0.75 : 0.5)
    drawing.polygon([
      p(x - 0.015, bottom - 0.02), p(x - 0.015, top + 0.02), p(x + wide + 0.015, top + 0.02),
      p(x + wide + 0.015, bottom - 0.02),
    ])
    drawing.fill(seen(Colour(hex: 0xf1ebdd), isDark ? 0.2 : 0.7), 0.9)
    drawing.polygon([p(x, bottom), p(x, top), p(x + wide, top), p(x + wide, bottom)])
    drawing.fill(isLit ? glow : air.distant(air.middle * 0.45, house.distance), 0.95)
    drawing.taper(p(x + wide * 0.5, bottom), p(x + wide * 0.5, top), house.size * 0.014, house.size * 0.014)
    drawing.taper(
      p(x, (bottom + top) * 0.5), p(x + wide, (bottom + top) * 0.5), house.size * 0.012, house.size * 0.012)
    drawing.fill(seen(Colour(hex: 0xe9e2d2), 0.5), 0.8)
    if isLit {
      drawing.glow(p(x + wide * 0.5, tall * 0.6), house.size * 0.34, glow, 0.45 * (1 - house.distance * 0.6))
    }
  }
  drawing.polygon([p(-0.22, 0.01), p(-0.22, tall * 0.68), p(-0.08, tall * 0.68), p(-0.08, 0.005)])
  drawing.fill(seen(Colour(hex: 0x6a4530), 0.4))
}

private func drawChimney(
  of house: House, _ p: (Float, Float) -> Point, _ seen: (Colour, Float) -> Colour, on drawing: Drawing,
  _ stage: Stage
) {
  let x = house.long * 0.4
  let top = house.tall + 0.56
  drawing.polygon([p(x, house.tall), p(x, top), p(x + 0.11, top), p(x + 0.11, house.tall)])
  drawing.fill(
    .vertical(
      seen(Colour(hex: 0x94684f), 0.6), seen(Colour(hex: 0x6b4a3a), 0.4), p(x, top).y, p(x, house.tall).y))
  guard stage.random.chance(0.55) else { return }
  let smoke = stage.air.haze.lightened(stage.air.isNight ? 0.05 : 0.45)
  for puff in 0..<9 {
    let t = Float(puff) / 9
    let place =
      p(x + 0.05, top + 0.04) + Point(stage.facing * house.size * 0.7 * t * t, -house.size * 0.85 * t)
    let radius = house.size * (0.05 + 0.17 * t)
    drawing.spot(place, radius * 1.15, radius, .flat(smoke, 0.42 * (1 - t)))
  }
}
