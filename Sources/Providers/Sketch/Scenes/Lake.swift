// Mountains over a lake: ranges behind each other, a forest at their foot, the whole mirrored, and tall firs
// on the near shore to look past.

func composeLake(on stage: Stage) {
  let wish = stage.wish
  let shore = stage.random.between(0.55, 0.60)
  let hasWater = wish.wants(.lake) || wish.wants(.river) || !wish.wantsAny(.forest, .hill, .grass)
  addSky(to: stage, horizon: shore)
  addRanges(to: stage, shore)
  let forest = Colour(hex: 0x35573f)
  addHills(to: stage, base: shore, height: 0.06, colour: forest, distance: 0.36, waves: 2.2)
  addMist(to: stage, at: shore - 0.05, thickness: 0.07, strength: stage.air.isFoggy ? 1 : 0.45)
  stage.draw(price: 2) { drawFarForest(on: $0, stage, shore, forest) }
  addMist(to: stage, at: shore - 0.008, thickness: 0.03, strength: stage.air.isFoggy ? 0.85 : 0.3)
  if stage.air.isFoggy { addMist(to: stage, at: shore - 0.14, thickness: 0.13, strength: 0.8) }
  if hasWater {
    addWater(
      to: stage, Water(top: shore, ripple: wish.wants(.calm) ? 0.3 : 0.5, depth: 0.5, colour: stage.air.water)
    )
    if stage.air.hasDisc { stage.draw { drawGlitter(on: $0, stage, shore) } }
  } else {
    addGround(to: stage, from: shore)
  }
  if stage.air.isFoggy { addMist(to: stage, at: shore + 0.03, thickness: 0.08, strength: 0.75) }
  stage.draw(price: 4) { drawNearShore(on: $0, stage) }
  addWeather(to: stage)
}

private func addRanges(to stage: Stage, _ shore: Float) {
  let wish = stage.wish
  let snow: Float = wish.refuses(.snow) ? 0 : (stage.air.isSnowy ? 0.85 : 0.40)
  let grey = wish.colour(of: .mountain, .rock) ?? Colour(hex: 0x66707f)
  let night: Float = stage.air.isNight ? 0.12 : 0
  addMountains(
    to: stage, base: shore - 0.02, height: stage.random.between(0.40, 0.47),
    waves: stage.random.between(1.3, 1.8),
    Rock(colour: grey, snow: snow, distance: 0.46 - night))
  addMountains(
    to: stage, base: shore, height: stage.random.between(0.26, 0.32), waves: stage.random.between(1.9, 2.6),
    Rock(colour: grey * 0.94, snow: snow * 0.62, distance: 0.24 - night))
}

private func drawFarForest(on drawing: Drawing, _ stage: Stage, _ shore: Float, _ forest: Colour) {
  let unit = stage.unit
  let gaps = stage.random.noise()
  for tree in 0..<150 {
    let near = Float(tree) / 150
    let share = stage.random.unit()
    if gaps.at(share * 5.5 * stage.w / unit, 0.5) < -0.22 { continue }
    drawPine(
      at: Point(share * stage.w, shore * stage.h - unit * 0.012 * (1 - near)),
      height: unit * stage.random.between(0.035, 0.075), colour: forest, distance: 0.42 - 0.2 * near,
      on: drawing, stage)
  }
}

/// The path of light that a low sun or the moon lays over water.
func drawGlitter(on drawing: Drawing, _ stage: Stage, _ shore: Float) {
  let air = stage.air
  let unit = stage.unit
  let strength: Float = air.isLow ? 0.5 : (air.isNight ? 0.42 : 0.16)
  let colour = air.disc.mixed(with: air.glow, 0.55)
  let x = air.sunX * stage.w
  for _ in 0..<150 {
    let near = stage.random.unit()
    let spread = unit * (0.02 + 0.10 * near)
    let aside = (stage.random.unit() + stage.random.unit() - 1) * spread
    let place = Point(x + aside, (shore + 0.004 + (1 - shore) * near * near) * stage.h)
    let long = unit * (0.008 + 0.034 * near) * stage.random.between(0.5, 1.4)
    drawing.spot(
      place, long, max(0.7, unit * (0.0012 + 0.0028 * near)),
      Paint.flat(colour, strength * (1 - 0.6 * near)).asLight)
  }
}

