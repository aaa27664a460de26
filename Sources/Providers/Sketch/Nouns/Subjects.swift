// Where the things a prompt names stand in its scene: the first in front, the others beside and behind it, what flies in
// the air, each with the shadow it throws.

internal import Core

/// Adds the things to a scene that is otherwise complete.
func composeSubjects(on stage: Stage) {
  let subjects = stage.wish.subjects
  guard !subjects.isEmpty, stage.wish.scene.hasGround || stage.wish.scene.isFloating else { return }
  let icons = subjects.map { Nouns.icon($0.icon) }
  // Where the first of each kind stands; what is said to be on or behind another comes after that other.
  var first = [Place?](repeating: nil, count: subjects.count)
  var places: [Place] = []
  let free = subjects.filter { $0.anchor == nil }.count
  var rank = 0
  for _ in subjects.indices {
    for (number, subject) in subjects.enumerated() where first[number] == nil {
      guard let icon = icons[number] else { continue }
      let anchor = subject.anchor.flatMap { first[$0] }
      if subject.anchor != nil, anchor == nil { continue }
      let count = min(max(subject.count, 1), Subject.countMax)
      for one in 0..<count {
        let place = Place(icon, subject, rank, of: free, one, of: count, stage)
        if let relation = subject.relation { place.move(relation, anchor, one, of: count, stage) }
        if one == 0 { first[number] = place }
        places.append(place)
      }
      if subject.anchor == nil { rank += 1 }
    }
  }
  // What stands farther back comes first.
  for index in places.indices.dropFirst() {
    var at = index
    while at > 0, places[at - 1].depth > places[at].depth {
      places.swapAt(at, at - 1)
      at -= 1
    }
  }
  for place in places { place.put(on: stage) }
}

private final class Place {
  let icon: Icon
  let subject: Subject
  let hand: Hand?
  var height: Float
  var foot: Point
  let isMirrored: Bool
  var floats: Bool
  var distance: Float
  /// It throws its shadow on something else than the ground.
  var isHeld = false
  /// What has more of it hides what has less.
  var depth: Float

  init(
    _ icon: Icon, _ subject: Subject, _ number: Int, of kinds: Int, _ one: Int, of count: Int, _ stage: Stage
  ) {
    self.icon = icon
    self.subject = subject
    hand = Hand.of(subject)
    floats = icon.flies || stage.wish.scene.isFloating
    // Those of a group stand in a loose row, every other one a little behind; so do the rows of many kinds.
    let (row, column) = (number / Place.shares.count, number % Place.shares.count)
    let spread = count > 1 ? (Float(one) + 0.5) / Float(count) - 0.5 : 0
    let behind: Float =
      (number == 0 ? 0 : 0.28 + 0.09 * Float(column)) + (count > 1 && one % 2 == 1 ? 0.22 : 0)
    distance = min(row == 0 ? behind : 0.12 + 0.3 * Float(row), 0.8)
    let crowd: Float = count > 1 ? 1 / (1 + 0.16 * Float(count)) : 1
    let alone: Float = kinds == 1 && count == 1 ? 1.18 : 1
    let many = 1 / (1 + 0.05 * Float(max(0, kinds - Place.shares.count)))
    height = stage.unit * icon.height * subject.scale * crowd * alone * many * (1 - 0.45 * distance)
    let wide: Float = count > 2 ? 0.72 : 0.46
    let side = subject.side ?? Place.sideLeft(by: stage.wish.subjects[0], number)
    let share = side.map { 0.5 + 0.26 * Float($0) } ?? Place.shares[column] + 0.07 * Float(row % 2)
    let jitter = stage.random.between(-0.03, 0.03)
    let x = (side == nil ? stage.x(share + jitter) : stage.w * (share + jitter)) + spread * wide * stage.w
    let ground = stage.wish.scene.groundLine
    let low = stage.h * mix(ground + 0.13, ground, distance)
    let high =
      stage.h * (stage.wish.scene.isFloating ? 0.62 : 0.40) + stage.h * stage.random.between(-0.09, 0.05)
    foot = Point(x, floats ? high + height * 0.5 : low)
    depth = foot.y
    isMirrored = stage.random.chance(0.5)
  }

  /// Where the first stands, the second, and so on, as shares of the width.
  private static let shares: [Float] = [0.54, 0.24, 0.80, 0.40, 0.68, 0.12, 0.92, 0.32]

  /// Where the first was put on one side, the second takes the other.
  private static func sideLeft(by first: Subject, _ number: Int) -> Int? {
    guard number == 1, let taken = first.side, taken != 0 else { return nil }
    return -taken
  }

