// What floats on a pond: lily pads, lotus flowers, fallen petals, and the rings that fish leave.

func drawLilyPads(around centre: Point, size: Float, count: Int, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  for _ in 0..<count {
    let offset = Point.polar(stage.random.unit() * fullTurn, size * 3.2 * stage.random.unit().squareRoot())
    let place = centre + Point(offset.x * 1.3, offset.y * 0.42)
    let radius = size * stage.random.between(0.55, 1.15)
    let green = Colour(hex: 0x4f8a3f).mixed(with: Colour(hex: 0x8fae4a), stage.random.unit() * 0.7)
    pad(place + Point(0, radius * 0.10), radius, 0, on: drawing)
    drawing.fill(air.water * 0.4, 0.5)
    let notch = stage.random.unit() * fullTurn
    pad(place, radius, notch, on: drawing)
    drawing.fill(
      .vertical(
        air.shaded(green.lightened(0.14), 0.95), air.shaded(green, 0.4), place.y - radius * 0.45,
        place.y + radius * 0.45))
    for vein in 0..<6 {
      let p = Point.polar(notch + 0.5 + Float(vein) * 0.95, radius * 0.86)
      drawing.taper(place, place + Point(p.x, p.y * Koi.slant * 0.86), radius * 0.035, radius * 0.01)
    }
    drawing.fill(air.shaded(green.lightened(0.32), 0.9), 0.4)
    if stage.random.chance(0.24) {
      drawLotus(place - Point(0, radius * 0.08), radius * 0.62, on: drawing, stage)
    }
  }
}

/// A round leaf with a wedge missing, lying flat.
private func pad(_ centre: Point, _ radius: Float, _ notch: Float, on drawing: Drawing) {
  drawing.move(centre)
  for corner in 0...20 {
    let p = Point.polar(notch + 0.16 + Float(corner) / 20 * (fullTurn - 0.32), radius)
    drawing.line(centre + Point(p.x, p.y * Koi.slant * 0.9))
  }
}

private func drawLotus(_ foot: Point, _ size: Float, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let pink = Colour(hex: 0xf0a0bd)
  for ring in 0..<2 {
    let petals = ring == 0 ? 7 : 5
    for petal in 0..<petals {
      let place = Float(petal) / Float(petals - 1) - 0.5
      let tip =
        foot
        + Point(
          place * size * (ring == 0 ? 2.3 : 1.4), -size * (ring == 0 ? 0.75 : 1.15) * (1 - abs(place) * 0.8))
      let side = Point(size * 0.2, 0)
      drawing.move(foot)
      drawing.curve(foot - side, tip.towards(foot, 0.4) - side, tip)
      drawing.curve(tip.towards(foot, 0.4) + side, foot + side, foot)
      let lit = 0.6 + 0.35 * (air.sunX > 0.5 ? place : -place) * 2
      drawing.fill(
        .vertical(air.shaded(pink.lightened(0.25), lit), air.shaded(pink.lightened(0.75), lit), tip.y, foot.y)
      )
    }
  }
}

func drawRings(at centre: Point, size: Float, on drawing: Drawing, _ stage: Stage) {
  let light = stage.air.light.mixed(with: stage.air.horizon, 0.5)
  for ring in 1...3 {
    let radius = size * (0.5 + 0.55 * Float(ring))
    let thick = size * 0.035
    // The inner contour runs the other way around, which leaves a ring.
    drawing.ellipse(centre, radius, radius * 0.34)
    drawing.ellipse(centre, -(radius - thick), (radius - thick) * 0.34 - thick * 0.2)
    drawing.fill(light, 0.34 / Float(ring))
  }
}

/// Petals lying on the water or drifting in the air.
func drawPetals(
  _ count: Int, from top: Float, to bottom: Float, size: Float, colour: Colour, flat: Bool,
  on drawing: Drawing,
  _ stage: Stage
) {
  for _ in 0..<count {
    let share = flat ? stage.random.unit().squareRoot() : stage.random.unit()
    let place = Point(stage.random.unit() * stage.w, mix(top, bottom, share) * stage.h)
    let length = size * stage.random.between(0.6, 1.3) * (flat ? 0.35 + 0.75 * share : 1)
    let squash = flat ? Float(0.42) : stage.random.between(0.4, 0.75)
    let tint = stage.air.shaded(
      colour.lightened(stage.random.between(0, 0.6)), stage.random.between(0.6, 0.95))
    let turn = flat ? 0 : stage.random.unit() * fullTurn
    drawing.dab(place, length, length * squash, turned: turn, tint, flat ? 0.85 : 0.9)
  }
}
