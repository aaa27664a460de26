// An arched bridge in red lacquer, with posts, rails and bronze caps.

struct Bridge {
  var left: Point
  var right: Point
  /// How high the deck rises above its ends.
  var rise: Float
  var lacquer = Colour(hex: 0xc8352b)
  var distance: Float = 0

  /// A point on the deck, 0 at the left end and 1 at the right, lifted by so many pixels.
  func deck(_ share: Float, _ lift: Float) -> Point {
    let base = left.towards(right, share)
    let arch = 4 * share * (1 - share)
    // Eased towards the ends, where the deck meets the path.
    let eased = arch * (0.72 + 0.28 * arch)
    return Point(base.x, base.y - rise * eased - lift)
  }
}

func draw(_ bridge: Bridge, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let span = (bridge.right - bridge.left).length
  let thick = span * 0.034
  let rail = span * 0.095
  func seen(_ colour: Colour, _ lit: Float) -> Colour {
    air.distant(air.shaded(colour, lit), bridge.distance)
  }
  let dark = seen(bridge.lacquer * 0.75, 0.15)
  let middle = seen(bridge.lacquer, 0.55)
  let bright = seen(bridge.lacquer.lightened(0.12), 1)

  drawPiers(bridge, thick, dark, on: drawing)
  // The far rail, in shade, a little higher and paler for being farther.
  band(bridge, rail * 0.98, rail * 0.86, on: drawing)
  drawing.fill(dark.mixed(with: middle, 0.35))
  band(bridge, rail * 0.55, rail * 0.47, on: drawing)
  drawing.fill(dark.mixed(with: middle, 0.2))
  // The deck and its side beam.
  band(bridge, thick * 0.65, -thick * 0.2, on: drawing)
  drawing.fill(seen(Colour(hex: 0xb98e68), 0.8))
  band(bridge, thick * 0.1, -thick, on: drawing)
  drawing.fill(.vertical(bright, dark, bridge.deck(0.5, 0).y - thick, bridge.left.y + thick))
  drawRail(bridge, thick, rail, (dark, middle, bright), on: drawing)
  drawCaps(bridge, thick, rail, seen(Colour(hex: 0x3a3128), 0.5), on: drawing)
}

private func drawPiers(_ bridge: Bridge, _ thick: Float, _ dark: Colour, on drawing: Drawing) {
  for share in [0.22, 0.40, 0.60, 0.78] as [Float] {
    let top = bridge.deck(share, -thick * 0.8)
    let foot = Point(top.x, bridge.left.y + thick * 0.7)
    drawing.taper(top, foot, thick * 0.45, thick * 0.5)
  }
  drawing.fill(dark)
}

/// A strip that follows the deck between two heights above it.
private func band(_ bridge: Bridge, _ upper: Float, _ lower: Float, on drawing: Drawing) {
  let pieces = 28
  for piece in 0...pieces {
    let point = bridge.deck(Float(piece) / Float(pieces), upper)
    if piece == 0 { drawing.move(point) } else { drawing.line(point) }
  }
  for piece in (0...pieces).reversed() { drawing.line(bridge.deck(Float(piece) / Float(pieces), lower)) }
}

private func drawRail(
  _ bridge: Bridge, _ thick: Float, _ rail: Float, _ colours: (dark: Colour, middle: Colour, bright: Colour),
  on drawing: Drawing
) {
  let lower = -thick * 0.5
  let posts = 8
  for post in 0...posts {
    let share = Float(post) / Float(posts)
    drawing.taper(bridge.deck(share, lower), bridge.deck(share, rail + lower), thick * 0.36, thick * 0.34)
  }
  drawing.fill(colours.middle)
  for bay in 0..<(posts * 3) where bay % 3 != 0 {
    let share = Float(bay) / Float(posts * 3)
    drawing.taper(
      bridge.deck(share, lower), bridge.deck(share, rail * 0.55 + lower), thick * 0.13, thick * 0.13)
  }
  drawing.fill(colours.middle)
  band(bridge, rail * 0.60 + lower, rail * 0.50 + lower, on: drawing)
  drawing.fill(colours.middle)
  band(bridge, rail * 1.02 + lower, rail * 0.86 + lower, on: drawing)
  drawing.fill(colours.middle)
  band(bridge, rail * 1.03 + lower, rail * 0.97 + lower, on: drawing)
  drawing.fill(colours.bright)
}

private func drawCaps(_ bridge: Bridge, _ thick: Float, _ rail: Float, _ bronze: Colour, on drawing: Drawing)
{
  for share in [0, 0.25, 0.5, 0.75, 1] as [Float] {
    let top = bridge.deck(share, rail - thick * 0.5)
    drawing.taper(top + Point(0, thick * 0.6), top - Point(0, thick * 0.25), thick * 0.5, thick * 0.5)
    drawing.ellipse(top - Point(0, thick * 0.5), thick * 0.3, thick * 0.38)
  }
  drawing.fill(bronze)
}
