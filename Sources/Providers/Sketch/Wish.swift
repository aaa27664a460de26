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
  private(set) var understood: [String] = []
  private(set) var ignored: [String] = []
  let scene: SceneKind

  /// How many words a list names; a prompt may be one word, four thousand times.
  private static let listLimit = 64

  init(prompt: String) {
    // Every word that counts, with its concept; a colour has none, and an unknown word is in neither
    // vocabulary.
    var heard: [(word: String, concept: Concept?, isKnown: Bool)] = []
    var negated = 0
    var colour: Colour?
    for word in Wish.words(prompt) {
      let text = String(word[...])
      negated -= 1
      switch Vocabulary.meaning(of: word[...]) {
      case .grammar:
        if !Wish.isArticle(text) { negated = 0 }
      case .negation:
        negated = Wish.negationReach
      case .colour(let hex):
        if let waiting = colour { tints.append(Tint(colour: waiting, of: nil)) }
        colour = Colour(hex: hex)
        heard.append((text, nil, true))
      case .concept(let concept):
        if negated > 0 { refused.insert(concept) } else { asked.insert(concept) }
        if let waiting = colour { tints.append(Tint(colour: waiting, of: concept)) }
        colour = nil
        heard.append((text, concept, true))
      case nil:
        // The colour of a thing nobody knows is at least a colour of the picture.
        if let waiting = colour { tints.append(Tint(colour: waiting, of: nil)) }
        colour = nil
        heard.append((text, nil, false))
      }
    }
    if let waiting = colour { tints.append(Tint(colour: waiting, of: nil)) }
    asked.subtract(refused)
    scene = SceneKind(asked)
    let shown = scene.shows.union(SceneKind.everywhere).union(Style.words)
    for (word, concept, isKnown) in heard {
      let isShown = concept.map { shown.has($0) || refused.has($0) } ?? isKnown
      if isShown { Wish.list(word, in: &understood) } else { Wish.list(word, in: &ignored) }
    }
  }

  func wants(_ concept: Concept) -> Bool { asked.has(concept) }
  func refuses(_ concept: Concept) -> Bool { refused.has(concept) }

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

  private static func list(_ word: String, in words: inout [String]) {
    if words.count < listLimit, !words.includes(word) { words.append(word) }
  }

  /// The prompt's words in lower-case ASCII. What is not ASCII is kept as it is: a word nobody here knows.
  private static func words(_ prompt: String) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    for byte in prompt.bytes {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
        word.append(byte)
      default:
        if !word.isEmpty { words.append(word) }
        word = []
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }
}
