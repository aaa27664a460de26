// What a check found: everything at once, so that a form can mark every field.

/// One thing to put right, or to know.
package final class Problem: Sendable {
  /// A JSON pointer into the request; empty for the request as a whole.
  package let location: String
  /// A sentence that says what is wrong and what is right.
  package let message: String
  /// The values that would do: an array, or {"min", "max"}.
  package let allowed: JSON?
  /// The value most likely meant.
  package let nearest: JSON?

  init(location: String, message: String, allowed: JSON?, nearest: JSON?) {
    self.location = location
    self.message = message
    self.allowed = allowed
    self.nearest = nearest
  }

  package var json: JSON {
    var object = JSON.Object()
    object.add("where", text: location)
    object.add("message", text: message)
    object.add("allowed", allowed)
    object.add("nearest", nearest)
    return .object(object)
  }
}

/// A list that stops growing: nobody reads the thousandth problem, and a hostile request could have a million.
final class Problems {
  static let limit = 64

  private let noun: StaticString
  private(set) var list: [Problem] = []

  init(noun: StaticString) { self.noun = noun }

  var isFull: Bool { list.count > Self.limit }

  @inline(never)
  func add(_ place: Pointer, _ message: consuming Sentence) {
    add(place, message, allowed: nil, nearest: nil)
  }

  @inline(never)
  func add(_ place: Pointer, _ message: consuming Sentence, allowed: consuming JSON) {
    add(place, message, allowed: allowed, nearest: nil)
  }

  @inline(never)
  func add(
    _ place: Pointer, _ message: consuming Sentence, allowed: consuming JSON?, nearest: consuming JSON?
  ) {
    if isFull { return }
    if list.count == Self.limit {
      let sentence: Sentence = "there are more than \(Self.limit) \(noun); the others are not listed"
      list.append(Problem(location: "", message: sentence.text, allowed: nil, nearest: nil))
    } else {
      list.append(Problem(location: place.text, message: message.text, allowed: allowed, nearest: nearest))
    }
  }
}

extension Problems {
  /// With the word that was meant.
  @inline(never)
  func add(
    _ place: Pointer, _ message: consuming Sentence, allowed: consuming JSON? = nil,
    meaning nearest: consuming String?
  ) {
    add(place, message, allowed: allowed, nearest: nearest.map { .string($0) })
  }
}

extension JSON {
  @inline(never)
  static func strings(_ words: [String]) -> JSON { .array(words.map { .string($0) }) }

  /// {"min", "max"}.
  @inline(never)
  static func bounds(_ least: Int64?, _ most: Int64?) -> JSON {
    var object = Object()
    object.add("min", number: least)
    object.add("max", number: most)
    return .object(object)
  }

  static func bounds(_ least: Int, _ most: Int) -> JSON { bounds(Int64(least), Int64(most)) }
}

package struct Report: Sendable {
  /// nil when there are errors.
  package let request: Request?
  /// What the hosted service would charge, whoever does the work.
  package let listPrice: Price
  package let errors: [Problem]
  package let warnings: [Problem]

  /// The request, or the first error as a failure.
  package func accepted() throws(Failure) -> Request {
    if let request { return request }
    let first = errors.first?.message ?? "the request was refused"
    let others = errors.count - 1
    let more: Sentence = others > 0 ? " (and \(counted(others, "other error")): t2i_check lists them)" : ""
    throw Failure(.argument, at: errors.first?.location ?? "", "\(first)\(more)")
  }

  /// The same, refused by a provider that looked at the request too.
  package func refused(_ why: Failure) -> Report {
    let problem = Problem(location: why.location, message: why.message, allowed: nil, nearest: nil)
    return Report(request: nil, listPrice: listPrice, errors: errors + [problem], warnings: warnings)
  }

  /// {"ok","request","price","errors","warnings"}, priced as the hosted service does.
  package var json: JSON { json(charging: nil) }

  /// The same for a client whose provider charges something else; the hosted service's price is then "listPrice".
  package func json(charging price: Price?) -> JSON {
    var object = JSON.Object()
    object.add("ok", flag: errors.isEmpty)
    object.add("request", request.map { .object($0.body) })
    object.add("price", (price ?? listPrice).json)
    object.add("listPrice", price.map { _ in listPrice.json })
    object.add("errors", .array(errors.map { $0.json }))
    object.add("warnings", .array(warnings.map { $0.json }))
    return .object(object)
  }
}
