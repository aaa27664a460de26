// A JSON value as the rooms pass it around. Reading and writing text is JSONCodec's work; here a value is only held
// and asked. Objects keep their order, because a person reads what we write.

package enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case real(Double)
  case string(String)
  case array([JSON])
  case object(Object)

  package struct Member: Equatable, Sendable {
    package let key: String
    package var value: JSON
  }

  /// Members in the order they were written. Lookup is linear: our objects have tens of keys.
  package struct Object: Equatable, Sendable {
    package private(set) var members: [Member] = []

    package init() {}

    /// Reading a key that is absent gives nil; writing nil removes the key.
    package subscript(key: String) -> JSON? {
      get {
        for member in members where member.key == key { return member.value }
        return nil
      }
      set {
        for index in members.indices where members[index].key == key {
          if let newValue { members[index].value = newValue } else { members.remove(at: index) }
          return
        }
        if let newValue { members.append(Member(key: key, value: newValue)) }
      }
    }

    /// Adds a member the caller knows to be new, without looking for it first.
    package mutating func append(_ key: String, _ value: JSON) {
      members.append(Member(key: key, value: value))
    }
  }

  package subscript(key: String) -> JSON? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  package var object: Object? { if case .object(let value) = self { value } else { nil } }

  /// What a person would call the kind of this value, for a sentence such as "must be a string, is an array".
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .real: "a real number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }

  package init(dictionaryLiteral elements: (String, JSON)...) {
    var object = Object()
    for (key, value) in elements { object.append(key, value) }
    self = .object(object)
  }
}
