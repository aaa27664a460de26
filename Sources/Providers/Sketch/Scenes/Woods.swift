// Inside a forest: trunks behind trunks until the light takes them, shafts of sun through the leaves, ferns
// and a path on the floor.

func composeWoods(on stage: Stage) {
  light(stage.air, stage)
  let floor = stage.random.between(0.60, 0.68)
  addClearing(to: stage, floor)
  let depths = 6
  for depth in 0..<depths {
    let near = Float(depth) / Float(depths - 1)
    let level = floor + 0.27 * near * near
    stage.draw(price: 3) { drawCanopy(on: $0, stage, near) }
    stage.draw(price: 3) { drawTrunks(on: $0, stage, near, level) }
    addFloor(to: stage, from: level - 0.012, near, until: depth == depths - 1 ? 1 : level + 0.05 + 0.2 * near)
    stage.draw(price: 3) { drawUndergrowth(on: $0, stage, near, level) }
    if depth == 2 || depth == 3 {
      addMist(to: stage, at: level - 0.04, thickness: 0.16, strength: stage.air.isFoggy ? 0.9 : 0.35)
    }
    if depth == 4 { addSunbeams(to: stage) }
  }
  addWeather(to: stage)
}

/// Light under leaves is green and gold, and the shade is warm and deep.
private func light(_ air: Air, _ stage: Stage) {
  air.sunX = stage.random.between(0.36, 0.64)
  guard air.hour == .day else { return }
  let isAutumn = stage.wish.wants(.autumn)
  let glow = Colour(hex: air.isSnowy ? 0xe9f0f6 : (isAutumn ? 0xffe9b8 : 0xf2f6c8))
  air.haze = glow.mixed(with: Colour(hex: isAutumn ? 0xe8b878 : 0xb9d39a), air.isSnowy ? 0.05 : 0.35)
  air.horizon = glow
  air.middle = air.haze
  air.glow = Colour(hex: 0xfff0b4)
  if air.isRaining || air.isFoggy { air.haze = air.haze.mixed(with: Colour(hex: 0xc3cfcd), 0.7) }
}

private func addClearing(to stage: Stage, _ floor: Float) {
  let air = stage.air
  let noise = stage.random.noise()
  let middle = Point(air.sunX * stage.w, stage.h * (floor - 0.24))
  let unit = stage.unit
  let far = air.haze.mixed(with: air.shade, 0.22) * (0.6 + 0.4 * air.brightness)
  stage.wash(0, 1, price: 30) { canvas, span in
    let leaves = canvas.scratch(0)
    let step = 1 / (unit * 0.05)
    let y = Float(span.y)
    noise.fractal(
      to: leaves, count: span.count, x: Float(span.x) * step, step: step, y: y * step, octaves: 3, gain: 0.6)
    for column in 0..<span.count {
      let dx = (Float(span.x + column) - middle.x) / (unit * 0.55)
      let dy = (y - middle.y) / (unit * 0.42)
      let glow = 1 / (1 + dx * dx + dy * dy)
      let colour = far * (0.86 + 0.3 * leaves[column])
      span.pixels[column] = colour.mixed(with: air.horizon, clamp(glow * (0.95 + 0.35 * leaves[column])))
    }
  }
}

private func barkColour(_ stage: Stage) -> Colour {
  Colour(hex: stage.wish.wants(.autumn) ? 0x5d4636 : 0x57483a)
}

