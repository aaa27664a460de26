// Under water: light falling in shafts from the surface, reefs fading into the blue, a sandy floor with the
// light's net on it, corals, weed, fish and bubbles.

func composeUnderwater(on stage: Stage) {
  drown(stage.air, stage)
  let floor = stage.random.between(0.74, 0.82)
  addDeep(to: stage)
  for depth in 0..<3 {
    let near = Float(depth)
    addHills(
      to: stage, base: floor + 0.03 + 0.02 * near, height: 0.34 - 0.07 * near, colour: Colour(hex: 0x3a6a72),
      distance: 0.86 - 0.15 * near, waves: 1.1 + 0.5 * near, rough: 0.55)
  }
  stage.draw { drawSchool(on: $0, stage, floor) }
  addSeabed(to: stage, floor)
  stage.draw(price: 14) { drawReef(on: $0, stage, floor) }
  stage.draw(price: 3) { drawFishNearby(on: $0, stage) }
  addShafts(to: stage)
  stage.draw { drawBubbles(on: $0, stage) }
}

/// The water takes the red out of everything, the more the farther off.
private func drown(_ air: Air, _ stage: Stage) {
  let dim: Float = air.isNight ? 0.35 : 1
  let tint = stage.wish.colour(of: .underwater, .sea, .water, orAny: true)
  func water(_ hex: UInt32) -> Colour {
    let own = Colour(hex: hex)
    return (tint.map { own.mixed(with: $0 * own.luminance * 2, 0.6).bounded } ?? own) * dim
  }
  air.zenith = water(0xa8ecea)
  air.middle = water(0x2a93b4)
  air.horizon = water(0x0b4a78)
  air.haze = water(0x1f7ea6)
  air.light = Colour(hex: 0xd8fbf2)
  air.shade = Colour(hex: 0x0f3f5c)
  air.brightness = 0.45 + 0.5 * dim
  air.isRaining = false
  air.isFoggy = false
  air.isSnowy = false
  air.sunX = stage.random.between(0.25, 0.75)
}

private func addDeep(to stage: Stage) {
  let air = stage.air
  let noise = stage.random.noise()
  let sun = Point(air.sunX * stage.w, -0.12 * stage.h)
  let unit = stage.unit
  let h = stage.h
  stage.wash(0, 1, price: 40) { canvas, span in
    let ripple = canvas.scratch(0)
    let y = Float(span.y)
    let down = y / h
    // The surface seen from below: bright ripples that flatten towards the distance.
    let step = 1 / (unit * (0.02 + 0.25 * max(0, 0.22 - down)))
    noise.fractal(
      to: ripple, count: span.count, x: Float(span.x) * step, step: step, y: y * step * 3.4, octaves: 3)
    for column in 0..<span.count {
      let dx = (Float(span.x + column) - sun.x) / (unit * 0.75)
      let dy = (y - sun.y) / (unit * 0.62)
      let glow = 1 / (1 + dx * dx + dy * dy)
      var colour = air.middle.mixed(with: air.horizon, smoothstep(0.05, 1, down))
      colour = colour.mixed(with: air.zenith, glow * glow * 0.95)
      let shine = smoothstep(0.02, 0.5, ripple[column]) * smoothstep(0.16, 0, down) * (0.25 + 0.9 * glow)
      span.pixels[column] = colour.screened(air.zenith * (shine * 0.7))
    }
  }
}

/// Shafts of light: along a row, the angle from the sun changes evenly, so that a row of noise makes them.
private func addShafts(to stage: Stage) {
  let air = stage.air
  let noise = stage.random.noise()
  let sun = Point(air.sunX * stage.w, -0.35 * stage.h)
  let h = stage.h
  let unit = stage.unit
  let strength: Float = air.isNight ? 0.2 : 0.42
  stage.wash(0, 1, price: 22) { canvas, span in
    let shaft = canvas.scratch(0)
    let y = Float(span.y)
    let perPixel = 9 / (y - sun.y)
    noise.fractal(
      to: shaft, count: span.count, x: (Float(span.x) - sun.x) * perPixel, step: perPixel,
      y: 0.5 + y / h * 0.25,
      octaves: 3, gain: 0.6)
    let fade = smoothstep(0.95, 0.05, y / h)
    for column in 0..<span.count {
      let aside = (Float(span.x + column) - sun.x) / (unit * 0.9)
      let share = smoothstep(0.0, 0.55, shaft[column]) * fade / (1 + aside * aside)
      span.pixels[column] = span.pixels[column].screened(air.zenith * (share * strength))
    }
  }
}

private func addSeabed(to stage: Stage, _ floor: Float) {
  let air = stage.air
  let net = stage.random.noise()
  let bumps = stage.random.noise()
  let unit = stage.unit
  let sand = stage.wish.colour(of: .sand, .ground) ?? Colour(hex: 0xd6cfae)
  let edge = Outline(stage) { share in
    stage.h * (floor + 0.02 + 0.05 * bumps.fractal(at: share * 4, 0.5, octaves: 3))
  }
  stage.wash(edge.top / stage.h, 1, price: 60) { canvas, span in
    let top = canvas.scratch(0)
    let caustic = canvas.scratch(1)
    let other = canvas.scratch(2)
    let mottle = canvas.scratch(3)
    edge.copy(under: span, to: top)
    let y = Float(span.y)
    let near = clamp((y / stage.h - floor) / (1 - floor))
    let step = 1 / (unit * (0.03 + 0.12 * near))
    let v = logarithm(1 + near * 9) * 6
    let x = Float(span.x)
    net.fractal(to: caustic, count: span.count, x: x * step, step: step, y: v, octaves: 2)
    net.fractal(
      to: other, count: span.count, x: x * step * 1.3 + 7, step: step * 1.3, y: v * 1.3 + 3, octaves: 2)
    bumps.fractal(
      to: mottle, count: span.count, x: x * step * 2.5, step: step * 2.5, y: v * 3, octaves: 3, gain: 0.7)
    for column in 0..<span.count {
      let under = y + 1 - top[column]
      if under <= 0 { continue }
      let line = (1 - min(1, abs(caustic[column]) * 4.5)) + 0.7 * (1 - min(1, abs(other[column]) * 5))
      let lit = 0.42 + 0.22 * mottle[column] + 0.5 * line * line * (0.3 + 0.7 * near)
      let colour = air.distant(air.shaded(sand, clamp(lit)), 0.74 * (1 - near) + 0.12)
      span.pixels[column] = span.pixels[column].mixed(with: colour, min(1, under * 0.25))
    }
  }
}
