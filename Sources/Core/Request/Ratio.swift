// The size of a picture, which the service calls its ratio: "1280:720" is pixels, "16:9" is nothing it knows.

package enum Ratio: Equatable, Sendable {
  case size(width: Int, height: Int)
  /// The service chooses: "auto" is 0, "auto_1k" 1, "auto_2k" 2.
  case automatic(thousands: Int)

  /// Sides of up to six digits, without leading zeros: any product of two fits an Int.
  init?(_ text: String) {
    if text.begins(with: "auto") {
      guard let thousands = Ratio.thousands(text) else { return nil }
      self = .automatic(thousands: thousands)
      return
    }
    guard let size = Ratio.sides(text, separators: [UInt8(ascii: ":")]) else { return nil }
    self = .size(width: size.0, height: size.1)
  }

  /// What somebody meant who wrote 1280x720 or 16/9.
  init?(guessing text: String) {
    let separators = [
      UInt8(ascii: ":"), UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "*"), UInt8(ascii: "/"),
    ]
    guard let size = Ratio.sides(text, separators: separators) else { return nil }
    self = .size(width: size.0, height: size.1)
  }

  package var text: String {
    switch self {
    case .size(let width, let height): String(sentence: "\(width):\(height)")
    case .automatic(0): "auto"
    case .automatic(let thousands): String(sentence: "auto_\(thousands)k")
    }
  }

  /// nil when the service chooses.
  var pixels: Int? {
    if case .size(let width, let height) = self { width * height } else { nil }
  }

  /// An aspect such as 16:9 rather than a size: nobody asks for a picture of 16 × 9 pixels.
  var isAspect: Bool {
    if case .size(let width, let height) = self { max(width, height) < 64 } else { false }
  }

  private static func thousands(_ text: String) -> Int? {
    for thousands in 0...9 where text.equals(Ratio.automatic(thousands: thousands).text) { return thousands }
    return nil
  }

  private static func sides(_ text: String, separators: [UInt8]) -> (Int, Int)? {
    var sides = [0, 0]
    var digits = 0
    var side = 0
    for byte in text.bytes {
      if byte.isDigit, digits < 6, digits > 0 || byte != UInt8(ascii: "0") {
        sides[side] = sides[side] * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
      } else if side == 0, digits > 0, separators.contains(byte) {
        (side, digits) = (1, 0)
      } else {
        return nil
      }
    }
    return side == 1 && digits > 0 ? (sides[0], sides[1]) : nil
  }
}

extension Ratio {
  /// The candidate of the same shape, and among those of about the same shape the one of nearest area.
  func nearest(among candidates: [Ratio]) -> Ratio? {
    guard case .size(let width, let height) = self else { return nil }
    let aspect = Double(width) / Double(height)
    // A mere aspect says nothing about area; then the usual size is meant.
    let area = isAspect ? 1280.0 * 720 : Double(width) * Double(height)

    var leastBend = Double.infinity
    for candidate in candidates { leastBend = min(leastBend, candidate.bend(from: aspect)) }
    var best: Ratio?
    var leastStretch = Double.infinity
    for candidate in candidates where candidate.bend(from: aspect) <= leastBend * 1.03 {
      guard let pixels = candidate.pixels else { continue }
      let stretch = factor(Double(pixels), area)
      if stretch < leastStretch { (best, leastStretch) = (candidate, stretch) }
    }
    return best
  }

  private func bend(from aspect: Double) -> Double {
    guard case .size(let width, let height) = self else { return .infinity }
    return factor(Double(width) / Double(height), aspect)
  }
}

/// How many times the larger of two positive numbers holds the smaller: 1 when they are equal.
func factor(_ left: Double, _ right: Double) -> Double { left > right ? left / right : right / left }
