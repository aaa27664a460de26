// Colours are four floats, so that one instruction works on all channels. The fourth lane is the
// share of a pixel that is covered, which only a cut-out asks for.

/// Red, green and blue as a display takes them (gamma-encoded), 0 to 1.
typealias Colour = SIMD4<Float>

extension SIMD4 where Scalar == Float {
  /// As a designer writes it: 0xRRGGBB.
  init(hex: UInt32) {
    self.init(
      Float(hex >> 16 & 255) / 255, Float(hex >> 8 & 255) / 255, Float(hex & 255) / 255, 0)
  }

  init(grey: Float) { self.init(grey, grey, grey, 0) }

  /// How bright the eye finds it.
  var luminance: Float { x * 0.299 + y * 0.587 + z * 0.114 }

  @inline(__always)
  func mixed(with other: Colour, _ share: Float) -> Colour { self + (other - self) * share }

  /// Towards white for a share above 0, towards black below it.
  @inline(never)
  func lightened(_ share: Float) -> Colour {
    share >= 0 ? mixed(with: Colour(grey: 1), share) : self * (1 + share)
  }

  /// 0 takes the colour away, 1 leaves it, more exaggerates.
  @inline(never)
  func saturated(_ amount: Float) -> Colour { Colour(grey: luminance).mixed(with: self, amount).bounded }

  var bounded: Colour { clamped(lowerBound: .zero, upperBound: Colour(repeating: 1)) }

  /// Adds light without ever passing white, as two slides on one screen do.
  @inline(__always)
  func screened(_ light: Colour) -> Colour { self + light * (Colour(repeating: 1) - self) }

  /// Lies under light of the given colour.
  func under(_ light: Colour, _ share: Float) -> Colour { mixed(with: self * light, share) }
}
