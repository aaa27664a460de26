// What the painter's tests share.

import Core
import Platform

@testable import Sketch

/// A finished painting.
func painted(_ prompt: String, _ width: Int, _ height: Int, seed: UInt64 = 1, accents: [UInt64] = []) throws
  -> Painting
{
  let painting = try Painting(
    Commission(prompt: prompt, width: width, height: height, seed: seed, accents: accents))
  while try painting.step() {}
  return painting
}