private func drawTrunks(on drawing: Drawing, _ stage: Stage, _ near: Float, _ level: Float) {
  let air = stage.air
  let unit = stage.unit
  let count = floorToInt(mix(26, 5, near.squareRoot()) * min(6, max(1, stage.w / unit)) * 0.62) + 1
  let distance = 0.86 * (1 - near) * (1 - 0.25 * near)
  let bark = barkColour(stage)
  for trunk in 0..<count {
    var share = (Float(trunk) + stage.random.between(0.1, 0.9)) / Float(count)
    // Near trunks leave the middle free, to look through.
    if near > 0.35 {
      let aside = share - air.sunX
      share = air.sunX + (aside < 0 ? -1 : 1) * max(abs(aside), 0.13 + 0.15 * near)
    }
    let foot = Point(share * stage.w, stage.h * level + stage.random.between(-0.01, 0.03) * unit)
    let width = unit * mix(0.012, 0.095, near * near) * stage.random.between(0.7, 1.35)
    let lean = stage.random.between(-0.05, 0.05)
    var spine: [Point] = []
    var widths: [Float] = []
    for piece in 0...9 {
      let t = Float(piece) / 9
      let sway = width * 0.25 * sine(t * 5 + share * 40)
      spine.append(foot + Point(sway + lean * t * stage.h, -t * (foot.y + 10)))
      widths.append(width * (1.5 - 0.5 * smoothstep(0, 0.12, t)) * (1 - 0.32 * t))
    }
    drawing.ribbon(spine, widths)
    if near > 0.15 { limbs(of: spine, width, on: drawing, &stage.random) }
    // Rimmed by the light behind: brighter towards the middle of the picture.
    let sun: Float = foot.x < air.sunX * stage.w ? 1 : -1
    let lit = air.distant(air.shaded(bark.lightened(0.12), 0.85), distance)
    let dark = air.distant(air.shaded(bark * 0.62, 0.05), distance)
    drawing.fill(
      Paint.gradient(lit, foot + Point(width * 0.65 * sun, 0), dark, foot + Point(-width * 0.12 * sun, 0))
        .grained(0.55 * near, size: width * 0.16))
    if air.isSnowy || stage.random.chance(0.3), near > 0.3 {
      let moss = air.isSnowy ? Colour(hex: 0xf2f6fa) : Colour(hex: 0x7c9444)
      drawing.spot(
        foot, width * 1.1, width * 0.55, Paint.flat(air.distant(air.shaded(moss, 0.6), distance), 0.8))
    }
  }
}

private func limbs(of spine: [Point], _ width: Float, on drawing: Drawing, _ random: inout Random) {
  for _ in 0..<3 {
    let from = spine[random.whole(4, 8)]
    let side: Float = random.chance(0.5) ? 1 : -1
    let elbow = from + Point(side * width * random.between(0.8, 2.2), -width * random.between(0.4, 1.4))
    drawing.taper(from, elbow, width * 0.26, width * 0.18)
    drawing.taper(
      elbow, elbow + Point(side * width * random.between(0.6, 2), -width * random.between(0.8, 2.4)),
      width * 0.18,
      width * 0.04)
  }
}

private func drawCanopy(on drawing: Drawing, _ stage: Stage, _ near: Float) {
  let air = stage.air
  let unit = stage.unit
  guard !stage.wish.refuses(.tree) else { return }
  let choices: [UInt32] =
    stage.wish.wants(.autumn)
    ? [0xd98a2b, 0xc4572a, 0xe2b13c, 0xa8452c] : [0x5f8f3e, 0x79a548, 0x4d7d3c, 0x93b552]
  let distance = 0.84 * (1 - near)
  let asked = stage.wish.colour(of: .tree, .forest)
  for _ in 0..<floorToInt(560 * (0.6 + 0.4 * min(6, stage.w / unit))) {
    let x = stage.random.unit()
    let aside = abs(x - air.sunX)
    let hang = (0.10 + 0.34 * aside) * (1.0 - 0.25 * near) + 0.06
    let fall = stage.random.unit()
    let place = Point(x * stage.w, stage.h * (fall * fall * hang * 1.5 - 0.02))
    let size = unit * mix(0.004, 0.0075, near) * stage.random.between(0.7, 1.5)
    let leaf = air.isSnowy ? Colour(hex: 0xdfe8ee) : asked ?? Colour(hex: choices[stage.random.whole(0, 3)])
    let lit = clamp(0.95 - 1.2 * aside + stage.random.between(-0.3, 0.25) - 0.5 * near)
    drawing.dab(
      place, size * 1.7, size * 0.9, turned: stage.random.between(0, 3.1),
      air.distant(air.shaded(leaf, lit), distance), 0.9)
  }
}

