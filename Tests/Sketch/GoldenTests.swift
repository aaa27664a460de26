// The same pixels everywhere: golden.txt names pictures and the fingerprints of their pixels. `RENEW_GOLDEN=1
// swift test --filter SketchTests` rewrites it; look at the pictures before you keep the result.

import Core
import Foundation
import Testing

@testable import Sketch

private let goldenFile = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "golden.txt")

/// One line of golden.txt: fingerprint, size, seed, prompt.
private struct Golden {
  let hash: String
  let width: Int
  let height: Int
  let seed: UInt64
  let prompt: String

  init?(line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 3)
    let size = parts.count == 4 ? parts[1].split(separator: "x").compactMap { Int($0) } : []
    guard size.count == 2, let seed = UInt64(parts[2]) else { return nil }
    hash = String(parts[0])
    width = size[0]
    height = size[1]
    self.seed = seed
    prompt = String(parts[3])
  }
}

@Test func everyPictureHasTheSamePixelsAsEverBefore() throws {
  let text = try String(contentsOf: goldenFile, encoding: .utf8)
  var renewed = ""
  for line in text.split(separator: "\n") {
    let golden = try #require(Golden(line: line), "golden.txt: \(line)")
    let painting = try painted(golden.prompt, golden.width, golden.height, seed: golden.seed)
    let hash = String(painting.pixelHash, radix: 16)
    renewed += "\(hash) \(golden.width)x\(golden.height) \(golden.seed) \(golden.prompt)\n"
    if ProcessInfo.processInfo.environment["RENEW_GOLDEN"] == nil {
      #expect(hash == golden.hash, "\(golden.prompt)")
    }
  }
  if ProcessInfo.processInfo.environment["RENEW_GOLDEN"] != nil {
    try renewed.write(to: goldenFile, atomically: true, encoding: .utf8)
  }
}
