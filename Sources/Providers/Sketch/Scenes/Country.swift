// Any country that is not a scene of its own: a sky, and under it a sea, a beach, a desert, a meadow or a
// forest, in the colours that the prompt names. It promises no more than it shows.

func composeCountry(on stage: Stage) {
  let wish = stage.wish
  let horizon = stage.random.between(0.52, 0.62)
  addSky(to: stage, horizon: horizon)
  if wish.wantsAny(.sea, .beach) {
    composeCoast(on: stage, horizon)
  } else if wish.wants(.desert) {
    composeDesert(on: stage, horizon)
  } else {
    composeMeadow(on: stage, horizon)
  }
  if stage.air.isFoggy { addMist(to: stage, at: horizon, thickness: 0.16, strength: 0.9) }
  addWeather(to: stage)
}

private func composeCoast(on stage: Stage, _ horizon: Float) {
  let wish = stage.wish
  if wish.wants(.mountain) {
    addMountains(
      to: stage, base: horizon, height: 0.24, waves: 1.5,
      Rock(snow: stage.air.isSnowy ? 0.7 : 0, distance: 0.5))
  } else if wish.wants(.hill) || stage.random.chance(0.5) {
    addHills(to: stage, base: horizon, height: 0.05, colour: Colour(hex: 0x6f8a86), distance: 0.6, waves: 1.2)
  }
  let hasBeach = wish.wants(.beach)
  addWater(
    to: stage,
    Water(
      top: horizon, ripple: wish.wants(.calm) ? 0.5 : 1.2, depth: 0.75,
      colour: stage.air.water.mixed(with: stage.air.zenith, 0.2)))
  if stage.air.hasDisc { stage.draw { drawGlitter(on: $0, stage, horizon) } }
  if hasBeach { stage.draw(price: 9) { drawBeach(on: $0, stage) } }
}

private func drawBeach(on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let unit = stage.unit
  let noise = stage.random.noise()
  let mirrored = stage.isMirrored
  func edge(_ lift: Float) -> Outline {
    Outline(stage) { share in
      let place = mirrored ? 1 - share : share
      let swing = 0.03 * noise.fractal(at: share * 3, 0.5, octaves: 3)
      return stage.h * (0.93 - 0.15 * (1 - place) * (1 - place) - swing) - lift * unit
    }
  }
  let sand = stage.wish.colour(of: .beach, .ground) ?? Colour(hex: 0xe6d0a2)
  fillBelow(edge(0.030), to: 1.02, drawing, stage)
  drawing.fill(air.shaded(Colour(hex: 0xbfe3e0), 0.8), 0.35)
  fillBelow(edge(0.013), to: 1.02, drawing, stage)
  drawing.fill(Paint.flat(air.shaded(Colour(hex: 0xffffff), 0.9), 0.85).grained(0.4, size: unit * 0.02))
  fillBelow(edge(0.002), to: 1.02, drawing, stage)
  drawing.fill(air.shaded(sand * 0.88, 0.6))
  let dry = edge(-0.010)
  fillBelow(dry, to: 1.02, drawing, stage)
  drawing.fill(
    Paint.vertical(air.shaded(sand, 0.9), air.shaded(sand, 0.6), dry.top, stage.h).grained(
      0.12, size: unit * 0.012))
}

private func composeDesert(on stage: Stage, _ horizon: Float) {
  let sand = stage.wish.colour(of: .desert, .ground) ?? Colour(hex: 0xd9a661)
  addGround(to: stage, from: horizon)
  for ridge in 0..<5 {
    let near = Float(ridge) / 4
    let base = horizon + 0.03 + 0.36 * near * near
    addDune(
      to: stage, base: base, below: ridge == 4 ? 1.02 : base + 0.22, height: 0.10 + 0.07 * near, sand,
      distance: 0.5 - 0.48 * near)
  }
}

/// A dune: a sharp crest, one side in the light.
private func addDune(
  to stage: Stage, base: Float, below: Float, height: Float, _ sand: Colour, distance: Float
) {
  let air = stage.air
  let noise = stage.random.noise()
  let unit = stage.unit
  let crest = hillOutline(stage, noise, base: base, height: height, waves: 0.9, rough: 0.3)
  let ripples = stage.random.noise()
  let sun: Float = air.sunX > 0.5 ? 1 : -1
  stage.wash(max(0, crest.top / stage.h - 0.01), min(1, below), price: 20) { canvas, span in
    let top = canvas.scratch(0)
    let wind = canvas.scratch(1)
    crest.copy(under: span, to: top)
    let step = 1 / (unit * 0.16)
    ripples.fractal(
      to: wind, count: span.count, x: Float(span.x) * step + Float(span.y) * step * 0.6, step: step,
      y: Float(span.y) * step * 5, octaves: 3)
    for column in 0..<span.count {
      let under = Float(span.y) + 1 - top[column]
      if under <= 0 { continue }
      let ahead = crest.row(at: Float(span.x + column) + sun * unit * 0.03)
      let slope = (ahead - top[column]) / (unit * 0.03)
      // The crest is lit by its slope; farther down all sand lies alike.
      let nearCrest = smoothstep(0.15 + 0.10 * wind[column], 0, under / unit)
      let flank = mix(0.56, clamp(0.58 + slope * 1.7), nearCrest)
      let colour = air.distant(air.shaded(sand, clamp(flank + 0.09 * wind[column])), distance)
      span.pixels[column] = span.pixels[column].mixed(with: colour, min(1, under))
    }
  }
}

