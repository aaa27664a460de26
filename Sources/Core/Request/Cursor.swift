// A place in a JSON document that is being read, so that a fault can say where it is. Reading goes on after a fault,
// with values that stand for nothing, and whoever began it asks for the first fault at the end: a way out at every
// value would be half of the code that reads.

final class Cursor {
  let value: JSON
  let pointer: Pointer
  private let faults: Faults

  private final class Faults {
    var first: Failure?
  }

  init(_ root: JSON) {
    value = root
    pointer = .root
    faults = Faults()
  }

  private init(_ value: JSON, _ pointer: Pointer, _ faults: Faults) {
    self.value = value
    self.pointer = pointer
    self.faults = faults
  }

  /// What was wrong first in the whole document.
  var firstFault: Failure? { faults.first }

  @inline(never)
  func fault(_ sentence: consuming Sentence) {
    if faults.first != nil { return }
    let place = pointer.text.isEmpty ? "the document" : pointer.text
    faults.first = Failure(.json, at: pointer.text, "catalogue: \(place) \(sentence)")
  }

  // MARK: Members. One that is null counts as absent: the catalogue's files do not tell them apart.

  @inline(never)
  func member(_ key: String) -> Cursor? {
    guard let member = value[key], !member.isNull else { return nil }
    return Cursor(member, pointer / key, faults)
  }

  subscript(key: StaticString) -> Cursor? {
    @inline(never) get { member(String(key)) }
  }

  @inline(never)
  func required(_ key: StaticString) -> Cursor {
    if let member = self[key] { return member }
    fault("lacks the key \(key)")
    return Cursor(.null, pointer, faults)
  }

  @inline(never)
  func text(_ key: StaticString) -> String? { self[key]?.string() }

  @inline(never)
  func flag(_ key: StaticString) -> Bool? { self[key]?.bool() }

  @inline(never)
  func integer(_ key: StaticString) -> Int64? { self[key]?.integer() }

  @inline(never)
  func count(_ key: StaticString) -> Int? { self[key]?.count() }

  // MARK: Values

  @inline(never)
  func string() -> String {
    if let string = value.string { return string }
    wrong("a string")
    return ""
  }

  @inline(never)
  func bool() -> Bool {
    if let bool = value.bool { return bool }
    wrong("a boolean")
    return false
  }

  @inline(never)
  func integer() -> Int64 {
    if let integer = value.integer { return integer }
    wrong("an integer")
    return 0
  }

  /// A number of things: from 0 to a thousand million.
  @inline(never)
  func count() -> Int {
    let integer = integer()
    if integer >= 0, integer <= 1_000_000_000, let count = Int(exactly: integer) { return count }
    fault("must be from 0 to 1000000000, is \(integer)")
    return 0
  }

  /// Credits, whole or not, as millicredits.
  @inline(never)
  func millicredits() -> Int64 {
    var credits = 0.0
    switch value {
    case .integer(let number): credits = Double(number)
    case .real(let number): credits = number
    default: wrong("a number of credits")
    }
    if credits >= 0, credits <= 1_000_000_000 { return Int64((credits * 1000).rounded()) }
    fault("is no sensible number of credits")
    return 0
  }

  @inline(never)
  func elements() -> [Cursor] {
    guard let array = value.array else {
      wrong("an array")
      return []
    }
    var cursors: [Cursor] = []
    for (index, element) in array.enumerated() { cursors.append(Cursor(element, pointer / index, faults)) }
    return cursors
  }

  @inline(never)
  func strings() -> [String] {
    var strings: [String] = []
    for element in elements() { strings.append(element.string()) }
    return strings
  }

  /// The keys of an object, whose values `member` finds.
  @inline(never)
  func keys() -> [String] {
    guard let object = value.object else {
      wrong("an object")
      return []
    }
    var keys: [String] = []
    for member in object.members { keys.append(member.key) }
    return keys
  }

  private func wrong(_ right: StaticString) { fault("must be \(right), is \(value.kind)") }
}
