// The words the painter knows. A word means a concept or a colour; what a concept looks like is the scenes'
// business. To teach it a word, add it to a line; to teach it a thing, add a concept, its line, and a scene
// that shows it.

/// Something a prompt can ask for.
enum Concept: UInt8, CaseIterable {
  // Hours.
  case day, sunrise, sunset, night
  // Weather and season.
  case rain, storm, fog, snow, clear, cloud, spring, autumn, calm
  // In the sky.
  case sky, sun, moon, star
  // Country.
  case mountain, hill, lake, sea, river, beach, desert, meadow, flower, forest, pine, grass, ground
  // Garden.
  case garden, blossom, tree, koi, pond, lily, pagoda, bridge, lantern, rock
  // City.
  case city, street, window, neon, car, lamp, wet
  // Surfaces.
  case texture, stone, brick, moss
}

/// A set of concepts.
struct Concepts: OptionSet {
  let rawValue: UInt64

  init(rawValue: UInt64) { self.rawValue = rawValue }

  init(_ concepts: Concept...) {
    var bits: UInt64 = 0
    for concept in concepts { bits |= 1 << UInt64(concept.rawValue) }
    rawValue = bits
  }

  func has(_ concept: Concept) -> Bool { rawValue >> UInt64(concept.rawValue) & 1 == 1 }
}

enum Vocabulary {
  enum Meaning {
    case concept(Concept)
    case colour(UInt32)
    /// The words after it are not wanted.
    case negation
    /// Grammar: neither understood nor ignored.
    case grammar
  }

  struct Line {
    let words: StaticString
    let meaning: Meaning

    init(_ meaning: Meaning, _ words: StaticString) {
      self.words = words
      self.meaning = meaning
    }

    init(_ concept: Concept, _ words: StaticString) { self.init(.concept(concept), words) }
    init(_ colour: UInt32, _ words: StaticString) { self.init(.colour(colour), words) }
  }

  static let lines: [Line] = [
    Line(
      .grammar,
      "a an the of with and or in on at by to from for into over under above below near beside behind"),
    Line(.grammar, "is are its it this that as some very picture image photo scene view"),
    Line(.negation, "without no not never"),

    Line(.day, "day daytime noon midday morning sunny daylight"),
    Line(.sunrise, "sunrise dawn daybreak"),
    Line(.sunset, "sunset dusk evening twilight golden-hour sundown"),
    Line(.night, "night nighttime midnight moonlit moonlight starry nocturnal"),

    Line(.rain, "rain rainy raining drizzle shower rainfall"),
    Line(.storm, "storm stormy thunderstorm tempest"),
    Line(.fog, "fog foggy mist misty haze hazy"),
    Line(.snow, "snow snowy winter wintry frozen snowfall snowing ice icy"),
    Line(.clear, "clear cloudless"),
    Line(.cloud, "cloud cloudy overcast"),
    Line(.spring, "spring springtime"),
    Line(.autumn, "autumn autumnal fall"),
    Line(.calm, "calm serene peaceful quiet still tranquil"),

    Line(.sky, "sky heaven"),
    Line(.sun, "sun sunlight sunshine sunlit"),
    Line(.moon, "moon crescent"),
    Line(.star, "star starlight"),

    Line(.mountain, "mountain mount alp alpine peak summit cliff ridge fuji"),
    Line(.hill, "hill valley hillside rolling highland"),
    Line(.lake, "lake lakeside fjord lagoon reservoir"),
    Line(.sea, "sea ocean seascape wave water bay coast"),
    Line(.river, "river stream creek"),
    Line(.beach, "beach shore sand seaside"),
    Line(.desert, "desert dune sahara"),
    Line(.meadow, "meadow field prairie grassland pasture plain countryside landscape"),
    Line(.flower, "flower wildflower poppy tulip lavender daisy"),
    Line(.forest, "forest wood woodland jungle"),
    Line(.pine, "pine fir spruce conifer evergreen"),
    Line(.grass, "grass grassy lawn"),
    Line(.ground, "ground earth soil land"),

    Line(.garden, "garden japanese japan zen kyoto"),
    Line(.blossom, "blossom sakura cherry bloom petal"),
    Line(.tree, "tree"),
    Line(.koi, "koi carp goldfish fish"),
    Line(.pond, "pond pool"),
    Line(.lily, "lily lotus lilypad"),
    Line(.pagoda, "pagoda temple shrine"),
    Line(.bridge, "bridge"),
    Line(.lantern, "lantern"),
    Line(.rock, "rock boulder"),

    Line(.city, "city skyline downtown town metropolis cityscape urban skyscraper building tower"),
    Line(.street, "street road avenue alley boulevard"),
    Line(.window, "window"),
    Line(.neon, "neon cyberpunk"),
    Line(.car, "car automobile taxi"),
    Line(.lamp, "lamp streetlight streetlamp light"),
    Line(.wet, "wet puddle"),

    Line(.texture, "texture seamless tile tileable tiling tiled pattern wall material surface"),
    Line(.stone, "stone cobblestone masonry cobble flagstone"),
    Line(.brick, "brick"),
    Line(.moss, "moss mossy"),

    Line(0xc4262c, "red scarlet"), Line(0xa3123a, "crimson burgundy maroon"), Line(0x2463c9, "blue"),
    Line(0x1b2a5c, "navy indigo"), Line(0x2f8f46, "green"), Line(0x23b37a, "emerald"),
    Line(0x8a8f3a, "olive"),
    Line(0xf2c636, "yellow"), Line(0xee7f22, "orange"), Line(0xff8a6a, "coral"), Line(0x7d3cb8, "purple"),
    Line(0x8b62d9, "violet lilac"), Line(0xee7fb0, "pink"), Line(0xe6397f, "magenta"),
    Line(0xf4f4f0, "white"),
    Line(0x1a1b20, "black"), Line(0xdca827, "gold golden amber"), Line(0xb8bec8, "silver"),
    Line(0x17898c, "teal"),
    Line(0x2cc4bf, "turquoise cyan aqua"), Line(0x7a4a24, "brown"), Line(0x80858c, "grey gray"),
    Line(0xd9c6a0, "beige cream tan"),
  ]

  /// What a lower-cased word means; a plural s is taken off when the word alone is not known.
  static func meaning(of word: ArraySlice<UInt8>) -> Meaning? {
    if let exact = lookUp(word) { return exact }
    guard word.count > 3, word.last == UInt8(ascii: "s") else { return nil }
    let singular = word.dropLast()
    if let found = lookUp(singular) { return found }
    let hasE = singular.last == UInt8(ascii: "e") && singular.count > 3
    guard hasE else { return nil }
    if let found = lookUp(singular.dropLast()) { return found }
    guard singular.dropLast().last == UInt8(ascii: "i") else { return nil }
    return lookUp(singular.dropLast(2) + [UInt8(ascii: "y")])
  }

  private static func lookUp(_ word: ArraySlice<UInt8>) -> Meaning? {
    for line in lines where line.words.contains(word: word) { return line.meaning }
    return nil
  }
}

extension StaticString {
  /// Whether one of the words in this text, apart by single spaces, is the given one.
  fileprivate func contains(word: ArraySlice<UInt8>) -> Bool {
    withUTF8Buffer { text in
      var start = 0
      while start < text.count {
        var end = start
        while end < text.count, text[end] != UInt8(ascii: " ") { end += 1 }
        if end - start == word.count, word.elementsEqual(text[start..<end]) { return true }
        start = end + 1
      }
      return false
    }
  }
}
