// What stands along a street: shop fronts and their signs, lamps, road markings, a car.

/// A row of low fronts at the pavement; at night their light falls out on it.
func drawShops(on drawing: Drawing, _ stage: Stage, _ kerb: Float) {
  let air = stage.air
  let unit = stage.unit
  let line = kerb * stage.h
  let neon: [UInt32] = [0xff3d7f, 0x2fd8ff, 0xffc234, 0x8a5bff, 0x38f0a0, 0xff6a3c]
  let isDark = air.isNight || air.isLow
  var x = -unit * 0.05
  while x < stage.w {
    let width = unit * stage.random.between(0.09, 0.18)
    let tall = unit * stage.random.between(0.060, 0.085)
    drawing.rectangle(x, line - tall, x + width, line)
    drawing.fill(
      .vertical(
        air.shaded(Colour(hex: 0x4c4854), 0.5), air.shaded(Colour(hex: 0x35323c), 0.3), line - tall, line))
    let glow = Colour(hex: 0xffcf8a).mixed(with: Colour(hex: 0xd6ecff), stage.random.unit() * 0.7)
    let glass = isDark ? glow : air.middle * 0.8
    let panes = stage.random.whole(2, 4)
    for pane in 0..<panes {
      let left = x + width * (0.06 + 0.90 * Float(pane) / Float(panes))
      drawing.rectangle(left, line - tall * 0.62, left + width * 0.80 / Float(panes), line - tall * 0.07)
    }
    drawing.fill(.vertical(glass, glass * 0.72, line - tall * 0.62, line, isDark ? 0.92 : 0.7))
    let colour = Colour(hex: neon[stage.random.whole(0, neon.count - 1)])
    drawing.rectangle(x + width * 0.06, line - tall * 0.86, x + width * 0.94, line - tall * 0.70)
    drawing.fill(isDark ? colour : air.shaded(colour, 0.7), isDark ? 0.95 : 0.6)
    if isDark {
      drawing.glow(Point(x + width * 0.5, line - tall * 0.5), width * 0.75, glow, 0.34)
      drawing.glow(Point(x + width * 0.5, line - tall * 0.8), width * 0.6, colour, 0.5)
      if stage.random.chance(stage.wish.wants(.neon) ? 0.85 : 0.35) {
        drawSign(
          at: Point(x + width * 0.15, line - tall * 1.1), unit * 0.10, colour, on: drawing, &stage.random)
      }
    }
    x += width * 1.02
  }
  drawing.rectangle(0, line - unit * 0.007, stage.w, line + 1)
  drawing.fill(air.shaded(Colour(hex: 0x8d9096), isDark ? 0.35 : 0.6))
}

/// An upright sign with strokes like writing, in no script.
private func drawSign(
  at foot: Point, _ tall: Float, _ colour: Colour, on drawing: Drawing, _ random: inout Random
) {
  let width = tall * 0.26
  drawing.rectangle(foot.x, foot.y - tall, foot.x + width, foot.y)
  drawing.fill(Colour(hex: 0x14121f), 0.9)
  for character in 0..<4 {
    let top = foot.y - tall * (0.96 - 0.24 * Float(character))
    for stroke in 0..<3 {
      let y = top + tall * (0.03 + 0.06 * Float(stroke))
      let left = foot.x + width * random.between(0.14, 0.3)
      drawing.rectangle(left, y, left + width * random.between(0.35, 0.6), y + tall * 0.022)
    }
    let x = foot.x + width * random.between(0.3, 0.6)
    drawing.rectangle(x, top + tall * 0.02, x + tall * 0.02, top + tall * 0.19)
  }
  drawing.fill(colour.lightened(0.35))
  drawing.glow(Point(foot.x + width * 0.5, foot.y - tall * 0.5), tall * 0.85, colour, 0.55)
}

func drawLamps(on drawing: Drawing, _ stage: Stage, _ kerb: Float) {
  let air = stage.air
  let unit = stage.unit
  let line = kerb * stage.h
  let spacing = unit * 0.34
  let count = min(40, floorToInt(stage.w / spacing) + 2)
  let start = stage.random.unit() * spacing
  for lamp in 0..<count {
    let x = start + (Float(lamp) - 0.5) * spacing
    let top = line - unit * 0.17
    drawing.taper(Point(x, line), Point(x, top), unit * 0.006, unit * 0.0035)
    drawing.taper(Point(x, top), Point(x + unit * 0.030, top - unit * 0.008), unit * 0.0035, unit * 0.003)
    drawing.fill(air.shaded(Colour(hex: 0x23252c), 0.3))
    let head = Point(x + unit * 0.033, top - unit * 0.005)
    drawing.ellipse(head, unit * 0.010, unit * 0.0045)
    guard air.isNight || air.isLow else {
      drawing.fill(Colour(hex: 0xd8dbe0))
      continue
    }
    drawing.fill(Colour(hex: 0xfff3d2))
    drawing.glow(head, unit * 0.030, Colour(hex: 0xffe2a8), 0.9)
    drawing.glow(head, unit * 0.13, Colour(hex: 0xffb765), 0.42)
  }
}

func drawMarkings(on drawing: Drawing, _ stage: Stage, _ kerb: Float) {
  let unit = stage.unit
  let y = stage.h * (kerb + (1 - kerb) * 0.62)
  let tall = unit * 0.012
  let count = min(60, floorToInt(stage.w / (unit * 0.3)) + 2)
  for dash in 0..<count {
    let x = (Float(dash) - 0.4) * unit * 0.3
    drawing.polygon([
      Point(x, y), Point(x + unit * 0.14, y), Point(x + unit * 0.15, y + tall),
      Point(x - unit * 0.005, y + tall),
    ])
  }
  drawing.fill(stage.air.shaded(Colour(hex: 0xe9e3c8), 0.7), stage.air.isNight ? 0.45 : 0.8)
}

/// A low car, seen from the side.
func drawCar(on drawing: Drawing, _ stage: Stage, isWet: Bool) {
  let painter = CarPainter(stage, drawing)
  if isWet { painter.reflection() }
  painter.shadow()
  painter.body()
  painter.glass()
  painter.wheels()
  painter.lights()
}
