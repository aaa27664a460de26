// The garden: a pond between a near bank and a far one, a cherry tree in blossom over it, a red bridge, a
// pagoda, a stone lantern, koi and lilies, with hills and a great mountain fading behind.

private let shore: Float = 0.555

func composeGarden(on stage: Stage) {
  warm(stage.air)
  addSky(to: stage, horizon: 0.56)
  addMountain(to: stage)
  addHills(
    to: stage, base: shore, height: 0.135, colour: Colour(hex: 0x6f8f86), distance: 0.66, waves: 1.1)
  addMist(to: stage, at: shore - 0.075, thickness: 0.06, strength: stage.air.isFoggy ? 0.95 : 0.6)
  addHills(to: stage, base: shore, height: 0.075, colour: Colour(hex: 0x5f8a58), distance: 0.42, waves: 1.7)
  stage.draw(price: 5) { drawFarBank(on: $0, stage) }
  addMist(to: stage, at: shore - 0.012, thickness: 0.035, strength: stage.air.isFoggy ? 0.9 : 0.42)
  stage.draw { drawBridge(on: $0, stage) }
  addWater(
    to: stage,
    Water(top: shore, ripple: stage.wish.wants(.calm) ? 0.34 : 0.5, depth: 0.62, colour: stage.air.water))
  stage.draw { drawPond(on: $0, stage) }
  stage.draw(price: 5) { drawNearBank(on: $0, stage) }
  stage.draw(price: 28) { drawCherry(on: $0, stage) }
  addWeather(to: stage)
}

/// A spring morning: the light is a little rosier than anywhere else.
private func warm(_ air: Air) {
  guard air.hour == .day, !air.isRaining else { return }
  air.zenith = Colour(hex: 0x6aa6d6).mixed(with: air.zenith, 0.35)
  air.middle = air.middle.mixed(with: Colour(hex: 0xc5ddea), 0.6)
  air.horizon = air.horizon.mixed(with: Colour(hex: 0xfde6d6), 0.75)
  air.haze = air.haze.mixed(with: Colour(hex: 0xe9e2e4), 0.55)
  air.light = Colour(hex: 0xfff0da)
  air.water = Colour(hex: 0x2f6e70)
}

/// One great cone with snow on it, more guessed than seen.
private func addMountain(to stage: Stage) {
  guard stage.random.chance(0.8) || stage.wish.wants(.mountain) else { return }
  let air = stage.air
  let peak = Point(
    stage.x(stage.random.between(0.54, 0.62)), stage.h * shore - stage.unit * stage.random.between(0.30, 0.36)
  )
  let foot = stage.h * shore
  let reach = stage.unit * 0.62
  let top = stage.unit * 0.030
  let rock = air.distant(air.shaded(Colour(hex: 0x67809c), 0.6), 0.42)
  let snow = air.distant(air.shaded(Colour(hex: 0xffffff), 0.95), 0.12)
  let sun: Float = air.sunX * stage.w > peak.x ? 1 : -1
  stage.draw { drawing in
    func slopes(_ spread: Float) {
      drawing.move(peak.x - top, peak.y)
      drawing.line(peak.x - top * 0.3, peak.y + top * 0.22)
      drawing.line(peak.x + top * 0.4, peak.y + top * 0.12)
      drawing.line(peak.x + top, peak.y)
      drawing.curve(
        Point(peak.x + reach * 0.24, peak.y + (foot - peak.y) * 0.52),
        Point(peak.x + reach * 0.58, foot - (foot - peak.y) * 0.14),
        Point(peak.x + reach * spread, foot))
      drawing.line(peak.x - reach * spread, foot)
      drawing.curve(
        Point(peak.x - reach * 0.58, foot - (foot - peak.y) * 0.14),
        Point(peak.x - reach * 0.24, peak.y + (foot - peak.y) * 0.52),
        Point(peak.x - top, peak.y))
    }
    slopes(1)
    drawing.fill(
      .vertical(rock, air.haze.mixed(with: air.horizon, 0.4), peak.y, foot - (foot - peak.y) * 0.16))
    // The side away from the sun.
    let away = -sun * reach
    drawing.move(peak.x + top * 0.2 * sun, peak.y + top * 0.2)
    drawing.curve(
      Point(peak.x + away * 0.02, peak.y + (foot - peak.y) * 0.3),
      Point(peak.x - away * 0.05, peak.y + (foot - peak.y) * 0.6),
      Point(peak.x + away * 0.10, foot))
    drawing.line(peak.x + away, foot)
    drawing.curve(
      Point(peak.x + away * 0.58, foot - (foot - peak.y) * 0.14),
      Point(peak.x + away * 0.24, peak.y + (foot - peak.y) * 0.52),
      Point(peak.x - top * sun, peak.y))
    let shade = air.distant(air.shaded(Colour(hex: 0x5b7290), 0.3), 0.4)
    drawing.fill(.vertical(shade, air.haze, peak.y, foot - (foot - peak.y) * 0.3, 0.45))
    drawSnowCap(peak, foot, reach, top, sun, snow, on: drawing, stage)
  }
}

