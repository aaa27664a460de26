// From the JSON of a catalogue file to models. The file may be a user's own, so every fault names its pointer; what is
// read after the first fault is never used.

extension Model {
  static func readID(_ cursor: Cursor) -> String {
    let id = cursor.string()
    if id.isBlank || id.byteCount > 64 { cursor.fault("must have 1 to 64 characters") }
    return id
  }
}

extension PromptRule {
  static func read(_ prompt: Cursor?) -> PromptRule {
    PromptRule(
      minimum: prompt?.count("minLength") ?? 1, maximum: prompt?.count("maxLength"),
      unit: prompt?.text("unit") ?? "utf16_code_units")
  }
}

extension Ratio {
  static func read(_ values: Cursor?) -> [Ratio] {
    var ratios: [Ratio] = []
    for value in values?.elements() ?? [] {
      if let ratio = Ratio(value.string()) {
        ratios.append(ratio)
      } else {
        value.fault("must be width:height or auto")
      }
    }
    return ratios
  }

  static func readFreePixels(_ rule: Cursor?) -> ClosedRange<Int>? {
    guard let rule else { return nil }
    let least = rule.required("minPixels").count()
    let most = rule.required("maxPixels").count()
    if least > most { rule.fault("has minPixels above maxPixels") }
    return least...max(least, most)
  }
}

extension ReferenceRule {
  static func read(_ rule: Cursor?) -> ReferenceRule? {
    guard let rule else { return nil }
    let minimum = rule.count("min") ?? 0
    let maximum = rule.count("max")
    if minimum > min(maximum ?? limit, limit) { rule.fault("has min above max") }
    let syntax = rule.text("promptSyntax") ?? ""
    return ReferenceRule(
      minimum: minimum, maximum: maximum.map { min($0, limit) },
      takesTags: rule.text("tag").is("optional"),
      subjects: rule["itemFields"]?["subject"]?["enum"]?.strings() ?? [],
      syntax: syntax.begins(with: "@tag") ? .tag : syntax.begins(with: "Figure N") ? .figure : .none)
  }
}

extension Parameter {
  static func readAll(_ parameters: Cursor?) -> [Parameter] {
    var all: [Parameter] = []
    for name in parameters?.keys() ?? [] {
      if let cursor = parameters?.member(name) { all.append(Parameter(reading: name, cursor)) }
    }
    return all
  }

  static func readDefaults(_ cursor: Cursor) -> [Default] {
    var defaults: [Default] = []
    for entry in cursor["defaultWhen"]?.elements() ?? [] {
      let value = entry.required("value").value
      defaults.append(Default(conditions: Condition.readAll(entry["when"]), value: value))
    }
    if let value = cursor["default"] { defaults.append(Default(conditions: [], value: value.value)) }
    return defaults
  }
}

extension Parameter.Kind {
  static func read(_ cursor: Cursor) -> Parameter.Kind {
    let name = cursor.string()
    for kind in allCases where name.equals(kind.rawValue) { return kind }
    cursor.fault("must be string, integer, boolean, array or object")
    return .string
  }
}

extension Parameter.Format {
  static func read(_ sentence: String) -> Parameter.Format {
    if sentence.contains(text: "hex colour") { return .colour }
    return sentence.contains(text: "URI") ? .uri : .plain
  }
}

extension Rule {
  static func readAll(_ rules: Cursor?) -> [Rule] {
    var all: [Rule] = []
    for rule in rules?.elements() ?? [] {
      all.append(
        Rule(
          conditions: Condition.readAll(rule["when"]), references: Bounds.read(rule["references"]),
          message: rule.required("say").string(), isWarning: rule.flag("warn") ?? false))
    }
    return all
  }
}

extension Rule.Bounds {
  static func read(_ cursor: Cursor?) -> Rule.Bounds? {
    guard let cursor else { return nil }
    return Rule.Bounds(
      subject: cursor.text("subject"), minimum: cursor.count("min") ?? 0, maximum: cursor.count("max") ?? .max
    )
  }
}

