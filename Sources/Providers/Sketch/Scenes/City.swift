// A city: towers behind towers, a street in front of them, and, after dark, a thousand windows; in the rain
// the street holds it all a second time.

private let kerb: Float = 0.635

func composeCity(on stage: Stage) {
  let wish = stage.wish
  let isWet = stage.air.isRaining || wish.wants(.wet)
  addSky(to: stage, horizon: kerb)
  stage.draw(price: 4) { drawCityGlow(on: $0, stage) }
  stage.draw(price: 3) {
    drawSkyline(on: $0, stage, SkylineStyle(low: 0.16, high: 0.50, width: 0.040, distance: 0.52))
  }
  addMist(to: stage, at: kerb - 0.10, thickness: 0.16, strength: stage.air.isFoggy ? 0.95 : 0.4)
  stage.draw(price: 3) {
    drawSkyline(on: $0, stage, SkylineStyle(low: 0.11, high: 0.40, width: 0.055, distance: 0.24))
  }
  addMist(to: stage, at: kerb - 0.04, thickness: 0.10, strength: stage.air.isFoggy ? 0.8 : 0.22)
  stage.draw(price: 3) {
    drawSkyline(on: $0, stage, SkylineStyle(low: 0.05, high: 0.24, width: 0.075, distance: 0.04))
  }
  stage.draw(price: 4) { drawShops(on: $0, stage, kerb) }
  stage.draw(price: 2) { drawLamps(on: $0, stage, kerb) }
  addStreet(to: stage, from: kerb, isWet: isWet)
  stage.draw { drawMarkings(on: $0, stage, kerb) }
  if wish.wants(.car) { stage.draw { drawCar(on: $0, stage, isWet: isWet) } }
  addWeather(to: stage)
}

/// The light a city throws at the sky.
private func drawCityGlow(on drawing: Drawing, _ stage: Stage) {
  guard stage.air.isNight || stage.air.isLow else { return }
  let centre = Point(stage.w * stage.random.between(0.35, 0.65), kerb * stage.h)
  drawing.spot(centre, stage.w * 0.75, stage.unit * 0.42, Paint.flat(Colour(hex: 0xd97f5a), 0.42).asLight)
}

struct SkylineStyle {
  /// The lowest and the tallest tower, in units.
  let low: Float
  let high: Float
  /// A tower's width, about, in units.
  let width: Float
  let distance: Float
}

private func drawSkyline(on drawing: Drawing, _ stage: Stage, _ style: SkylineStyle) {
  let noise = stage.random.noise()
  var x = -stage.random.unit() * style.width * stage.unit
  while x < stage.w {
    let width = stage.unit * style.width * stage.random.between(0.7, 1.6)
    // Towers crowd together where the noise is high: a city has a middle.
    let crowd = 0.5 + 0.75 * noise.at(x / stage.unit * 1.3, 0.5)
    let chance = stage.random.unit()
    let rise = mix(style.low, style.high, clamp(crowd * 0.6 + chance * chance * 0.55))
    drawTower(
      Tower(
        left: x, right: x + width, top: kerb * stage.h - rise * max(stage.unit, stage.h * 0.8),
        bottom: kerb * stage.h, style: style),
      on: drawing, stage)
    x += width * stage.random.between(0.96, 1.18)
  }
}

/// Tarmac from the kerb to the bottom: dry and dull, or a mirror that the rain has roughened.
private func addStreet(to stage: Stage, from kerb: Float, isWet: Bool) {
  let air = stage.air
  let puddles = stage.random.noise()
  let speckle = stage.random.noise()
  let unit = stage.unit
  let top = kerb * stage.h
  let reach = max(1, stage.h - top)
  let tarmac = air.isNight ? Colour(hex: 0x14161f) : air.shaded(Colour(hex: 0x5b5f66), 0.5)
  let mirror: Float = isWet ? 0.62 : (air.isNight ? 0.16 : 0.02)
  stage.wash(kerb, 1, price: 165) { canvas, span in
    let rows = Float(span.y) + 0.5 - top
    let near = clamp(rows / reach)
    let wet = canvas.scratch(0)
    let tremble = canvas.scratch(1)
    let step = 1 / (unit * (0.05 + 0.40 * near))
    let depth = logarithm(1 + near * 22) * 4
    puddles.fractal(to: wet, count: span.count, x: Float(span.x) * step, step: step, y: depth, octaves: 4)
    let fine = 1 / (unit * (0.004 + 0.020 * near))
    speckle.fractal(
      to: tremble, count: span.count, x: Float(span.x) * fine, step: fine, y: Float(span.y) * fine * 2,
      octaves: 2)
    let blur = unit * (0.012 + 0.075 * near)
    for column in 0..<span.count {
      let pool = smoothstep(-0.05, 0.22, wet[column])
      // A wet street smears what it mirrors upright, the more the rougher it is.
      let smear = blur * (1 - 0.72 * pool)
      let sway = floorToInt(tremble[column] * unit * 0.012 * (0.4 + near) + 0.5)
      var seen = Colour(repeating: 0)
      for sample in 0..<5 {
        let shift = (Float(sample) - 2) * smear + tremble[column] * smear
        seen += canvas.pixel(
          span.x + column + sway, min(floorToInt(top) - 1, floorToInt(top - rows * 0.92 + shift)))
      }
      let share = mirror * (isWet ? 0.55 + 0.45 * pool : 0.6 + 0.4 * near)
      let ground = tarmac * (0.86 + 0.34 * tremble[column] + 0.2 * (1 - near)) * (isWet ? 0.75 : 1)
      span.pixels[column] = (ground * (1 - share * 0.6)).screened(seen * (0.2 * share))
    }
  }
}
