// Sky and nothing else: heaps of cloud at several distances, lit from the sun's side, above a floor of them.

func composeClouds(on stage: Stage) {
  let air = stage.air
  air.sunY = air.isLow ? 0.74 : 0.34
  addSky(to: stage, horizon: air.isLow ? 0.86 : 1)
  guard air.cloudCover > 0 else { return }
  for bank in 0..<4 {
    let near = Float(bank) / 3
    let heap = Heap(stage, near)
    stage.wash(max(0, heap.top - 0.05), 1, price: 70) { canvas, span in heap.paint(canvas, span) }
  }
  addWeather(to: stage)
}

/// One bank of clouds: towers that swell upwards, flat and hazy towards their foot.
private struct Heap {
  let top: Float
  private let near: Float
  private let unit: Float
  private let air: Air
  private let billow: Noise
  private let crest: Outline
  private let sun: Float

  init(_ stage: Stage, _ near: Float) {
    self.near = near
    unit = stage.unit
    air = stage.air
    billow = stage.random.noise()
    sun = stage.air.sunX > 0.5 ? 1 : -1
    let shape = stage.random.noise()
    let base = mix(0.72, 1.02, near)
    let rise = mix(0.20, 0.40, near) * stage.random.between(0.8, 1.2)
    let aspect = stage.w / stage.unit
    crest = Outline(stage) { share in
      let tower = shape.fractal(at: share * aspect * mix(2.4, 1.3, near), 0.5, octaves: 3, gain: 0.55)
      return stage.h * base - stage.unit * rise * clamp(0.42 + 1.5 * tower, 0.02, 1.4)
    }
    top = crest.top / stage.h - 0.06
  }

  @_optimize(speed)
  func paint(_ canvas: Canvas, _ span: RowSpan) {
    let edge = canvas.scratch(0)
    let here = canvas.scratch(1)
    let there = canvas.scratch(2)
    let work = canvas.scratch(3)
    crest.copy(under: span, to: edge)
    let step = mix(7.5, 3.4, near) / unit
    let x = Float(span.x) * step
    let y = Float(span.y) * step
    billow.ridges(
      to: here, work: work, count: span.count, x: x, step: step, y: y * 1.15, octaves: 5, gain: 0.5)
    billow.ridges(
      to: there, work: work, count: span.count, x: x + 0.10 * sun, step: step, y: y * 1.15 - 0.13, octaves: 4,
      gain: 0.5)
    let size = unit * mix(0.10, 0.22, near)
    let haze = 0.55 * (1 - near)
    for column in 0..<span.count {
      // Creases where the noise has ridges: the rest swells out.
      let puff = 0.62 - here[column]
      let depth = (Float(span.y) - edge[column]) / size + puff * 1.1
      let body = smoothstep(0, 0.26, depth)
      if body < 0.01 { continue }
      let light = clamp(0.74 + (there[column] - here[column]) * 1.1 - 0.22 * depth + 0.34 * puff)
      let rim = smoothstep(0.5, 0.05, depth) * 0.25
      let colour = air.cloudShade.mixed(with: air.cloud, clamp(light + rim))
      span.pixels[column] = span.pixels[column].mixed(
        with: air.distant(colour, haze + 0.35 * smoothstep(0.8, 3, depth)), body)
    }
  }
}
