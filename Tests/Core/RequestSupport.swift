// What the request tests share: the catalogue the library carries, and drafts written as JSON.

import CCatalogue
import Core
import JSONCodec
import Testing

let builtIn: Catalogue = {
  let text = UnsafeRawBufferPointer(start: ccatalogue_text(), count: ccatalogue_length())
  do throws(Failure) {
    return try Catalogue.read(try JSONCodec.decode(text, what: "catalogue"))
  } catch {
    fatalError("the baked catalogue cannot be read: \(error.message)")
  }
}()

/// Checks a draft written as JSON.
func check(_ draft: String, _ adjust: (inout CheckRules) -> Void = { _ in }) throws -> Report {
  var rules = CheckRules()
  adjust(&rules)
  return builtIn.check(try JSONCodec.decode(draft, what: "req"), under: rules)
}

/// A draft with a prompt and more keys, such as `"seed":1`.
func draft(_ keys: String, prompt: String = "a fox") -> String {
  #"{"promptText":"\#(prompt)""# + (keys.isEmpty ? "" : ",") + keys + "}"
}

extension Report {
  /// "where: message" of each error, for one look at all of them.
  var errorLines: [String] { errors.map { "\($0.location) \($0.message)" } }
  var warningLines: [String] { warnings.map { "\($0.location) \($0.message)" } }

  var only: Problem? { errors.count == 1 ? errors[0] : nil }
}

/// A draft that has exactly one error, and its place and a part of its sentence.
func expectRefusal(
  _ text: String, at location: String, saying part: String, source: SourceLocation = #_sourceLocation,
  _ adjust: (inout CheckRules) -> Void = { _ in }
) throws {
  let report = try check(text, adjust)
  #expect(report.errors.count == 1, "\(report.errorLines)", sourceLocation: source)
  #expect(report.errors.first?.location == location, "\(report.errorLines)", sourceLocation: source)
  #expect(report.errors.first?.message.contains(part) == true, "\(report.errorLines)", sourceLocation: source)
  #expect(report.request == nil, sourceLocation: source)
}

func expectAccepted(
  _ text: String, source: SourceLocation = #_sourceLocation, _ adjust: (inout CheckRules) -> Void = { _ in }
) throws {
  let report = try check(text, adjust)
  #expect(report.errorLines == [], sourceLocation: source)
  #expect(report.request != nil, sourceLocation: source)
}
