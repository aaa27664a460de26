// A room with a window: light that falls in across a wooden floor, shelves, a chair and a lamp; after dark
// the lamp is the sun.

private let skirting: Float = 0.70

func composeRoom(on stage: Stage) {
  let air = stage.air
  let isDark = air.isNight || air.isLow
  let room = Room(stage)
  if air.isNight {
    air.light = Colour(hex: 0xffd9a0)
    air.shade = Colour(hex: 0x4a3a44)
    air.brightness = 0.8
  }
  stage.wash(0, skirting, price: 40) { canvas, span in room.paintWall(canvas, span) }
  stage.wash(skirting, 1, price: 50) { canvas, span in room.paintFloor(canvas, span) }
  stage.draw(price: 4) { drawing in
    room.drawWindow(on: drawing)
    room.drawSkirting(on: drawing)
    room.drawShelf(on: drawing)
    room.drawPictures(on: drawing)
    if !isDark { room.drawSunlight(on: drawing) }
    room.drawRug(on: drawing)
    room.drawPlant(on: drawing)
    room.drawChair(on: drawing)
    room.drawLamp(on: drawing, isLit: isDark)
  }
}

private struct Room {
  let stage: Stage
  let air: Air
  let unit: Float
  let wall: Colour
  let cloth: Colour
  let windowX: Float
  let windowTop: Float
  let windowSize: Point
  let lamp: Point
  let noise: Noise
  let grain: Noise

  private static let walls: [UInt32] = [0xd9cbb4, 0xb9c4b2, 0xc9b2a4, 0xaebccb, 0xe3d6c0]
  private static let cloths: [UInt32] = [0x3f6f6a, 0xa8513c, 0x3f5680, 0x8a6a3a, 0x6d4a6e]

  init(_ stage: Stage) {
    self.stage = stage
    air = stage.air
    unit = stage.unit
    wall =
      stage.wish.colour(of: .room, .texture, orAny: true) ?? Colour(hex: Room.walls[stage.random.whole(0, 4)])
    cloth = Colour(hex: Room.cloths[stage.random.whole(0, 4)])
    windowX = stage.x(stage.random.between(0.36, 0.44))
    windowTop = stage.h * 0.12
    windowSize = Point(unit * stage.random.between(0.32, 0.44), stage.h * 0.42)
    lamp = Point(stage.x(0.86), stage.h * skirting - unit * 0.20)
    noise = stage.random.noise()
    grain = stage.random.noise()
  }

  private func seen(_ colour: Colour, _ lit: Float) -> Colour { air.shaded(colour, lit) }

  /// How much light reaches a place: from the window by day, from the lamp by night.
  @inline(__always)
  private func light(_ x: Float, _ y: Float) -> Float {
    let isDark = air.isNight || air.isLow
    let from = isDark ? lamp : Point(windowX, windowTop + windowSize.y * 0.6)
    let dx = (x - from.x) / (unit * (isDark ? 0.62 : 0.85))
    let dy = (y - from.y) / (unit * (isDark ? 0.55 : 0.75))
    return (isDark ? 1.0 : 0.80) / (1 + dx * dx + dy * dy)
  }

  @_optimize(speed)
  func paintWall(_ canvas: Canvas, _ span: RowSpan) {
    let plaster = canvas.scratch(0)
    let step = 1 / (unit * 0.09)
    let y = Float(span.y)
    noise.fractal(
      to: plaster, count: span.count, x: Float(span.x) * step, step: step, y: y * step, octaves: 5, gain: 0.6)
    for column in 0..<span.count {
      let x = Float(span.x + column)
      let corner = smoothstep(0, 0.16, min(x, stage.w - x) / unit)
      let lit = light(x, y) * (0.72 + 0.28 * corner) + 0.10 + 0.05 * plaster[column]
      span.pixels[column] = seen(wall, clamp(lit)) * (0.80 + 0.20 * corner)
    }
  }

