// Koi seen from the bank: bodies just under the surface, each with its shadow deeper down.

struct Koi {
  var centre: Point
  var length: Float
  /// Where it swims, in radians from the right, as seen from above.
  var heading: Float
  /// How far its tail is swung aside, -1 to 1.
  var bend: Float
  var body: Colour
  var patch: Colour
  var patches: Int

  /// The pond is seen at a slant, so what lies flat in it looks this much shorter up and down.
  static let slant: Float = 0.5

  /// A point of the fish: `along` 0 at the mouth and 1 at the tail's root, `across` in lengths to its side.
  func place(_ along: Float, _ across: Float) -> Point {
    let swing = bend * 0.22 * (along - 0.35) * (along - 0.35) * (along > 0.35 ? 1.8 : -0.6)
    let x = (0.5 - along) * length
    let y = (across + swing) * length
    let turned = Point(x * cosine(heading) - y * sine(heading), x * sine(heading) + y * cosine(heading))
    return centre + Point(turned.x, turned.y * Koi.slant)
  }

  /// Half the body's thickness along it.
  func girth(_ along: Float) -> Float {
    let front = smoothstep(-0.12, 0.26, along)
    let back = 1 - 0.86 * smoothstep(0.28, 1.02, along)
    return 0.125 * front * back
  }

  static func random(_ random: inout Random, at centre: Point, length: Float) -> Koi {
    let kinds: [(body: UInt32, patch: UInt32, patches: Int)] = [
      (0xfaf3e8, 0xe2501f, 4), (0xf2702a, 0xfff0dc, 1), (0xfaf5ec, 0x2b2a30, 4), (0xf6a72e, 0xfff2d0, 1),
      (0xfdf6ea, 0xd8401c, 3), (0xe85423, 0x2b2a30, 2),
    ]
    let kind = kinds[random.whole(0, kinds.count - 1)]
    return Koi(
      centre: centre, length: length, heading: random.unit() * fullTurn, bend: random.between(-1, 1),
      body: Colour(hex: kind.body), patch: Colour(hex: kind.patch), patches: kind.patches)
  }
}

func draw(_ koi: Koi, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let water = air.water
  func seen(_ colour: Colour, _ lit: Float) -> Colour { air.shaded(colour, lit).mixed(with: water, 0.10) }
  shadow(of: koi, on: drawing, water)
  fins(of: koi, on: drawing, seen(koi.body.mixed(with: koi.patch, 0.25), 0.8))

  outline(of: koi, 1, on: drawing)
  let side = Point(0, koi.length * 0.07)
  drawing.fill(.gradient(seen(koi.body, 0.95), koi.centre - side, seen(koi.body, 0.3), koi.centre + side))
  var random = Random(UInt64(koi.length.bitPattern) ^ UInt64(koi.centre.x.bitPattern) << 20)
  for patch in 0..<koi.patches {
    let along = 0.12 + 0.72 * (Float(patch) + random.between(0.2, 0.8)) / Float(koi.patches)
    blot(
      koi, along, random.between(0.06, 0.11), random.between(-0.35, 0.35), on: drawing, seen(koi.patch, 0.75))
  }
  // Light along the back.
  outline(of: koi, 0.32, on: drawing)
  drawing.fill(seen(Colour(hex: 0xffffff), 1), 0.22)
  for eye in [-1, 1] as [Float] {
    drawing.ellipse(koi.place(0.085, 0.045 * eye), koi.length * 0.012, koi.length * 0.009)
  }
  drawing.fill(Colour(hex: 0x15151a), 0.9)
}

private func shadow(of koi: Koi, on drawing: Drawing, _ water: Colour) {
  var deeper = koi
  deeper.centre = koi.centre + Point(koi.length * 0.05, koi.length * 0.13)
  let dark = water * 0.35
  drawing.spot(deeper.centre, koi.length * 0.62, koi.length * 0.30, .flat(dark, 0.42))
  outline(of: deeper, 1.05, on: drawing)
  drawing.fill(dark, 0.34)
}

private func outline(of koi: Koi, _ fullness: Float, on drawing: Drawing) {
  let pieces = 14
  for piece in 0...pieces {
    let along = Float(piece) / Float(pieces)
    let point = koi.place(along, koi.girth(along) * fullness)
    if piece == 0 { drawing.move(point) } else { drawing.line(point) }
  }
  for piece in (0...pieces).reversed() {
    let along = Float(piece) / Float(pieces)
    drawing.line(koi.place(along, -koi.girth(along) * fullness))
  }
}

private func fins(of koi: Koi, on drawing: Drawing, _ colour: Colour) {
  for side in [-1, 1] as [Float] {
    drawing.move(koi.place(0.24, 0.08 * side))
    drawing.curve(koi.place(0.22, 0.22 * side), koi.place(0.34, 0.29 * side), koi.place(0.46, 0.25 * side))
    drawing.curve(koi.place(0.42, 0.18 * side), koi.place(0.38, 0.12 * side), koi.place(0.34, 0.09 * side))
    drawing.move(koi.place(0.60, 0.05 * side))
    drawing.curve(koi.place(0.62, 0.12 * side), koi.place(0.70, 0.15 * side), koi.place(0.75, 0.13 * side))
    drawing.line(koi.place(0.70, 0.04 * side))
    drawing.move(koi.place(0.94, 0.01 * side))
    drawing.curve(koi.place(1.06, 0.05 * side), koi.place(1.20, 0.17 * side), koi.place(1.34, 0.15 * side))
    drawing.curve(koi.place(1.26, 0.08 * side), koi.place(1.18, 0.03 * side), koi.place(1.13, 0))
  }
  drawing.fill(colour, 0.66)
}

/// A patch of colour that stays within the body.
private func blot(
  _ koi: Koi, _ along: Float, _ reach: Float, _ aside: Float, on drawing: Drawing, _ colour: Colour
) {
  for corner in 0..<10 {
    let p = Point.polar(Float(corner) / 10 * fullTurn, 1)
    let place = clamp(along + p.x * reach, 0.02, 0.97)
    let girth = koi.girth(place) * 0.92
    let across = clamp(aside * girth + p.y * girth * 0.85, -girth, girth)
    let point = koi.place(place, across)
    if corner == 0 { drawing.move(point) } else { drawing.line(point) }
  }
  drawing.fill(colour, 0.95)
}
