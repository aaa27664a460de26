// The sky: a gradient, the sun's or moon's glow, stars, and clouds lit from where the light is.

/// Fills the picture down to `horizon` (a share of the height) with sky, and the rest with the horizon's
/// colour.
@inline(never)
func addSky(to stage: Stage, horizon: Float) {
  let air = stage.air
  let clouds = stage.random.noise()
  let horizonRow = max(1, horizon * stage.h)
  let sun = stage.sun(over: horizon)
  let glow = SunGlow(stage, sun)
  let w = stage.w
  let scale = 2.1 / stage.unit
  stage.wash(0, horizon, price: 28) { canvas, span in
    let down = clamp(Float(span.y) / horizonRow)
    span.pixels.update(repeating: skyColour(air, down), count: span.count)
    if air.hasDisc { glow.light(span) }
    if air.cloudCover > 0 {
      paintClouds(
        on: span, canvas, air, clouds, scale: scale, down: down, towardsSun: (sun.x - w * 0.5) > 0 ? 1 : -1)
    }
  }
  // What is below gets painted over, nearly always; no pixel may be left as the memory came.
  let ground = air.horizon
  // What it costs is the memory: these pixels are touched for the first time.
  stage.wash(horizon, 1, price: 9) { _, span in span.pixels.update(repeating: ground, count: span.count) }
  if air.isNight && !air.isRaining { stage.draw { addStars(to: $0, stage, horizonRow) } }
  if air.hasDisc { stage.draw { addDisc(to: $0, stage, sun) } }
}

func skyColour(_ air: Air, _ down: Float) -> Colour {
  let bend: Float = 0.56
  return down < bend
    ? air.zenith.mixed(with: air.middle, smoothstep(-0.25, 1.1, down / bend))
    : air.middle.mixed(with: air.horizon, smoothstep(0, 1, (down - bend) / (1 - bend)))
}

/// Light around the sun that falls off without an edge.
private struct SunGlow {
  let centre: Point
  let colour: Colour
  let strength: Float
  /// Per pixel, so that the distance in the formula is in radii of the glow.
  let scale: Float

  init(_ stage: Stage, _ sun: Point) {
    centre = sun
    colour = stage.air.glow
    strength = stage.air.isNight ? 0.5 : (stage.air.isLow ? 0.85 : 0.72)
    scale = 1 / (stage.unit * (stage.air.isNight ? 0.16 : (stage.air.isLow ? 0.34 : 0.24)))
  }

  @_optimize(speed)
  func light(_ span: RowSpan) {
    let dy = (Float(span.y) - centre.y) * scale
    for column in 0..<span.count {
      let dx = (Float(span.x + column) - centre.x) * scale
      let nearness = 1 / (1 + dx * dx + dy * dy)
      let share = strength * nearness * nearness.squareRoot()
      span.pixels[column] = span.pixels[column].screened(colour * share)
    }
  }
}

@_optimize(speed)
private func paintClouds(
  on span: RowSpan, _ canvas: Canvas, _ air: Air, _ noise: Noise, scale: Float, down: Float, towardsSun: Float
) {
  let body = canvas.scratch(0)
  let lit = canvas.scratch(1)
  // Clouds low in the sky are far away: flatter and closer together.
  let crowding = 1 + 2.2 * down * down
  let x = Float(span.x) * scale * (0.7 + 0.3 * crowding)
  // Clouds are soft: every second pixel is sampled, and the one between is their mean.
  let step = 2 * scale * (0.7 + 0.3 * crowding)
  let samples = span.count / 2 + 2
  let y = Float(span.y) * scale * 2.2 * crowding
  noise.fractal(to: body, count: samples, x: x, step: step, y: y, octaves: 6, gain: 0.52)
  noise.fractal(
    to: lit, count: samples, x: x + 0.10 * towardsSun, step: step, y: y - 0.16, octaves: 4, gain: 0.52)
  let threshold = 0.42 - 0.62 * air.cloudCover
  let thinning = 1 - 0.55 * smoothstep(0.72, 1, down)
  for column in 0..<span.count {
    let sample = column >> 1
    let next = sample + (column & 1)
    let here = (body[sample] + body[next]) * 0.5
    let density = smoothstep(threshold, threshold + 0.42, here) * thinning
    if density < 0.01 { continue }
    let bright = clamp(0.62 + (here - (lit[sample] + lit[next]) * 0.5) * 1.7)
    let colour = air.cloudShade.mixed(with: air.cloud, bright)
    span.pixels[column] = span.pixels[column].mixed(with: colour, density * 0.92)
  }
}

private func addStars(to drawing: Drawing, _ stage: Stage, _ horizonRow: Float) {
  let smallest = max(stage.unit * 0.0007, 0.35)
  for _ in 0..<420 {
    let point = Point(stage.random.unit() * stage.w, stage.random.unit() * horizonRow * 0.96)
    let rank = stage.random.unit()
    let magnitude = rank * rank * rank * rank
    let colour = Colour(hex: 0xbfd0ff).mixed(with: Colour(hex: 0xfff1dc), stage.random.unit())
    let fade = 1 - 0.7 * smoothstep(0.5, 1, point.y / horizonRow)
    drawing.ellipse(point, smallest * (1 + 1.8 * magnitude), smallest * (1 + 1.8 * magnitude))
    drawing.fill(colour, (0.25 + 0.75 * magnitude) * fade)
    if magnitude > 0.72 { drawing.glow(point, smallest * 9, colour, 0.35 * fade) }
  }
}

private func addDisc(to drawing: Drawing, _ stage: Stage, _ sun: Point) {
  let air = stage.air
  let radius = stage.unit * (air.isNight ? 0.048 : 0.038)
  if !air.isNight {
    // A sun too bright to have an edge: soft spots of light upon each other.
    drawing.glow(sun, radius * 5, air.glow, 0.32)
    drawing.glow(sun, radius * 2.6, air.disc, 0.5)
    drawing.glow(sun, radius * 1.7, air.disc, 0.75)
    if air.isLow {
      drawing.ellipse(sun, radius, radius)
      drawing.fill(air.disc, 0.85)
    }
    return
  }
  drawing.ellipse(sun, radius, radius)
  drawing.fill(
    .gradient(
      air.disc, sun + Point(-radius, -radius), air.disc * 0.82, sun + Point(radius, radius)
    ).grained(0.10, size: radius * 0.5))
  for _ in 0..<6 {
    let spot = sun + Point.polar(stage.random.unit() * fullTurn, radius * stage.random.between(0, 0.62))
    let size = radius * stage.random.between(0.08, 0.26)
    drawing.spot(spot, size * 1.3, size * 1.3, .flat(Colour(hex: 0xa9a58c), 0.5))
  }
}