private func composeMeadow(on stage: Stage, _ horizon: Float) {
  let wish = stage.wish
  let air = stage.air
  let unit = stage.unit
  let green = wish.colour(of: .meadow, .grass, .ground, .hill, .forest, .tree) ?? Colour(hex: 0x7fa352)
  if wish.wants(.mountain) {
    addMountains(to: stage, base: horizon, height: 0.34, waves: 1.6, Rock(snow: 0.4, distance: 0.45))
  }
  addHills(
    to: stage, base: horizon + 0.005, height: 0.12, colour: green.mixed(with: Colour(hex: 0x6d8f93), 0.45),
    distance: 0.58, waves: 1.0)
  addHills(to: stage, base: horizon + 0.01, height: 0.065, colour: green, distance: 0.38, waves: 1.5)
  stage.draw(price: 4) { drawCopse(on: $0, stage, horizon, green) }
  addGround(to: stage, from: horizon + 0.008)
  if wish.wants(.river) {
    addWater(
      to: stage,
      Water(top: horizon + 0.10, bottom: min(1, horizon + 0.24), ripple: 0.4, depth: 0.4, colour: air.water))
  }
  stage.draw { drawing in
    guard !air.isSnowy else { return }
    if wish.wants(.flower) || wish.wants(.spring) { drawFlowers(on: drawing, stage, horizon) }
    drawGrass(
      from: stage.h * (horizon + 0.18), to: stage.h * 1.02, count: 900, colour: green, length: unit * 0.055,
      on: drawing,
      stage)
    if wish.wants(.flower) { drawFlowers(on: drawing, stage, horizon + 0.2) }
  }
}

private func drawCopse(on drawing: Drawing, _ stage: Stage, _ horizon: Float, _ green: Colour) {
  let unit = stage.unit
  let wish = stage.wish
  let isForest = wish.wantsAny(.forest, .pine)
  let isAutumn = wish.wants(.autumn)
  let leaves: [UInt32] =
    isAutumn ? [0xc9652a, 0xd99a35, 0xa8452c, 0x8f7a3a] : [0x4d7a45, 0x5d8a4a, 0x446f4c]
  let count = wish.refuses(.tree) || wish.refuses(.forest) ? 0 : (isForest ? 70 : 16)
  for tree in 0..<count {
    let near = Float(tree) / Float(count)
    let foot = Point(stage.random.unit() * stage.w, stage.h * (horizon + 0.012))
    let distance = 0.46 - 0.26 * near
    if wish.wants(.pine) || (isForest && stage.random.chance(0.4)) {
      drawPine(
        at: foot, height: unit * stage.random.between(0.07, 0.19) * (0.6 + 0.7 * near),
        colour: Colour(hex: 0x3c6247),
        distance: distance, on: drawing, stage)
      continue
    }
    let size = unit * stage.random.between(0.020, 0.045) * (0.7 + 0.6 * near)
    drawing.taper(foot, foot - Point(0, size * 1.5), size * 0.22, size * 0.16)
    drawing.fill(stage.air.distant(stage.air.shaded(Colour(hex: 0x54433a), 0.4), distance))
    let leaf = wish.colour(of: .tree, .forest) ?? Colour(hex: leaves[stage.random.whole(0, leaves.count - 1)])
    drawFoliage(
      at: foot - Point(0, size * 1.9), size * 1.15, size, colour: leaf, distance: distance, leaves: 34,
      on: drawing, stage)
  }
}

private func drawFlowers(on drawing: Drawing, _ stage: Stage, _ top: Float) {
  let choices: [UInt32] = [0xe8453c, 0xf4c542, 0xf7f3ea, 0x9a6fd0, 0xf08ab0]
  let asked = stage.wish.colour(of: .flower, .blossom, .meadow)
  for flower in 0..<520 {
    let near = (Float(flower) / 520).squareRoot()
    let place = Point(stage.random.unit() * stage.w, mix(top + 0.02, 1, near * near) * stage.h)
    let size = stage.unit * mix(0.0012, 0.0085, near * near) * stage.random.between(0.7, 1.2)
    let colour = asked ?? Colour(hex: choices[stage.random.whole(0, choices.count - 1)])
    drawing.dab(
      place, size, size * 0.7, turned: 0,
      stage.air.shaded(colour.lightened(stage.random.between(-0.15, 0.2)), stage.random.between(0.5, 0.95)))
  }
}
