// The settings of a model: their kinds and bounds from the catalogue, and every key that is no setting at all.

extension Check {
  /// No array in a request needs more.
  private static let maxElements = 64

  func checkSettings() {
    for member in draft.members where !errors.isFull && !Self.frame.includes(member.key) {
      let place = Pointer.root / member.key
      if member.key.is("outputFormat") {
        if let encodes = rules.encodes {
          checkFormat(member.value, encodes, at: place)
          continue
        }
        if refusesPixels(member.value, at: place) { continue }
      }
      if let parameter = model.parameter(member.key) {
        let before = errors.list.count
        checkSetting(member.value, parameter, at: place)
        if errors.list.count == before {
          settings.append(member.key, member.value)
        } else {
          hasPrice = false
        }
      } else {
        noteUnknown(member.key, member.value, at: place)
      }
    }
    checkOutputCount()
  }

  private func noteUnknown(_ key: String, _ value: JSON, at place: Pointer) {
    let knowing = catalogue.ids { $0.parameter(key) != nil }
    if !knowing.isEmpty {
      return errors.add(place, "\(key): \(model.id) does not have it; known to \(enumerated(knowing))")
    }
    let nearest = Nearest.word(
      to: key, among: Self.frame + Parameter.names(model.parameters) + catalogue.settings)
    let advice: Sentence =
      nearest == nil ? "; what the service should get unchecked goes into extra" : didYouMean(nearest)
    errors.add(place, "\(key.quoted) is a key no model knows\(advice)", meaning: nearest)
  }

  private func checkOutputCount() {
    guard let count = settings["outputCount"]?.integer, count < 1 || count > Int64(Request.maxOutputs) else {
      return
    }
    hasPrice = false
    settings["outputCount"] = nil
    errors.add(
      Pointer.root / "outputCount", "outputCount: must be from 1 to \(Request.maxOutputs), is \(count)",
      allowed: .bounds(1, Request.maxOutputs),
      nearest: .integer(count < 1 ? 1 : Int64(Request.maxOutputs)))
  }

  /// Recursion is bounded by the catalogue's own depth.
  private func checkSetting(_ value: JSON, _ parameter: Parameter, at place: Pointer) {
    let name = parameter.name
    switch (parameter.kind, value) {
    case (_, .null): errors.add(place, "\(name): is null; leave the key out")
    case (.string, .string(let text)): checkText(text, parameter, at: place)
    case (.integer, .integer(let number)): checkNumber(number, parameter, at: place)
    case (.boolean, .bool): checkAllowed(value, parameter, at: place)
    case (.array, .array(let elements)): checkElements(elements, parameter, at: place)
    case (.object, .object(let object)): checkMembers(object, parameter, at: place)
    default:
      errors.add(
        place, "\(name): must be \(parameter.kind.noun), is \(value.kind)",
        allowed: parameter.allowed.isEmpty ? nil : .array(parameter.allowed),
        nearest: meant(by: value, parameter))
    }
  }

  private func checkText(_ text: String, _ parameter: Parameter, at place: Pointer) {
    switch parameter.format {
    case .plain: checkAllowed(.string(text), parameter, at: place)
    case .colour:
      let digits = text.begins(with: "#") ? text.bytes.dropFirst() : text.bytes
      if digits.count != 6 || !digits.allSatisfy({ $0.hexDigit != nil }) {
        errors.add(
          place, "\(parameter.name): \(text.quoted) is no colour; write six hex digits, such as #FF8800")
      }
    case .uri:
      mask = read(at: place) { reader throws(Fault) in try reader.read(uri: text) }
    }
  }

  private func checkNumber(_ number: Int64, _ parameter: Parameter, at place: Pointer) {
    if !parameter.allowed.isEmpty { return checkAllowed(.integer(number), parameter, at: place) }
    let least = parameter.minimum ?? .min
    let most = parameter.maximum ?? .max
    if number >= least, number <= most { return }
    let from: Sentence = parameter.minimum.map { "at least \($0)" } ?? ""
    let to: Sentence = parameter.maximum.map { "at most \($0)" } ?? ""
    let and: Sentence = parameter.minimum == nil || parameter.maximum == nil ? "" : " and "
    errors.add(
      place, "\(parameter.name): must be \(from)\(and)\(to) for \(model.id), is \(number)",
      allowed: .bounds(parameter.minimum, parameter.maximum), nearest: .integer(min(max(number, least), most))
    )
  }

