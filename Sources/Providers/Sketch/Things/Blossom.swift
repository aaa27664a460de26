// Clouds of blossom, petal by petal: deep rose in the shade, pink in the body, nearly white where the sun
// falls.

struct BlossomPainter {
  private let tree: CherryTree
  private let air: Air
  private let sunSide: Float
  private let middle: Point
  private let extent: Float
  private let petal: Float
  private let deep: Colour
  private let body: Colour
  private let bright: Colour

  init(_ tree: CherryTree, _ stage: Stage, _ centres: [Point]) {
    self.tree = tree
    air = stage.air
    var sum = Point(0, 0)
    for centre in centres { sum = sum + centre }
    middle = sum * (1 / Float(max(1, centres.count)))
    var extent: Float = 1
    for centre in centres { extent = max(extent, (centre - middle).length) }
    self.extent = extent
    sunSide = stage.air.sunX * stage.w > middle.x ? 0.62 : -0.62
    petal = max(0.5, tree.height * 0.0064)
    deep = air.shaded(tree.blossom * Colour(0.78, 0.52, 0.70, 0), 0.5)
    body = air.shaded(tree.blossom, 0.72)
    bright = air.shaded(tree.blossom.lightened(0.72), 0.95)
  }

  /// What lies behind the branches.
  func shadow(_ centre: Point, _ radius: Float, on drawing: Drawing, _ random: inout Random) {
    drawing.spot(centre, radius * 1.1, radius * 0.9, .flat(colour(0.10), 0.7))
    for _ in 0..<(tree.petals / 3) { petal(around: centre, radius * 1.15, -0.30, on: drawing, &random) }
  }

  func body(_ centre: Point, _ radius: Float, on drawing: Drawing, _ random: inout Random) {
    let level = light(at: centre, in: centre, radius)
    drawing.spot(
      centre + Point(0, radius * 0.2), radius * 1.05, radius * 0.85, .flat(colour(level - 0.22), 0.7))
    for _ in 0..<tree.petals { petal(around: centre, radius, 0, on: drawing, &random) }
  }

  func front(_ centre: Point, _ radius: Float, on drawing: Drawing, _ random: inout Random) {
    let towardsSun = centre + Point(sunSide, -0.78) * (radius * 0.34)
    for _ in 0..<(tree.petals / 2) { petal(around: towardsSun, radius * 0.72, 0.16, on: drawing, &random) }
  }

  private func petal(
    around centre: Point, _ radius: Float, _ gain: Float, on drawing: Drawing, _ random: inout Random
  ) {
    let away = random.unit().squareRoot() * radius
    let offset = Point.polar(random.unit() * fullTurn, away)
    let point = centre + Point(offset.x * 1.22, offset.y * 0.86)
    let level = light(at: point, in: centre, radius) + gain + random.between(-0.13, 0.13)
    let size = petal * random.between(0.7, 1.45)
    let colour = self.colour(level)
    if size > 3.2 && random.chance(0.3) {
      flower(point, size * 1.25, colour, on: drawing, &random)
    } else {
      drawing.dab(point, size, size * random.between(0.55, 0.8), turned: random.unit() * 3.2, colour, 0.94)
    }
  }

  /// Five petals around a darker heart.
  private func flower(
    _ centre: Point, _ size: Float, _ colour: Colour, on drawing: Drawing, _ random: inout Random
  ) {
    let turn = random.unit() * fullTurn
    let flat = random.between(0.7, 1)
    for corner in 0..<15 {
      // Three corners a petal: in, out, out.
      let reach: Float = corner % 3 == 0 ? 0.45 : 1.05
      let p = Point.polar(turn + Float(corner) / 15 * fullTurn, size * reach)
      let point = centre + Point(p.x, p.y * flat)
      if corner == 0 { drawing.move(point) } else { drawing.line(point) }
    }
    drawing.fill(colour, 0.96)
    drawing.dab(centre, size * 0.22, size * 0.22 * flat, turned: 0, deep, 0.55)
  }

  /// How much sun a point gets, from its place in its cloud and in the whole crown.
  private func light(at point: Point, in centre: Point, _ radius: Float) -> Float {
    let near = (point - centre) * (1 / max(radius, 1e-3))
    let far = (point - middle) * (1 / extent)
    let local = near.x * sunSide - near.y * 0.78
    let whole = far.x * sunSide - far.y * 0.78
    return 0.43 + 0.27 * local + 0.40 * whole
  }

  private func colour(_ level: Float) -> Colour {
    let shown =
      level < 0.5
      ? deep.mixed(with: body, smoothstep(0, 0.5, level))
      : body.mixed(with: bright, smoothstep(0.5, 1, level))
    return air.distant(shown, tree.distance)
  }
}
