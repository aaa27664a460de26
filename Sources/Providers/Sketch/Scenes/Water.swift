// Still water: a mirror of what has been painted above it, broken by ripples that grow towards the viewer,
// over the water's own colour.

struct Water {
  /// The shores, as shares of the picture's height.
  var top: Float
  var bottom: Float = 1
  /// 0 a mirror, 1 a breeze.
  var ripple: Float = 0.5
  /// How much of the water's own colour shows at the near shore.
  var depth: Float = 0.5
  var colour: Colour
}

@inline(never)
func addWater(to stage: Stage, _ water: Water) {
  let air = stage.air
  let noise = stage.random.noise()
  let unit = stage.unit
  let shore = water.top * stage.h
  let reach = max(1, (water.bottom - water.top) * stage.h)
  let colour = water.colour
  let sparkle = air.light.mixed(with: air.horizon, 0.5)
  stage.wash(water.top, water.bottom, price: 20) { canvas, span in
    let rows = Float(span.y) - shore + 0.5
    let near = clamp(rows / reach)
    // Ripples look the smaller the farther off they are, and flat to the eye everywhere.
    let size = unit * (0.012 + 0.11 * near)
    let step = 1 / size
    let y = logarithm(1 + near * 26) * 9.5
    let waves = canvas.scratch(0)
    noise.fractal(
      to: waves, count: span.count, x: Float(span.x) * step, step: step, y: y, octaves: 3, gain: 0.55)
    let swing = unit * (0.004 + 0.045 * near) * water.ripple
    let mirror = shore - rows * 0.97
    let body = 0.10 + water.depth * smoothstep(0, 1, near)
    let lastRow = floorToInt(shore) - 1
    for column in 0..<span.count {
      let wave = waves[column]
      let sourceRow = min(lastRow, floorToInt(mirror + wave * swing))
      let sourceColumn = span.x + column + floorToInt(wave * swing * 0.7 + 0.5)
      let mirrored = canvas.pixel(sourceColumn, sourceRow)
      var seen = (mirrored * 0.93).mixed(with: colour, clamp(body - 0.10 * wave))
      let crest = wave - 0.34
      if crest > 0 { seen = seen.screened(sparkle * min(crest * 0.5 * water.ripple, 0.2)) }
      span.pixels[column] = seen
    }
  }
}

/// A bank of mist around a level, thickest there.
func addMist(to stage: Stage, at level: Float, thickness: Float, strength: Float) {
  let noise = stage.random.noise()
  let colour = stage.air.haze.mixed(with: stage.air.horizon, 0.5)
  let step = 1.5 / stage.unit
  let centre = level * stage.h
  let reach = max(1, thickness * stage.h)
  stage.wash(level - thickness, level + thickness, price: 12) { canvas, span in
    let veil = canvas.scratch(0)
    let y = Float(span.y)
    noise.fractal(
      to: veil, count: span.count, x: Float(span.x) * step, step: step, y: y * step * 4, octaves: 4)
    let away = abs(y + 0.5 - centre) / reach
    let body = (1 - away) * (1 - away) * (1 + 2 * away)
    for column in 0..<span.count {
      let share = clamp(strength * body * (0.75 + 1.1 * veil[column]))
      span.pixels[column] = span.pixels[column].mixed(with: colour, share)
    }
  }
}
