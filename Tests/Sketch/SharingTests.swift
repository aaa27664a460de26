// One picture painted by several threads: the same bytes as by one, for every kind of scene and style.

import Core
import Platform
import Testing

@testable import Sketch

private let prompts = [
  "A serene Japanese garden with cherry blossoms and a koi pond", "a lake with mountains at dawn",
  "a city at night in rain",
  "a sports car in a city", "stone wall texture", "marble texture, seamless", "lava texture",
  "a cozy room with a cat on a sofa",
  "a desert at sunset", "a beach with palms", "a coral reef underwater", "a galaxy in space",
  "a cave with a lake",
  "a castle on a hill", "a village in snow", "a farm with a cow, a horse and three ducks", "a forest in fog",
  "clouds", "abstract shapes",
  "a panorama of mountains", "a sprite of a sword", "a dog under a tree, watercolour",
  "a village, oil painting",
  "a pagoda, ink", "a boat on the sea, flat poster", "a castle, pixel art",
  "an owl made of glass, a wooden chair",
]

private func hash(of prompt: String, _ size: (Int, Int), _ workers: Workers?) throws -> (
  pixels: UInt64, hands: Int
) {
  let commission = Commission(prompt: prompt, width: size.0, height: size.1, seed: 5)
  let painting = try Painting(commission, CallOff(), workers: workers)
  var hands = 1
  while try painting.step() { hands = max(hands, painting.canvas.hands) }
  return (painting.pixelHash, hands)
}

@Test(arguments: prompts)
func severalPaintersPaintWhatOnePaints(prompt: String) throws {
  let workers = Workers(threads: 3)
  defer { workers.stop() }
  let alone = try hash(of: prompt, (700, 420), nil)
  for _ in 0..<2 {
    #expect(try hash(of: prompt, (700, 420), workers).pixels == alone.pixels)
  }
}

@Test func idlePaintersHelpWithALargePictureOnly() throws {
  let workers = Workers(threads: 2)
  defer { workers.stop() }
  #expect(try hash(of: prompts[0], (1280, 720), workers).hands == 2)
  #expect(try hash(of: prompts[0], (128, 72), workers).hands == 1)
  // Where one thread is all there may be, nobody is asked.
  let single = Workers(threads: 1)
  defer { single.stop() }
  #expect(try hash(of: prompts[0], (1280, 720), single).hands == 1)
}
