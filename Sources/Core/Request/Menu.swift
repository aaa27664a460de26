// The catalogue as hosts show it: what each model takes and costs, in stable keys.

extension Catalogue {
  /// An array of {"id","bestFor","speed","price","prompt","ratios","references","parameters"}. No real numbers; what is
  /// absent is not known.
  package var menu: JSON { .array(models.map { $0.menuEntry }) }
}

extension Model {
  fileprivate var menuEntry: JSON {
    var entry = JSON.Object()
    entry.add("id", text: id)
    entry.add("bestFor", text: bestFor)
    entry.add("speed", text: speed)
    entry.add("price", pricing.menuEntry)
    var prompt = JSON.Object()
    prompt.add("max", number: self.prompt.maximum)
    prompt.add("unit", text: self.prompt.unit)
    entry.add("prompt", .object(prompt))
    entry.add("ratios", .strings(ratios.map { $0.text }))
    if let freePixels {
      entry.add("freePixels", .bounds(freePixels.lowerBound, freePixels.upperBound))
    }
    entry.add("references", (references ?? .nothing).menuEntry)
    var parameters = JSON.Object()
    for parameter in self.parameters { parameters.append(parameter.name, parameter.menuEntry) }
    entry.add("parameters", .object(parameters))
    return .object(entry)
  }
}

extension ReferenceRule {
  fileprivate var menuEntry: JSON {
    var entry = JSON.Object()
    entry.add("min", number: minimum)
    entry.add("max", number: maximum)
    entry.add("tag", flag: takesTags)
    if !subjects.isEmpty { entry.add("subjects", .strings(subjects)) }
    return .object(entry)
  }
}

extension Parameter {
  fileprivate var menuEntry: JSON {
    var entry = JSON.Object()
    entry.add("type", text: kind.rawValue)
    if allowed.isEmpty {
      entry.add("min", number: minimum)
      entry.add("max", number: maximum)
    } else {
      entry.add("allowed", .array(allowed))
    }
    if defaults.count == 1 { entry.add("default", defaults[0].value) }
    if format != .plain { entry.add("format", word: format == .uri ? "uri" : "hex colour") }
    if kind == .object {
      var members = JSON.Object()
      for field in fields { members.append(field.name, field.menuEntry) }
      entry.add("fields", .object(members))
    }
    return .object(entry)
  }
}

extension Pricing {
  /// Millicredits of one picture: {"millicredits"}, {"min","max"} or {"by","tiers"}, each with its certainty.
  fileprivate var menuEntry: JSON {
    var entry = JSON.Object()
    var certainty = isEstimate ? Price.Certainty.estimated : .known
    switch base {
    case .unknown: certainty = .unknown
    case .flat(let amount): entry.add("millicredits", number: amount)
    case .range(let least, let most):
      certainty = .estimated
      entry.add("min", number: least)
      entry.add("max", number: most)
    case .setting(let key, let tiers):
      entry.add("by", text: key)
      entry.add("tiers", menuTiers(tiers))
    case .size(let tiers, let isInferred):
      if isInferred { certainty = .estimated }
      entry.add("by", word: "ratio")
      entry.add("tiers", menuTiers(tiers))
    }
    if !modifiers.isEmpty {
      var sentences = JSON.Object()
      for modifier in modifiers { sentences.append(modifier.name, .string(modifier.sentence)) }
      entry.add("modifiers", .object(sentences))
    }
    entry.add("certainty", text: certainty.rawValue)
    return .object(entry)
  }

  private func menuTiers(_ tiers: [Tier]) -> JSON {
    var entry = JSON.Object()
    for tier in tiers { entry.append(tier.name, .integer(tier.millicredits)) }
    return .object(entry)
  }
}
