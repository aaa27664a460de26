// The service's name for a task. Only a UUID gets into a path: anything else could be the path of another call.

package import Core

/// A version 4 UUID, spelled as the service spelled it.
package struct TaskID: Sendable {
  package let text: String

  /// What a task keeps: it says whose the number is.
  private static let scheme: StaticString = "runway:"

  package var token: String { String(sentence: "\(TaskID.scheme)\(text)") }

  /// nil for what does not match the service's own pattern.
  package init?(_ text: String) {
    guard TaskID.isUUID(text.bytes) else { return nil }
    self.text = text
  }

  /// Reads "runway:<uuid>".
  package init(token: String) throws(Failure) {
    let rest = token.bytes.dropFirst(TaskID.scheme.utf8CodeUnitCount)
    guard token.begins(with: TaskID.scheme), let id = TaskID(String(rest)) else {
      throw Failure(
        .argument, at: "token", "a token of this service is runway: and a UUID, as the task's JSON shows it")
    }
    self = id
  }

  /// Whether an id is the one in a token, however its letters are written. Asked of every look.
  static func names(_ id: String, _ token: String) -> Bool {
    var isSame = false
    id.lend { id in
      token.lend { token in
        let own = token.dropFirst(scheme.utf8CodeUnitCount)
        isSame = id.count == own.count
        for (byte, twin) in zip(id, own) where byte != twin {
          if !byte.isLetter || byte | 0x20 != twin | 0x20 { isSame = false }
        }
      }
    }
    return isSame
  }

  /// 8-4-4-4-12 hex digits, the third group beginning with 4 and the fourth with 8, 9, a or b.
  private static func isUUID(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.count == 36 else { return false }
    for (offset, byte) in bytes.enumerated() {
      switch offset {
      case 8, 13, 18, 23: if byte != UInt8(ascii: "-") { return false }
      case 14: if byte != UInt8(ascii: "4") { return false }
      case 19: if byte.hexDigit.map({ $0 < 8 || $0 > 11 }) ?? true { return false }
      default: if byte.hexDigit == nil { return false }
      }
    }
    return true
  }
}
