// The sea: swell in perspective, the sky lying on it, breakers that run up a beach, wet sand that mirrors,
// and palms or a headland to look past.

func composeCoast(on stage: Stage) {
  let wish = stage.wish
  let air = stage.air
  let horizon = stage.random.between(0.42, 0.56)
  addSky(to: stage, horizon: horizon)
  if wish.wants(.mountain) {
    addMountains(
      to: stage, base: horizon + 0.003, height: 0.24, waves: 1.5,
      Rock(snow: air.isSnowy ? 0.7 : 0, distance: 0.55))
  } else if wish.wants(.hill) || stage.random.chance(0.55) {
    addHeadland(to: stage, horizon)
  }
  let painter = Coast(stage, horizon)
  stage.wash(horizon, 1, price: 120) { canvas, span in painter.paint(canvas, span) }
  addMist(to: stage, at: horizon, thickness: 0.022, strength: air.isFoggy ? 0.95 : 0.35)
  if air.isFoggy { addMist(to: stage, at: horizon, thickness: 0.2, strength: 0.85) }
  if painter.hasBeach, !air.isSnowy, !wish.refuses(.tree), stage.random.chance(0.75) {
    stage.draw(price: 3) { drawPalms(on: $0, stage) }
  }
  addWeather(to: stage)
}

/// Land that comes into the sea from one side, in two depths.
private func addHeadland(to stage: Stage, _ horizon: Float) {
  let air = stage.air
  let noise = stage.random.noise()
  let reach = stage.random.between(0.34, 0.6)
  for depth in 0..<2 {
    let near = Float(depth)
    let outline = Outline(stage) { share in
      let place = stage.isMirrored ? share : 1 - share
      let rise = smoothstep(0, 0.5, 1 - place / (reach - 0.14 * near))
      let rough = 0.75 + 0.55 * noise.fractal(at: share * 6 + near * 9, 1.5 + near, octaves: 5)
      return horizon * stage.h + 2 - rise * rough * stage.unit * (0.13 - 0.035 * near)
    }
    let colour = Colour(hex: depth == 0 ? 0x6b8078 : 0x5d7360)
    let top = air.distant(air.shaded(colour, 0.7), 0.62 - 0.22 * near)
    let foot = air.distant(air.shaded(colour, 0.3), 0.74 - 0.22 * near)
    stage.draw { drawing in
      fillBelow(outline, to: horizon + 0.004, drawing, stage)
      drawing.fill(
        Paint.vertical(top, foot, outline.top, horizon * stage.h).grained(0.16, size: stage.unit * 0.02))
    }
  }
}

final class Coast {
  let hasBeach: Bool
  private let air: Air
  private let unit: Float
  private let horizonRow: Float
  private let reach: Float
  private let sunColumn: Float
  private let glitter: Float
  private let deep: Colour
  private let shallow: Colour
  private let sand: Colour
  private let breeze: Float
  private let waves: Noise
  private let lace: Noise
  private let speckle: Noise
  private let shore: Outline

  init(_ stage: Stage, _ horizon: Float) {
    let wish = stage.wish
    let air = stage.air
    self.air = air
    unit = stage.unit
    let hasBeach = wish.wantsAny(.beach, .sand)
    self.hasBeach = hasBeach
    horizonRow = horizon * stage.h
    reach = max(1, stage.h - horizonRow)
    sunColumn = air.sunX * stage.w
    glitter = air.hasDisc ? (air.isLow ? 0.9 : (air.isNight ? 0.6 : 0.38)) : 0
    let asked = wish.colour(of: .sea, .water)
    deep = asked.map { $0 * (0.55 * air.brightness) } ?? air.water.mixed(with: air.zenith * 0.55, 0.45)
    let lagoon = (asked ?? Colour(hex: 0x4fc3bd)).lightened(0.1)
    shallow = air.shaded(lagoon, 0.75).mixed(with: deep, air.hour == .day ? 0.1 : 0.5)
    sand = wish.colour(of: .beach, .sand, .ground) ?? Colour(hex: air.isSnowy ? 0xe9eef4 : 0xe7d1a4)
    breeze = wish.wants(.calm) ? 0.4 : (wish.wants(.storm) ? 1.7 : 1)
    waves = stage.random.noise()
    lace = stage.random.noise()
    speckle = stage.random.noise()
    let noise = stage.random.noise()
    let low = stage.random.between(0.80, 0.92)
    shore = Outline(stage) { share in
      guard hasBeach else { return stage.h * 3 }
      let place = stage.isMirrored ? 1 - share : share
      let swing = 0.030 * noise.fractal(at: share * 2.6, 0.5, octaves: 3)
      return stage.h * (low + 0.10 - 0.20 * (1 - place) * (1 - place) - swing)
    }
  }

