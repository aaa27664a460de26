// The painter's own arithmetic, against the system's.

import Foundation
import Testing

@testable import Sketch

@Test func ownFunctionsAgreeWithTheSystems() {
  for step in -400...400 {
    let x = Float(step) * 0.05
    #expect(abs(sine(x) - sin(x)) < 2e-5)
    #expect(abs(cosine(x) - cos(x)) < 2e-5)
    #expect(abs(exponential(x) / exp(x) - 1) < 2e-4)
    if x > 0 { #expect(abs(logarithm(x) - log(x)) < 1e-4) }
    if x > 0 { #expect(abs(power(x, 0.4) / pow(x, 0.4) - 1) < 1e-3) }
    #expect(abs(arcTangent(x, 1.5) - atan2(x, 1.5)) < 1e-4)
    #expect(abs(arcTangent(x, -1.5) - atan2(x, -1.5)) < 1e-4)
  }
}

@Test func floorNeverTraps() {
  #expect(floorToInt(-0.5) == -1)
  #expect(floorToInt(2.999) == 2)
  for wild in [Float.nan, .infinity, -.infinity, 1e30, -1e30] {
    #expect(abs(floorToInt(wild)) <= 1 << 30)
  }
}

/// The area of a shape is the sum of its coverage, wherever it lies between the pixels.
@Test(arguments: [Float(0), 0.25, 0.5, 0.9])
func coverageAddsUpToTheArea(offset: Float) {
  let tile = AreaTile(x: 0, y: 0, width: 40, height: 40, area: .allocate(capacity: 44 * 40 + 8))
  defer { tile.area.deallocate() }
  tile.clear()
  let corners = [Point(3, 4), Point(33, 9), Point(25, 30), Point(6, 22)].map { $0 + Point(offset, offset) }
  var area: Float = 0
  for (index, corner) in corners.enumerated() {
    let next = corners[(index + 1) % corners.count]
    tile.add(edge: corner, next)
    area += (corner.x * next.y - next.x * corner.y) / 2
  }
  var total: Float = 0
  for row in 0..<40 {
    var sum: Float = 0
    for column in 0..<40 {
      sum += tile.area[row * tile.stride + column]
      total += abs(sum)
    }
  }
  #expect(abs(total - abs(area)) < 0.05)
}
