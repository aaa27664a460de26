// A layer of shapes: paths filled with one colour or a gradient, and soft round spots of light or shade.
// Things draw by calling these few verbs; nothing touches a pixel until the layer's turn comes.

/// What fills a shape.
struct Paint {
  var from: Colour
  var to: Colour
  /// The gradient runs from `start` to `end`; where they are one point the fill is flat.
  var start = Point(0, 0)
  var end = Point(0, 0)
  var opacity: Float = 1
  /// Adds light instead of covering what is there.
  var isLight = false
  /// How strongly the surface is mottled, and how large the mottles are in pixels.
  var grain: Float = 0
  var grainSize: Float = 8

  @inline(never)
  static func flat(_ colour: Colour, _ opacity: Float = 1) -> Paint {
    Paint(from: colour, to: colour, opacity: opacity)
  }

  @inline(never)
  static func gradient(_ from: Colour, _ start: Point, _ to: Colour, _ end: Point, _ opacity: Float = 1)
    -> Paint
  {
    Paint(from: from, to: to, start: start, end: end, opacity: opacity)
  }

  @inline(never)
  static func vertical(_ top: Colour, _ bottom: Colour, _ y0: Float, _ y1: Float, _ opacity: Float = 1)
    -> Paint
  {
    Paint(from: top, to: bottom, start: Point(0, y0), end: Point(0, y1), opacity: opacity)
  }

  @inline(never)
  func grained(_ strength: Float, size: Float) -> Paint {
    var paint = self
    paint.grain = strength
    paint.grainSize = max(size, 0.5)
    return paint
  }

  /// Makes what it fills brighter instead of covering it.
  var asLight: Paint {
    var paint = self
    paint.isLight = true
    return paint
  }
}

final class Drawing: Layer {
  enum Kind {
    /// A filled path: these contours.
    case path(Range<Int>)
    /// A round spot that fades towards its rim.
    case spot
    /// A small ellipse turned by the angle with this cosine and sine: a petal, a leaf.
    case dab(radii: Point, along: Point)
  }

  struct Shape {
    var kind: Kind
    var paint: Paint
    var left: Float
    var right: Float
    var top: Float
    var bottom: Float

    fileprivate mutating func move(_ scale: Float, _ shift: Point) {
      left = left * scale + shift.x
      right = right * scale + shift.x
      top = top * scale + shift.y
      bottom = bottom * scale + shift.y
      paint.start = paint.start * scale + shift
      paint.end = paint.end * scale + shift
      paint.grainSize = max(0.5, paint.grainSize * scale)
      if case .dab(let radii, let along) = kind { kind = .dab(radii: radii * scale, along: along) }
    }
  }

  var points: [Point] = []
  /// Where in `points` each contour begins; one more at the end.
  var starts: [Int] = [0]
  private(set) var shapes: [Shape] = []
  private var openContours = 0
  private let width: Int
  let height: Int
  let cost: Int
  /// Draws the shapes when the layer's turn comes, so that planning a picture takes no time.
  private var compose: ((Drawing) -> Void)?
  var nextShape = 0
  /// Of the next shape, where it was begun.
  var nextRow = 0

  init(width: Int, height: Int, cost: Int, _ compose: @escaping (Drawing) -> Void) {
    self.width = width
    self.height = height
    self.cost = cost
    self.compose = compose
  }

  /// Draws the shapes, once. Returns about how many nanoseconds that took.
  func prepare() -> Int {
    guard let compose else { return 0 }
    self.compose = nil
    compose(self)
    return shapes.count * Drawing.composingPrice
  }

  private static let composingPrice = 500

  /// Gives back the memory of a drawing that has reached the canvas.
  func release() {
    shapes = []
    points = []
    starts = [0]
    nextShape = 0
  }

  /// Moves and sizes all that has been drawn so that it fills a picture of this size.
  func fit(width: Float, height: Float, margin: Float) {
    var low = Point(.infinity, .infinity)
    var high = Point(-.infinity, -.infinity)
    // Spots are light and shade, which may fall outside.
    for shape in shapes {
      if case .spot = shape.kind { continue }
      low = Point(min(low.x, shape.left), min(low.y, shape.top))
      high = Point(max(high.x, shape.right), max(high.y, shape.bottom))
    }
    let size = high - low
    guard size.x > 0, size.y > 0 else { return }
    let scale = max(1e-3, min((width - 2 * margin) / size.x, (height - 2 * margin) / size.y))
    let shift = Point(width, height) * 0.5 - (low + size * 0.5) * scale
    for index in points.indices { points[index] = points[index] * scale + shift }
    for index in shapes.indices { shapes[index].move(scale, shift) }
  }

  // MARK: The path

  @inline(never)
  func move(_ point: Point) {
    closeContour()
    points.append(point)
  }

  @inline(never)
  func line(_ point: Point) { points.append(point) }

  @inline(never)
  func line(_ x: Float, _ y: Float) { points.append(Point(x, y)) }

  @inline(never)
  func move(_ x: Float, _ y: Float) { move(Point(x, y)) }

