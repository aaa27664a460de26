// What a prompt asks for, as far as the painter understands it: a set of things, the colours some of them
// should have, and the words it must admit to ignoring.

internal import Core

struct Wish {
  /// A colour word, and the thing it stood before ("a green sky").
  struct Tint {
    let colour: Colour
    let of: Concept?
  }

  private(set) var asked = Concepts()
  private(set) var refused = Concepts()
  private(set) var tints: [Tint] = []
  /// Things that have a name and no place in the scene's own painting.
  var subjects: [Subject] { cast.subjects }
  private var cast = Cast()
  private(set) var understood: [String] = []
  private(set) var ignored: [String] = []
  private(set) var scene = SceneKind.country

  /// How many words a list names; a prompt may be one word, four thousand times.
  private static let listLimit = 64

  /// A word that counts, with its concept; a colour has none, and an unknown word is in neither vocabulary.
  private typealias Heard = (word: String, concept: Concept?, isKnown: Bool)

  init(prompt: String) {
    var heard: [Heard] = []
    var negated = 0
    var isTexture = false
    var colour: Colour?
    for word in Wish.words(prompt) {
      if word.isEmpty {
        cast.pause()
        continue
      }
      let text = String(word[...])
      negated -= 1
      switch Vocabulary.meaning(of: word[...]) {
      case .grammar:
        cast.hear(grammar: text)
        if !Wish.isArticle(text) { negated = 0 }
      case .negation:
        negated = Wish.negationReach
      case .colour(let hex):
        heard.append((text, nil, true))
        if cast.hear(colour: Colour(hex: hex)) { continue }
        if let waiting = colour { tints.append(Tint(colour: waiting, of: nil)) }
        colour = Colour(hex: hex)
      case .concept(let concept):
        if cast.hear(concept, text) {
          heard.append((text, nil, true))
          continue
        }
        if concept == .texture, !Wish.isWall(text) { isTexture = true }
        if negated > 0 { refused.insert(concept) } else { asked.insert(concept) }
        if let waiting = colour { tints.append(Tint(colour: waiting, of: concept)) }
        colour = nil
        heard.append((text, concept, true))
      case nil:
        if cast.hear(text, word[...], colour, isRefused: negated > 0) {
          if negated <= 0 && Modifier.meaning(of: text) == nil && !cast.awaitsNoun { colour = nil }
          heard.append((text, nil, true))
          continue
        }
        // The colour of a thing nobody knows is at least a colour of the picture.
        if let waiting = colour { tints.append(Tint(colour: waiting, of: nil)) }
        colour = nil
        heard.append((text, nil, false))
      }
    }
    if let waiting = colour { tints.append(Tint(colour: waiting, of: nil)) }
    settle(heard, isTexture: isTexture)
  }

  /// Chooses the scene, and says of each word whether it is shown.
  private mutating func settle(_ heard: [Heard], isTexture: Bool) {
    asked.subtract(refused)
    asked.subtract(cast.substances)
    // A wall that something stands before is a thing, not what fills the picture.
    if !isTexture, !subjects.isEmpty { asked.subtract(Concepts(.texture)) }
    scene = SceneKind(asked)
    let shown = scene.shows.union(SceneKind.everywhere).union(Style.words)
    cast.settle(shown)
    for (word, concept, isKnown) in heard {
      // The scene's trees are far away; what somebody sits under is not.
      if let concept, Wish.farThings.has(concept), cast.isAnchor(concept) { _ = stands(word, concept) }
      let isShown =
        concept.map { shown.has($0) || refused.has($0) || cast.substances.has($0) || stands(word, $0) }
        ?? isKnown
      if isShown { Wish.list(word, in: &understood) } else { Wish.list(word, in: &ignored) }
    }
  }

  private static let farThings = Concepts(.tree, .pine, .rock)

  /// Whether a thing that another scene paints stands in this one as any other thing would.
  private mutating func stands(_ word: String, _ concept: Concept) -> Bool {
    let things = Concepts(
      .flower, .blossom, .tree, .pine, .koi, .lily, .pagoda, .bridge, .lantern, .rock, .car, .lamp, .castle,
      .window, .city, .texture, .stone, .mountain, .hill, .grass)
    return things.has(concept) && cast.add(word, for: concept, colour(of: concept))
  }

  func wants(_ concept: Concept) -> Bool { asked.has(concept) }
  func refuses(_ concept: Concept) -> Bool { refused.has(concept) }

  func wantsAny(of concepts: Concepts) -> Bool { asked.meets(concepts) }

  func wantsAny(_ concepts: Concept...) -> Bool {
    for concept in concepts where asked.has(concept) { return true }
    return false
  }

  /// The colour asked for one of these things; failing that, a colour that stands for the whole picture.
  func colour(of concepts: Concept..., orAny loose: Bool = false) -> Colour? {
    for tint in tints {
      if let of = tint.of, concepts.contains(of) { return tint.colour }
    }
    guard loose else { return nil }
    for tint in tints where tint.of == nil { return tint.colour }
    return nil
  }

  // MARK: Words

  /// How many words a "no" reaches: "no dark clouds".
  private static let negationReach = 3

  private static func isArticle(_ word: String) -> Bool {
    word.is("a") || word.is("the") || word.is("any")
  }

  private static func isWall(_ word: String) -> Bool {
    word.is("wall") || word.is("walls") || word.is("surface") || word.is("material")
  }

  private static func isPause(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ";")
  }

  private static func list(_ word: String, in words: inout [String]) {
    if words.count < listLimit, !words.includes(word) { words.append(word) }
  }

  /// The prompt's words in lower-case ASCII, an empty one for a comma or a stop, and emoji as words. What else is not
  /// ASCII is kept as it is.
  private static func words(_ prompt: String) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    let bytes = Array(prompt.bytes)
    var next = 0
    while next < bytes.count {
      let byte = bytes[next]
      if byte >= 0x80, let emoji = Emoji.read(bytes, at: next) {
        for each in [word, emoji.word] where !each.isEmpty { words.append(each) }
        word = []
        next += emoji.length
        continue
      }
      next += 1
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
        word.append(byte)
      default:
        if !word.isEmpty { words.append(word) }
        word = []
        if Wish.isPause(byte) { words.append(word) }
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }
}