private func addFloor(to stage: Stage, from level: Float, _ near: Float, until bottom: Float) {
  let air = stage.air
  let noise = stage.random.noise()
  let unit = stage.unit
  let soil = Colour(
    hex: air.isSnowy ? 0xe8eef5 : (stage.wish.wants(.autumn) ? 0xa8692f : 0x5d6f35))
  let path = Colour(hex: air.isSnowy ? 0xd5deea : (stage.wish.wants(.autumn) ? 0x9a6f48 : 0xb59a6c))
  let distance = 0.72 * (1 - near)
  let outline = Outline(stage) { share in
    stage.h * (level + 0.016 * noise.fractal(at: share * 7, 0.5 + near, octaves: 3))
  }
  let bend = stage.random.between(-0.10, 0.10)
  stage.wash(outline.top / stage.h - 0.005, min(1, bottom), price: 40) { canvas, span in
    let top = canvas.scratch(0)
    let mottle = canvas.scratch(1)
    outline.copy(under: span, to: top)
    let y = Float(span.y)
    let step = 1 / (unit * (0.012 + 0.03 * near))
    noise.fractal(
      to: mottle, count: span.count, x: Float(span.x) * step, step: step, y: y * step * 2, octaves: 3,
      gain: 0.7)
    let depth = (y / stage.h - 0.58) / 0.42
    for column in 0..<span.count {
      let under = y + 1 - top[column]
      if under <= 0 { continue }
      let x = Float(span.x + column) / stage.w
      let middle = air.sunX + bend * sine(depth * 4)
      let trodden = smoothstep(
        0.55, 0.25, abs(x - middle) * stage.w / unit / (0.05 + 0.28 * depth) + 0.3 * mottle[column])
      let patch = smoothstep(-0.15, 0.4, mottle[column]) * smoothstep(0.45, 0.0, abs(x - air.sunX))
      let lit = clamp(0.34 + 0.34 * mottle[column] + 0.62 * patch)
      let ground = soil.mixed(with: path, trodden * 0.75)
      span.pixels[column] = span.pixels[column].mixed(
        with: air.distant(air.shaded(ground, lit), distance), min(1, under * 0.4))
    }
  }
}

private func drawUndergrowth(on drawing: Drawing, _ stage: Stage, _ near: Float, _ level: Float) {
  let air = stage.air
  let unit = stage.unit
  let distance = 0.74 * (1 - near)
  let green = Colour(hex: air.isSnowy ? 0xcfdbe2 : (stage.wish.wants(.autumn) ? 0xa88a3a : 0x6f9a3c))
  for _ in 0..<floorToInt(mix(40, 16, near)) {
    let share = stage.random.unit()
    let aside = abs(share - air.sunX)
    if aside < 0.07 + 0.16 * near { continue }
    let root = Point(share * stage.w, stage.h * (level + stage.random.between(0.0, 0.03 + 0.06 * near)))
    let tall = unit * mix(0.014, 0.12, near) * stage.random.between(0.7, 1.3)
    // A fern: fronds that arch out of one root.
    for frond in 0..<7 {
      let angle = (Float(frond) - 3) * 0.36 + stage.random.between(-0.1, 0.1)
      let tip = root + Point(sine(angle) * tall * 1.1, -cosine(angle) * tall * 0.8)
      let elbow = root.towards(tip, 0.6) + Point(0, -tall * 0.22)
      drawing.taper(root, elbow, tall * 0.03, tall * 0.10)
      drawing.taper(elbow, tip, tall * 0.12, tall * 0.015)
    }
    let lit = clamp(0.75 - aside * 0.9 + stage.random.between(-0.15, 0.15) - 0.3 * near)
    drawing.fill(
      .vertical(
        air.distant(air.shaded(green, lit), distance), air.distant(air.shaded(green * 0.5, 0.05), distance),
        root.y - tall, root.y))
  }
}

/// Beams that fall slantwise from a gap in the leaves.
private func addSunbeams(to stage: Stage) {
  let air = stage.air
  guard air.hasDisc, !air.isSnowy else { return }
  let noise = stage.random.noise()
  let sun = Point(air.sunX * stage.w + stage.facing * stage.w * 0.18, -0.30 * stage.h)
  let slant = stage.facing * -0.35
  let h = stage.h
  let strength: Float = air.isNight ? 0.2 : 0.85
  stage.wash(0, 0.86, price: 20) { canvas, span in
    let beam = canvas.scratch(0)
    let y = Float(span.y)
    let down = y - sun.y
    let perPixel = 7 / down
    noise.fractal(
      to: beam, count: span.count, x: (Float(span.x) - sun.x) * perPixel, step: perPixel, y: 0.5, octaves: 3,
      gain: 0.6)
    let fade = smoothstep(0.86, 0.25, y / h) * smoothstep(-0.1, 0.2, y / h)
    for column in 0..<span.count {
      let angle = (Float(span.x + column) - sun.x) / down - slant
      let share = smoothstep(0.02, 0.5, beam[column]) * fade / (1 + angle * angle * 5)
      span.pixels[column] = span.pixels[column].screened(air.glow * (share * strength))
    }
  }
}
