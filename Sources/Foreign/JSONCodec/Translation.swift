// json_t to Core.JSON and back. Order is kept both ways; jansson has already refused duplicate keys, so members are
// appended without a look at those before.

import CJansson
internal import Core

typealias Node = UnsafeMutablePointer<json_t>

enum Reader {
  /// Recursion is bounded by the depth the scan allowed.
  static func value(_ node: Node) throws(Failure) -> JSON {
    switch cj_type(node) {
    case JSON_OBJECT: return .object(try object(node))
    case JSON_ARRAY: return .array(try array(node))
    case JSON_STRING: return .string(string(json_string_value(node), json_string_length(node)))
    case JSON_INTEGER: return .integer(json_integer_value(node))
    case JSON_REAL: return .real(json_real_value(node))
    case JSON_TRUE: return .bool(true)
    case JSON_FALSE: return .bool(false)
    default: return .null
    }
  }

  private static func object(_ node: Node) throws(Failure) -> JSON.Object {
    var object = JSON.Object()
    var position = json_object_iter(node)
    while let current = position {
      guard let member = json_object_iter_value(current) else { throw Writer.outOfMemory }
      object.append(
        string(json_object_iter_key(current), json_object_iter_key_len(current)), try value(member))
      position = json_object_iter_next(node, current)
    }
    return object
  }

  private static func array(_ node: Node) throws(Failure) -> [JSON] {
    var elements: [JSON] = []
    let count = json_array_size(node)
    for index in 0..<count {
      guard let element = json_array_get(node, index) else { throw Writer.outOfMemory }
      elements.append(try value(element))
    }
    return elements
  }

  private static func string(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
    String(utf8: UnsafeRawBufferPointer(start: start, count: length))
  }
}

enum Writer {
  /// Twice what may come in, because our answers wrap what they were asked.
  static let maxDepth = 2 * Scan.maxDepth

  static var outOfMemory: Failure { Failure(.noMemory, "no memory for a JSON document") }

  /// A node the caller must release.
  static func value(_ value: JSON, depth: Int) throws(Failure) -> Node {
    guard depth < maxDepth else { throw Failure(.limit, "JSON nested deeper than \(maxDepth) levels") }
    switch value {
    case .object(let object): return try self.object(object, depth)
    case .array(let elements): return try array(elements, depth)
    case .string(let text): return try made(string(text))
    case .integer(let number): return try made(json_integer(number))
    case .real(let number):
      guard number.isFinite else { throw Failure(.argument, "a real number in JSON must be finite") }
      return try made(json_real(number))
    case .bool(let flag): return try made(flag ? json_true() : json_false())
    case .null: return try made(json_null())
    }
  }

  private static func object(_ object: JSON.Object, _ depth: Int) throws(Failure) -> Node {
    let node = try made(json_object())
    do throws(Failure) {
      for member in object.members {
        let child = try value(member.value, depth: depth + 1)
        // The child is jansson's from here on, whatever the outcome.
        var outcome: Int32 = -1
        member.key.lend { outcome = json_object_setn_new_nocheck(node, chars($0), $0.count, child) }
        if outcome != 0 { throw outOfMemory }
      }
    } catch {
      cj_release(node)
      throw error
    }
    return node
  }

  private static func array(_ elements: [JSON], _ depth: Int) throws(Failure) -> Node {
    let node = try made(json_array())
    do throws(Failure) {
      for element in elements {
        if json_array_append_new(node, try value(element, depth: depth + 1)) != 0 { throw outOfMemory }
      }
    } catch {
      cj_release(node)
      throw error
    }
    return node
  }

  private static func string(_ text: String) -> Node? {
    var node: Node?
    text.lend { node = json_stringn_nocheck(chars($0), $0.count) }
    return node
  }

  private static func chars(_ text: UnsafeBufferPointer<UInt8>) -> UnsafePointer<CChar>? {
    UnsafeRawPointer(text.baseAddress)?.assumingMemoryBound(to: CChar.self)
  }

  private static func made(_ node: Node?) throws(Failure) -> Node {
    guard let node else { throw outOfMemory }
    return node
  }
}
