// Words beside a noun: how many, how large, and on which side.

internal import Core

enum Modifier {
  case count(Int)
  case scale(Float)
  /// -1 is left, 1 right, 0 the middle.
  case side(Int)

  /// Twelve of a thing are many.
  static let many = 5

  private static let numbers: StaticString = "one two three four five six seven eight nine ten"

  static func meaning(of word: String) -> Modifier? {
    if let count = Modifier.count(word) { return .count(count) }
    if word.is("small") || word.is("little") || word.is("tiny") || word.is("mini") { return .scale(0.62) }
    if word.is("big") || word.is("large") || word.is("tall") { return .scale(1.3) }
    if word.is("huge") || word.is("giant") || word.is("gigantic") || word.is("enormous") {
      return .scale(1.6)
    }
    if word.is("left") { return .side(-1) }
    if word.is("right") { return .side(1) }
    if word.is("middle") || word.is("centre") || word.is("center") { return .side(0) }
    return nil
  }

  private static func count(_ word: String) -> Int? {
    if word.is("pair") || word.is("couple") { return 2 }
    if word.is("few") || word.is("several") { return 3 }
    if word.is("many") || word.is("group") || word.is("flock") || word.is("herd") || word.is("dozen") {
      return many
    }
    if word.byteCount < 3, let number = digits(word) { return number }
    var number = 0
    var (rest, seen) = (Array(String(numbers).bytes)[...], 0)
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: " ")) ?? rest.endIndex
      seen += 1
      if String(rest[rest.startIndex..<end]).equals(word) { number = seen }
      rest = rest[min(end + 1, rest.endIndex)...]
    }
    return number > 0 ? number : nil
  }

  private static func digits(_ word: String) -> Int? {
    var number = 0
    for byte in word.bytes {
      guard byte.isDigit else { return nil }
      number = number * 10 + Int(byte & 15)
    }
    return number > 0 ? number : nil
  }
}