  @_optimize(speed)
  func paintFloor(_ canvas: Canvas, _ span: RowSpan) {
    let streak = canvas.scratch(0)
    let y = Float(span.y)
    let eye = Point(stage.w * 0.5, stage.h * 0.46)
    let down = y - eye.y
    let perPixel = unit * 0.9 / down / unit
    let deep = unit / down
    grain.fractal(
      to: streak, count: span.count, x: (Float(span.x) - eye.x) * perPixel * 34, step: perPixel * 34,
      y: deep * 3,
      octaves: 3, gain: 0.6)
    let oak = stage.wish.colour(of: .wood, .ground) ?? Colour(hex: 0xa8744a)
    for column in 0..<span.count {
      let x = Float(span.x + column)
      let u = (x - eye.x) * perPixel * 7.5
      let board = floorToInt(u)
      let inner = u - Float(board)
      let length = deep * 0.9 + grain.cell(board, 3) * 4
      let piece = floorToInt(length)
      let joint = min(min(inner, 1 - inner) * down / unit * 1.3, abs(length - Float(piece)) * 6)
      let tone = 0.80 + 0.34 * grain.cell(board, piece) + 0.22 * streak[column]
      let shine = light(x, y - (y - stage.h * skirting) * 1.6) * 0.20
      let lit = light(x, y) * 0.95 + 0.08
      let colour = seen(oak * tone, clamp(lit)) * (0.55 + 0.45 * smoothstep(0.0, 0.018, joint))
      span.pixels[column] = colour.screened(air.light * shine)
    }
  }

  func drawSkirting(on drawing: Drawing) {
    let y = stage.h * skirting
    drawing.rectangle(0, y - unit * 0.030, stage.w, y)
    drawing.fill(
      .vertical(seen(Colour(hex: 0xf2ece0), 0.5), seen(Colour(hex: 0xcfc6b6), 0.2), y - unit * 0.03, y))
    drawing.spot(Point(stage.w * 0.5, y), stage.w * 0.7, unit * 0.02, .flat(air.shade * 0.2, 0.5))
  }

  func drawWindow(on drawing: Drawing) {
    let left = windowX - windowSize.x * 0.5
    let right = windowX + windowSize.x * 0.5
    let bottom = windowTop + windowSize.y
    let frame = unit * 0.016
    drawing.rectangle(left - frame * 1.6, windowTop - frame * 1.6, right + frame * 1.6, bottom + frame * 1.6)
    drawing.fill(seen(Colour(hex: 0xf5f0e6), 0.55))
    drawing.rectangle(left, windowTop, right, bottom)
    drawing.fill(
      .vertical(air.zenith, air.horizon, windowTop - windowSize.y * 0.2, bottom - windowSize.y * 0.2))
    if air.isNight {
      drawing.glow(
        Point(windowX + windowSize.x * 0.2, windowTop + windowSize.y * 0.25), unit * 0.03, air.disc, 1)
    }
    for range in 0..<3 {
      let near = Float(range) / 2
      drawing.move(left, bottom)
      for piece in 0...24 {
        let t = Float(piece) / 24
        let rise =
          0.42 - 0.13 * near + 0.16 * noise.fractal(at: t * (2 + near * 2) + near * 9, 0.5, octaves: 4)
        drawing.line(mix(left, right, t), bottom - windowSize.y * max(0.02, rise))
      }
      drawing.line(right, bottom)
      let colour = Colour(hex: air.isSnowy ? 0xe4ecf4 : 0x6b8f58)
      drawing.fill(air.distant((air.isNight ? air.haze * 0.4 : air.shaded(colour, 0.6)), 0.72 - 0.34 * near))
    }
    for bar in 1..<3 {
      let x = mix(left, right, Float(bar) / 3)
      drawing.rectangle(x - frame * 0.4, windowTop, x + frame * 0.4, bottom)
      let y = mix(windowTop, bottom, Float(bar) / 3)
      drawing.rectangle(left, y - frame * 0.35, right, y + frame * 0.35)
    }
    drawing.fill(seen(Colour(hex: 0xf5f0e6), 0.5))
    drawing.rectangle(left - frame * 3, bottom + frame, right + frame * 3, bottom + frame * 2.6)
    drawing.fill(
      .vertical(
        seen(Colour(hex: 0xffffff), 0.9), seen(Colour(hex: 0xc8bfae), 0.2), bottom + frame,
        bottom + frame * 2.6))
    if !air.isNight {
      drawing.glow(Point(windowX, windowTop + windowSize.y * 0.5), windowSize.x * 1.3, air.horizon, 0.30)
    }
    drawCurtains(on: drawing, left, right, bottom + frame * 5)
  }

