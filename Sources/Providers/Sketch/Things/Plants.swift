// Grass, shrubs, pines and round trees: the greenery that fills a landscape.

func drawGrass(
  from top: Float, to bottom: Float, count: Int, colour: Colour, length: Float, on drawing: Drawing,
  _ stage: Stage
) {
  let air = stage.air
  for blade in 0..<count {
    let near = (Float(blade) / Float(count)).squareRoot()
    let foot = Point(stage.random.unit() * stage.w, mix(top, bottom, near))
    drawBlade(
      foot, length * mix(0.3, 1, near) * stage.random.between(0.55, 1.25), colour, air, on: drawing,
      &stage.random)
  }
}

func drawBlade(
  _ foot: Point, _ tall: Float, _ colour: Colour, _ air: Air, on drawing: Drawing, _ random: inout Random
) {
  let bend = random.between(-0.45, 0.45) * tall
  let half = max(0.3, tall * 0.035)
  drawing.move(foot - Point(half, 0))
  drawing.line(foot.x - half * 0.6 + bend * 0.25, foot.y - tall * 0.55)
  drawing.line(foot.x + bend, foot.y - tall)
  drawing.line(foot.x + half * 0.6 + bend * 0.25, foot.y - tall * 0.5)
  drawing.line(foot.x + half, foot.y)
  let tint = colour.mixed(with: Colour(hex: 0xc9c36a), random.unit() * 0.25)
  drawing.fill(air.shaded(tint, random.between(0.2, 0.95)), 0.9)
}

/// A rounded mass of leaves: a shrub, or a tree's crown far away.
func drawFoliage(
  at centre: Point, _ rx: Float, _ ry: Float, colour: Colour, distance: Float, leaves: Int,
  on drawing: Drawing,
  _ stage: Stage
) {
  let air = stage.air
  let sun: Float = air.sunX * stage.w > centre.x ? 0.6 : -0.6
  func seen(_ lit: Float) -> Colour { air.distant(air.shaded(colour, lit), distance) }
  drawing.ellipse(centre, rx * 0.92, ry * 0.9)
  drawing.fill(
    .gradient(
      seen(0.75), centre + Point(rx * sun, -ry * 0.8), seen(0.05), centre + Point(-rx * sun * 0.6, ry)))
  for leaf in 0..<leaves {
    // Inner leaves first, then those at the rim, which break the outline.
    let away = (Float(leaf) + 0.5) / Float(leaves)
    let p = Point.polar(stage.random.unit() * fullTurn, 0.35 + 0.68 * away.squareRoot())
    let lit = clamp(0.48 + 0.46 * (p.x * sun - p.y * 0.8) + stage.random.between(-0.2, 0.2))
    let size = min(rx, ry) * stage.random.between(0.13, 0.24)
    drawing.dab(
      centre + Point(p.x * rx, p.y * ry), size * 1.2, size * 0.85, turned: stage.random.unit(), seen(lit), 0.9
    )
  }
}

/// A fir: tiers of drooping branches, ragged at the ends.
func drawPine(
  at foot: Point, height: Float, colour: Colour, distance: Float, on drawing: Drawing, _ stage: Stage
) {
  let air = stage.air
  let sun: Float = air.sunX * stage.w > foot.x ? 1 : -1
  func seen(_ tint: Colour, _ lit: Float) -> Colour { air.distant(air.shaded(tint, lit), distance) }
  drawing.taper(foot, foot - Point(0, height * 0.95), height * 0.034, height * 0.006)
  drawing.fill(seen(Colour(hex: 0x4c3a30), 0.3))
  let tiers = height > 60 ? 13 : (height > 24 ? 9 : 6)
  let width = height * 0.19
  for tier in 0..<tiers {
    let share = Float(tier) / Float(tiers)
    let reach = width * (1 - share * 0.94) * stage.random.between(0.86, 1.12)
    let bottom = foot.y - height * (0.08 + 0.88 * share)
    let top = bottom - height * (1.5 / Float(tiers) + 0.035)
    let middle = foot.x
    pineTier(middle, top, bottom, reach, height * 0.020, on: drawing, &stage.random)
    let light = 0.30 + 0.35 * share
    drawing.fill(
      .gradient(
        seen(colour, light + 0.32), Point(middle + reach * sun, top), seen(colour * 0.72, 0.08),
        Point(middle - reach * sun * 0.8, bottom)))
    if air.isSnowy {
      pineTier(middle, top, bottom - height * 0.022, reach * 0.78, height * 0.014, on: drawing, &stage.random)
      drawing.fill(
        .gradient(
          seen(Colour(hex: 0xf7fafd), 0.9), Point(middle + reach * sun, top),
          seen(Colour(hex: 0xf0f5fb), 0.25),
          Point(middle - reach * sun, bottom), 0.85))
    }
  }
}

private func pineTier(
  _ x: Float, _ top: Float, _ bottom: Float, _ reach: Float, _ rag: Float, on drawing: Drawing,
  _ random: inout Random
) {
  let twigs = 4
  drawing.move(x, top)
  for side in [1, -1] as [Float] {
    for step in 0..<twigs {
      // Down the right edge from the top, then up the left one from the bottom.
      let place = Float(side > 0 ? step + 1 : twigs - step) / Float(twigs)
      let y = mix(top, bottom, place)
      let out = reach * place
      drawing.line(x + side * out * random.between(0.92, 1.12), y + rag * random.between(0.4, 1.4))
      if side > 0 { drawing.line(x + out * 0.72, y - rag * 0.3) }
    }
    if side > 0 { drawing.line(x, bottom + rag * 0.3) }
  }
}