  /// Goes where it is said to be, beside another or, above nothing, into the sky.
  func move(_ relation: Relation, _ anchor: Place?, _ one: Int, of count: Int, _ stage: Stage) {
    guard let other = anchor else {
      guard relation == .above else { return }
      (floats, foot.y) = (true, stage.h * 0.30 + height * 0.5)
      return
    }
    let spread = count > 1 ? (Float(one) + 0.5) / Float(count) - 0.5 : 0
    depth = other.depth + 0.5
    switch relation {
    case .on:
      foot.x = other.foot.x + spread * other.half * 1.5
      let top = other.top(at: foot.x)
      height = min(height, top - stage.h * 0.02, max(other.half * 2.4, other.height * 0.9))
      foot.y = top + height * 0.05
      (floats, isHeld, distance) = (false, true, other.distance)
    case .under:
      foot = Point(other.foot.x + spread * other.half, other.foot.y + stage.h * 0.012)
      height = min(height, other.height * 0.55)
      (floats, distance) = (other.floats, other.distance)
      if other.floats { foot.y += height * 1.1 }
    case .above:
      floats = true
      let room = max(other.foot.y - other.height - stage.h * 0.07, stage.h * 0.12)
      height = min(height, room)
      foot = Point(other.foot.x + spread * stage.w * 0.4, max(room, height))
    case .behind, .front:
      let towards: Float = other.foot.x > stage.w * 0.5 ? -1 : 1
      distance = min(other.distance + 0.45, 0.9)
      height = max(height * (1 - 0.25 * distance), min(height, other.height * 0.6))
      foot.x = other.foot.x + towards * (other.half * 0.75 + half * 0.45) + spread * stage.w * 0.4
      if !floats { foot.y = min(other.foot.y - stage.h * 0.02, stage.h * stage.wish.scene.groundLine) }
      depth = other.depth - 0.5
    }
  }

  /// Pixels in a unit of the icon's square.
  private var scale: Float {
    let size = icon.most - icon.least
    return height / max(size.y, size.x * 0.6, 1)
  }

  /// Half its width.
  private var half: Float { (icon.most.x - icon.least.x) * scale * 0.5 }

  /// The middle of its lower edge, in the icon's units.
  private var pin: Point { Point((icon.least.x + icon.most.x) * 0.5, icon.most.y) }

  private func at(_ point: Point) -> Point {
    foot + (point - pin) * Point(isMirrored ? -scale : scale, scale)
  }

  /// How high it reaches at a place between its sides.
  private func top(at x: Float) -> Float {
    var highest = foot.y
    for contour in icon.outer {
      guard let end = contour.last else { continue }
      var last = at(end)
      for point in contour {
        let next = at(point)
        if (last.x <= x) != (next.x <= x), next.x != last.x {
          highest = min(highest, last.y + (next.y - last.y) * (x - last.x) / (next.x - last.x))
        }
        last = next
      }
    }
    return highest
  }

  func put(on stage: Stage) {
    if !floats && !isHeld {
      let lean: Float = stage.air.sunX * stage.w > foot.x ? -0.35 : 0.35
      let (air, place, tall, half) = (stage.air, foot, height, half)
      stage.draw { drawing in
        let dark = air.shade * 0.16
        drawing.spot(place + Point(half * lean, tall * 0.01), half * 1.7, tall * 0.10, .flat(dark, 0.55))
        drawing.spot(place, half * 1.02, tall * 0.045, .flat(dark, 0.8))
      }
    }
    if let hand {
      return stage.draw(price: 14) { [self] in drawByHand(hand, on: $0, stage) }
    }
    let far = distance * 0.35
    stage.add(
      LitForm(
        icon, pin: pin, at: foot, scale: Point(isMirrored ? -scale : scale, scale),
        colour: (subject.colour ?? icon.colour).mixed(with: stage.air.haze, far), subject.sheen, stage))
  }

  private func drawByHand(_ hand: Hand, on drawing: Drawing, _ stage: Stage) {
    let facing: Float = isMirrored ? -1 : 1
    let far = distance * 0.4
    switch hand {
    case .house:
      // Its ridge is at 0.86 of its size, its middle right of the corner it stands on.
      let size = height / 0.86
      let house = House(
        foot: foot - Point(0.19 * size * facing, 0), size: size, facing: facing, distance: far,
        wall: subject.colour ?? icon.colour, roof: Colour(hex: 0x9c4a35))
      drawHouse(house, on: drawing, stage)
    case .tree:
      let leaf = Colour(hex: stage.wish.wants(.autumn) ? 0xc9702c : 0x5f8f3c)
      let tree = CherryTree(
        root: foot, height: height, lean: facing * 0.08, blossom: subject.colour ?? leaf,
        bark: Colour(hex: 0x5a4636), distance: far)
      draw(tree, on: drawing, stage)
    case .pine:
      let green = subject.colour ?? Colour(hex: 0x2f5a3a)
      drawPine(at: foot, height: height, colour: green, distance: far, on: drawing, stage)
    }
  }
}

/// What a hand draws better than an outline can show it.
private enum Hand {
  case house, tree, pine

  static func of(_ subject: Subject) -> Hand? {
    guard subject.sheen == .matt else { return nil }
    if subject.icon == Nouns.find("house".bytes)?.icon { return .house }
    if subject.icon == Nouns.find("tree".bytes)?.icon { return .tree }
    return subject.icon == Nouns.find("pine".bytes)?.icon ? .pine : nil
  }
}

extension SceneKind {
  /// Things stand on its ground.
  var hasGround: Bool {
    switch self {
    case .stone, .surface, .abstract, .panorama, .cutOut, .underwater, .space, .clouds: false
    default: true
    }
  }

  /// Things hang in the middle of it.
  var isFloating: Bool { self == .underwater || self == .space || self == .clouds }

  /// Where the ground begins that things stand on, as a share of the height.
  var groundLine: Float {
    switch self {
    case .lake: 0.86
    case .garden: 0.84
    case .room: 0.82
    case .city: 0.84
    default: 0.80
    }
  }
}
