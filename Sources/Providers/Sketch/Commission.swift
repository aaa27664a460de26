// The order a painting is made from, in plain values, so that the painter knows nothing of tasks.

package import Core

/// What to paint: the order a painting is made from.
package struct Commission: Sendable {
  package let prompt: String
  package let width: Int
  package let height: Int
  package let seed: UInt64
  /// One hash for each reference picture that nobody looked at; they tint the palette.
  package let accents: [UInt64]
  /// Of the others; the picture takes their palette and their light over.
  package let lights: [PictureLight]
  package let format: PictureFormat

  package init(
    prompt: String, width: Int, height: Int, seed: UInt64, accents: [UInt64] = [],
    lights: [PictureLight] = [],
    format: PictureFormat = .png
  ) {
    self.format = format
    self.lights = lights
    self.prompt = prompt
    self.width = width
    self.height = height
    self.seed = seed
    self.accents = accents
  }
}
