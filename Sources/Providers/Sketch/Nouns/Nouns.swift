// What a noun looks like when no scene knows it: an icon's outline, found by the nearest thing WordNet calls it. The tables
// are baked; see CNouns.

import CNouns
internal import Core

/// An outline in a square of 240 units, y down, and what is known of the thing.
final class Icon {
  /// Its height, as a share of the picture's measure.
  let height: Float
  let flies: Bool
  let colour: Colour
  let outer: [[Point]]
  let holes: [[Point]]
  /// The corners of the box around it.
  let least: Point
  let most: Point

  static let side: Float = 240

  init(
    height: Float, flies: Bool, colour: Colour, outer: [[Point]], holes: [[Point]],
    box: (least: Point, most: Point)
  ) {
    (self.height, self.flies, self.colour) = (height, flies, colour)
    (self.outer, self.holes) = (outer, holes)
    (least, most) = box
  }
}

enum Nouns {
  /// The number of the icon that shows a word in lower-case ASCII, as it stands or as a plural; nil where it is no noun
  /// that can be seen.
  static func find(_ word: ArraySlice<UInt8>) -> (icon: Int, isPlural: Bool)? {
    guard word.count > 1, word.count < 24 else { return nil }
    if let found = look(up: word) { return found }
    guard word.last == UInt8(ascii: "s") else { return nil }
    let stem = word.dropLast()
    if let found = look(up: stem) { return (found.icon, true) }
    guard stem.last == UInt8(ascii: "e") else { return nil }
    let short = stem.dropLast()
    if let found = look(up: short) { return (found.icon, true) }
    let ending: (cut: UInt8, put: String) =
      short.last == UInt8(ascii: "i") ? (UInt8(ascii: "i"), "y") : (UInt8(ascii: "v"), "f")
    guard short.last == ending.cut else { return nil }
    var single = Array(short.dropLast())
    single += ending.put.bytes
    return look(up: single[...]).map { ($0.icon, true) }
  }

  /// Words stand in the order of their bytes, each on a line. The middle is sought among bytes, and the line around it read.
  private static func look(up word: ArraySlice<UInt8>) -> (icon: Int, isPlural: Bool)? {
    let nouns = cnouns().pointee
    guard let words = nouns.words, let choices = nouns.choices else { return nil }
    var (low, high) = (0, Int(nouns.pages))
    while high - low > 1 {
      let middle = (low + high) / 2
      if compare(word, with: words + Int(nouns.page_starts[middle])) < 0 {
        high = middle
      } else {
        low = middle
      }
    }
    guard high > low else { return nil }
    var line = words + Int(nouns.page_starts[low])
    let end = words + nouns.word_bytes
    for number in low * Int(CNOUNS_PAGE)..<(low + 1) * Int(CNOUNS_PAGE) where line < end {
      let order = compare(word, with: line)
      if order == 0 {
        let choice = Int(choices[number]) | Int(choices[Int(nouns.word_count) + number]) << 8
        return (choice & 0x7fff, choice >> 15 == 1)
      }
      if order < 0 { return nil }
      while line < end, line.pointee != lineFeed { line += 1 }
      line += 1
    }
    return nil
  }

  private static let lineFeed = UInt8(ascii: "\n")

  private static func compare(_ word: ArraySlice<UInt8>, with line: UnsafePointer<UInt8>) -> Int {
    var other = line
    for byte in word {
      if other.pointee != byte { return Int(byte) - Int(other.pointee) }
      other += 1
    }
    return other.pointee == lineFeed ? 0 : -1
  }

  /// Reads an icon's outline.
  static func icon(_ number: Int) -> Icon? {
    let nouns = cnouns().pointee
    guard number >= 0, number < Int(nouns.icons), let shapes = nouns.shapes else { return nil }
    var next = shapes + Int(nouns.shape_starts[number])
    let colour = UInt32(next[2]) << 16 | UInt32(next[3]) << 8 | UInt32(next[4])
    let (height, flies, contours) = (Float(next[0]) / 100, next[1] == 1, Int(next[5]))
    next += 6
    var (outer, holes): ([[Point]], [[Point]]) = ([], [])
    var least = Point(Icon.side, Icon.side)
    var most = Point(0, 0)
    for _ in 0..<contours {
      let count = Int(next[1]) | Int(next[2]) << 8
      var points: [Point] = []
      for index in 0..<count {
        let point = Point(Float(next[3 + index]), Float(next[3 + count + index]))
        least = Point(min(least.x, point.x), min(least.y, point.y))
        most = Point(max(most.x, point.x), max(most.y, point.y))
        points.append(point)
      }
      if next[0] == 1 { holes.append(points) } else { outer.append(points) }
      next += 3 + 2 * count
    }
    return Icon(
      height: height, flies: flies, colour: Colour(hex: colour), outer: outer, holes: holes,
      box: (least, most))
  }
}
