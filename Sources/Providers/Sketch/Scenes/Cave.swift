// Inside a cave, looking out: ring behind ring of rock around the light, stalactites, and a pool that holds
// it all a second time.

func composeCave(on stage: Stage) {
  let air = stage.air
  let pool: Float = 0.74
  let mouth = Point(stage.x(stage.random.between(0.42, 0.6)), stage.h * stage.random.between(0.42, 0.48))
  air.sunX = mouth.x / stage.w
  air.sunY = 0.45
  addSky(to: stage, horizon: 0.60)
  addMountains(to: stage, base: 0.66, height: 0.22, waves: 1.6, Rock(snow: 0.3, distance: 0.6))
  addHills(to: stage, base: 0.72, height: 0.10, colour: Colour(hex: 0x6b8a55), distance: 0.42, waves: 1.7)
  let rings = 4
  for ring in 0..<rings {
    let near = Float(ring) / Float(rings - 1)
    stage.draw(price: 12) { drawRing(on: $0, stage, mouth, near) }
    if ring == 1 || ring == 2 { stage.draw { glow(on: $0, stage, mouth) } }
  }
  addBeams(to: stage, mouth)
  addWater(
    to: stage,
    Water(
      top: pool, ripple: 0.35, depth: 0.30, colour: stage.wish.colour(of: .water) ?? Colour(hex: 0x1c4a52)))
  stage.draw(price: 4) { drawBank(on: $0, stage, pool) }
}

private func rock(_ stage: Stage) -> Colour {
  stage.wish.colour(of: .cave, .rock, orAny: true) ?? Colour(hex: 0x8a7a6b)
}

private func glow(on drawing: Drawing, _ stage: Stage, _ mouth: Point) {
  let strength: Float = stage.air.isNight ? 0.16 : 0.3
  drawing.glow(mouth, stage.unit * 0.62, stage.air.horizon, strength)
}

/// Rock from the picture's border to an opening around the light.
private func drawRing(on drawing: Drawing, _ stage: Stage, _ mouth: Point, _ near: Float) {
  let air = stage.air
  let unit = stage.unit
  let noise = stage.random.noise()
  let wide = unit * mix(0.26, 0.80, near) * min(1.5, max(0.7, stage.w / unit * 0.62))
  let tall = unit * mix(0.21, 0.58, near)
  let corners = 220
  func opening(_ corner: Int, _ grow: Float) -> Point {
    let way = Point.polar(Float(corner) / Float(corners) * fullTurn, 1)
    let rough =
      1 + 0.55 * noise.fractal(at: way.x * 1.7 + 5, way.y * 1.7 + near * 7, octaves: 6, gain: 0.52)
      + (grow - 1) * 1.6 * noise.fractal(at: way.x * 5 + 11, way.y * 5 + grow * 30, octaves: 3)
    return mouth + Point(way.x * wide, way.y * tall) * (rough * grow)
  }
  func border() {
    drawing.rectangle(-unit, -unit, stage.w + unit, stage.h + unit)
  }
  // A contour the other way round is a hole. Each step back into the ring is darker than the rim.
  for step in 0..<3 {
    let depth = Float(step) / 2
    border()
    for corner in 0..<corners {
      let point = opening(corners - corner, 1 + 0.05 * depth + 0.10 * depth * depth)
      if corner == 0 { drawing.move(point) } else { drawing.line(point) }
    }
    let rim = air.horizon.mixed(with: air.light, 0.5) * rock(stage) * (air.brightness * 1.15)
    let dark = rock(stage) * (air.shade * 0.55 + 0.10) * (0.75 - 0.5 * near) * (0.5 + 0.5 * air.brightness)
    let hazy = dark.mixed(with: air.haze * (0.5 * air.brightness), 0.45 * (1 - near) * (1 - near))
    let colour = hazy.mixed(with: rim, (1 - depth) * (1 - depth) * (0.42 - 0.32 * near))
    let paint = Paint.flat(colour, step == 0 ? 1 : 0.7)
    drawing.fill(step > 0 ? paint.grained(0.7, size: unit * mix(0.03, 0.10, near)) : paint)
  }
  let spikes = stage.random.whole(6, 10)
  for _ in 0..<spikes {
    let corner = stage.random.whole(floorToInt(Float(corners) * 0.56), floorToInt(Float(corners) * 0.94))
    let root = opening(corner, 1.07)
    let length = unit * mix(0.03, 0.16, near) * stage.random.between(0.5, 1.4)
    let width = length * stage.random.between(0.20, 0.32)
    drawing.move(root - Point(width, length * 0.3))
    drawing.curve(
      root + Point(-width * 0.4, length * 0.2), root + Point(-width * 0.12, length * 0.7),
      root + Point(0, length))
    drawing.curve(
      root + Point(width * 0.12, length * 0.7), root + Point(width * 0.4, length * 0.2),
      root + Point(width, -length * 0.3))
    let side: Float = root.x < mouth.x ? 1 : -1
    let stone = rock(stage) * (0.6 + 0.4 * air.brightness)
    drawing.fill(
      Paint.gradient(
        stone * mix(0.85, 0.30, near), root + Point(width * 0.6 * side, 0), stone * mix(0.30, 0.07, near),
        root - Point(width * 0.6 * side, 0)
      ).grained(0.4, size: width * 0.4))
  }
}

private func addBeams(to stage: Stage, _ mouth: Point) {
  let air = stage.air
  let noise = stage.random.noise()
  let sun = mouth - Point(stage.facing * stage.unit * 0.25, stage.unit * 0.75)
  let unit = stage.unit
  let strength: Float = air.isNight ? 0.16 : 0.36
  let colour = air.horizon.mixed(with: air.glow, 0.5)
  stage.wash(0.05, 0.8, price: 20) { canvas, span in
    let beam = canvas.scratch(0)
    let down = Float(span.y) - sun.y
    guard down > unit * 0.15 else { return }
    let perPixel = 5 * unit / down / unit
    noise.fractal(
      to: beam, count: span.count, x: (Float(span.x) - sun.x) * perPixel, step: perPixel, y: 0.5, octaves: 3,
      gain: 0.6)
    let fade = smoothstep(0.8, 0.35, Float(span.y) / stage.h) * smoothstep(0.15, 0.6, down / unit)
    let lean = (mouth.x - sun.x) / (mouth.y - sun.y)
    for column in 0..<span.count {
      let angle = (Float(span.x + column) - sun.x) / down - lean
      let share = smoothstep(-0.05, 0.5, beam[column]) * fade / (1 + angle * angle * 18)
      span.pixels[column] = span.pixels[column].screened(colour * (share * strength))
    }
  }
}

private func drawBank(on drawing: Drawing, _ stage: Stage, _ pool: Float) {
  let unit = stage.unit
  stage.air.brightness *= 0.5
  for stone in 0..<16 {
    let near = Float(stone) / 16
    let side = stage.random.unit()
    let share = stage.random.chance(0.5) ? side * side * 0.38 : 1 - side * side * 0.38
    drawRock(
      at: Point(share * stage.w, stage.h * mix(pool + 0.005, 1.0, near)),
      size: unit * mix(0.02, 0.10, near) * stage.random.between(0.6, 1.3), on: drawing, stage, moss: 0.25)
  }
}