  /// A cubic curve from where the pen is.
  @inline(never)
  func curve(_ a: Point, _ b: Point, _ end: Point) {
    guard let start = points.last else { return move(end) }
    let rough = (a - start).length + (b - a).length + (end - b).length
    let pieces = min(24, 3 + floorToInt(rough.squareRoot()))
    for piece in 1...pieces {
      let t = Float(piece) / Float(pieces)
      let u = 1 - t
      points.append(
        start * (u * u * u) + a * (3 * u * u * t) + b * (3 * u * t * t) + end * (t * t * t))
    }
  }

  @inline(never)
  func polygon(_ corners: [Point]) {
    guard let first = corners.first else { return }
    move(first)
    for corner in corners.dropFirst() { line(corner) }
  }

  @inline(never)
  func rectangle(_ left: Float, _ top: Float, _ right: Float, _ bottom: Float) {
    move(left, top)
    line(right, top)
    line(right, bottom)
    line(left, bottom)
  }

  @inline(never)
  func ellipse(_ centre: Point, _ rx: Float, _ ry: Float, turned angle: Float = 0) {
    let corners = rx + ry < 5 ? 7 : (rx + ry < 16 ? 12 : (rx + ry < 90 ? 24 : 56))
    let along = Point.polar(angle, 1)
    for corner in 0..<corners {
      let p = Point.polar(Float(corner) / Float(corners) * fullTurn, 1)
      let x = p.x * rx
      let y = p.y * ry
      let point = centre + Point(x * along.x - y * along.y, x * along.y + y * along.x)
      if corner == 0 { move(point) } else { line(point) }
    }
  }

  /// A line with two widths, from end to end.
  @inline(never)
  func taper(_ a: Point, _ b: Point, _ widthA: Float, _ widthB: Float) {
    let along = b - a
    let scale = 0.5 / max(along.length, 1e-6)
    let normal = Point(-along.y * scale, along.x * scale)
    move(a + normal * widthA)
    line(b + normal * widthB)
    line(b - normal * widthB)
    line(a - normal * widthA)
  }

  /// A band around a line of points, as wide at each as `widths` says.
  @inline(never)
  func ribbon(_ spine: [Point], _ widths: [Float]) {
    guard spine.count > 1, widths.count == spine.count else { return }
    var back: [Point] = []
    for index in spine.indices {
      let along = spine[min(index + 1, spine.count - 1)] - spine[max(index - 1, 0)]
      let scale = widths[index] * 0.5 / max(along.length, 1e-6)
      let normal = Point(-along.y * scale, along.x * scale)
      if index == 0 { move(spine[0] + normal) } else { line(spine[index] + normal) }
      back.append(spine[index] - normal)
    }
    for point in back.reversed() { line(point) }
  }

  // MARK: The fill

  /// Fills the contours drawn since the last fill.
  @inline(never)
  func fill(_ paint: Paint) {
    closeContour()
    let contours = (starts.count - 1 - openContours)..<(starts.count - 1)
    openContours = 0
    guard !contours.isEmpty else { return }
    var shape = Shape(
      kind: .path(contours), paint: paint, left: .infinity, right: -.infinity, top: .infinity,
      bottom: -.infinity)
    for index in starts[contours.lowerBound]..<starts[contours.upperBound] {
      let point = points[index]
      shape.left = min(shape.left, point.x)
      shape.right = max(shape.right, point.x)
      shape.top = min(shape.top, point.y)
      shape.bottom = max(shape.bottom, point.y)
    }
    shapes.append(shape)
  }

  @inline(never)
  func fill(_ colour: Colour, _ opacity: Float = 1) { fill(.flat(colour, opacity)) }

  /// A round spot that fades towards its rim.
  @inline(never)
  func spot(_ centre: Point, _ rx: Float, _ ry: Float, _ paint: Paint) {
    shapes.append(
      Shape(
        kind: .spot, paint: paint, left: centre.x - rx, right: centre.x + rx, top: centre.y - ry,
        bottom: centre.y + ry))
  }

  /// A small ellipse in one colour; thousands of them make a tree.
  @inline(never)
  func dab(
    _ centre: Point, _ rx: Float, _ ry: Float, turned angle: Float, _ colour: Colour, _ opacity: Float = 1
  ) {
    let reach = max(rx, ry) + 0.5
    shapes.append(
      Shape(
        kind: .dab(radii: Point(rx, ry), along: Point.polar(angle, 1)), paint: .flat(colour, opacity),
        left: centre.x - reach, right: centre.x + reach, top: centre.y - reach, bottom: centre.y + reach))
  }

  @inline(never)
  func glow(_ centre: Point, _ radius: Float, _ colour: Colour, _ strength: Float) {
    spot(centre, radius, radius, Paint.flat(colour, strength).asLight)
  }

  private func closeContour() {
    guard let last = starts.last, points.count > last else { return }
    starts.append(points.count)
    openContours += 1
  }

  /// Nanoseconds to fill a shape of so many pixels.
  static func price(_ pixels: Int, _ shape: Shape) -> Int {
    200 + pixels * (shape.paint.grain > 0 ? 12 : 4)
  }

  func rows(of shape: Shape) -> Range<Int> { inside(shape.top, shape.bottom, height) }
  func columns(of shape: Shape) -> Range<Int> { inside(shape.left, shape.right, width) }

  private func inside(_ low: Float, _ high: Float, _ limit: Int) -> Range<Int> {
    let first = min(max(floorToInt(low), 0), limit)
    return first..<max(first, min(floorToInt(high) + 1, limit))
  }
}
