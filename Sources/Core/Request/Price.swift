// What a request costs, and how sure that is. Unknown is never 0: a budget must be able to tell them apart.

package struct Price: Equatable, Sendable {
  package enum Certainty: String, Sendable { case known, estimated, unknown }

  /// Thousandths of a credit; nil when unknown.
  package let millicredits: Int64?
  package let certainty: Certainty

  package static let unknown = Price(millicredits: nil, certainty: .unknown)

  package init(millicredits: Int64?, certainty: Certainty) {
    self.millicredits = millicredits
    self.certainty = certainty
  }

  package var json: JSON {
    var object = JSON.Object()
    object.add("millicredits", number: millicredits)
    object.add("certainty", text: certainty.rawValue)
    return .object(object)
  }
}

/// How a model's price comes about. All amounts are millicredits.
final class Pricing: Sendable {
  enum Base: Sendable {
    case unknown
    case flat(Int64)
    case range(Int64, Int64)
    /// By the value of a setting, such as quality.
    case setting(String, [Tier])
    /// By size. `isInferred`: the documents name the tiers, but not which size belongs to which.
    case size([Tier], isInferred: Bool)
  }

  final class Tier: Sendable {
    let name: String
    let millicredits: Int64
    /// The sizes that belong here; nil when their name has to tell, empty for all that no other tier lists.
    let ratios: [Ratio]?

    init(name: String, millicredits: Int64, ratios: [Ratio]?) {
      self.name = name
      self.millicredits = millicredits
      self.ratios = ratios
    }
  }

  final class Modifier: Sendable {
    enum Cause: Sendable { case eachReference, setting(String, String), size(String) }
    let cause: Cause
    let millicredits: Int64
    let isPerImage: Bool
    /// As the catalogue words it.
    let name: String
    let sentence: String

    init(cause: Cause, millicredits: Int64, isPerImage: Bool, name: String, sentence: String) {
      self.cause = cause
      self.millicredits = millicredits
      self.isPerImage = isPerImage
      self.name = name
      self.sentence = sentence
    }
  }

  let base: Base
  /// The source is not the service itself.
  let isEstimate: Bool
  let modifiers: [Modifier]

  init(base: Base, isEstimate: Bool, modifiers: [Modifier]) {
    self.base = base
    self.isEstimate = isEstimate
    self.modifiers = modifiers
  }

  /// The price of `count` pictures. The ratio is nil when none was given or the one given is wrong.
  @inline(never)
  func price(of body: JSON.Object, ratio: Ratio?, references: Int, count: Int, in model: Model) -> Price {
    guard var (each, isSure) = basePrice(body, ratio, model) else { return .unknown }
    var once: Int64 = 0
    for modifier in modifiers {
      guard let change = modifier.change(body, ratio, references, model) else {
        isSure = false
        continue
      }
      if modifier.isPerImage {
        each = each.addingSaturated(change)
      } else {
        once = once.addingSaturated(change)
      }
    }
    let total = each.multipliedSaturating(by: Int64(count)).addingSaturated(once)
    // A sum out of range, or a discount below nothing, is a catalogue's mistake: better unknown than wrong.
    guard total >= 0, total < Int64.max else { return .unknown }
    return Price(millicredits: total, certainty: isSure && !isEstimate ? .known : .estimated)
  }

  private func basePrice(_ body: JSON.Object, _ ratio: Ratio?, _ model: Model) -> (Int64, isSure: Bool)? {
    switch base {
    case .unknown: return nil
    case .flat(let amount): return (amount, true)
    case .range(_, let most): return (most, false)
    case .setting(let key, let tiers):
      let value = (body[key] ?? model.parameter(key)?.defaultValue(in: body))?.string
      if let tier = tiers.first(where: { value.equals($0.name) }) { return (tier.millicredits, true) }
      return dearest(tiers)
    case .size(let tiers, let isInferred):
      guard let ratio, let tier = SizeTier.choose(among: tiers, for: ratio) else { return dearest(tiers) }
      return (tier.millicredits, !isInferred)
    }
  }

  private func dearest(_ tiers: [Tier]) -> (Int64, isSure: Bool)? {
    guard var most = tiers.first?.millicredits else { return nil }
    for tier in tiers { most = max(most, tier.millicredits) }
    return (most, false)
  }
}

extension Pricing.Modifier {
  /// What is added; nil when that cannot be told, after which the price is an estimate.
  fileprivate func change(_ body: JSON.Object, _ ratio: Ratio?, _ references: Int, _ model: Model) -> Int64? {
    switch cause {
    case .eachReference: return millicredits.multipliedSaturating(by: Int64(references))
    case .setting(let key, let value):
      let given = (body[key] ?? model.parameter(key)?.defaultValue(in: body))?.string
      return given.equals(value) ? millicredits : 0
    case .size(let name):
      guard let ratio, let matches = SizeTier.matches(name, ratio) else { return nil }
      return matches ? millicredits : 0
    }
  }
}

/// What the names of sizes mean: 720p, 2k, 4MP.
enum SizeTier {
  /// The tier that lists the ratio, else the one for all others, else the one whose name is nearest to its area; nil
  /// when the service chooses the size and the names do not tell.
  static func choose(among tiers: [Pricing.Tier], for ratio: Ratio) -> Pricing.Tier? {
    for tier in tiers where tier.ratios?.contains(ratio) == true { return tier }
    guard let pixels = ratio.pixels else {
      return tiers.first { ratio.text.equals(String(sentence: "auto_\($0.name.asciiLowercase)")) }
    }
    for tier in tiers where tier.ratios?.isEmpty == true { return tier }
    var best: Pricing.Tier?
    var least = Double.infinity
    for tier in tiers {
      guard let nominal = area(named: tier.name) else { continue }
      let stretch = factor(Double(pixels), nominal)
      if stretch < least { (best, least) = (tier, stretch) }
    }
    return best
  }

  /// Whether a size goes by a name such as 2K among 1K, 2K and 4K; nil when the service chooses the size.
  static func matches(_ name: String, _ ratio: Ratio) -> Bool? {
    let tiers = ["1k", "2k", "4k"].map { Pricing.Tier(name: $0, millicredits: 0, ratios: nil) }
    return choose(among: tiers, for: ratio).map { $0.name.equals(name.asciiLowercase) }
  }

  /// The pixels a name stands for.
  private static func area(named name: String) -> Double? {
    let digits = name.bytes.prefix(5).prefix { $0.isDigit }
    var number = 0.0
    for digit in digits { number = number * 10 + Double(digit - UInt8(ascii: "0")) }
    guard number > 0 else { return nil }
    let unit = String(name.bytes[digits.endIndex...]).asciiLowercase
    if unit.is("k") { return number * 1024 * number * 1024 }
    if unit.is("mp") { return number * 1_000_000 }
    return unit.is("p") ? number * number * 16 / 9 : nil
  }
}

extension Int64 {
  func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (self < 0 ? .min : .max) : sum
  }
}
