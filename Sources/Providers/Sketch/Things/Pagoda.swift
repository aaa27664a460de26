// A pagoda: storeys that narrow upwards, each under a roof whose eaves curl at the tips, and a ringed spire.

struct Pagoda {
  var foot: Point
  var height: Float
  var storeys = 5
  var distance: Float = 0
  var wall = Colour(hex: 0xb8402f)
  var roof = Colour(hex: 0x3a4c55)
}

func draw(_ pagoda: Pagoda, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let unit = pagoda.height
  var floor = pagoda.foot.y
  drawStoneFoot(pagoda, on: drawing, stage)
  floor -= unit * 0.03
  let storeyHeight = unit * 0.77 / Float(pagoda.storeys)
  let spireFoot = floor - storeyHeight * Float(pagoda.storeys)
  drawSpire(pagoda, from: spireFoot + unit * 0.015, on: drawing, stage)
  // From the top down, so that each roof's shade falls on the wall beneath it.
  for storey in (0..<pagoda.storeys).reversed() {
    let share = Float(storey) / Float(max(1, pagoda.storeys - 1))
    let half = unit * mix(0.118, 0.070, share)
    let bottom = floor - storeyHeight * Float(storey)
    drawWall(pagoda, half: half, bottom: bottom, height: storeyHeight, on: drawing, stage)
    drawRoof(
      pagoda, half: half, eaves: bottom - storeyHeight * 0.52, height: storeyHeight * 0.50, on: drawing, stage
    )
  }
  if air.isNight {
    drawing.glow(Point(pagoda.foot.x, floor - unit * 0.35), unit * 0.5, Colour(hex: 0xffb45c), 0.22)
  }
}

private func drawStoneFoot(_ pagoda: Pagoda, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let unit = pagoda.height
  let x = pagoda.foot.x
  let y = pagoda.foot.y
  let stone = Colour(hex: 0xa7a49a)
  drawing.polygon([
    Point(x - unit * 0.19, y), Point(x - unit * 0.165, y - unit * 0.034),
    Point(x + unit * 0.165, y - unit * 0.034),
    Point(x + unit * 0.19, y),
  ])
  drawing.fill(
    .vertical(
      air.distant(air.shaded(stone, 0.8), pagoda.distance),
      air.distant(air.shaded(stone, 0.3), pagoda.distance),
      y - unit * 0.034, y))
}

private func drawWall(
  _ pagoda: Pagoda, half: Float, bottom: Float, height: Float, on drawing: Drawing, _ stage: Stage
) {
  let air = stage.air
  let x = pagoda.foot.x
  let sun: Float = air.sunX * stage.w > x ? 1 : -1
  func seen(_ colour: Colour, _ lit: Float) -> Colour {
    air.distant(air.shaded(colour, lit), pagoda.distance)
  }
  let top = bottom - height * 0.6
  let plaster = Colour(hex: 0xf1e4cd)
  drawing.rectangle(x - half, top, x + half, bottom)
  drawing.fill(
    .gradient(seen(plaster, 0.35), Point(x - half * sun, 0), seen(plaster, 0.9), Point(x + half * sun, 0)))
  // Windows between the pillars, lit from within after dark.
  let inside = air.isNight || air.isLow ? Colour(hex: 0xffca73) : seen(Colour(hex: 0x5a3a2c), 0.4)
  for bay in -1...1 {
    let centre = x + Float(bay) * half * 0.62
    drawing.rectangle(centre - half * 0.16, top + height * 0.18, centre + half * 0.16, bottom - height * 0.12)
  }
  drawing.fill(inside)
  for pillar in 0...3 {
    let centre = x - half + Float(pillar) * half * 2 / 3
    drawing.rectangle(centre - half * 0.055, top, centre + half * 0.055, bottom)
  }
  drawing.rectangle(x - half * 1.02, bottom - height * 0.06, x + half * 1.02, bottom)
  drawing.fill(
    .gradient(
      seen(pagoda.wall, 0.3), Point(x - half * sun, 0), seen(pagoda.wall, 0.95), Point(x + half * sun, 0)))
  // A gallery runs around each storey, and the roof above throws its shade.
  drawing.rectangle(x - half * 1.22, bottom - height * 0.16, x + half * 1.22, bottom - height * 0.12)
  drawing.rectangle(x - half * 1.22, bottom - height * 0.05, x + half * 1.22, bottom)
  drawing.fill(seen(pagoda.wall, 0.6))
  drawing.rectangle(x - half, top, x + half, top + height * 0.26)
  drawing.fill(
    .vertical(
      seen(Colour(hex: 0x2a2230), 0.2), seen(Colour(hex: 0x5a4038), 0.3), top, top + height * 0.26, 0.5))
}

