// Where the things a prompt names stand in its scene: the first in front, the others beside and behind it, what flies in
// the air, each with the shadow it throws.

internal import Core

/// Adds the things to a scene that is otherwise complete.
func composeSubjects(on stage: Stage) {
  let subjects = stage.wish.subjects
  guard !subjects.isEmpty, stage.wish.scene.hasGround || stage.wish.scene.isFloating else { return }
  var places: [Place] = []
  for (number, subject) in subjects.enumerated() {
    guard let icon = Nouns.icon(subject.icon) else { continue }
    let count = min(max(subject.count, 1), Subject.countMax)
    for one in 0..<count {
      places.append(Place(icon, subject, number, of: subjects.count, one, of: count, stage))
    }
  }
  // What stands farther back comes first.
  for index in places.indices.dropFirst() {
    var at = index
    while at > 0, places[at - 1].foot.y > places[at].foot.y {
      places.swapAt(at, at - 1)
      at -= 1
    }
  }
  for place in places { place.put(on: stage) }
}

private struct Place {
  let icon: Icon
  let colour: Colour
  let height: Float
  let foot: Point
  let isMirrored: Bool
  let floats: Bool
  let distance: Float

  init(
    _ icon: Icon, _ subject: Subject, _ number: Int, of kinds: Int, _ one: Int, of count: Int, _ stage: Stage
  ) {
    self.icon = icon
    colour = subject.colour ?? icon.colour
    let isFirst = number == 0
    floats = icon.flies || stage.wish.scene.isFloating
    // Those of a group stand in a loose row, every other one a little behind.
    let spread = count > 1 ? (Float(one) + 0.5) / Float(count) - 0.5 : 0
    let behind: Float = (isFirst ? 0 : 0.28 + 0.09 * Float(number)) + (count > 1 && one % 2 == 1 ? 0.22 : 0)
    distance = min(behind, 0.8)
    let crowd: Float = count > 1 ? 1 / (1 + 0.16 * Float(count)) : 1
    let alone: Float = kinds == 1 && count == 1 ? 1.18 : 1
    height = stage.unit * icon.height * subject.scale * crowd * alone * (1 - 0.45 * distance)
    let wide: Float = count > 2 ? 0.72 : 0.46
    let side = subject.side ?? Place.sideLeft(by: stage.wish.subjects[0], number)
    let share = side.map { 0.5 + 0.26 * Float($0) } ?? Place.shares[number % Place.shares.count]
    let jitter = stage.random.between(-0.03, 0.03)
    let x = (side == nil ? stage.x(share + jitter) : stage.w * (share + jitter)) + spread * wide * stage.w
    let ground = stage.wish.scene.groundLine
    let low = stage.h * mix(ground + 0.13, ground, distance)
    let high =
      stage.h * (stage.wish.scene.isFloating ? 0.62 : 0.40) + stage.h * stage.random.between(-0.09, 0.05)
    foot = Point(x, floats ? high + height * 0.5 : low)
    isMirrored = stage.random.chance(0.5)
  }

  /// Where the first stands, the second, and so on, as shares of the width.
  private static let shares: [Float] = [0.54, 0.24, 0.80, 0.40, 0.68, 0.12, 0.92, 0.32]

  /// Where the first was put on one side, the second takes the other.
  private static func sideLeft(by first: Subject, _ number: Int) -> Int? {
    guard number == 1, let taken = first.side, taken != 0 else { return nil }
    return -taken
  }

  func put(on stage: Stage) {
    let size = icon.most - icon.least
    let scale = height / max(size.y, size.x * 0.6, 1)
    let middle = (icon.least.x + icon.most.x) * 0.5
    let turn: Float = isMirrored ? -1 : 1
    let at = { (point: Point) -> Point in
      Point(foot.x + (point.x - middle) * scale * turn, foot.y + (point.y - icon.most.y) * scale)
    }
    let half = size.x * scale * 0.5
    if !floats {
      let lean: Float = stage.air.sunX * stage.w > foot.x ? -0.35 : 0.35
      let (air, place, tall) = (stage.air, foot, height)
      stage.draw { drawing in
        let dark = air.shade * 0.16
        drawing.spot(place + Point(half * lean, tall * 0.01), half * 1.7, tall * 0.10, .flat(dark, 0.55))
        drawing.spot(place, half * 1.02, tall * 0.045, .flat(dark, 0.8))
      }
    }
    let far = distance * 0.35
    stage.add(
      LitForm(
        outer: icon.outer.map { $0.map(at) }, holes: icon.holes.map { $0.map(at) },
        colour: colour.mixed(with: stage.air.haze, far), stage))
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
