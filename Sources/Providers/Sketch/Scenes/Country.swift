// Any country that is not a scene of its own: a sky, and under it a meadow or a distant forest, in the
// colours that the prompt names. It promises no more than it shows.

func composeCountry(on stage: Stage) {
  let horizon = stage.random.between(0.52, 0.62)
  addSky(to: stage, horizon: horizon)
  composeMeadow(on: stage, horizon)
  if stage.air.isFoggy { addMist(to: stage, at: horizon, thickness: 0.16, strength: 0.9) }
  addWeather(to: stage)
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
