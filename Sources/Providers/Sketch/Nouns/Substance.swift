// What a thing is made of: its colour, and whether it shines or lets the light through.

internal import Core

struct Substance {
  enum Sheen {
    case matt, shiny, clear
  }

  let colour: Colour
  let sheen: Sheen

  /// One line for each, its colour first. Glass and ice are clear, metals and what is polished shine.
  private static let clear: StaticString = """
    #bfe3ea glass crystal
    #d6eef8 ice diamond
    """
  private static let shiny: StaticString = """
    #9aa3ad metal metallic steel iron chrome aluminium
    #dca827 gold golden
    #b8bec8 silver
    #b0713c copper bronze brass
    #e8e4dc marble porcelain
    #5a3420 chocolate
    #6b4328 leather
    """
  private static let matt: StaticString = """
    #9a6a3c wood wooden timber bamboo
    #8d8a84 stone rock concrete
    #a4513c brick
    #f1ece0 paper cardboard origami
    #b5693f clay terracotta
    #f2f6fa snow
    #d8bd86 sand straw
    #c9b9a2 wool woollen knitted
    #5f8f3c grass leaves
    #d8452e lava
    """

  static func meaning(of word: String) -> Substance? {
    if let colour = find(word, in: clear) { return Substance(colour: colour, sheen: .clear) }
    if let colour = find(word, in: shiny) { return Substance(colour: colour, sheen: .shiny) }
    if let colour = find(word, in: matt) { return Substance(colour: colour, sheen: .matt) }
    return nil
  }

  private static func find(_ word: String, in lines: StaticString) -> Colour? {
    var (start, colour) = (0, UInt32(0))
    let text = Array(String(lines).bytes)
    for end in 0...text.count where end == text.count || text[end] <= UInt8(ascii: " ") {
      let part = text[start..<end]
      start = end + 1
      if part.first == UInt8(ascii: "#") {
        colour = 0
        for digit in part.dropFirst() { colour = colour << 4 | UInt32(digit.hexDigit ?? 0) }
      } else if String(part).equals(word) {
        return Colour(hex: colour)
      }
    }
    return nil
  }
}
