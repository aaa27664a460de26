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

  package struct Member: Sendable {
    package let key: String
    package var value: JSON
  }

  /// Members in the order they were written. Lookup is linear: our objects have tens of keys.
  package struct Object: Sendable {
    package private(set) var members: [Member] = []

    package init() {}

    /// Reading a key that is absent gives nil; writing nil removes the key.
    package subscript(key: String) -> JSON? {
      @inline(never) get {
        index(of: key).map { members[$0].value }
      }
      @inline(never) set {
        guard let index = index(of: key) else {
          if let newValue { members.append(Member(key: key, value: newValue)) }
          return
        }
        if let newValue { members[index].value = newValue } else { members.remove(at: index) }
      }
    }

    private func index(of key: String) -> Int? {
      for index in members.indices where members[index].key.equals(key) { return index }
      return nil
    }

    /// Adds a member the caller knows to be new, without looking for it first.
    @inline(never)
    package mutating func append(_ key: String, _ value: consuming JSON) {
      members.append(Member(key: key, value: value))
    }

    // MARK: Reports. What is nil is not known, and left out.

    @inline(never)
    package mutating func add(_ key: StaticString, _ value: consuming JSON?) {
      if let value { append(String(key), value) }
    }

    @inline(never)
    package mutating func add(_ key: StaticString, text: String?) { add(key, text.map { .string($0) }) }

    @inline(never)
    package mutating func add(_ key: StaticString, word: StaticString) { add(key, .string(String(word))) }

    @inline(never)
    package mutating func add(_ key: StaticString, number: Int64?) { add(key, number.map { .integer($0) }) }

    package mutating func add(_ key: StaticString, number: Int?) {
      add(key, number: number.map { Int64($0) })
    }

    @inline(never)
    package mutating func add(_ key: StaticString, flag: Bool) { add(key, .bool(flag)) }
  }

  // Written out, because the one the compiler makes is unfolded wherever two values are compared.
  @inline(never)
  package static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.real(let a), .real(let b)): a == b
    case (.string(let a), .string(let b)): a.equals(b)
    case (.array(let a), .array(let b)): a.count == b.count && a.indices.allSatisfy { a[$0] == b[$0] }
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  package var isNull: Bool { if case .null = self { true } else { false } }

  package subscript(key: String) -> JSON? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  package var object: Object? { if case .object(let value) = self { value } else { nil } }

  /// What a person would call the kind of this value, for a sentence such as "must be a string, is an array".
  package var kind: StaticString {
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

extension JSON.Object: Equatable {
  package static func == (left: JSON.Object, right: JSON.Object) -> Bool {
    let (a, b) = (left.members, right.members)
    return a.count == b.count
      && a.indices.allSatisfy { a[$0].key.equals(b[$0].key) && a[$0].value == b[$0].value }
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
