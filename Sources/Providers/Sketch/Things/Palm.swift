// Palms: a trunk that leans out, and fronds that arch and hang, feathered to their tips.

func drawPalms(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  let count = stage.random.whole(1, 3)
  for palm in 0..<count {
    let share = Float(palm) * 0.085 + stage.random.between(0.0, 0.10)
    let foot = Point(stage.x(share), stage.h * (0.98 - 0.05 * Float(palm)))
    drawPalm(
      at: foot, height: unit * stage.random.between(0.50, 0.72),
      lean: stage.facing * stage.random.between(0.10, 0.38),
      on: drawing, stage)
  }
}

private func drawPalm(at foot: Point, height: Float, lean: Float, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let crown = foot + Point(lean * height, -height)
  drawing.spot(
    foot + Point(0, height * 0.01), height * 0.16, height * 0.022, .flat(air.shade * 0.4, 0.45))
  var spine: [Point] = []
  var widths: [Float] = []
  for piece in 0...12 {
    let t = Float(piece) / 12
    // The trunk leaves the ground slanted and straightens on its way up.
    spine.append(Point(mix(foot.x, crown.x, t * (1.7 - 0.7 * t)), mix(foot.y, crown.y, t)))
    widths.append(height * (0.052 - 0.028 * t.squareRoot()))
  }
  drawing.ribbon(spine, widths)
  let sun: Float = air.sunX * stage.w > foot.x ? 1 : -1
  let bark = Colour(hex: 0x8a7459)
  drawing.fill(
    Paint.gradient(
      air.shaded(bark, 0.9), crown + Point(height * 0.04 * sun, 0), air.shaded(bark * 0.7, 0.05),
      crown - Point(height * 0.04 * sun, 0)
    ).grained(0.5, size: height * 0.012))
  let fronds = 13
  for frond in 0..<fronds {
    // The far ones first, and every other one to the other side.
    let side: Float = frond % 2 == 0 ? 1 : -1
    let up = stage.random.between(-0.75, 0.95)
    drawFrond(
      at: crown, Point(side * stage.random.between(0.45, 1), -up),
      length: height * stage.random.between(0.36, 0.5),
      lit: clamp(0.35 + 0.3 * up + 0.25 * side * sun), on: drawing, stage)
  }
}

private func drawFrond(
  at root: Point, _ way: Point, length: Float, lit: Float, on drawing: Drawing, _ stage: Stage
) {
  let air = stage.air
  let green = stage.wish.colour(of: .tree) ?? Colour(hex: 0x5a8340)
  let dry = green.mixed(with: Colour(hex: 0xb5a350), stage.random.unit() * 0.4)
  let leaflets = 22
  let along = way * (1 / max(way.length, 0.1))
  var last = root
  for leaflet in 1...leaflets {
    let t = Float(leaflet) / Float(leaflets)
    let here = root + Point(along.x * length * t, along.y * length * t + length * 0.72 * t * t)
    drawing.taper(last, here, length * 0.018 * (1.1 - t), length * 0.018 * (1.05 - t))
    let forward = here - last
    let ahead = forward * (1 / max(forward.length, 1e-3))
    let long =
      length * (0.34 * (1 - t * t) + 0.05) * (0.4 + 1.6 * min(t, 0.4)) * stage.random.between(0.8, 1.15)
    for side in [1, -1] as [Float] {
      let across = Point(-ahead.y, ahead.x) * side
      let tip = here + ahead * (long * 0.75) + across * (long * 0.42) + Point(0, long * 0.34)
      drawing.taper(here, tip, length * 0.020, 0.4)
    }
    last = here
  }
  drawing.fill(
    .gradient(
      air.shaded(dry, lit + 0.25), root + Point(0, -length * 0.4), air.shaded(dry * 0.75, lit - 0.3),
      root + Point(0, length * 0.7)))
}
