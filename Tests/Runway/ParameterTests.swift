// Every parameter of every model: it goes out as it was given, and not at all when it was not.

import JSONCodec
import Testing

@testable import Core

/// A value the catalogue allows; for a choice the one at `turn`.
private func sample(_ parameter: Parameter, turn: Int = 0) -> JSON {
  if !parameter.allowed.isEmpty { return parameter.allowed[turn % parameter.allowed.count] }
  switch parameter.kind {
  case .string:
    return parameter.format == .colour
      ? "#FF8800" : parameter.format == .uri ? "https://example.com/m.png" : "text"
  case .integer: return .integer(parameter.minimum ?? 1)
  case .boolean: return true
  case .array: return .array(parameter.fields.map { sample($0) })
  case .object:
    var object = JSON.Object()
    for field in parameter.fields { object[field.name] = sample(field) }
    return .object(object)
  }
}

/// What a model needs before it takes anything else.
private func base(_ model: Model) -> JSON.Object {
  var draft = JSON.Object()
  draft.add("model", text: model.id)
  draft.add("promptText", text: "x")
  if model.references?.minimum ?? 0 > 0 {
    draft.add("referenceImages", [["uri": "https://example.com/a.jpg"]])
  }
  return draft
}

/// The body on the wire, read back; nil where a rule over several settings refuses the draft.
private func sent(_ draft: JSON.Object) throws -> JSON? {
  let report = builtIn.check(.object(draft), under: CheckRules())
  guard report.request != nil else { return nil }
  let body = try wire(.submit, try JSONCodec.encode(.object(draft)).string).body ?? ""
  return try JSONCodec.decode(body, what: "body")
}

private func holdsNull(_ json: JSON) -> Bool {
  switch json {
  case .null: true
  case .array(let values): values.contains { holdsNull($0) }
  case .object(let object): object.members.contains { holdsNull($0.value) }
  default: false
  }
}

@Suite struct ParameterTests {
  @Test func thereAre21Models() {
    #expect(builtIn.models.count == 21)
    #expect(builtIn.models.flatMap(\.parameters).count == 48)
  }

  @Test(arguments: builtIn.models)
  func whatIsNotSetDoesNotGoOut(model: Model) throws {
    let body = try #require(try sent(base(model)))
    var keys = ["model", "promptText"]
    if body["ratio"] != nil { keys.append("ratio") }
    if body["referenceImages"] != nil { keys.append("referenceImages") }
    #expect(body.object?.members.map(\.key) == keys)
    #expect(!holdsNull(body))
  }

  @Test(arguments: builtIn.models)
  func whatIsSetGoesOutAsItIs(model: Model) throws {
    for parameter in model.parameters {
      var hasGoneOut = false
      // Some settings only go with others; then one of their values, or one of the companions', will do.
      for turn in 0..<8 where !hasGoneOut {
        var draft = base(model)
        if parameter.name == "maskUri" || parameter.name == "preciseEdit" || parameter.name == "edit" {
          draft["referenceImages"] = [["uri": "https://example.com/a.jpg"]]
        }
        let value = sample(parameter, turn: turn)
        draft[parameter.name] = value
        guard let body = try sent(draft) else { continue }
        #expect(body[parameter.name] == value, "\(model.id) \(parameter.name)")
        #expect(!holdsNull(body))
        hasGoneOut = true
      }
      #expect(hasGoneOut, "\(model.id) \(parameter.name): no value of it was accepted")
    }
  }

  @Test(arguments: builtIn.models)
  func everySizeGoesOut(model: Model) throws {
    for ratio in model.ratios {
      var draft = base(model)
      draft["ratio"] = .string(ratio.text)
      // A single reference keeps its own framing.
      if draft["referenceImages"] != nil {
        draft["referenceImages"] = [
          ["uri": "https://example.com/a.jpg"], ["uri": "https://example.com/b.jpg"],
        ]
      }
      #expect(try sent(draft)?["ratio"]?.string == ratio.text, "\(model.id) \(ratio.text)")
    }
  }

  @Test(arguments: builtIn.models.filter { $0.references != nil })
  func referencesGoOutInTheirOrder(model: Model) throws {
    let rule = try #require(model.references)
    let count = max(rule.minimum, min(rule.maximum ?? 3, 3))
    var images: [JSON] = []
    for index in 0..<count {
      var image = JSON.Object()
      image.add("uri", text: "https://example.com/\(index).jpg")
      if rule.takesTags { image.add("tag", text: "tag\(index)") }
      if let subject = rule.subjects.first { image.add("subject", text: subject) }
      images.append(.object(image))
    }
    var draft = base(model)
    draft["referenceImages"] = .array(images)
    #expect(try sent(draft)?["referenceImages"] == .array(images), "\(model.id)")
  }
}