private func drawSnowCap(
  _ peak: Point, _ foot: Float, _ reach: Float, _ top: Float, _ sun: Float, _ snow: Colour,
  on drawing: Drawing,
  _ stage: Stage
) {
  let depth = (foot - peak.y) * 0.36
  let half = reach * 0.155
  drawing.move(peak.x - top, peak.y)
  drawing.line(peak.x - top * 0.3, peak.y + top * 0.22)
  drawing.line(peak.x + top * 0.4, peak.y + top * 0.12)
  drawing.line(peak.x + top, peak.y)
  drawing.line(peak.x + half, peak.y + depth * 0.92)
  let teeth = 11
  for tooth in 0...teeth {
    let place = 1 - 2 * Float(tooth) / Float(teeth)
    let dip = tooth % 2 == 0 ? stage.random.between(0.82, 1.12) : stage.random.between(0.42, 0.72)
    let inward = 1 - 0.35 * (1 - dip)
    drawing.line(peak.x + half * place * 0.97 * inward, peak.y + depth * dip * (1 - 0.12 * abs(place)))
  }
  drawing.line(peak.x - half, peak.y + depth * 0.92)
  let shade = snow.mixed(with: stage.air.zenith, 0.30)
  drawing.fill(
    .gradient(snow, Point(peak.x + half * 0.4 * sun, 0), shade, Point(peak.x - half * 0.7 * sun, 0), 0.95))
}

/// The far shore: grass, shrubs, trees in blossom and in leaf, and the pagoda among them.
private func drawFarBank(on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let unit = stage.unit
  let line = shore * stage.h
  let pagodaX = stage.x(stage.random.between(0.74, 0.81))
  for _ in 0..<26 {
    let x = stage.random.unit() * stage.w
    let size = unit * stage.random.between(0.016, 0.034)
    let greens: [UInt32] = [0x5f9150, 0x76a15a, 0x4f8058, 0x8caa5e]
    let colour = Colour(hex: greens[stage.random.whole(0, 3)])
    let distance = stage.random.between(0.26, 0.42)
    for lobe in -1...1 {
      let shift = Point(
        Float(lobe) * size * 0.8, lobe == 0 ? -size * 0.45 : size * stage.random.between(0, 0.3))
      drawFoliage(
        at: Point(x, line - unit * 0.028 - size) + shift, size * 0.95, size * 0.85, colour: colour,
        distance: distance,
        leaves: 22, on: drawing, stage)
    }
  }
  draw(
    Pagoda(
      foot: Point(pagodaX, line - unit * 0.022), height: unit * stage.random.between(0.36, 0.42),
      storeys: stage.random.chance(0.7) ? 5 : 3, distance: 0.14), on: drawing, stage)
  let noise = stage.random.noise()
  let bank = hillOutline(stage, noise, base: shore, height: 0.03, waves: 1.6, rough: 0.4)
  fillBelow(bank, to: shore + 0.004, drawing, stage)
  let green = air.isSnowy ? Colour(hex: 0xe6eef6) : Colour(hex: 0x7ea35a)
  drawing.fill(
    Paint.vertical(
      air.distant(air.shaded(green, 0.85), 0.22), air.distant(air.shaded(green, 0.35), 0.16),
      line - unit * 0.03, line
    ).grained(0.25, size: unit * 0.012))
  for index in 0..<7 {
    let share = (Float(index) + stage.random.between(0.1, 0.9)) / 7
    let x = share * stage.w
    if abs(x - pagodaX) < unit * 0.10 { continue }
    let root = Point(x, line - unit * stage.random.between(0.012, 0.025))
    if stage.random.chance(0.6) {
      draw(
        CherryTree(
          root: root, height: unit * stage.random.between(0.15, 0.21),
          lean: stage.random.between(-0.15, 0.15),
          blossom: blossomColour(stage), forks: 3, petals: 17, distance: 0.24), on: drawing, stage)
    } else {
      drawPine(
        at: root, height: unit * stage.random.between(0.12, 0.19), colour: Colour(hex: 0x3f6b4c),
        distance: 0.26,
        on: drawing, stage)
    }
  }
  drawShrubs(on: drawing, stage, line)
}

private func drawShrubs(on drawing: Drawing, _ stage: Stage, _ line: Float) {
  let unit = stage.unit
  for _ in 0..<24 {
    let size = unit * stage.random.between(0.012, 0.024)
    let isAzalea = stage.random.chance(0.35)
    drawFoliage(
      at: Point(stage.random.unit() * stage.w, line - size * 0.5), size * 1.7, size,
      colour: isAzalea ? Colour(hex: 0xd96a92) : Colour(hex: 0x5d8a48), distance: 0.16, leaves: 30,
      on: drawing, stage)
  }
  for _ in 0..<15 {
    drawRock(
      at: Point(stage.random.unit() * stage.w, line + unit * 0.002),
      size: unit * stage.random.between(0.010, 0.021),
      on: drawing, stage)
  }
}

private func drawBridge(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  let centre = stage.random.between(0.46, 0.54)
  let half = unit * stage.random.between(0.17, 0.21)
  let x = stage.x(centre)
  let line = shore * stage.h + unit * 0.004
  draw(
    Bridge(
      left: Point(x - half, line), right: Point(x + half, line),
      rise: half * stage.random.between(0.36, 0.46),
      lacquer: stage.wish.colour(of: .bridge) ?? Colour(hex: 0xc8352b), distance: 0.05), on: drawing, stage)
  for end in [-1, 1] as [Float] {
    for _ in 0..<3 {
      drawRock(
        at: Point(x + end * half + unit * stage.random.between(-0.02, 0.03), line + unit * 0.006),
        size: unit * stage.random.between(0.014, 0.026), on: drawing, stage)
    }
  }
}

func blossomColour(_ stage: Stage) -> Colour {
  stage.wish.colour(of: .blossom, .tree, .flower) ?? Colour(hex: 0xf2a3bf)
}