  private func drawCurtains(on drawing: Drawing, _ left: Float, _ right: Float, _ bottom: Float) {
    let top = windowTop - unit * 0.05
    for side in [-1, 1] as [Float] {
      let edge = side < 0 ? left : right
      for fold in 0..<5 {
        let x = edge + side * (Float(fold) - 1.2) * unit * 0.019
        let half = unit * 0.013
        drawing.move(x - half, top)
        drawing.line(x + half, top)
        drawing.curve(
          Point(x + half, top + (bottom - top) * 0.4), Point(x + half * 1.6 + side * half, bottom * 0.8),
          Point(x + half * 1.3 + side * half, bottom))
        drawing.line(x - half + side * half, bottom)
        drawing.curve(
          Point(x - half * 1.2, bottom * 0.8), Point(x - half, top + (bottom - top) * 0.4),
          Point(x - half, top))
        let tint = cloth.lightened(0.45)
        drawing.fill(
          .gradient(
            seen(tint, 0.85), Point(x - half * side, 0), seen(tint * 0.75, 0.15),
            Point(x + half * 1.2 * side, 0), 0.94))
      }
    }
    drawing.taper(Point(left - unit * 0.10, top), Point(right + unit * 0.10, top), unit * 0.009, unit * 0.009)
    drawing.fill(seen(Colour(hex: 0x6a4b34), 0.4))
  }

  func drawShelf(on drawing: Drawing) {
    let half = unit * 0.15
    let x = stage.x(0.11)
    let floor = stage.h * skirting + unit * 0.012
    let top = floor - unit * 0.52
    drawing.spot(Point(x, floor), half * 1.4, unit * 0.03, .flat(air.shade * 0.2, 0.6))
    drawing.rectangle(x - half, top, x + half, floor)
    drawing.fill(
      Paint.vertical(seen(Colour(hex: 0x6b4a31), 0.35), seen(Colour(hex: 0x4d3423), 0.2), top, floor).grained(
        0.2, size: unit * 0.01))
    let spines: [UInt32] = [0x8c3b2e, 0x2f5d62, 0xc9a14a, 0x3a4a78, 0x6f7d4a, 0xd9cdb4, 0x7a4560, 0x4b3a30]
    for level in 0..<4 {
      let base = mix(floor, top, (Float(level) + 0.12) / 4.1)
      let head = unit * 0.105
      drawing.rectangle(x - half * 0.92, base - head, x + half * 0.92, base)
      drawing.fill(
        .vertical(seen(Colour(hex: 0x2c1e16), 0.1), seen(Colour(hex: 0x3a281c), 0.3), base - head, base))
      var left = x - half * 0.88
      while left < x + half * 0.74 {
        let wide = unit * stage.random.between(0.009, 0.022)
        let tall = head * stage.random.between(0.60, 0.92)
        let lean = stage.random.chance(0.15) ? wide * 0.5 : 0
        drawing.polygon([
          Point(left, base), Point(left + lean, base - tall), Point(left + lean + wide, base - tall),
          Point(left + wide, base),
        ])
        let spine = Colour(hex: spines[stage.random.whole(0, spines.count - 1)])
        drawing.fill(
          .gradient(seen(spine, 0.62), Point(left, 0), seen(spine * 0.7, 0.2), Point(left + wide, 0)))
        left += wide * 1.08 + (stage.random.chance(0.12) ? unit * 0.02 : 0)
      }
    }
  }

