// The check before paying: from what a caller wrote to a request, or to all that is wrong with it. It asks nobody
// and spends nothing.

extension Catalogue {
  /// Checks the JSON of a draft. Every problem is found at once, up to 64 errors and 64 warnings. Any thread.
  /// `inspector` looks at local pictures; without one they are checked by their syntax alone.
  package func check(
    _ draft: JSON, under rules: CheckRules, with inspector: (any Inspector)? = nil
  ) -> Report {
    guard case .object(let object) = draft else {
      let problem = Problem(
        location: "",
        message: String(
          sentence: "the request must be an object such as {\"promptText\":\"a fox\"}, is \(draft.kind)"),
        allowed: nil, nearest: nil)
      return Report(request: nil, listPrice: .unknown, errors: [problem], warnings: [])
    }
    let check = Check(of: object, against: self, under: rules, with: inspector)
    return check.report()
  }
}

/// One draft under examination. Each part below notes what it finds and keeps what is good.
final class Check {
  let catalogue: Catalogue
  let draft: JSON.Object
  let rules: CheckRules
  let inspector: (any Inspector)?
  let model: Model

  let errors = Problems(noun: "errors")
  let warnings = Problems(noun: "warnings")

  var prompt = ""
  var ratio: Ratio?
  var references: [Reference] = []
  var images: [JSON] = []
  var mask: Source?
  /// The local pictures among them, in the order of `Request.uploads`.
  var parcels: [Parcel] = []
  /// Of the local picture looked at last.
  var light: PictureLight?
  /// The model's settings that were given and are right, as written.
  var settings = JSON.Object()
  var extra = JSON.Object()
  /// False once something the price depends on is wrong.
  var hasPrice = true

  /// The keys that every model has, or this library adds.
  static let frame = ["model", "promptText", "ratio", "referenceImages", "extra"]

  init(
    of draft: JSON.Object, against catalogue: Catalogue, under rules: CheckRules,
    with inspector: (any Inspector)?
  ) {
    self.draft = draft
    self.inspector = inspector
    self.catalogue = catalogue
    self.rules = rules
    if let named = draft["model"] {
      let id = named.string ?? ""
      model = catalogue.model(id) ?? Model(unknown: id, among: catalogue.models)
    } else {
      model = catalogue.model(Catalogue.defaultModel) ?? catalogue.models[0]
    }
  }

  func report() -> Report {
    checkModel()
    checkPrompt()
    checkReferences()
    checkRatio()
    checkSettings()
    checkExtra()
    fillRatio()
    checkTogether()
    checkMentions()

    let price = listPrice()
    let request = errors.list.isEmpty ? request() : nil
    return Report(request: request, listPrice: price, errors: errors.list, warnings: warnings.list)
  }

  /// The value of a key, if it is there and is not null.
  func given(_ key: String) -> JSON? {
    guard let value = draft[key] else { return nil }
    if value.isNull {
      errors.add(Pointer.root / key, "\(key): is null; leave the key out")
      return nil
    }
    return value
  }

  private func checkModel() {
    guard let value = given("model") else { return }
    let place = Pointer.root / "model"
    guard let id = value.string else {
      return errors.add(place, "model: must be a string, is \(value.kind)")
    }
    guard !id.isBlank, id.byteCount <= 64 else {
      return errors.add(
        place, "model: must have 1 to 64 characters; leave it out for \(Catalogue.defaultModel)")
    }
    if model.isKnown { return }
    let nearest = Nearest.word(to: id, among: catalogue.ids())

    warnings.add(
      place,
      "model: \(id.quoted) is not in the catalogue, it is sent with basic checks at an unknown price\(didYouMean(nearest))",
      allowed: .strings(catalogue.ids()), meaning: nearest)
  }

  private func checkPrompt() {
    let place = Pointer.root / "promptText"
    guard draft["promptText"] != nil else {
      return errors.add(place, "promptText: is missing; say what the picture shows")
    }
    guard let value = given("promptText") else { return }
    guard let text = value.string else {
      return errors.add(place, "promptText: must be a string, is \(value.kind)")
    }
    guard !text.isBlank else { return errors.add(place, "promptText: is empty; say what the picture shows") }
    prompt = text
    checkLength(text.utf16Length, at: place)
  }

  private func checkLength(_ units: Int, at place: Pointer) {
    let least = model.prompt.minimum
    if units < least {
      errors.add(
        place, "promptText: \(units) UTF-16 units, at least \(least) for \(model.id)",
        allowed: .bounds(Int64(least), nil))
    }
    guard let most = model.prompt.maximum else {
      // The longest prompt any documented model takes.
      if units > 32000 {
        warnings.add(
          place,
          "promptText: \(units) UTF-16 units; \(model.id) does not say its limit, no other takes as many")
      }
      return
    }
    if units > most {
      errors.add(
        place, "promptText: \(units) UTF-16 units, at most \(most) for \(model.id)",
        allowed: .bounds(least, most))
    }
  }

  /// What the documents say about several settings at once.
  private func checkTogether() {
    let body = namedBody()
    for rule in model.rules where rule.isBroken(by: body, references) {
      let place = Pointer.root / rule.key
      if rule.isWarning {
        warnings.add(place, "\(model.id): \(rule.message)")
      } else {
        errors.add(place, "\(model.id): \(rule.message)")
      }
    }
  }

  private func listPrice() -> Price {
    guard hasPrice else { return .unknown }
    return model.pricing.price(
      of: namedBody(), ratio: ratio, references: references.count, count: outputCount, in: model)
  }

  private var outputCount: Int { settings["outputCount"]?.integer.flatMap { Int(exactly: $0) } ?? 1 }

  /// The body without `extra`, in the order of the service's documentation.
  func namedBody() -> JSON.Object {
    var named = settings
    named["model"] = .string(model.id)
    named["promptText"] = .string(prompt)
    named["ratio"] = ratio.map { .string($0.text) } ?? (model.ratios.isEmpty ? draft["ratio"] : nil)
    named["referenceImages"] = images.isEmpty ? nil : .array(images)
    var body = JSON.Object()
    for key in Request.keyOrder { if let value = named[key] { body.append(key, value) } }
    for member in named.members where !Request.keyOrder.includes(member.key) {
      body.append(member.key, member.value)
    }
    return body
  }

  private func request() -> Request {
    var draft = namedBody()
    var body = draft
    for member in extra.members { body.append(member.key, member.value) }
    if !extra.members.isEmpty { draft.append("extra", .object(extra)) }
    return Request(
      model: model.id, prompt: prompt, ratio: ratio, seed: settings["seed"]?.integer, references: references,
      mask: mask, parcels: parcels, outputCount: outputCount, body: body, draft: draft)
  }
}
