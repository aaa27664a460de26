// Boulders: a rough outline, light from the sun's side above, moss where it stays damp.

func drawRock(at foot: Point, size: Float, on drawing: Drawing, _ stage: Stage, moss: Float = 0.4) {
  let air = stage.air
  let grey = Colour(hex: 0x8b8a86).mixed(with: Colour(hex: 0x6f7378), stage.random.unit())
  let sun: Float = air.sunX * stage.w > foot.x ? 1 : -1
  let corners = 13
  var crown: [Point] = []
  for corner in 0..<corners {
    let angle = Float(corner) / Float(corners) * fullTurn
    let p = Point.polar(angle, size * stage.random.between(0.80, 1.10))
    // Flat below, where the ground hides it.
    crown.append(foot + Point(p.x * 1.28, p.y < 0 ? p.y * 0.78 : p.y * 0.24))
  }
  drawing.spot(foot + Point(0, size * 0.16), size * 1.65, size * 0.36, .flat(air.shade * 0.35, 0.55))
  drawing.polygon(crown)
  let lit = foot + Point(size * 0.8 * sun, -size * 0.8)
  let dark = foot + Point(-size * 0.9 * sun, size * 0.2)
  drawing.fill(
    Paint.gradient(air.shaded(grey.lightened(0.16), 1), lit, air.shaded(grey * 0.8, 0.06), dark)
      .grained(0.5, size: size * 0.34))
  // A face turned towards the light.
  let peak = crown[9].towards(crown[10], 0.5)
  drawing.polygon([
    peak, peak.towards(foot + Point(size * 1.0 * sun, -size * 0.3), 0.95),
    foot + Point(size * 0.45 * sun, -size * 0.10),
    peak.towards(foot, 0.45),
  ])
  drawing.fill(Paint.flat(air.shaded(grey.lightened(0.3), 1), 0.25).grained(0.5, size: size * 0.2))
  if air.isSnowy {
    drawing.spot(
      foot + Point(0, -size * 0.62), size * 1.05, size * 0.3, .flat(air.shaded(Colour(hex: 0xf5f9fd), 0.8), 1)
    )
  } else if stage.random.unit() < moss {
    let green = air.shaded(Colour(hex: 0x6d8a45), 0.7)
    drawing.spot(
      foot + Point(-size * 0.25 * sun, -size * 0.5), size * 0.72, size * 0.30,
      Paint.flat(green, 0.75).grained(0.6, size: size * 0.12))
  }
}
