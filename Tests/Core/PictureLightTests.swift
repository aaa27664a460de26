// What one picture can take over from another, from views made by hand.

import Testing

@testable import Core

/// A view of `count` times `count` pixels.
private func light(_ count: Int = 16, _ pixel: (_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8)) -> PictureLight
{
  var bytes: [UInt8] = []
  for y in 0..<count {
    for x in 0..<count {
      let (red, green, blue) = pixel(x, y)
      bytes += [red, green, blue]
    }
  }
  return bytes.withUnsafeBytes { PictureLight(view: $0, count: count) }
}

@Suite struct PictureLightTests {
  @Test func oneColourIsTheWholePalette() {
    let red = light { _, _ in (255, 0, 0) }
    for colour in [red.upper, red.middle, red.lower, red.bright, red.dark] {
      #expect(colour == SIMD4(1, 0, 0, 0))
    }
    #expect(abs(red.side - 0.5) < 0.001 && abs(red.brightness - 0.299) < 0.001)
  }

  @Test func skyAndGroundAreToldApart() {
    let scene = light(15) { _, y in y < 5 ? (0, 0, 255) : y < 10 ? (255, 255, 255) : (0, 255, 0) }
    #expect(scene.upper == SIMD4(0, 0, 1, 0))
    #expect(scene.middle == SIMD4(1, 1, 1, 0))
    #expect(scene.lower == SIMD4(0, 1, 0, 0))
    #expect(scene.bright.x > scene.dark.x)
  }

  @Test func lightComesFromItsSide() {
    #expect(light { x, _ in x < 4 ? (255, 255, 255) : (10, 10, 10) }.side < 0.2)
    #expect(light { x, _ in x >= 12 ? (255, 255, 255) : (10, 10, 10) }.side > 0.8)
    #expect(light { _, _ in (0, 0, 0) }.side == 0.5)
  }
}