  func drawPictures(on drawing: Drawing) {
    let y = stage.h * 0.20
    for index in 0..<2 {
      let x = stage.x(0.70 + 0.12 * Float(index))
      let half = Point(unit * 0.055, unit * (index == 0 ? 0.075 : 0.055))
      let centre = Point(x, y + unit * (0.08 + 0.02 * Float(index)))
      drawing.spot(
        centre + Point(unit * 0.006, unit * 0.012), half.x * 1.5, half.y * 1.45, .flat(air.shade * 0.3, 0.5))
      drawing.rectangle(centre.x - half.x, centre.y - half.y, centre.x + half.x, centre.y + half.y)
      drawing.fill(seen(Colour(hex: 0x5b3f2a), 0.5))
      let inner = half * 0.82
      drawing.rectangle(centre.x - inner.x, centre.y - inner.y, centre.x + inner.x, centre.y + inner.y)
      drawing.fill(
        .vertical(
          seen(Colour(hex: 0xe8b27a), 0.7), seen(Colour(hex: 0x7f9aa8), 0.6), centre.y - inner.y,
          centre.y + inner.y))
      drawing.move(centre.x - inner.x, centre.y + inner.y)
      drawing.curve(
        centre + Point(-inner.x * 0.5, -inner.y * 0.1), centre + Point(inner.x * 0.3, inner.y * 0.5),
        centre + Point(inner.x, inner.y * 0.1))
      drawing.line(centre.x + inner.x, centre.y + inner.y)
      drawing.fill(seen(Colour(hex: 0x43605a), 0.5))
    }
  }

  /// The window's light on the floor, and the beam on its way there.
  func drawSunlight(on drawing: Drawing) {
    let lean = stage.facing * unit * 0.42
    let floor = stage.h * skirting
    for column in 0..<3 {
      let a = windowX + windowSize.x * (Float(column) / 3 - 0.5 + 0.03)
      let b = windowX + windowSize.x * (Float(column + 1) / 3 - 0.5 - 0.03)
      let top = floor + unit * 0.045
      let bottom = floor + unit * 0.20
      drawing.polygon([
        Point(a + lean * 0.55, top), Point(b + lean * 0.55, top), Point(b + lean * 1.25, bottom),
        Point(a + lean * 1.25 - unit * 0.02, bottom),
      ])
    }
    drawing.fill(Paint.flat(Colour(hex: 0xffdfa0), 0.42).asLight)
    drawing.polygon([
      Point(windowX - windowSize.x * 0.5, windowTop), Point(windowX + windowSize.x * 0.5, windowTop),
      Point(windowX + windowSize.x * 0.5 + lean * 1.25, floor + unit * 0.2),
      Point(windowX - windowSize.x * 0.5 + lean * 0.5, floor + unit * 0.2),
    ])
    drawing.fill(
      Paint.vertical(Colour(hex: 0xfff0cc) * 0.26, Colour(repeating: 0), windowTop, floor + unit * 0.2)
        .asLight)
  }

  func drawRug(on drawing: Drawing) {
    let centre = Point(stage.x(0.58), stage.h * 0.885)
    for ring in 0..<5 {
      let t = 1 - Float(ring) * 0.17
      drawing.ellipse(centre, unit * 0.42 * t, unit * 0.085 * t)
      let colour = ring % 2 == 0 ? cloth : Colour(hex: 0xe9dcc2)
      drawing.fill(Paint.flat(seen(colour, 0.5), 0.95).grained(0.25, size: unit * 0.008))
    }
  }

  func drawChair(on drawing: Drawing) {
    let size = unit * 0.34
    let foot = Point(stage.x(0.66), stage.h * 0.87)
    let side = -stage.facing
    func p(_ x: Float, _ y: Float) -> Point { foot + Point(x * side, -y) * size }
    func cushion(_ x0: Float, _ y0: Float, _ x1: Float, _ y1: Float, _ lit: Float) {
      let r: Float = 0.07
      drawing.move(p(x0, y0 + r))
      drawing.curve(p(x0, y0), p(x0, y0), p(x0 + r, y0))
      drawing.line(p(x1 - r, y0))
      drawing.curve(p(x1, y0), p(x1, y0), p(x1, y0 + r))
      drawing.line(p(x1, y1 - r))
      drawing.curve(p(x1, y1), p(x1, y1), p(x1 - r, y1))
      drawing.line(p(x0 + r, y1))
      drawing.curve(p(x0, y1), p(x0, y1), p(x0, y1 - r))
      drawing.fill(
        Paint.vertical(
          seen(cloth.lightened(0.12), lit), seen(cloth * 0.72, lit - 0.4), p(0, y1).y, p(0, y0).y
        )
        .grained(0.14, size: size * 0.02))
    }
    drawing.spot(foot + Point(0, -size * 0.02), size * 0.62, size * 0.10, .flat(air.shade * 0.15, 0.75))
    for x in [-0.38, 0.36] as [Float] { drawing.taper(p(x, 0), p(x, 0.15), size * 0.03, size * 0.05) }
    drawing.fill(seen(Colour(hex: 0x4b3425), 0.3))
    cushion(-0.40, 0.30, 0.38, 1.02, 0.75)
    cushion(-0.34, 0.40, 0.32, 0.96, 0.62)
    cushion(-0.38, 0.12, 0.38, 0.44, 0.85)
    cushion(-0.52, 0.10, -0.32, 0.60, 0.9)
    cushion(0.30, 0.10, 0.50, 0.60, 0.66)
    cushion(-0.20, 0.40, 0.12, 0.68, 1)
  }

