// A desert: ranges of dunes with crests like blades, one flank of each in the light, wind ripples before the
// viewer's feet.

func composeDesert(on stage: Stage) {
  let air = stage.air
  let horizon = stage.random.between(0.44, 0.56)
  if air.hour == .day { air.haze = air.haze.mixed(with: Colour(hex: 0xf0dcc0), 0.6) }
  air.cloudCover = min(air.cloudCover, air.isRaining ? 1 : 0.2)
  addSky(to: stage, horizon: horizon + 0.02)
  if stage.wish.wants(.mountain) || stage.random.chance(0.4) {
    addMountains(
      to: stage, base: horizon + 0.01, height: 0.14, waves: 1.3,
      Rock(colour: Colour(hex: 0x9a6a58), snow: 0, distance: 0.62, foot: Colour(hex: 0xb98d62)))
  }
  addGround(to: stage, from: horizon)
  let sand = stage.wish.colour(of: .desert, .sand, .ground) ?? Colour(hex: 0xd9a25c)
  for range in 0..<6 {
    let near = Float(range) / 5
    let base = horizon + 0.015 + 0.62 * near * near
    addDunes(
      to: stage,
      Dunes(
        base: base, below: range == 5 ? 1.01 : min(1.01, base + 0.02 + 0.34 * near),
        height: 0.05 + 0.20 * near, waves: 2.6 - 1.7 * near, sand: sand,
        distance: 0.72 - 0.70 * near.squareRoot()))
  }
  if air.isFoggy { addMist(to: stage, at: horizon + 0.05, thickness: 0.2, strength: 0.9) }
  addWeather(to: stage)
}

private struct Dunes {
  let base: Float
  let below: Float
  let height: Float
  let waves: Float
  let sand: Colour
  let distance: Float
}

private func addDunes(to stage: Stage, _ dunes: Dunes) {
  let painter = DunePainter(stage, dunes)
  stage.wash(max(0, painter.crest.top / stage.h - 0.01), min(1, dunes.below), price: 48) { canvas, span in
    painter.paint(canvas, span)
  }
}

private struct DunePainter {
  let crest: Outline
  private let air: Air
  private let dunes: Dunes
  private let sway: Noise
  private let wind: Noise
  private let unit: Float
  private let sun: Float
  private let lean: Float

  init(_ stage: Stage, _ dunes: Dunes) {
    self.dunes = dunes
    air = stage.air
    unit = stage.unit
    sun = air.sunX > 0.5 ? 1 : -1
    sway = stage.random.noise()
    wind = stage.random.noise()
    lean = stage.random.between(0.5, 1.5) * -sun
    let shape = stage.random.noise()
    let aspect = stage.w / stage.unit
    crest = Outline(stage) { share in
      let x = share * dunes.waves * aspect
      let blade = 1 - abs(shape.at(x, 0.4)) * 2.1
      let swell = shape.fractal(at: x * 0.6, 7.3, octaves: 2)
      return dunes.base * stage.h - (0.2 + 0.62 * blade + 0.5 * swell) * dunes.height * stage.unit
    }
  }

  @_optimize(speed)
  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let top = canvas.scratch(0)
    let bend = canvas.scratch(1)
    let ripple = canvas.scratch(2)
    crest.copy(under: span, to: top)
    let y = Float(span.y)
    let near = 1 - dunes.distance
    let slow = 2.2 / (unit * dunes.height * 5)
    sway.fractal(
      to: bend, count: span.count, x: Float(span.x) * slow, step: slow, y: y * slow * 1.6, octaves: 3)
    // Ripples run across the wind, closer together the farther off they are.
    let fine = 1 / (unit * (0.02 + 0.10 * near))
    wind.fractal(
      to: ripple, count: span.count, x: Float(span.x) * fine + y * fine * 0.9 * sun, step: fine,
      y: y * fine * 5,
      octaves: 3, gain: 0.6)
    let reach = dunes.height * unit
    let probe = unit * 0.012
    for column in 0..<span.count {
      let under = y + 1 - top[column]
      if under <= 0 { continue }
      // The flanks meet in a line that leaves the summit and winds down towards the viewer.
      let depth = under / reach
      let place = Float(span.x + column) + lean * under + bend[column] * reach * 0.9 * min(1, depth)
      let slope = (crest.row(at: place + probe) - crest.row(at: place - probe)) * sun / (2 * probe)
      let flank = smoothstep(-0.10, 0.16, slope + 0.06 * bend[column])
      let fading = 1 / (1 + 0.55 * depth)
      var lit = mix(0.66, mix(0.16, 1.02, flank), fading)
      lit += (0.06 + 0.16 * near) * ripple[column] * (0.5 + 0.5 * flank)
      // Sand blown over the crest catches the sun.
      lit += 0.22 * flank * smoothstep(0.05, 0, depth)
      let colour = air.distant(
        air.shaded(dunes.sand, clamp(lit)),
        clamp(dunes.distance + 0.10 * smoothstep(0.3, 1.6, depth) * (1 - near)))
      span.pixels[column] = span.pixels[column].mixed(with: colour, min(1, under))
    }
  }
}