/// The shore one stands on: dark grass, a few stones, and firs to one side or both.
private func drawNearShore(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  let air = stage.air
  let noise = stage.random.noise()
  let mirrored = stage.isMirrored
  let bank = Outline(stage) { share in
    let place = mirrored ? 1 - share : share
    let rise = 0.10 * smoothstep(0.45, 0, place) + 0.05 * smoothstep(0.75, 1, place)
    return stage.h * 0.985 - (rise + 0.016 * noise.fractal(at: share * 8 * stage.w / unit, 2.5, octaves: 4))
      * unit
  }
  let turf =
    air.isSnowy ? Colour(hex: 0xe9f0f7) : (stage.wish.colour(of: .grass, .ground) ?? Colour(hex: 0x4d6b3a))
  fillBelow(bank, to: 1.02, drawing, stage)
  drawing.fill(
    Paint.vertical(air.shaded(turf, 0.55), air.shaded(turf * 0.6, 0.15), bank.top, stage.h).grained(
      0.3, size: unit * 0.02))
  for index in 0..<8 {
    let x = stage.x(index < 5 ? stage.random.between(0, 0.5) : stage.random.between(0.7, 1))
    drawRock(
      at: Point(x, bank.row(at: x) + unit * 0.008), size: unit * stage.random.between(0.012, 0.035),
      on: drawing, stage)
  }
  let firs = stage.wish.refuses(.pine) || stage.wish.refuses(.tree) ? 0 : stage.random.whole(9, 13)
  for index in 0..<firs {
    let place = stage.random.unit()
    let isMainSide = index % 4 != 0
    let share = isMainSide ? place * place * 0.40 - 0.02 : 1.01 - place * 0.13
    let x = stage.x(share)
    let tall = unit * stage.random.between(0.26, 0.50) * (isMainSide ? 1.12 - 0.75 * place : 0.62)
    drawPine(
      at: Point(x, bank.row(at: x) + unit * stage.random.between(0.02, 0.05)), height: tall,
      colour: Colour(hex: 0x2c4a38), distance: 0.02, on: drawing, stage)
  }
  for _ in 0..<260 where !air.isSnowy {
    let x = stage.random.unit() * stage.w
    drawBlade(
      Point(x, bank.row(at: x) + unit * stage.random.between(0.004, 0.09)),
      unit * stage.random.between(0.012, 0.036),
      Colour(hex: 0x5d7d40), air, on: drawing, &stage.random)
  }
}

/// Dry land from a horizon to the bottom of the picture.
func addGround(to stage: Stage, from horizon: Float) {
  let air = stage.air
  let noise = stage.random.noise()
  let colour =
    air.isSnowy
    ? Colour(hex: 0xe8eff6)
    : (stage.wish.colour(of: .meadow, .grass, .ground, .hill) ?? Colour(hex: 0x74984c))
  let unit = stage.unit
  stage.wash(horizon, 1, price: 14) { canvas, span in
    let near = clamp((Float(span.y) + 0.5 - horizon * stage.h) / max(1, (1 - horizon) * stage.h))
    let mottles = canvas.scratch(0)
    let step = 1 / (unit * (0.02 + 0.16 * near))
    noise.fractal(
      to: mottles, count: span.count, x: Float(span.x) * step, step: step, y: logarithm(1 + near * 20) * 8,
      octaves: 4,
      gain: 0.6)
    for column in 0..<span.count {
      let lit = clamp(0.6 + 0.45 * mottles[column] - 0.22 * near)
      let seen = air.distant(air.shaded(colour, lit), 0.55 * (1 - near) * (1 - near))
      span.pixels[column] = seen
    }
  }
}