  func drawPlant(on drawing: Drawing) {
    let foot = Point(stage.x(0.265), stage.h * skirting + unit * 0.055)
    let size = unit * 0.12
    drawing.spot(foot, size * 0.6, size * 0.12, .flat(air.shade * 0.2, 0.7))
    drawing.polygon([
      foot + Point(-size * 0.28, 0), foot + Point(-size * 0.38, -size * 0.6),
      foot + Point(size * 0.38, -size * 0.6), foot + Point(size * 0.28, 0),
    ])
    drawing.fill(
      .gradient(
        seen(Colour(hex: 0xc7764f), 0.9), foot + Point(size * 0.3, 0), seen(Colour(hex: 0x8a4a30), 0.1),
        foot - Point(size * 0.35, 0)))
    for leaf in 0..<19 {
      let angle = (Float(leaf) - 9) * 0.15 + stage.random.between(-0.12, 0.12)
      let length = size * stage.random.between(1.0, 2.1)
      let root = foot - Point(0, size * 0.58)
      let tip = root + Point(sine(angle) * length * 0.9, -cosine(angle) * length)
      let bend = root.towards(tip, 0.5) - Point(0, size * 0.25)
      let across = Point(cosine(angle), sine(angle)) * (length * 0.10)
      drawing.move(root)
      drawing.curve(bend - across, bend - across, tip)
      drawing.curve(bend + across, bend + across, root)
      drawing.fill(
        .gradient(
          seen(Colour(hex: 0x3f6f3c), 0.2), root, seen(Colour(hex: 0x7fae56), stage.random.between(0.4, 1)),
          tip))
    }
  }

  func drawLamp(on drawing: Drawing, isLit: Bool) {
    let foot = Point(lamp.x, stage.h * skirting + unit * 0.08)
    let head = lamp - Point(0, unit * 0.12)
    drawing.spot(foot, unit * 0.07, unit * 0.012, .flat(air.shade * 0.2, 0.7))
    drawing.ellipse(foot, unit * 0.042, unit * 0.010)
    drawing.taper(foot, head, unit * 0.008, unit * 0.008)
    drawing.fill(seen(Colour(hex: 0x8a6f45), 0.6))
    if isLit {
      drawing.glow(head + Point(0, unit * 0.02), unit * 0.42, Colour(hex: 0xffb865), 0.42)
      drawing.glow(head + Point(0, unit * 0.02), unit * 0.18, Colour(hex: 0xffdc9a), 0.6)
    }
    drawing.polygon([
      head + Point(-unit * 0.045, -unit * 0.06), head + Point(unit * 0.045, -unit * 0.06),
      head + Point(unit * 0.078, unit * 0.045),
      head + Point(-unit * 0.078, unit * 0.045),
    ])
    let shade = Colour(hex: 0xf6e3b8)
    drawing.fill(
      isLit
        ? .vertical(Colour(hex: 0xffd890), Colour(hex: 0xfff4d2), head.y - unit * 0.06, head.y + unit * 0.045)
        : .vertical(seen(shade, 0.7), seen(shade * 0.9, 0.4), head.y - unit * 0.06, head.y + unit * 0.045))
  }
}
