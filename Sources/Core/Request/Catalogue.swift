// The models a request can name, and what is true of each: the facts a check needs before money is spent.

package struct Catalogue: Sendable {
  package let models: [Model]
  let uriLimits: URILimits
  /// Every setting of any model, each once.
  let settings: [String]

  /// The model a request means that names none.
  static let defaultModel = "gen4_image"

  /// More than the service will ever have; reading is quadratic in it.
  private static let maxModels = 512

  /// Reads a catalogue file's JSON. Fails with `json` and the pointer of what is wrong.
  package static func read(_ json: JSON) throws(Failure) -> Catalogue {
    let root = Cursor(json)
    let entries = root.required("models")
    var models: [Model] = []
    for entry in entries.elements() {
      if models.count == maxModels { entries.fault("has more than \(maxModels) models") }
      let model = Model(reading: entry)
      if models.contains(where: { $0.id.equals(model.id) }) {
        entry.fault("is a second model of the id \(model.id.quoted)")
      }
      if let fault = root.firstFault { throw fault }
      models.append(model)
    }
    if models.isEmpty { entries.fault("must not be empty") }
    let limits = URILimits.read(root["common"]?["uri"])
    if let fault = root.firstFault { throw fault }
    return Catalogue(models: models, uriLimits: limits)
  }

  private init(models: [Model], uriLimits: URILimits) {
    var settings: [String] = []
    for model in models {
      for parameter in model.parameters where !settings.includes(parameter.name) {
        settings.append(parameter.name)
      }
    }
    self.models = models
    self.uriLimits = uriLimits
    self.settings = settings
  }

  package func model(_ id: String) -> Model? { models.first { $0.id.equals(id) } }

  /// The models of which something is true, by name.
  @inline(never)
  func ids(_ condition: (Model) -> Bool = { _ in true }) -> [String] {
    var ids: [String] = []
    for model in models where condition(model) { ids.append(model.id) }
    return ids
  }

  /// What a replacement should not do unnoticed: name a lower price than the catalogue the library carries.
  package func warnings(against builtIn: Catalogue) -> [Problem] {
    let found = Problems(noun: "warnings")
    for old in builtIn.models {
      guard let new = model(old.id), let difference = new.firstLowerPrice(than: old) else { continue }
      found.add(
        Pointer.root / "models" / old.id,
        """
        catalogue: \(old.id) at \(difference.what) costs \(credits(difference.new)) in the replacement and \
        \(credits(difference.old)) in the built-in catalogue; a budget will count the lower price
        """)
    }
    return found.list
  }
}

/// "8 credits", "2500 millicredits", for a sentence.
private func credits(_ millicredits: Int64) -> Sentence {
  let (credits, rest) = millicredits.quotientAndRemainder(dividingBy: 1000)
  return rest == 0 ? counted(Int(credits), "credit") : "\(millicredits) millicredits"
}

extension Model {
  /// The first request that this model says is cheaper than `old` says: each size, each quality, with and without a
  /// reference.
  fileprivate func firstLowerPrice(than old: Model) -> (what: String, old: Int64, new: Int64)? {
    if old.ratios.isEmpty { return lowerPrice(than: old, nil) }
    for ratio in old.ratios {
      if let found = lowerPrice(than: old, ratio) { return found }
    }
    return nil
  }

  private func lowerPrice(than old: Model, _ ratio: Ratio?) -> (what: String, old: Int64, new: Int64)? {
    // The first quality is none: the setting is left out.
    let qualities: [JSON] = [.null] + (old.parameter("quality")?.allowed ?? [])
    let size = ratio?.text ?? "any size"
    for quality in qualities {
      var body = JSON.Object()
      if !quality.isNull { body["quality"] = quality }
      for references in 0...1 {
        let before = old.pricing.price(of: body, ratio: ratio, references: references, count: 1, in: old)
        let after = pricing.price(of: body, ratio: ratio, references: references, count: 1, in: self)
        guard let before = before.millicredits, let after = after.millicredits, after < before else {
          continue
        }
        return (quality.string.map { String(sentence: "\(size) and quality \($0)") } ?? size, before, after)
      }
    }
    return nil
  }
}
