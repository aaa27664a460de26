// What the service's documents say about one model, as facts to check against. Reading is CatalogueReading's work.

package final class Model: Sendable {
  package let id: String
  package let bestFor: String?
  package let speed: String?
  let prompt: PromptRule
  /// In the order of the catalogue. Empty for a model nobody knows: then any size may be asked for.
  let ratios: [Ratio]
  /// Sizes between these numbers of pixels are accepted beside the listed ones.
  let freePixels: ClosedRange<Int>?
  let ratioRequired: Bool
  /// nil when the model takes none.
  let references: ReferenceRule?
  let parameters: [Parameter]
  let rules: [Rule]
  let pricing: Pricing
  /// False for a model the catalogue does not list: sent with basic checks.
  let isKnown: Bool

  func parameter(_ name: String) -> Parameter? { parameters.first { $0.name.equals(name) } }

  init(reading entry: Cursor) {
    let ratio = entry.required("ratio")
    id = Model.readID(entry.required("id"))
    bestFor = entry.text("bestFor")
    speed = entry.text("speed")
    prompt = PromptRule.read(entry["prompt"])
    ratios = Ratio.read(ratio["values"])
    freePixels = Ratio.readFreePixels(ratio["freeformRule"])
    ratioRequired = ratio.flag("required") ?? true
    references = ReferenceRule.read(entry["referenceImages"])
    parameters = Parameter.readAll(entry["parameters"])
    rules = Rule.readAll(entry["checks"])
    pricing = Pricing.read(entry["pricing"])
    isKnown = true
  }

  /// A stand-in for a model the catalogue does not list: every parameter any model has, without its bounds.
  init(unknown id: String, among models: [Model]) {
    var parameters: [Parameter] = []
    for model in models {
      for parameter in model.parameters where !parameters.contains(where: { $0.name.equals(parameter.name) })
      {
        parameters.append(Parameter(unbounding: parameter))
      }
    }
    self.id = id
    bestFor = nil
    speed = nil
    prompt = PromptRule(minimum: 1, maximum: nil, unit: "utf16_code_units")
    ratios = []
    freePixels = nil
    ratioRequired = false
    references = ReferenceRule(
      minimum: 0, maximum: nil, takesTags: true, subjects: ["object", "human"], syntax: .none)
    self.parameters = parameters
    rules = []
    pricing = Pricing(base: .unknown, isEstimate: false, modifiers: [])
    isKnown = false
  }
}

struct PromptRule: Sendable {
  let minimum: Int
  /// nil when the service does not say.
  let maximum: Int?
  let unit: String
}

struct ReferenceRule: Sendable {
  /// How a prompt speaks of its references.
  enum Syntax: Sendable { case tag, figure, none }

  let minimum: Int
  /// nil when the service does not say.
  let maximum: Int?
  let takesTags: Bool
  /// Empty when a reference has no subject.
  let subjects: [String]
  let syntax: Syntax

  static let nothing = ReferenceRule(minimum: 0, maximum: 0, takesTags: false, subjects: [], syntax: .none)

  /// No model documents more than 16; beyond this a request is a mistake whatever the model.
  static let limit = 64

  /// "1–3 reference images", for a sentence.
  var sentence: Sentence {
    let most = maximum ?? Self.limit
    if minimum == most { return counted(most, "reference image") }
    return minimum == 0
      ? "at most \(counted(most, "reference image"))" : "\(minimum)–\(most) reference images"
  }
}

/// One setting of a model, such as seed or quality.
final class Parameter: Sendable {
  /// Named as the catalogue names them.
  enum Kind: String, Sendable, CaseIterable { case string, integer, boolean, array, object }
  enum Format: Sendable { case plain, colour, uri }

  let name: String
  let kind: Kind
  let format: Format
  /// Empty when any value of the kind will do.
  let allowed: [JSON]
  let minimum: Int64?
  let maximum: Int64?
  /// What the service takes when the setting is left out; the first that applies. Empty when it does not say.
  let defaults: [Default]
  /// The members of an object; for an array one entry, its elements.
  let fields: [Parameter]

  final class Default: Sendable {
    let conditions: [Condition]
    let value: JSON

    init(conditions: [Condition], value: JSON) {
      self.conditions = conditions
      self.value = value
    }
  }

  /// What applies when a request does not have this setting.
  func defaultValue(in body: JSON.Object) -> JSON? {
    for entry in defaults where entry.conditions.allSatisfy({ $0.holds(in: body) }) { return entry.value }
    return nil
  }

  /// Recursion is bounded by the depth of the document. An array says the format of its elements.
  init(reading name: String, _ cursor: Cursor, format given: Format = .plain) {
    self.name = name
    kind = Kind.read(cursor.required("type"))
    format = cursor.text("format").map(Format.read) ?? given
    minimum = cursor.integer("minimum")
    maximum = cursor.integer("maximum")
    allowed = cursor["enum"]?.elements().map { $0.value } ?? []
    defaults = Parameter.readDefaults(cursor)
    let items = kind == .array ? cursor["items"] : nil
    fields =
      if let items { [Parameter(reading: name, items, format: format)] } else {
        Parameter.readAll(cursor["fields"])
      }
    if minimum ?? .min > maximum ?? .max { cursor.fault("has minimum above maximum") }
  }

  init(unbounding bounded: Parameter) {
    name = bounded.name
    kind = bounded.kind
    format = bounded.format
    allowed = []
    minimum = nil
    maximum = nil
    defaults = []
    fields = bounded.fields.map { Parameter(unbounding: $0) }
  }
}

/// What a rule looks for in a request's body.
final class Condition: Sendable {
  let key: String
  let values: [JSON]
  /// Holds for a present key with none of the values, rather than one of them.
  let isNegated: Bool

  init(key: String, values: [JSON], isNegated: Bool) {
    self.key = key
    self.values = values
    self.isNegated = isNegated
  }

  func holds(in body: JSON.Object) -> Bool {
    guard let value = body[key] else { return false }
    return values.contains(value) != isNegated
  }
}

/// Something the documents say about several settings at once.
final class Rule: Sendable {
  let conditions: [Condition]
  /// How many references there may be when the conditions hold; nil when they must not hold at all.
  let references: Bounds?
  let message: String
  /// Said, not refused: the documents do not agree, or do not say it outright.
  let isWarning: Bool

  struct Bounds: Sendable {
    /// Counts only references of this subject, where none means object.
    let subject: String?
    let minimum: Int
    let maximum: Int
  }

  init(conditions: [Condition], references: Bounds?, message: String, isWarning: Bool) {
    self.conditions = conditions
    self.references = references
    self.message = message
    self.isWarning = isWarning
  }

  /// The key to blame.
  var key: String { conditions.first?.key ?? "referenceImages" }

  func isBroken(by body: JSON.Object, _ given: [Reference]) -> Bool {
    guard conditions.allSatisfy({ $0.holds(in: body) }) else { return false }
    guard let references else { return true }
    var count = 0
    for reference in given
    where references.subject == nil || references.subject.equals(reference.subject ?? "object") {
      count += 1
    }
    return count < references.minimum || count > references.maximum
  }
}
