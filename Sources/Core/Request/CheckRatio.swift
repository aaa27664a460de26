// The size of the picture: the one asked for, or the one a draft without a ratio gets.

extension Check {
  func checkRatio() {
    guard let value = given("ratio") else { return }
    let place = Pointer.root / "ratio"
    guard let text = value.string else {
      hasPrice = false
      return errors.add(place, "ratio: must be a string such as \"1280:720\", is \(value.kind)")
    }
    let asked = Ratio(text)
    if let asked, takes(asked) {
      ratio = asked
      return
    }
    // Of a model nobody knows, only the service can judge what is no size at all.
    if model.ratios.isEmpty, asked == nil, !text.isBlank, text.byteCount <= 32 { return }
    hasPrice = false
    let choices = model.ratios.filter(fits)
    let meant = (asked ?? Ratio(guessing: text))?.nearest(among: choices)
    errors.add(
      place, "ratio: \(sentence(text, asked, meant))",
      allowed: .strings(choices.map { $0.text }),
      meaning: meant?.text)
  }

  private func takes(_ asked: Ratio) -> Bool {
    guard fits(asked) else { return false }
    if model.ratios.contains(asked) { return true }
    guard case .size(let width, let height) = asked, let pixels = asked.pixels else {
      return model.ratios.isEmpty
    }
    if model.freePixels?.contains(pixels) == true { return true }
    return rules.takesAnySize ? min(width, height) >= 16 : model.ratios.isEmpty
  }

  private func fits(_ ratio: Ratio) -> Bool { ratio.pixels ?? 0 <= rules.maxPixels ?? .max }

  private func sentence(_ text: String, _ asked: Ratio?, _ meant: Ratio?) -> Sentence {
    let example = (meant ?? model.ratios.first)?.text ?? "1280:720"
    guard let asked else {
      return "\(text.quoted) is not a size; write width:height in pixels, such as \(example)\(otherSizes)"
    }
    if !fits(asked) { return "\(text) has more pixels than maxPixels, \(rules.maxPixels ?? .max)" }
    if asked.isAspect {
      return "\(text) is an aspect ratio; \(model.id) takes sizes in pixels, such as \(example)\(otherSizes)"
    }
    let nearest: Sentence = meant.map { ", the nearest is \($0.text)" } ?? ""
    return
      "\(text) is not one of the \(counted(model.ratios.count, "size")) of \(model.id)\(nearest)\(otherSizes)"
  }

  private var otherSizes: Sentence {
    if rules.takesAnySize {
      let most: Sentence = rules.maxPixels.map { " to \($0) pixels" } ?? ""
      return "; or any width:height from 16:16\(most)"
    }
    guard let free = model.freePixels else { return "" }
    return "; or any width:height of \(free.lowerBound) to \(free.upperBound) pixels"
  }

  /// Gives a draft without a ratio one that breaks no rule, or none if the model does not need it.
  func fillRatio() {
    guard draft["ratio"] == nil else { return }
    for candidate in ratiosByPreference() where fits(candidate) {
      ratio = candidate
      let body = namedBody()
      let isBroken = model.rules.contains { rule in
        rule.conditions.contains { $0.key.is("ratio") } && rule.isBroken(by: body, references)
      }
      if !isBroken { return }
    }
    ratio = nil
    if model.ratioRequired, !model.ratios.isEmpty {
      errors.add(
        Pointer.root / "ratio", "ratio: is missing, and no size of \(model.id) fits the rest of the request")
    }
  }

  /// 1280:720, else the first of the cheapest sizes, else the first listed; what leaves the choice to the service last.
  private func ratiosByPreference() -> [Ratio] {
    let usual = Ratio.size(width: 1280, height: 720)
    let sizes = model.ratios.filter { $0.pixels != nil }
    var preferred: [Ratio] = sizes.contains(usual) ? [usual] : []
    if let cheapest = cheapest(among: sizes) { preferred.append(cheapest) }
    return preferred + sizes + model.ratios.filter { $0.pixels == nil }
  }

  private func cheapest(among sizes: [Ratio]) -> Ratio? {
    var best: Ratio?
    var least = Int64.max
    for size in sizes {
      let price = model.pricing.price(
        of: settings, ratio: size, references: references.count, count: 1, in: model)
      guard let millicredits = price.millicredits, millicredits < least else { continue }
      (best, least) = (size, millicredits)
    }
    return best
  }
}
