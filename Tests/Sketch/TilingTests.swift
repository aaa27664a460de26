// A texture that says it is seamless must be.

import Core
import Testing

@testable import Sketch

/// How much two neighbouring columns or rows differ, per pixel.
private func step(_ canvas: Canvas, _ count: Int, _ a: (Int) -> (Int, Int), _ b: (Int) -> (Int, Int)) -> Float
{
  var sum: Float = 0
  for index in 0..<count {
    let difference = canvas.pixel(a(index).0, a(index).1) - canvas.pixel(b(index).0, b(index).1)
    sum += abs(difference.x) + abs(difference.y) + abs(difference.z)
  }
  return sum / Float(count)
}

@Test(arguments: [
  "seamless stone wall texture", "brick wall texture", "mossy stone tile", "wood texture", "sand texture",
  "water texture", "metal texture", "fabric texture", "lava texture", "marble texture", "grass texture",
])
func theSeamOfATextureIsNoSharperThanItsInside(prompt: String) throws {
  let (width, height) = (150, 110)
  let canvas = try painted(prompt, width, height, seed: 3).canvas
  let across = (0..<width).map { x in
    step(canvas, height, { (x, $0) }, { ((x + 1) % width, $0) })
  }
  let down = (0..<height).map { y in
    step(canvas, width, { ($0, y) }, { ($0, (y + 1) % height) })
  }
  #expect(across[width - 1] <= across.dropLast().max() ?? 0)
  #expect(down[height - 1] <= down.dropLast().max() ?? 0)
}

@Test func aPanoramaGoesOnWhereItEnds() throws {
  let (width, height) = (300, 90)
  let canvas = try painted("sky panorama", width, height, seed: 2).canvas
  let across = (0..<width).map { x in
    step(canvas, height, { (x, $0) }, { ((x + 1) % width, $0) })
  }
  #expect(across[width - 1] <= across.dropLast().max() ?? 0)
}

@Test func theWallIsTheSameOnePictureFurther() throws {
  let (width, height) = (128, 96)
  for prompt in ["stone wall texture", "brick wall texture"] {
    let commission = Commission(prompt: prompt, width: width, height: height, seed: 5)
    let wall = StoneWall(Stage(commission, Wish(prompt: prompt)))
    let canvas = try Canvas(width: width, height: height)
    var here = [Float](repeating: 0, count: width)
    var there = here
    var tones = here
    for y in [0, 1, 50, height - 1] {
      let span = canvas.span(y: y, x: 0, count: width)
      wall.heights(span, canvas, to: &here, tones: &tones)
      let moved = RowSpan(y: y + height, x: width, count: width, pixels: span.pixels)
      wall.heights(moved, canvas, to: &there, tones: &tones)
      #expect(zip(here, there).allSatisfy { abs($0 - $1) < 0.002 })
    }
  }
}

@Test func noiseWithAPeriodRepeats() {
  let noise = Noise(seed: 7)
  for place in 0..<40 {
    var here: Float = 0
    var there: Float = 0
    let x = Float(place) * 0.25
    noise.add(to: &here, count: 1, x: x, step: 1, y: x + 0.5, amplitude: 1, period: (5, 3))
    noise.add(to: &there, count: 1, x: x + 5, step: 1, y: x + 6.5, amplitude: 1, period: (5, 3))
    #expect(here == there)
  }
}
