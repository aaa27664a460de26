// A cherry tree in blossom: limbs that fork, bend and taper, and clouds of blossom at their ends, each lit
// from the sun's side and shaded beneath.

struct CherryTree {
  var root: Point
  /// From the ground to the crown's top, in pixels, about.
  var height: Float
  /// The angle of the trunk's growth from straight up, in radians; positive leans right.
  var lean: Float
  var blossom: Colour
  var bark = Colour(hex: 0x4a3330)
  /// How often limbs fork; a tree far away needs fewer.
  var forks = 5
  /// Petals in each cloud of blossom.
  var petals = 46
  /// How far from upright a limb may lean, in radians.
  var spread: Float = 1.35
  /// How far away, as a share of haze.
  var distance: Float = 0
}

/// A tree while it grows.
private struct Growth {
  struct Limb {
    let spine: [Point]
    let widths: [Float]
    let order: Int
  }

  /// Where a cloud of blossom sits.
  struct Cluster {
    let centre: Point
    let radius: Float
  }

  var random: Random
  let tree: CherryTree
  var limbs: [Limb] = []
  var clusters: [Cluster] = []

  init(_ tree: CherryTree, _ random: Random) {
    self.tree = tree
    self.random = random
    grow(from: tree.root, angle: tree.lean, length: tree.height * 0.34, width: tree.height * 0.062, order: 0)
  }

  /// Grows one limb and what forks from it. Angles are from straight up.
  private mutating func grow(from start: Point, angle: Float, length: Float, width: Float, order: Int) {
    let pieces = order == 0 ? 14 : 8
    var spine = [start]
    var widths = [order == 0 ? width * 1.5 : width]
    var point = start
    var heading = angle
    let bend = random.between(-0.32, 0.32)
    let endWidth: Float = order == 0 ? 0.66 : 0.52
    for piece in 1...pieces {
      let share = Float(piece) / Float(pieces)
      heading += bend / Float(pieces) + random.between(-0.07, 0.07)
      // Branches droop at first and lift their ends towards the light.
      heading -= heading * 0.035 * Float(order > 1 ? 1 : 0)
      point = point + Point(sine(heading), -cosine(heading)) * (length / Float(pieces))
      spine.append(point)
      let flare: Float = order == 0 ? 0.5 * (1 - share) * (1 - share) * (1 - share) : 0
      widths.append(width * (1 - (1 - endWidth) * share + flare))
      if order >= tree.forks - 1, piece % 3 == 0 { bloom(at: point, share) }
      if order > 0, order < tree.forks - 1, piece == 4, random.chance(0.55) {
        let side: Float = random.chance(0.5) ? 1 : -1
        grow(
          from: point, angle: heading + side * random.between(0.5, 0.95),
          length: length * random.between(0.55, 0.75),
          width: width * 0.5, order: order + 1)
      }
    }
    limbs.append(Limb(spine: spine, widths: widths, order: order))
    guard order < tree.forks else { return bloom(at: point, 1) }
    fork(from: point, heading: heading, length: length, width: width * endWidth, order: order)
  }

  private mutating func fork(from point: Point, heading: Float, length: Float, width: Float, order: Int) {
    let count = order == 0 ? 3 : 2
    let spread: Float = order == 0 ? 1.45 : random.between(0.75, 1.15)
    let next = length * (order == 0 ? 0.80 : random.between(0.70, 0.84))
    for child in 0..<count {
      let place = Float(child) / Float(count - 1) - 0.5
      var angle = heading * 0.82 + place * spread + random.between(-0.14, 0.14)
      angle = clamp(angle, -tree.spread, tree.spread)
      grow(
        from: point, angle: angle, length: next * random.between(0.86, 1.1),
        width: width * (child == count / 2 ? 0.96 : 0.80), order: order + 1)
    }
  }

  private mutating func bloom(at point: Point, _ share: Float) {
    let radius = tree.height * random.between(0.042, 0.066)
    let centre = point + Point.polar(random.unit() * fullTurn, radius * 0.5)
    // Where there is a cloud already, another would only hide it.
    for other in clusters where (other.centre - centre).length < radius * 0.66 { return }
    clusters.append(Cluster(centre: centre, radius: radius))
  }
}

func draw(_ tree: CherryTree, on drawing: Drawing, _ stage: Stage) {
  var growth = Growth(tree, Random(stage.random.bits()))
  let painter = BlossomPainter(tree, stage, growth.clusters.map { $0.centre })
  for (index, cluster) in growth.clusters.enumerated() where index % 3 != 0 {
    painter.shadow(cluster.centre, cluster.radius, on: drawing, &growth.random)
  }
  for limb in growth.limbs.reversed() { drawLimb(limb, tree, on: drawing, stage) }
  for layer in 0..<2 {
    for (index, cluster) in growth.clusters.enumerated() {
      if layer == 0 {
        painter.body(cluster.centre, cluster.radius, on: drawing, &growth.random)
      } else if index % 2 == 0 {
        painter.front(cluster.centre, cluster.radius, on: drawing, &growth.random)
      }
    }
  }
}

private func drawLimb(_ limb: Growth.Limb, _ tree: CherryTree, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let side: Float = air.sunX * stage.w > tree.root.x ? 1 : -1
  let dark = air.distant(air.shaded(tree.bark, 0.12), tree.distance)
  let bright = air.distant(air.shaded(tree.bark.lightened(0.22), 0.8), tree.distance)
  let width = limb.widths[0]
  guard let start = limb.spine.first, let end = limb.spine.last else { return }
  let plain = dark.mixed(with: bright, 0.12)
  // The joint with the limb it grew from.
  if limb.order > 0 { drawing.dab(start, width * 0.5, width * 0.5, turned: 0, plain) }
  drawing.ribbon(limb.spine, limb.widths)
  if width < 2.5 { return drawing.fill(dark.mixed(with: bright, 0.3)) }
  drawing.fill(Paint.flat(plain).grained(0.4, size: width * 0.3))
  // A trunk is round: bands towards the sun's side, each narrower and brighter.
  let across = max((end - start).length, 1)
  let normal = Point((start.y - end.y) / across, (end.x - start.x) / across)
  let towards: Float = normal.x * side > 0 ? 1 : -1
  for band in 1...3 {
    let share = Float(band) / 3
    var lit: [Point] = []
    var widths: [Float] = []
    for (index, point) in limb.spine.enumerated() {
      lit.append(point + normal * (towards * limb.widths[index] * (0.10 + 0.16 * share)))
      widths.append(limb.widths[index] * (0.78 - 0.54 * share))
    }
    drawing.ribbon(lit, widths)
    drawing.fill(Paint.flat(bright, 0.26).grained(0.5, size: width * 0.22))
  }
}