  private func checkAllowed(_ value: JSON, _ parameter: Parameter, at place: Pointer) {
    if parameter.allowed.isEmpty || parameter.allowed.contains(value) { return }
    let choices = enumerated(parameter.allowed.map { $0.words }, limit: 12)
    let others = catalogue.ids { $0.parameter(parameter.name)?.allowed.contains(value) == true }
    let advice: Sentence = others.isEmpty ? "" : "; \(enumerated(others)) would take it"
    errors.add(
      place, "\(parameter.name): \(value.words) is not among \(choices) of \(model.id)\(advice)",
      allowed: .array(parameter.allowed), nearest: meant(by: value, parameter))
  }

  private func checkElements(_ elements: [JSON], _ parameter: Parameter, at place: Pointer) {
    if elements.count > Self.maxElements {
      errors.add(
        place, "\(parameter.name): \(elements.count) elements, at most \(Self.maxElements)",
        allowed: .bounds(0, Self.maxElements))
    }
    guard let element = parameter.fields.first else { return }
    for (index, value) in elements.prefix(Self.maxElements).enumerated() where !errors.isFull {
      checkSetting(value, element, at: place / index)
    }
  }

  private func checkMembers(_ object: JSON.Object, _ parameter: Parameter, at place: Pointer) {
    for member in object.members where !errors.isFull {
      if let field = parameter.fields.first(where: { $0.name.equals(member.key) }) {
        checkSetting(member.value, field, at: place / member.key)
        continue
      }
      let names = Parameter.names(parameter.fields)
      let nearest = Nearest.word(to: member.key, among: names)
      errors.add(
        place / member.key, "\(member.key.quoted) is no key of \(parameter.name)\(didYouMean(nearest))",
        allowed: .strings(names), meaning: nearest)
    }
  }

  /// The value somebody meant who wrote 5.0 or "5" for a number, or a choice with a slip.
  private func meant(by value: JSON, _ parameter: Parameter) -> JSON? {
    switch (parameter.kind, value) {
    case (.integer, .real(let number)): return Int64(exactly: number).map { .integer($0) }
    case (.integer, .string(let text)): return text.integer.map { .integer($0) }
    case (.integer, .integer(let number)): return parameter.nearest(to: number)
    case (.boolean, .string(let text)): return text.is("true") ? true : text.is("false") ? false : nil
    case (.boolean, .integer(let number)): return number == 1 ? true : number == 0 ? false : nil
    case (.string, .string(let text)):
      return Nearest.word(to: text, among: parameter.words).map { .string($0) }
    default: return nil
    }
  }

  /// What goes along unchecked, for settings newer than this library. It may not undo what was checked.
  func checkExtra() {
    guard let value = given("extra") else { return }
    let place = Pointer.root / "extra"
    guard case .object(let object) = value else {
      return errors.add(place, "extra: must be an object, is \(value.kind)")
    }
    for member in object.members where !errors.isFull {
      if Self.frame.includes(member.key) || catalogue.settings.includes(member.key) {
        errors.add(place / member.key, "extra: \(member.key) is a key of its own; set it outside extra")
      }
    }
    extra = object
  }
}

extension Parameter {
  @inline(never)
  static func names(_ parameters: [Parameter]) -> [String] { parameters.map { $0.name } }

  /// The allowed values that are strings.
  fileprivate var words: [String] {
    @inline(never) get { allowed.compactMap { $0.string } }
  }

  fileprivate func nearest(to number: Int64) -> JSON? {
    var best: JSON?
    var least = UInt64.max
    for case .integer(let choice) in allowed where choice.distance(from: number) < least {
      (best, least) = (.integer(choice), choice.distance(from: number))
    }
    return best
  }
}

extension Parameter.Kind {
  var noun: StaticString {
    switch self {
    case .string: "a string"
    case .integer: "an integer"
    case .boolean: "a boolean"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON {
  /// A scalar for a sentence.
  fileprivate var words: String {
    @inline(never) get {
      switch self {
      case .string(let text): text.byteCount <= 24 ? text : text.quoted
      case .integer(let number): String(sentence: "\(number)")
      case .bool(let flag): String(flag ? "true" : "false" as StaticString)
      default: String(kind)
      }
    }
  }
}

extension Int64 {
  /// Without overflow, as any two integers may be asked for.
  fileprivate func distance(from other: Int64) -> UInt64 {
    self > other ? UInt64(bitPattern: self &- other) : UInt64(bitPattern: other &- self)
  }
}
