// A sky all around: what leaves it on the right comes in on the left, so that it wraps around a dome or
// scrolls for ever.

func composePanorama(on stage: Stage) {
  let air = stage.air
  let horizon: Float = 0.74
  let dome = Dome(stage, horizon)
  stage.wash(0, 1, price: 60) { canvas, span in dome.paint(canvas, span) }
  for range in 0..<3 {
    let near = Float(range) / 2
    let noise = stage.random.noise()
    let circle = mix(1.1, 2.0, near) * max(1, stage.w / stage.h * 0.5)
    // A walk around a circle in the noise ends where it began.
    let outline = Outline(stage) { share in
      let way = Point.polar(share * fullTurn, circle)
      let rise = 0.5 + 0.9 * noise.fractal(at: way.x + 7, way.y + 7, octaves: 5)
      return stage.h * (horizon + 0.02 + 0.11 * near) - max(0.05, rise) * stage.unit * 0.11
    }
    let green = stage.wish.colour(of: .hill, .mountain, .ground) ?? Colour(hex: 0x6f8f78)
    let colour = air.distant(air.shaded(green, 0.6), 0.72 - 0.30 * near)
    let foot = air.distant(air.shaded(green, 0.4), 0.92 - 0.30 * near)
    stage.draw { drawing in
      fillBelow(outline, to: 1.02, drawing, stage)
      drawing.fill(.vertical(colour, foot, outline.top, outline.top + stage.unit * 0.2))
    }
  }
}

private struct Dome {
  private let air: Air
  private let w: Float
  private let horizonRow: Float
  private let unit: Float
  private let clouds: Noise
  private let sun: Point
  private let cells: (x: Int, y: Int)

  init(_ stage: Stage, _ horizon: Float) {
    air = stage.air
    w = stage.w
    horizonRow = max(1, horizon * stage.h)
    unit = stage.unit
    clouds = stage.random.noise()
    sun = stage.sun(over: horizon)
    cells = (max(2, floorToInt(stage.w / stage.unit * 1.8 + 0.5)), 64)
  }

  @_optimize(speed)
  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let body = canvas.scratch(0)
    let lit = canvas.scratch(1)
    let down = clamp(Float(span.y) / horizonRow)
    let step = Float(cells.x) / w
    let y = Float(span.y) * step * (1.8 + 1.6 * down)
    let x = Float(span.x) * step
    clouds.fractal(to: body, count: span.count, x: x, step: step, y: y, octaves: 6, gain: 0.52, period: cells)
    clouds.fractal(
      to: lit, count: span.count, x: x + 0.08, step: step, y: y - 0.15, octaves: 4, gain: 0.52, period: cells)
    let sky = skyColour(air, down)
    let threshold = 0.42 - 0.62 * air.cloudCover
    let thinning = 1 - 0.5 * smoothstep(0.72, 1, down)
    let scale = 1 / (unit * (air.isNight ? 0.16 : 0.28))
    let dy = (Float(span.y) - sun.y) * scale
    for column in 0..<span.count {
      var away = abs(Float(span.x + column) - sun.x)
      away = min(away, w - away) * scale
      let near = 1 / (1 + away * away + dy * dy)
      var colour = air.hasDisc ? sky.screened(air.glow * (0.75 * near * near.squareRoot())) : sky
      if air.hasDisc { colour = colour.screened(air.disc * smoothstep(0.975, 0.985, near)) }
      if air.cloudCover > 0 {
        let density = smoothstep(threshold, threshold + 0.42, body[column]) * thinning
        let bright = clamp(0.62 + (body[column] - lit[column]) * 1.7)
        colour = colour.mixed(with: air.cloudShade.mixed(with: air.cloud, bright), density * 0.92)
      }
      span.pixels[column] = colour
    }
  }
}
