// The palette and the light of a picture, as far as another picture can take them over: a handful of means over a small
// view of it.

/// Colours are red, green, blue from 0 to 1; the fourth lane is idle.
package final class PictureLight: Sendable {
  /// Means of its thirds, from above.
  package let upper: SIMD4<Float>
  package let middle: SIMD4<Float>
  package let lower: SIMD4<Float>
  /// Means of what is brighter than the whole, and of what is darker.
  package let bright: SIMD4<Float>
  package let dark: SIMD4<Float>
  /// Of the whole, 0 to 1.
  package let brightness: Float
  /// Where the light is: 0 on the left, 1 on the right.
  package let side: Float

  /// From `count` times `count` pixels of three bytes each.
  package init(view: UnsafeRawBufferPointer, count: Int) {
    precondition(count >= 3 && view.count == count * count * 3)
    var thirds = (Mean(), Mean(), Mean())
    var whole = Mean()
    var (weights, leaning): (Float, Float) = (0, 0)
    for index in 0..<count * count {
      let colour = PictureLight.colour(view, index)
      let light = PictureLight.luminance(colour)
      whole.add(colour)
      switch index / count * 3 / count {
      case 0: thirds.0.add(colour)
      case 1: thirds.1.add(colour)
      default: thirds.2.add(colour)
      }
      weights += light * light
      leaning += light * light * (Float(index % count) + 0.5)
    }
    (upper, middle, lower) = (thirds.0.value, thirds.1.value, thirds.2.value)
    brightness = PictureLight.luminance(whole.value)
    side = weights > 0 ? leaning / weights / Float(count) : 0.5

    var (bright, dark) = (Mean(), Mean())
    for index in 0..<count * count {
      let colour = PictureLight.colour(view, index)
      if PictureLight.luminance(colour) >= brightness { bright.add(colour) } else { dark.add(colour) }
    }
    self.bright = bright.isEmpty ? whole.value : bright.value
    self.dark = dark.isEmpty ? whole.value : dark.value
  }

  private static func colour(_ view: UnsafeRawBufferPointer, _ index: Int) -> SIMD4<Float> {
    SIMD4(Float(view[index * 3]), Float(view[index * 3 + 1]), Float(view[index * 3 + 2]), 0) / 255
  }

  private static func luminance(_ colour: SIMD4<Float>) -> Float {
    colour.x * 0.299 + colour.y * 0.587 + colour.z * 0.114
  }
}

private struct Mean {
  private var sum = SIMD4<Float>()
  private var count: Float = 0

  var isEmpty: Bool { count == 0 }
  var value: SIMD4<Float> { count > 0 ? sum / count : sum }

  mutating func add(_ colour: SIMD4<Float>) {
    sum += colour
    count += 1
  }
}
