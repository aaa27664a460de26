// A style is a last pass over any finished scene: what the scene painted is kept as a sketch, and painted
// again the way the medium would. Soft light, the painter's own hand, needs none.

internal import Core
internal import Platform

enum Style {
  case soft, watercolour, oil, ink, poster, pixels

  /// The words that ask for a style, understood in every scene.
  static let words = Concepts(.watercolour, .oil, .ink, .poster, .pixels)

  init(_ wish: Wish) {
    if wish.wants(.pixels) {
      self = .pixels
    } else if wish.wants(.watercolour) {
      self = .watercolour
    } else if wish.wants(.oil) {
      self = .oil
    } else if wish.wants(.ink) {
      self = .ink
    } else {
      self = wish.wants(.poster) ? .poster : .soft
    }
  }
}

/// Adds the layers of the style that the prompt asks for. Throws `noMemory` when there is none for the
/// sketch.
func addStyle(to stage: Stage) throws(Failure) {
  let style = Style(stage.wish)
  // On a transparent ground there is no paper: of the styles, pixel art alone has an edge to end at.
  guard style != .soft, stage.wish.scene != .cutOut || style == .pixels else { return }
  let sketch = try Sketch(
    width: stage.width, height: stage.height, isCutOut: stage.wish.scene == .cutOut)
  stage.wash(0, 1, price: 14) { _, span in sketch.keep(span) }
  switch style {
  case .soft: break
  case .watercolour: addWatercolour(to: stage, sketch)
  case .oil: stage.add(OilStrokes(stage, sketch))
  case .ink: addInk(to: stage, sketch)
  case .poster: addPoster(to: stage, sketch)
  case .pixels: addPixels(to: stage, sketch)
  }
}

/// A picture in four bytes a pixel, to look at while the canvas is painted over.
final class Sketch {
  let width: Int
  let height: Int
  let isCutOut: Bool
  private let store: Buffer
  private let pixels: UnsafeMutablePointer<UInt32>

  init(width: Int, height: Int, isCutOut: Bool) throws(Failure) {
    self.width = width
    self.height = height
    self.isCutOut = isCutOut
    // The canvas, four times as large, has been made: this multiplication cannot overflow.
    store = try Buffer(capacity: width * height * MemoryLayout<UInt32>.stride)
    pixels = store.start.bindMemory(to: UInt32.self, capacity: width * height)
  }

  @_optimize(speed)
  func keep(_ span: RowSpan) {
    let row = pixels + span.y * width + span.x
    for column in 0..<span.count {
      let colour = span.pixels[column].bounded * 255 + 0.5
      row[column] =
        UInt32(colour.x) | UInt32(colour.y) << 8 | UInt32(colour.z) << 16 | UInt32(colour.w) << 24
    }
  }

  /// The pixel there, or the nearest one inside the picture.
  @inline(__always)
  func at(_ x: Int, _ y: Int) -> Colour {
    let column = x < 0 ? 0 : (x < width ? x : width - 1)
    let line = y < 0 ? 0 : (y < height ? y : height - 1)
    let packed = pixels[line * width + column]
    return Colour(
      Float(packed & 255), Float(packed >> 8 & 255), Float(packed >> 16 & 255), Float(packed >> 24))
      * (1 / 255)
  }

  /// The mean of a pixel's surroundings: eight places on a circle and its middle.
  @_optimize(speed)
  func around(_ x: Int, _ y: Int, _ reach: Int) -> Colour {
    let near = (reach * 7 + 5) / 10
    let row = y * width + x
    guard x >= reach, y >= reach, x < width - reach, y < height - reach else {
      var sum = at(x - reach, y) + at(x + reach, y) + at(x, y - reach) + at(x, y + reach)
      sum += at(x - near, y - near) + at(x + near, y - near) + at(x - near, y + near)
      return (sum + at(x + near, y + near) + at(x, y)) * (1 / 9)
    }
    // Two channels to a number: nine bytes add up to less than sixteen bits hold.
    var redBlue: UInt32 = 0
    var greenCover: UInt32 = 0
    func add(_ index: Int) {
      redBlue &+= pixels[index] & 0xff00ff
      greenCover &+= pixels[index] >> 8 & 0xff00ff
    }
    let up = near * width
    add(row)
    add(row - reach)
    add(row + reach)
    add(row - reach * width)
    add(row + reach * width)
    add(row - up - near)
    add(row - up + near)
    add(row + up - near)
    add(row + up + near)
    return Colour(
      Float(redBlue & 0xffff), Float(greenCover & 0xffff), Float(redBlue >> 16), Float(greenCover >> 16))
      * (1 / 2295)
  }
}

/// The few colours that say most of a picture.
final class Palette {
  private(set) var colours: [Colour] = []

  /// The farthest colour from all that are chosen, again and again; then each moves to the middle of its
  /// followers.
  init(of sketch: Sketch, _ count: Int) {
    var samples: [Colour] = []
    for row in 0..<24 {
      for column in 0..<32 {
        let sample = sketch.at((2 * column + 1) * sketch.width / 64, (2 * row + 1) * sketch.height / 48)
        if !sketch.isCutOut || sample.w > 0.9 { samples.append(sample) }
      }
    }
    if samples.isEmpty { samples.append(Colour(repeating: 1)) }
    colours = [samples[0]]
    var distances = [Float](repeating: .infinity, count: samples.count)
    while colours.count < count {
      var farthest = 0
      for index in samples.indices {
        distances[index] = min(distances[index], Palette.distance(samples[index], colours[colours.count - 1]))
        if distances[index] > distances[farthest] { farthest = index }
      }
      colours.append(samples[farthest])
    }
    for _ in 0..<6 {
      var sums = [Colour](repeating: Colour(repeating: 0), count: count)
      var followers = [Float](repeating: 0, count: count)
      for sample in samples {
        let index = nearest(to: sample).first
        sums[index] += sample
        followers[index] += 1
      }
      for index in 0..<count where followers[index] > 0 {
        colours[index] = sums[index] * (1 / followers[index])
      }
    }
  }

  @inline(__always)
  private static func distance(_ a: Colour, _ b: Colour) -> Float {
    let difference = a - b
    let squares = difference * difference
    return squares.x * 0.9 + squares.y * 1.4 + squares.z * 0.7
  }

  /// The nearest two, and how far off each is.
  @_optimize(speed)
  func nearest(to colour: Colour) -> (first: Int, second: Int, near: Float, far: Float) {
    var best = (first: 0, second: 0, near: Float.infinity, far: Float.infinity)
    colours.withUnsafeBufferPointer { colours in
      for index in 0..<colours.count {
        let away = Palette.distance(colour, colours[index])
        if away < best.near {
          best = (index, best.first, away, best.near)
        } else if away < best.far {
          best.second = index
          best.far = away
        }
      }
    }
    return best
  }
}
