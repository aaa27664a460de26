// The order a painting is made from, in plain values, so that the painter knows nothing of tasks.

/// What to paint: the order a painting is made from.
package struct Commission: Sendable {
  package let prompt: String
  package let width: Int
  package let height: Int
  package let seed: UInt64
  /// One hash for each reference picture; they tint the palette.
  package let accents: [UInt64]

  package init(prompt: String, width: Int, height: Int, seed: UInt64, accents: [UInt64] = []) {
    self.prompt = prompt
    self.width = width
    self.height = height
    self.seed = seed
    self.accents = accents
  }
}