private func drawRoof(
  _ pagoda: Pagoda, half: Float, eaves: Float, height: Float, on drawing: Drawing, _ stage: Stage
) {
  let air = stage.air
  let x = pagoda.foot.x
  let sun: Float = air.sunX * stage.w > x ? 1 : -1
  let (reach, ridge) = (half * 2.0, half * 0.82)
  let (curl, thick) = (height * 0.30, height * 0.13)
  func seen(_ colour: Colour, _ lit: Float) -> Colour {
    air.distant(air.shaded(colour, lit), pagoda.distance)
  }

  // The underside first: rafters in vermilion, seen as a band below the tiles.
  drawing.move(x - reach * 0.96, eaves - curl * 0.7)
  drawing.curve(
    Point(x - reach * 0.6, eaves + thick), Point(x + reach * 0.6, eaves + thick),
    Point(x + reach * 0.96, eaves - curl * 0.7))
  drawing.curve(
    Point(x + reach * 0.5, eaves + thick * 2.4), Point(x - reach * 0.5, eaves + thick * 2.4),
    Point(x - reach * 0.96, eaves - curl * 0.7))
  drawing.fill(seen(pagoda.wall, 0.25))

  let top = eaves - height
  drawing.move(x - reach, eaves - curl)
  drawing.curve(
    Point(x - reach * 0.72, eaves - height * 0.22), Point(x - ridge * 1.1, top + height * 0.36),
    Point(x - ridge, top))
  drawing.line(x + ridge, top)
  drawing.curve(
    Point(x + ridge * 1.1, top + height * 0.36), Point(x + reach * 0.72, eaves - height * 0.22),
    Point(x + reach, eaves - curl))
  drawing.curve(
    Point(x + reach * 0.62, eaves + thick), Point(x - reach * 0.62, eaves + thick),
    Point(x - reach, eaves - curl))
  drawing.fill(
    .gradient(
      seen(pagoda.roof, 0.25), Point(x - reach * sun, 0), seen(pagoda.roof.lightened(0.16), 0.95),
      Point(x + reach * sun, 0)))
  // Light along the ridge and the edge of the eaves.
  drawing.move(x - reach, eaves - curl)
  drawing.curve(
    Point(x - reach * 0.62, eaves + thick), Point(x + reach * 0.62, eaves + thick),
    Point(x + reach, eaves - curl))
  drawing.curve(
    Point(x + reach * 0.62, eaves + thick * 0.4), Point(x - reach * 0.62, eaves + thick * 0.4),
    Point(x - reach, eaves - curl))
  drawing.fill(seen(pagoda.roof.lightened(0.45), 0.8), 0.8)
  if air.isSnowy {
    drawing.move(x - reach * 0.9, eaves - curl * 0.9)
    drawing.curve(
      Point(x - reach * 0.66, eaves - height * 0.3), Point(x - ridge * 1.1, top + height * 0.3),
      Point(x - ridge, top))
    drawing.line(x + ridge, top)
    drawing.curve(
      Point(x + ridge * 1.1, top + height * 0.3), Point(x + reach * 0.66, eaves - height * 0.3),
      Point(x + reach * 0.9, eaves - curl * 0.9))
    drawing.fill(seen(Colour(hex: 0xf6f9fd), 0.85), 0.9)
  }
}

private func drawSpire(_ pagoda: Pagoda, from bottom: Float, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let unit = pagoda.height
  let top = pagoda.foot.y - unit
  let x = pagoda.foot.x
  let bronze = air.distant(air.shaded(Colour(hex: 0x8c7440), 0.7), pagoda.distance)
  drawing.taper(Point(x, bottom), Point(x, top), unit * 0.011, unit * 0.004)
  for ring in 0..<6 {
    let share = Float(ring) / 6
    let y = mix(bottom - unit * 0.02, top + unit * 0.05, share)
    drawing.ellipse(Point(x, y), unit * mix(0.018, 0.009, share), unit * 0.0045)
  }
  drawing.ellipse(Point(x, top + unit * 0.012), unit * 0.008, unit * 0.01)
  drawing.fill(bronze)
}
