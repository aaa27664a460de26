// A sports car from the side: one long curve over two wheels.

struct CarPainter {
  private let drawing: Drawing
  private let air: Air
  private let paint: Colour
  private let length: Float
  private let middle: Point
  private let facing: Float

  init(_ stage: Stage, _ drawing: Drawing) {
    self.drawing = drawing
    air = stage.air
    paint = stage.wish.colour(of: .car, orAny: true) ?? Colour(hex: 0xc4261c)
    length = stage.unit * 0.66
    middle = Point(stage.w * stage.random.between(0.44, 0.56), stage.h * 0.885)
    facing = stage.facing
  }

  /// A point of the car: `along` -0.5 at the tail and 0.5 at the nose, `up` in lengths from the road.
  private func at(_ along: Float, _ up: Float, flipped: Bool = false) -> Point {
    Point(middle.x + along * facing * length, middle.y - up * length * (flipped ? -0.9 : 1))
  }

  private func outline(flipped: Bool = false) {
    func p(_ along: Float, _ up: Float) -> Point { at(along, up, flipped: flipped) }
    drawing.move(p(-0.49, 0.06))
    drawing.curve(p(-0.505, 0.12), p(-0.50, 0.165), p(-0.47, 0.19))
    drawing.curve(p(-0.36, 0.20), p(-0.30, 0.225), p(-0.23, 0.255))
    drawing.curve(p(-0.13, 0.285), p(0.00, 0.285), p(0.07, 0.255))
    drawing.curve(p(0.14, 0.22), p(0.18, 0.195), p(0.23, 0.185))
    drawing.curve(p(0.36, 0.175), p(0.46, 0.15), p(0.49, 0.11))
    drawing.curve(p(0.505, 0.085), p(0.50, 0.06), p(0.485, 0.045))
    drawing.line(p(-0.46, 0.045))
  }

  func reflection() {
    outline(flipped: true)
    drawing.fill(
      .vertical(air.shaded(paint, 0.5), air.shaded(paint, 0.1), middle.y, middle.y + length * 0.25, 0.34))
    drawing.spot(
      at(0.56, -0.06), length * 0.16, length * 0.16, Paint.flat(Colour(hex: 0xfff0c8), 0.4).asLight)
    drawing.spot(
      at(-0.54, -0.06), length * 0.12, length * 0.14, Paint.flat(Colour(hex: 0xff3020), 0.4).asLight)
  }

  func shadow() {
    drawing.spot(at(0, -0.005), length * 0.60, length * 0.075, .flat(Colour(hex: 0x050508), 0.9))
  }

  func body() {
    outline()
    let dark = air.shaded(paint * 0.5, 0.2)
    drawing.fill(.vertical(air.shaded(paint.lightened(0.18), 1) + 0.06, dark, at(0, 0.26).y, at(0, 0.03).y))
    // The sky lies along the shoulder.
    drawing.move(at(-0.47, 0.175))
    drawing.curve(at(-0.30, 0.185), at(0.20, 0.170), at(0.45, 0.135))
    drawing.curve(at(0.20, 0.155), at(-0.30, 0.165), at(-0.47, 0.155))
    drawing.fill(paint.lightened(0.6), 0.5)
    drawing.move(at(-0.20, 0.075))
    drawing.curve(at(-0.05, 0.10), at(0.10, 0.10), at(0.24, 0.08))
    drawing.line(at(0.22, 0.06))
    drawing.line(at(-0.20, 0.06))
    drawing.fill(dark, 0.7)
  }

  func glass() {
    drawing.move(at(-0.26, 0.205))
    drawing.curve(at(-0.14, 0.268), at(-0.02, 0.27), at(0.05, 0.245))
    drawing.curve(at(0.10, 0.22), at(0.13, 0.205), at(0.16, 0.19))
    drawing.line(at(-0.24, 0.193))
    drawing.fill(
      .vertical(
        air.horizon.mixed(with: Colour(hex: 0x1a2030), 0.45), Colour(hex: 0x0d1018), at(0, 0.27).y,
        at(0, 0.19).y))
    drawing.taper(at(-0.07, 0.265), at(-0.09, 0.19), length * 0.014, length * 0.018)
    drawing.fill(air.shaded(paint * 0.7, 0.4))
  }

  func wheels() {
    for along in [-0.31, 0.31] as [Float] {
      let hub = at(along, 0.065)
      drawing.ellipse(hub, length * 0.084, length * 0.084)
      drawing.fill(Colour(hex: 0x08080b))
      drawing.ellipse(hub, length * 0.07, length * 0.07)
      drawing.fill(Colour(hex: 0x1b1c21))
      for spoke in 0..<5 {
        drawing.taper(
          hub, hub + Point.polar(Float(spoke) / 5 * fullTurn + 0.3, length * 0.05), length * 0.018,
          length * 0.010)
      }
      drawing.fill(air.shaded(Colour(hex: 0xc9ccd4), 0.8))
      drawing.ellipse(hub, length * 0.012, length * 0.012)
      drawing.fill(Colour(hex: 0x55585f))
    }
  }

  func lights() {
    drawing.polygon([at(0.40, 0.142), at(0.475, 0.115), at(0.48, 0.10), at(0.42, 0.12)])
    drawing.fill(Colour(hex: 0xfff7dc))
    drawing.polygon([at(-0.497, 0.16), at(-0.45, 0.168), at(-0.45, 0.145), at(-0.498, 0.14)])
    drawing.fill(Colour(hex: 0xff2a1c))
    guard air.isNight || air.isLow || air.isRaining else { return }
    drawing.glow(at(0.47, 0.115), length * 0.12, Colour(hex: 0xfff2cc), 0.8)
    drawing.spot(
      at(0.72, 0.05), length * 0.30, length * 0.07, Paint.flat(Colour(hex: 0xffedbd), 0.45).asLight)
    drawing.glow(at(-0.49, 0.15), length * 0.12, Colour(hex: 0xff3322), 0.75)
  }
}
