// What is painted on paper: watercolour, which pools and granulates and leaves the border white; and ink,
// in washes and lines, with the painter's seal.

private let paper = Colour(hex: 0xf8f3e8)

@inline(never)
func addWatercolour(to stage: Stage, _ sketch: Sketch) {
  let wobble = stage.random.noise()
  let flow = stage.random.noise()
  let grain = stage.random.noise()
  let unit = stage.unit
  let w = stage.w
  let h = stage.h
  let near = max(1, floorToInt(unit * 0.004))
  let wide = max(2, floorToInt(unit * 0.014))
  stage.wash(0, 1, price: 150) { canvas, span in
    let aside = canvas.scratch(0)
    let pool = canvas.scratch(1)
    let tooth = canvas.scratch(2)
    let x = Float(span.x)
    let y = Float(span.y)
    let slow = 1 / (unit * 0.05)
    wobble.fractal(to: aside, count: span.count, x: x * slow, step: slow, y: y * slow, octaves: 4, gain: 0.55)
    let slower = 1 / (unit * 0.22)
    flow.fractal(
      to: pool, count: span.count, x: x * slower, step: slower, y: y * slower, octaves: 6, gain: 0.6)
    let fine = 1 / (unit * 0.006)
    grain.fractal(to: tooth, count: span.count, x: x * fine, step: fine, y: y * fine, octaves: 3, gain: 0.75)
    let rim = min(y, h - y) / unit
    for column in 0..<span.count {
      let place = x + Float(column)
      let bend = aside[column] * unit * 0.016
      let sx = span.x + column + floorToInt(bend)
      let sy = span.y + floorToInt(bend * 0.7 - aside[column] * aside[column] * unit * 0.01)
      let washed = sketch.around(sx, sy, near)
      let blurred = sketch.around(sx, sy, wide)
      // Washes: tones gather on a few levels; each level's edge dries darker.
      let tone = washed.luminance * 5 + 0.25 * aside[column]
      let level = Float(floorToInt(tone))
      let step = tone - level
      let held = (level + smoothstep(0.30, 0.70, step)) / 5
      var colour = washed * ((held + 0.10) / (washed.luminance + 0.10))
      let edge = smoothstep(0.34, 0.46, step) * smoothstep(0.62, 0.5, step)
      let rimmed = clamp((blurred.luminance - washed.luminance) * 2.2, 0, 0.3)
      colour = colour.saturated(1.25).lightened(0.10)
      let density = clamp(0.80 + 0.75 * pool[column] + 0.22 * tooth[column] + 0.30 * edge + rimmed, 0.2, 1.4)
      colour = paper + (colour * paper - paper) * density
      let margin = min(rim, min(place, w - place) / unit) + 0.05 * aside[column] + 0.05 * pool[column]
      let wet = smoothstep(0.030, 0.042, margin)
      let dried = smoothstep(0.060, 0.040, margin) * 0.10
      let sheet = paper * (1 + 0.035 * tooth[column])
      span.pixels[column] = sheet.mixed(with: colour * (1 - dried), wet)
    }
  }
}

@inline(never)
func addInk(to stage: Stage, _ sketch: Sketch) {
  let brush = stage.random.noise()
  let wash = stage.random.noise()
  let fibre = stage.random.noise()
  let unit = stage.unit
  let line = max(1, floorToInt(unit * 0.0024))
  let wide = max(2, floorToInt(unit * 0.010))
  let black = Colour(hex: 0x23211f)
  let sheetColour = Colour(hex: 0xf3ead8)
  stage.wash(0, 1, price: 150) { canvas, span in
    let dry = canvas.scratch(0)
    let bleed = canvas.scratch(1)
    let tooth = canvas.scratch(2)
    let x = Float(span.x)
    let y = Float(span.y)
    let fine = 1 / (unit * 0.010)
    // A dry brush leaves streaks, mostly along its way.
    brush.fractal(
      to: dry, count: span.count, x: x * fine * 0.25, step: fine * 0.25, y: y * fine, octaves: 3, gain: 0.7)
    let slow = 1 / (unit * 0.12)
    wash.fractal(to: bleed, count: span.count, x: x * slow, step: slow, y: y * slow, octaves: 5, gain: 0.58)
    let hair = 1 / (unit * 0.004)
    fibre.fractal(
      to: tooth, count: span.count, x: x * hair * 0.5, step: hair * 0.5, y: y * hair, octaves: 2, gain: 0.7)
    for column in 0..<span.count {
      let bend = floorToInt(bleed[column] * unit * 0.010)
      let sx = span.x + column + bend
      let near = sketch.around(sx, span.y, line)
      let far = sketch.around(sx, span.y + bend, wide).luminance
      let drawn = near.luminance
      let tone = clamp(far * 1.25 - 0.12 + 0.16 * bleed[column])
      // Three washes over each other, each over less of the picture.
      let middle =
        0.20 * smoothstep(0.92, 0.74, tone) + 0.22 * smoothstep(0.68, 0.50, tone)
        + 0.34 * smoothstep(0.40, 0.20, tone + 0.12 * dry[column])
      let contour = smoothstep(0.022 + 0.018 * dry[column], 0.085, far - drawn)
      let amount = clamp(middle * (1 + 0.35 * dry[column] + 0.3 * bleed[column]) + 0.85 * contour)
      let sheet = sheetColour * (1 + 0.03 * tooth[column] - 0.03 * abs(bleed[column]))
      // A breath of the scene's colour in the washes.
      let hue = (near.saturated(0.9) + Colour(grey: 0.35)).bounded
      let stained = sheet.mixed(with: sheet * hue, 0.22)
      span.pixels[column] = stained.mixed(with: black, amount)
    }
  }
  stage.draw { drawSeal(on: $0, stage) }
}

/// A red seal in a corner, with strokes like writing, in no script.
private func drawSeal(on drawing: Drawing, _ stage: Stage) {
  let size = stage.unit * 0.052
  let corner = Point(stage.w - size * 1.9, stage.h - size * 1.9)
  let red = Colour(hex: 0xb5332a)
  drawing.rectangle(corner.x, corner.y, corner.x + size, corner.y + size)
  drawing.fill(Paint.flat(red, 0.88).grained(0.3, size: size * 0.06))
  for column in 0..<2 {
    for stroke in 0..<4 {
      let x = corner.x + size * (0.14 + 0.40 * Float(column))
      let y = corner.y + size * (0.16 + 0.20 * Float(stroke)) + stage.random.between(-0.02, 0.02) * size
      drawing.rectangle(x, y, x + size * stage.random.between(0.18, 0.33), y + size * 0.055)
    }
    let x = corner.x + size * (0.24 + 0.40 * Float(column))
    drawing.rectangle(x, corner.y + size * 0.14, x + size * 0.055, corner.y + size * 0.84)
  }
  drawing.fill(Colour(hex: 0xf3e6d2), 0.9)
}