  @_optimize(speed)
  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let swell = canvas.scratch(0)
    let behind = canvas.scratch(1)
    let foam = canvas.scratch(2)
    let edge = canvas.scratch(3)
    let fine = canvas.scratch(4)
    let row = Float(span.y) + 0.5
    let near = clamp((row - horizonRow) / reach)
    let step = 1 / (unit * (0.018 + 0.30 * near))
    let depth = logarithm(1 + near * 34) * 11
    let x = Float(span.x)
    waves.fractal(to: swell, count: span.count, x: x * step, step: step, y: depth, octaves: 4, gain: 0.52)
    waves.fractal(
      to: behind, count: span.count, x: x * step, step: step, y: depth - 0.30, octaves: 3, gain: 0.52)
    let net = 1 / (unit * (0.012 + 0.05 * near))
    lace.ridges(
      to: foam, work: fine, count: span.count, x: x * net, step: net, y: row * net * 1.9, octaves: 3,
      gain: 0.6)
    let grain = 1 / (unit * 0.004)
    speckle.fractal(
      to: fine, count: span.count, x: x * grain, step: grain, y: row * grain, octaves: 3, gain: 0.8)
    shore.copy(under: span, to: edge)
    let mirror = skyColour(air, clamp(1 - near * 1.25))
    for column in 0..<span.count {
      let beyond = (edge[column] - row) / unit
      let water =
        beyond > -0.02
        ? sea(
          x + Float(column), near, beyond, swell[column], swell[column] - behind[column], foam[column], mirror
        )
        : Colour(repeating: 0)
      // The last of each wave runs up the sand as a thin sheet.
      let sheet = 0.010 * swell[column]
      let dry = smoothstep(0.004, -0.004, beyond + sheet)
      if dry <= 0 {
        span.pixels[column] = water
        continue
      }
      let ground = beach(-beyond, fine[column], swell[column], foam[column], mirror)
      span.pixels[column] = water.mixed(with: ground, dry)
    }
  }

  @inline(__always)
  private func sea(
    _ x: Float, _ near: Float, _ beyond: Float, _ swell: Float, _ slope: Float, _ foam: Float,
    _ mirror: Colour
  ) -> Colour {
    let shoal = smoothstep(0.34, 0.01, beyond)
    let body = deep.mixed(with: shallow, max(shoal * 0.9, 0.22 * near)) * (1 + 0.30 * slope * breeze)
    // The lower one looks, the more the water is a mirror; slopes towards the viewer show the water itself.
    let glance = clamp(0.80 - 0.62 * near.squareRoot() - 0.75 * slope * breeze, 0.06, 0.9)
    var seen = body.mixed(with: mirror, glance * (1 - 0.5 * shoal))
    if glitter > 0 {
      let spread = unit * (0.03 + 0.22 * near)
      let aside = (x - sunColumn) / spread
      let path = 1 / (1 + aside * aside)
      let spark = smoothstep(0.02, 0.42, slope + 0.25 * swell) * (1 - 0.45 * near)
      seen = seen.screened(air.glow.mixed(with: air.disc, 0.6) * (glitter * path * (0.25 + spark)))
    }
    let cap = smoothstep(0.40, 0.62, swell + 0.2 * slope) * smoothstep(0.35, 0.7, foam) * breeze * (1 - shoal)
    seen = seen.mixed(with: air.shaded(Colour(grey: 1), 0.9), min(0.75, cap * 0.7))
    return shoal > 0 ? breaking(seen, beyond, swell, foam) : seen
  }

  /// Three lines of breakers, each a dark face under a white crest, and lace behind it.
  @inline(__always)
  private func breaking(_ water: Colour, _ beyond: Float, _ swell: Float, _ foam: Float) -> Colour {
    let white = air.shaded(Colour(grey: 1), 0.92)
    var seen = water
    for line in 0..<3 {
      let number = Float(line)
      let place = 0.004 + 0.030 * number + 0.026 * number * number
      let away = beyond - place + swell * (0.014 + 0.012 * number)
      let size = 0.011 + 0.001 * number
      if away < -size || away > size * 3 { continue }
      let face = smoothstep(-size, -size * 0.2, away) * smoothstep(size * 0.1, -size * 0.3, away)
      seen = seen.mixed(with: shallow * 0.72, face * 0.55 * min(1, number))
      let crest = smoothstep(-size * 0.25, size * 0.05, away) * smoothstep(size * 2.6, size * 0.1, away)
      let torn = smoothstep(0.75 - 0.95 * crest, 1.05 - 0.75 * crest, foam)
      seen = seen.mixed(with: white, torn * (0.95 - 0.22 * number))
    }
    return seen
  }

  @inline(__always)
  private func beach(_ inland: Float, _ grain: Float, _ swell: Float, _ foam: Float, _ mirror: Colour)
    -> Colour
  {
    let wet = smoothstep(0.11, 0.0, inland + 0.03 * swell)
    let lit = clamp(0.80 + 0.16 * grain + 0.10 * swell - 0.35 * inland)
    var ground = air.shaded(sand * (1 - 0.34 * wet), lit)
    ground = ground.mixed(with: mirror, 0.42 * wet * wet)
    // What the last wave left behind.
    let line = smoothstep(0.012, 0.002, abs(inland - 0.045 + 0.03 * swell)) * smoothstep(0.5, 0.8, foam)
    let rim = smoothstep(0.016, 0.0, inland) * smoothstep(0.35, 0.65, foam + 0.25)
    return ground.mixed(with: air.shaded(Colour(grey: 1), 0.9), max(rim * 0.85, line * 0.30))
  }
}
