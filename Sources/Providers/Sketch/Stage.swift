// Where a scene sets up its layers. Positions are shares of the picture and sizes are shares of its unit, so
// that one scene fits every shape of picture.

internal import Core

final class Stage {
  let width: Int
  let height: Int
  /// The picture's size as floats, in pixels.
  let w: Float
  let h: Float
  /// The measure of things: a tree is so many units tall whatever the picture's shape.
  let unit: Float
  let wish: Wish
  let air: Air
  var random: Random
  private(set) var layers: [any Layer] = []
  /// Half of all seeds see the scene from the other side.
  let isMirrored: Bool

  init(_ commission: Commission, _ wish: Wish) {
    width = commission.width
    height = commission.height
    w = Float(width)
    h = Float(height)
    unit = min(h, w * 0.85)
    self.wish = wish
    var words: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in commission.prompt.bytes { words = (words ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    random = Random(commission.seed, words)
    isMirrored = random.chance(0.5)
    air = Air(wish, &random)
    air.accent(commission.accents)
    if isMirrored { air.sunX = 1 - air.sunX }
    for light in commission.lights { air.take(light, 1 / Float(commission.lights.count)) }
  }

  /// The pixel column at a share of the width, counted from the side the scene begins at.
  func x(_ share: Float) -> Float { (isMirrored ? 1 - share : share) * w }

  /// 1 when the scene reads from left to right, -1 when it is mirrored.
  var facing: Float { isMirrored ? -1 : 1 }

  /// Where the sun or moon stands above a horizon at this share of the height, in pixels.
  func sun(over horizon: Float) -> Point { Point(air.sunX * w, air.sunY * horizon * h) }

  /// Adds a layer that computes each pixel between two shares of the height. `price` is nanoseconds a pixel.
  /// `prepare` is called once before.
  func wash(
    _ top: Float, _ bottom: Float, price: Int, prepare: (() -> Void)? = nil,
    _ paint: @escaping (Canvas, RowSpan) -> Void
  ) {
    let first = min(max(floorToInt(top * h), 0), height)
    let end = min(max(floorToInt(bottom * h + 0.999), first), height)
    guard first < end else { return }
    layers.append(Wash(rows: first..<end, width: width, price: price, prepare: prepare, paint))
  }

  /// Adds a layer of shapes, drawn when its turn comes. `price` is nanoseconds for each pixel of the picture,
  /// about.
  func draw(price: Int = 1, _ compose: @escaping (Drawing) -> Void) {
    layers.append(Drawing(width: width, height: height, cost: width * height * price, compose))
  }

  func add(_ layer: any Layer) { layers.append(layer) }

  /// Hands the layers over. They hold on to the stage, which must not hold on to them.
  func takeLayers() -> [any Layer] {
    let taken = layers
    layers = []
    return taken
  }
}
