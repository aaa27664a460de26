// References that the painter was shown colour the picture; those it was not only tint it.

import Core
import Testing

@testable import Sketch

private func view(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> PictureLight {
  var bytes: [UInt8] = []
  for _ in 0..<256 { bytes += [red, green, blue] }
  return bytes.withUnsafeBytes { PictureLight(view: $0, count: 16) }
}

private func mean(_ lights: [PictureLight], _ prompt: String = "mountains and a lake") throws -> SIMD4<Float>
{
  let painting = try Painting(
    Commission(prompt: prompt, width: 96, height: 64, seed: 3, lights: lights))
  while try painting.step() {}
  var sum = SIMD4<Float>()
  for row in 0..<64 { for column in 0..<96 { sum += painting.canvas.row(row)[column] } }
  return sum / (96 * 64)
}

@Suite struct ReferenceTests {
  @Test(arguments: ["mountains and a lake", "A portrait in the style of @Reference", "a city", "a garden"])
  func aReferenceVisiblyColoursThePicture(prompt: String) throws {
    let (plain, red, blue) = (
      try mean([], prompt), try mean([view(210, 40, 30)], prompt), try mean([view(20, 50, 200)], prompt)
    )
    #expect(red.x - red.z > plain.x - plain.z + 0.08, "\(red) of \(plain)")
    #expect(blue.z - blue.x > plain.z - plain.x + 0.08, "\(blue) of \(plain)")
  }

  @Test func aDarkOneDarkensAndABrightOneBrightens() throws {
    #expect(try mean([view(20, 20, 20)]).y < (try mean([view(240, 240, 240)]).y) - 0.15)
  }

  @Test func twoShareThePicture() throws {
    let both = try mean([view(210, 40, 30), view(20, 50, 200)])
    let red = try mean([view(210, 40, 30)])
    #expect(both.x < red.x && both.z > red.z)
  }
}
