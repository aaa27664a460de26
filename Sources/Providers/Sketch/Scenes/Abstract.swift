// Nothing but colour and form: folds like silk in two or three colours. Behind an interface they lie low and leave
// room for text.

func composeAbstract(on stage: Stage) {
  let silk = Silk(stage)
  stage.wash(0, 1, price: 60) { canvas, span in silk.paint(canvas, span) }
}

private struct Silk {
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
    var palette = Silk.palettes[stage.random.whole(0, Silk.palettes.count - 1)].map { Colour(hex: $0) }
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
    let step = 0.85 / unit
    let x = Float(span.x) * step
    let y = Float(span.y) * step
    flow.fractal(to: a, count: span.count, x: x, step: step, y: y * 1.3, octaves: 3, gain: 0.42)
    fold.fractal(to: b, count: span.count, x: x * 1.7, step: step * 1.7, y: y * 2.1, octaves: 2, gain: 0.4)
    flow.fractal(to: below, count: span.count, x: x, step: step, y: y * 1.3 + 0.022, octaves: 3, gain: 0.42)
    let down = Float(span.y) / h
    for column in 0..<span.count {
      let sweep = (x + Float(column) * step) * tilt + y * 2.2
      let phase = a[column] * 7.5 + b[column] * 2.2 + sweep
      let wave = sine(phase)
      let crest = sine(phase + (below[column] - a[column]) * 7.5 + 0.05)
      let slope = (crest - wave) * 3.2
      let base = tone(0.5 + 0.42 * sine(phase * 0.5 + b[column] * 2))
      let lit = 0.86 + 0.55 * slope + 0.12 * wave
      let shine = smoothstep(0.25, 0.75, slope) * 0.28
      let colour = (base * clamp(lit, 0.25, 1.5)).bounded.screened(colours[colours.count - 1] * shine)
      span.pixels[column] =
        isQuiet ? tone(0.10 + 0.24 * down).mixed(with: colour, 0.30) : colour
    }
  }
}
