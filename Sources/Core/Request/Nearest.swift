// "Did you mean": the candidate closest to what was written, if any is close.

enum Nearest {
  /// Longer words are not typing errors, and comparing them would take time an attacker chooses.
  private static let maxLength = 64

  /// The candidate with the fewest edits to `word`. Case, `_` and `-` do not count, so prompt_text finds promptText;
  /// the beginning of a candidate counts as one edit, so prompt does too.
  static func word(to word: String, among candidates: [String]) -> String? {
    guard word.byteCount <= maxLength else { return nil }
    let asked = folded(word)
    var best: String?
    var bestScore = (asked.count / 3 + 2, 0)
    for candidate in candidates where candidate.byteCount <= maxLength {
      let other = folded(candidate)
      let edits = distance(asked, other)
      let isBeginning =
        min(asked.count, other.count) >= 3 && (other.starts(with: asked) || asked.starts(with: other))
      let score = (isBeginning ? min(edits, 1) : edits, edits)
      if score < bestScore { (best, bestScore) = (candidate, score) }
    }
    return best
  }

  private static func folded(_ word: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for byte in word.bytes where byte != UInt8(ascii: "_") && byte != UInt8(ascii: "-") {
      bytes.append(byte.isUppercaseLetter ? byte | 0x20 : byte)
    }
    return bytes
  }

  /// Levenshtein's distance, one row at a time.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let replaced = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[right.count]
  }
}
