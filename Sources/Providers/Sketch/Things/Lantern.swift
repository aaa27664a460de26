// A stone lantern: foot, shaft, fire box with a warm light, a roof with lifted corners, and a jewel on top.

struct Lantern {
  var foot: Point
  var height: Float
  var stone = Colour(hex: 0x9a9890)
}

func draw(_ lantern: Lantern, on drawing: Drawing, _ stage: Stage) {
  let painter = LanternPainter(lantern, drawing, stage)
  painter.slab(0.185, 0.15, from: 0, to: 0.075)
  painter.slab(0.13, 0.10, from: 0.075, to: 0.12)
  painter.slab(0.062, 0.052, from: 0.12, to: 0.43)
  painter.slab(0.075, 0.075, from: 0.25, to: 0.285)
  painter.slab(0.10, 0.175, from: 0.43, to: 0.49)
  painter.slab(0.165, 0.165, from: 0.49, to: 0.515)
  painter.fireBox(from: 0.515, to: 0.68)
  painter.roof(from: 0.665, to: 0.85)
  painter.jewel(at: 0.85)
}

private struct LanternPainter {
  let drawing: Drawing
  let air: Air
  let x: Float
  let y: Float
  let unit: Float
  let stone: Colour
  let sun: Float

  init(_ lantern: Lantern, _ drawing: Drawing, _ stage: Stage) {
    self.drawing = drawing
    air = stage.air
    x = lantern.foot.x
    y = lantern.foot.y
    unit = lantern.height
    stone = lantern.stone
    sun = stage.air.sunX * stage.w > lantern.foot.x ? 1 : -1
  }

  private func round(_ half: Float) -> Paint {
    Paint.gradient(
      air.shaded(stone, 0.12), Point(x - half * unit * sun, 0), air.shaded(stone.lightened(0.1), 0.95),
      Point(x + half * unit * sun, 0)
    ).grained(0.22, size: unit * 0.05)
  }

  /// A block between two heights, `below` and `above` half as wide as its edges.
  func slab(_ below: Float, _ above: Float, from bottom: Float, to top: Float) {
    drawing.polygon([
      Point(x - unit * below, y - unit * bottom), Point(x - unit * above, y - unit * top),
      Point(x + unit * above, y - unit * top), Point(x + unit * below, y - unit * bottom),
    ])
    drawing.fill(round(max(below, above)))
    drawing.rectangle(x - unit * above, y - unit * top, x + unit * above, y - unit * top + unit * 0.008)
    drawing.fill(air.shaded(stone.lightened(0.3), 1), 0.4)
  }

  func fireBox(from bottom: Float, to top: Float) {
    drawing.rectangle(x - unit * 0.115, y - unit * top, x + unit * 0.115, y - unit * bottom)
    drawing.fill(round(0.115))
    let left = x - unit * 0.062
    let right = x + unit * 0.062
    let upper = y - unit * (top - 0.025)
    let lower = y - unit * (bottom + 0.022)
    drawing.rectangle(left, upper, right, lower)
    drawing.fill(.vertical(Colour(hex: 0xffe7a8), Colour(hex: 0xffb14e), upper, lower))
    drawing.rectangle(x - unit * 0.006, upper, x + unit * 0.006, lower)
    drawing.rectangle(left, (upper + lower) * 0.5 - unit * 0.005, right, (upper + lower) * 0.5 + unit * 0.005)
    drawing.fill(air.shaded(stone, 0.05), 0.85)
    let middle = Point(x, (upper + lower) * 0.5)
    drawing.glow(middle, unit * 0.16, Colour(hex: 0xffc56b), 0.5)
    drawing.glow(middle, unit * (air.isNight ? 1.1 : 0.45), Colour(hex: 0xffb052), air.isNight ? 0.5 : 0.22)
  }

  func roof(from bottom: Float, to top: Float) {
    let eaves = y - unit * bottom
    let ridge = y - unit * top
    let reach = unit * 0.27
    drawing.move(x - reach, eaves - unit * 0.035)
    drawing.curve(
      Point(x - unit * 0.17, eaves - unit * 0.03), Point(x - unit * 0.085, ridge + unit * 0.06),
      Point(x - unit * 0.045, ridge))
    drawing.line(x + unit * 0.045, ridge)
    drawing.curve(
      Point(x + unit * 0.085, ridge + unit * 0.06), Point(x + unit * 0.17, eaves - unit * 0.03),
      Point(x + reach, eaves - unit * 0.035))
    drawing.line(x + reach * 0.97, eaves)
    drawing.curve(
      Point(x + reach * 0.5, eaves + unit * 0.025), Point(x - reach * 0.5, eaves + unit * 0.025),
      Point(x - reach * 0.97, eaves))
    drawing.fill(round(0.27))
    // Moss in the lee, snow in winter.
    let cover = air.isSnowy ? Colour(hex: 0xf4f8fc) : Colour(hex: 0x6f8552)
    drawing.spot(
      Point(x - unit * 0.05 * sun, ridge + unit * 0.09), unit * 0.15, unit * 0.05,
      .flat(air.shaded(cover, 0.7), air.isSnowy ? 0.95 : 0.55))
  }

  func jewel(at level: Float) {
    drawing.ellipse(Point(x, y - unit * (level + 0.012)), unit * 0.05, unit * 0.02)
    drawing.move(x - unit * 0.04, y - unit * (level + 0.03))
    drawing.curve(
      Point(x - unit * 0.06, y - unit * (level + 0.09)), Point(x - unit * 0.01, y - unit * (level + 0.10)),
      Point(x, y - unit * (level + 0.14)))
    drawing.curve(
      Point(x + unit * 0.01, y - unit * (level + 0.10)), Point(x + unit * 0.06, y - unit * (level + 0.09)),
      Point(x + unit * 0.04, y - unit * (level + 0.03)))
    drawing.fill(round(0.06))
  }
}
