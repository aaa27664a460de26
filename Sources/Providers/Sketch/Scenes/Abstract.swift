// Nothing but colour and form: sheets that overlap in waves, each lit along its edge. Behind an interface
// they lie low and leave room for text.

func composeAbstract(on stage: Stage) {
  let folds = Folds(stage)
  stage.wash(0, 1, price: 60) { canvas, span in folds.paint(canvas, span) }
}

private struct Folds {
  private let unit: Float
  private let h: Float
  private let flow: Noise
  private let fold: Noise
  private let colours: [Colour]
  private let tilt: Float
  private let isQuiet: Bool

  private static let palettes: [[UInt32]] = [
    [0x1b1f4b, 0x6a3fb0, 0xff8a5c, 0xffe0a8], [0x06283d, 0x1363a0, 0x47b5c9, 0xe8f6e4],
    [0x2b0f2e, 0xa02a5f, 0xf2695c, 0xffd6a0], [0x0f2a22, 0x1f7a5c, 0x9ccf6a, 0xf6f0c0],
    [0x191a24, 0x3f4a63, 0xb89a72, 0xf1e6d2],
  ]

  init(_ stage: Stage) {
    unit = stage.unit
    h = stage.h
    flow = stage.random.noise()
    fold = stage.random.noise()
    tilt = stage.random.between(-1.4, 1.4)
    isQuiet = stage.wish.wants(.interface)
    var palette = Folds.palettes[stage.random.whole(0, Folds.palettes.count - 1)].map { Colour(hex: $0) }
    let asked = stage.wish.tints
    if let one = asked.first?.colour {
      let two = asked.count > 1 ? asked[1].colour : one.lightened(0.35)
      palette = [one * 0.25, one * 0.8, two, two.lightened(0.6)]
    }
    if stage.air.isNight { palette = palette.map { $0 * 0.6 } }
    colours = palette
  }

  private func tone(_ t: Float) -> Colour {
    let place = clamp(t) * Float(colours.count - 1)
    let index = min(colours.count - 2, Int(place))
    return colours[index].mixed(with: colours[index + 1], smoothstep(0, 1, place - Float(index)))
  }

  @_optimize(speed)
  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let a = canvas.scratch(0)
    let b = canvas.scratch(1)
    let below = canvas.scratch(2)
    let step = 0.62 / unit
    let x = Float(span.x) * step
    let y = Float(span.y) * step
    flow.fractal(to: a, count: span.count, x: x, step: step, y: y * 1.4, octaves: 2, gain: 0.4)
    fold.fractal(to: b, count: span.count, x: x * 0.6, step: step * 0.6, y: y * 0.9, octaves: 2, gain: 0.4)
    flow.fractal(to: below, count: span.count, x: x, step: step, y: y * 1.4 + 0.006, octaves: 2, gain: 0.4)
    let down = Float(span.y) / h
    for column in 0..<span.count {
      // Sheets that overlap: within each, light runs from a bright edge into shade, as in folded paper.
      let sweep = (x + Float(column) * step) * tilt + y * 2.6
      let phase = (a[column] * 2.6 + sweep * 0.55) * 3.4 + b[column] * 2.4
      let sheet = Float(floorToInt(phase))
      let inner = phase - sheet
      let fine = sine(phase * fullTurn * 3) * 0.5 + sine(phase * fullTurn * 7) * 0.25
      let edge = smoothstep(0, 0.012, inner)
      let shade = 0.50 + 0.62 * smoothstep(0.85, 0.0, inner) * edge + 0.02 * fine
      let slope = clamp((below[column] - a[column]) * 60, -0.25, 0.25)
      let base = tone(0.5 + 0.46 * sine(sheet * 0.9 + b[column] * 2.4 + inner * 0.5))
      let shine = smoothstep(0.10, 0.02, inner) * edge * 0.35
      let colour = (base * (shade + slope)).bounded.screened(colours[colours.count - 1] * shine)
      span.pixels[column] =
        isQuiet ? tone(0.06 + 0.22 * down).mixed(with: colour, 0.24) : colour
    }
  }
}