extension Condition {
  static func readAll(_ cursor: Cursor?) -> [Condition] {
    var all: [Condition] = []
    for key in cursor?.keys() ?? [] {
      guard let condition = cursor?.member(key) else { continue }
      let negated = condition["not"]
      let values = (negated ?? condition).elements().map { $0.value }
      all.append(Condition(key: key, values: values, isNegated: negated != nil))
    }
    return all
  }
}

extension Pricing {
  static func read(_ cursor: Cursor?) -> Pricing {
    guard let cursor else { return Pricing(base: .unknown, isEstimate: false, modifiers: []) }
    if let unit = cursor["unit"], !unit.string().is("credits/image") {
      unit.fault("must be \"credits/image\", the only unit the service has")
    }
    var modifiers: [Modifier] = []
    let given = cursor["modifiers"]
    for name in given?.keys() ?? [] {
      if let modifier = given?.member(name) { modifiers.append(Modifier.read(name, modifier)) }
    }
    let isEstimate = cursor.text("source")?.contains(text: "unofficial") ?? false
    return Pricing(base: readBase(cursor), isEstimate: isEstimate, modifiers: modifiers)
  }

  private static func readBase(_ cursor: Cursor) -> Base {
    if let amount = cursor["flat"] ?? cursor["base"] { return .flat(amount.millicredits()) }
    if let most = cursor["max"] { return .range(cursor["min"]?.millicredits() ?? 0, most.millicredits()) }
    guard let tiers = cursor["tiers"] else { return .unknown }
    let table = cursor["tierOfRatio"]
    var all: [Tier] = []
    for name in tiers.keys() {
      guard let amount = tiers.member(name) else { continue }
      let ratios = readRatios(table?.member(name))
      all.append(Tier(name: name, millicredits: amount.millicredits(), ratios: ratios))
    }
    if let setting = cursor.text("by"), !setting.is("ratio") { return .setting(setting, all) }
    // A table that is not said to be a guess is the service's own.
    let isGuess = cursor.text("tierOfRatioSource")?.contains(text: "inferred") ?? false
    return .size(all, isInferred: table == nil || isGuess)
  }

  /// A list of sizes, or a phrase such as "every other ratio".
  private static func readRatios(_ cursor: Cursor?) -> [Ratio]? {
    guard let cursor else { return nil }
    return cursor.value.string == nil ? Ratio.read(cursor) : []
  }
}

extension Pricing.Modifier {
  /// "each reference", "quality=low" or "2K ratio" : "+1 per image" or "-2 per generation".
  static func read(_ name: String, _ cursor: Cursor) -> Pricing.Modifier {
    let sentence = cursor.string()
    let cause = cause(name)
    let amount = amount(sentence)
    if cause == nil || amount == nil {
      cursor.fault(
        "must read like \"+1 per image\" under \"each reference\", \"quality=low\" or \"2K ratio\"")
    }
    return Pricing.Modifier(
      cause: cause ?? .eachReference, millicredits: (amount?.credits ?? 0) * 1000,
      isPerImage: amount?.isPerImage ?? true, name: name, sentence: sentence)
  }

  private static func cause(_ name: String) -> Cause? {
    if name.is("each reference") { return .eachReference }
    let bytes = name.bytes
    if let equals = bytes.firstIndex(of: UInt8(ascii: "=")) {
      return .setting(String(bytes[..<equals]), String(bytes[(equals + 1)...]))
    }
    let size = bytes.prefix { $0 != UInt8(ascii: " ") }
    return String(bytes[size.endIndex...]).is(" ratio") ? .size(String(size)) : nil
  }

  /// A sign, up to six digits and " per " something.
  private static func amount(_ sentence: String) -> (credits: Int64, isPerImage: Bool)? {
    let bytes = sentence.bytes
    let digits = bytes.dropFirst().prefix(6).prefix { $0.isDigit }
    let isNegative = bytes.first == UInt8(ascii: "-")
    let rest = bytes[digits.endIndex...]
    guard isNegative || bytes.first == UInt8(ascii: "+"), rest.begins(with: " per "),
      let number = String(digits).integer
    else {
      return nil
    }
    return (isNegative ? -number : number, !String(rest).is(" per generation"))
  }
}
