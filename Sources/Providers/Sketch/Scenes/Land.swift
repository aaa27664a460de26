// Hills and mountains: an outline made of noise, filled flat and hazy far away, with lit slopes and snow
// nearer by.

/// The upper edge of a range of hills, kept as samples so that any column can ask for its height.
struct Outline {
  private let heights: [Float]
  private let samplesPerPixel: Float
  let top: Float
  static let samples = 1024

  /// `height` gives the edge's pixel row at a share of the width.
  @inline(never)
  init(_ stage: Stage, _ height: (Float) -> Float) {
    var heights: [Float] = []
    var top = Float.infinity
    for index in 0...(Outline.samples + 1) {
      let row = height(Float(index) / Float(Outline.samples))
      heights.append(row)
      top = min(top, row)
    }
    self.heights = heights
    self.top = top
    samplesPerPixel = Float(Outline.samples) / max(stage.w, 1)
  }

  @inline(never)
  func row(at x: Float) -> Float {
    let place = clamp(x * samplesPerPixel, 0, Float(Outline.samples))
    let index = Int(place)
    return mix(heights[index], heights[index + 1], place - Float(index))
  }

  /// Copies the edge under a span into `out`.
  @_optimize(speed)
  func copy(under span: RowSpan, to out: UnsafeMutablePointer<Float>) {
    heights.withUnsafeBufferPointer { heights in
      for column in 0..<span.count {
        let place = min((Float(span.x + column) + 0.5) * samplesPerPixel, Float(Outline.samples))
        let index = Int(place)
        out[column] = mix(heights[index], heights[index + 1], place - Float(index))
      }
    }
  }
}

/// A soft range of hills down to `base`: one colour above, hazier below.
@inline(never)
func addHills(
  to stage: Stage, base: Float, height: Float, colour: Colour, distance: Float, waves: Float,
  rough: Float = 0.45
) {
  let noise = stage.random.noise()
  let outline = hillOutline(stage, noise, base: base, height: height, waves: waves, rough: rough)
  let air = stage.air
  let top = air.distant(air.shaded(colour, 0.62), distance)
  let foot = air.distant(air.shaded(colour, 0.45), min(1, distance + 0.38))
  stage.draw { drawing in
    fillBelow(outline, to: base, drawing, stage)
    drawing.fill(
      Paint.vertical(top, foot, outline.top, base * stage.h).grained(
        0.10 * (1 - distance), size: stage.unit * 0.03))
  }
}

@inline(never)
func hillOutline(
  _ stage: Stage, _ noise: Noise, base: Float, height: Float, waves: Float, rough: Float
) -> Outline {
  let aspect = stage.w / stage.unit
  return Outline(stage) { share in
    let rise = 0.55 + 0.9 * noise.fractal(at: share * waves * aspect, 3.7, octaves: 6, gain: rough)
    return base * stage.h - max(0.06, rise) * height * stage.unit
  }
}

/// The path between an outline and a level line.
@inline(never)
func fillBelow(_ outline: Outline, to base: Float, _ drawing: Drawing, _ stage: Stage) {
  let pieces = min(Outline.samples, max(16, stage.width / 2))
  drawing.move(-2, base * stage.h)
  for piece in 0...pieces {
    let x = Float(piece) / Float(pieces) * stage.w
    drawing.line(piece == 0 ? -2 : (piece == pieces ? stage.w + 2 : x), outline.row(at: x))
  }
  drawing.line(stage.w + 2, base * stage.h)
}

/// What a range of mountains is made of.
struct Rock {
  var colour = Colour(hex: 0x5d6878)
  /// How far down from the summits snow lies, as a share of the range's height; 0 for none.
  var snow: Float = 0.45
  var distance: Float = 0.3
  /// What grows at their foot.
  var foot = Colour(hex: 0x44604c)
}

/// Mountains with slopes lit from the sun's side.
func addMountains(to stage: Stage, base: Float, height: Float, waves: Float, _ rock: Rock) {
  let shape = stage.random.noise()
  let relief = stage.random.noise()
  let aspect = stage.w / stage.unit
  let amplitude = height * stage.unit
  let outline = Outline(stage) { share in
    let x = share * waves * aspect
    let ridge = 1 - abs(shape.at(x, 0.3)) * 1.9
    let detail = shape.fractal(at: x * 2.1, 5.1, octaves: 6, gain: 0.5)
    return base * stage.h - max(0.04, 0.18 + 0.62 * ridge * ridge + 0.34 * detail) * amplitude
  }
  let painter = SlopePainter(stage, rock, outline, relief, base * stage.h, amplitude)
  stage.wash(max(0, outline.top / stage.h - 0.01), base, price: 50) { canvas, span in
    painter.paint(canvas, span)
  }
}

private struct SlopePainter {
  let air: Air
  let rock: Rock
  let outline: Outline
  let relief: Noise
  let base: Float
  let amplitude: Float
  let scale: Float
  let sunSide: Float
  let snowColour: Colour
  let snowShade: Colour

  init(_ stage: Stage, _ rock: Rock, _ outline: Outline, _ relief: Noise, _ base: Float, _ amplitude: Float) {
    air = stage.air
    self.rock = rock
    self.outline = outline
    self.relief = relief
    self.base = base
    self.amplitude = amplitude
    scale = 4.4 / stage.unit
    sunSide = stage.air.sunX > 0.5 ? 1 : -1
    let white = Colour(hex: 0xf8fafc)
    // Snow takes the light up like nothing else, and keeps the sky's colour in its shade.
    let night: Float = air.isNight ? 1.5 : 1
    snowColour = air.shaded(white, 0.95) * night
    snowShade = (air.shaded(white, 0.30) * night).mixed(with: air.middle, 0.35)
  }

  @_optimize(speed)
  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let top = canvas.scratch(0)
    let here = canvas.scratch(1)
    let there = canvas.scratch(2)
    outline.copy(under: span, to: top)
    let work = canvas.scratch(3)
    let y = Float(span.y)
    // Gullies run downhill, so the relief is stretched along the slope; light is its change towards the sun.
    let v = y * scale * 0.62
    // Slanted against the sun, as if the ridges came down towards the viewer.
    let x = Float(span.x) * scale + v * 0.30 * sunSide
    relief.ridges(to: here, work: work, count: span.count, x: x, step: scale, y: v, octaves: 6, gain: 0.55)
    relief.ridges(
      to: there, work: work, count: span.count, x: x + 0.05 * sunSide, step: scale, y: v - 0.022, octaves: 6,
      gain: 0.55)
    let level = clamp((base - y) / amplitude)
    let mist = rock.distance + (0.92 - rock.distance) * smoothstep(0.34, 0, level)

    for column in 0..<span.count {
      let below = y + 1 - top[column]
      if below <= 0 { continue }
      let lit = clamp(0.5 + (here[column] - there[column]) * 4.2)
      var colour = rock.colour.mixed(
        with: rock.foot, smoothstep(0.42, 0.14, level + 0.30 * (here[column] - 0.5)))
      colour = air.shaded(colour, lit)
      if rock.snow > 0 {
        let depth = (below / amplitude) + 0.55 * (here[column] - 0.62) + 0.16 * (0.5 - lit)
        let share = smoothstep(rock.snow + 0.05, rock.snow - 0.07, depth) * smoothstep(0.22, 0.4, level)
        colour = colour.mixed(with: snowShade.mixed(with: snowColour, lit), share)
      }
      colour = air.distant(colour, mist)
      span.pixels[column] = span.pixels[column].mixed(with: colour, min(1, below))
    }
  }
}
