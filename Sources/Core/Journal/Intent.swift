// The UUID of one intent to spend. It goes along with every try of a task's submit, so that the service can know the
// second arrival of the same intent should it honour that one day, and it names the task's files.

package enum Intent: Sendable {
  /// Made here, and spelled when somebody asks: a third of the room, for tasks that only wait.
  case random(UInt64, UInt64)
  /// As a journal has it.
  case written(String)

  package var text: String {
    switch self {
    case .random(let high, let low): Intent.make(high, low)
    case .written(let text): text
    }
  }

  /// A random UUID, version 4, of 128 random bits.
  package static func make(_ high: UInt64, _ low: UInt64) -> String {
    let digits: StaticString = "0123456789abcdef"
    var text: [UInt8] = []
    for position in 0..<32 {
      if position == 8 || position == 12 || position == 16 || position == 20 {
        text.append(UInt8(ascii: "-"))
      }
      let word = position < 16 ? high : low
      var nibble = Int(word >> UInt64(60 - 4 * (position % 16)) & 15)
      if position == 12 { nibble = 4 }
      if position == 16 { nibble = nibble & 3 | 8 }
      text.append(digits.utf8Start[nibble])
    }
    return String(text[...])
  }
}
