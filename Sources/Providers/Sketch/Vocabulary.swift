// The words the painter knows. A word means a concept or a colour; what a concept looks like is the scenes'
// business. To teach it a word, add it to a line; to teach it a thing, add a concept, its line, and a scene
// that shows it.

import Core

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
  // Settings.
  case room, underwater, space, cave, castle, village, farm, abstract
  // More surfaces; outside a texture some of them are a setting.
  case wood, sand, water, metal, fabric, lava, marble
  // Media.
  case watercolour, oil, ink, poster, pixels
  // Uses.
  case sprite, transparent, panorama, interface
}

/// A set of concepts.
struct Concepts: Equatable {
  private var bits = SIMD2<UInt64>()

  /// How many concepts a set has room for.
  static let room = 128

  init(_ concepts: Concept...) {
    for concept in concepts { insert(concept) }
  }

  mutating func insert(_ concept: Concept) {
    let number = UInt64(concept.rawValue)
    if number < 64 { bits.x |= 1 << number } else { bits.y |= 1 << (number - 64) }
  }

  mutating func subtract(_ others: Concepts) { bits &= ~others.bits }

  func union(_ others: Concepts) -> Concepts {
    var all = self
    all.bits |= others.bits
    return all
  }

  func meets(_ others: Concepts) -> Bool { bits & others.bits != SIMD2() }

  func has(_ concept: Concept) -> Bool {
    let number = UInt64(concept.rawValue)
    return (number < 64 ? bits.x >> number : bits.y >> (number - 64)) & 1 == 1
  }
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

  /// One line for grammar, one for negation, one for each concept in its order; then one for each colour, which a
  /// prompt cannot call by its number: there # separates words. One literal is a third of the code of a table.
  private static let lines: StaticString = """
    a an the of with and or in on at by to from for into over under above below near beside behind front made \
    beneath underneath atop onto riding next between \
    is are its it this that as some very picture image photo scene view painting style art artwork illustration drawing background
    without no not never
    day daytime noon midday morning sunny daylight
    sunrise dawn daybreak
    sunset dusk evening twilight golden-hour sundown
    night nighttime midnight moonlit moonlight starry nocturnal
    rain rainy raining drizzle shower rainfall
    storm stormy thunderstorm tempest
    fog foggy mist misty haze hazy
    snow snowy winter wintry frozen snowfall snowing ice icy
    clear cloudless
    cloud cloudy overcast
    spring springtime
    autumn autumnal fall
    calm serene peaceful quiet still tranquil
    sky heaven
    sun sunlight sunshine sunlit
    moon crescent
    star starlight
    mountain mount alp alpine peak summit cliff ridge fuji
    hill valley hillside rolling highland
    lake lakeside fjord lagoon reservoir
    sea ocean seascape wave bay coast
    river stream creek
    beach shore seaside
    desert dune sahara
    meadow field prairie grassland pasture plain countryside landscape
    flower wildflower poppy tulip lavender daisy
    forest woods woodland jungle rainforest
    pine fir spruce conifer evergreen
    grass grassy lawn
    ground earth soil land
    garden japanese japan zen kyoto
    blossom sakura cherry bloom petal
    tree
    koi carp goldfish fish
    pond pool
    lily lotus lilypad
    pagoda temple shrine
    bridge
    lantern
    rock boulder
    city skyline downtown town metropolis cityscape urban skyscraper building tower
    street road avenue alley boulevard
    window
    neon cyberpunk
    car automobile taxi
    lamp streetlight streetlamp light
    wet puddle
    texture seamless tile tileable tiling tiled pattern wall material surface
    stone cobblestone masonry cobble flagstone
    brick
    moss mossy
    room interior indoor indoors bedroom kitchen parlour parlor cosy cozy library office classroom bathroom restaurant cafe
    underwater undersea reef seabed aquarium
    space galaxy nebula cosmos cosmic planet universe interstellar orbit
    cave cavern grotto
    castle fortress citadel
    village hamlet cottage
    farm farmland barn farmhouse wheat
    abstract
    wood wooden plank timber
    sand sandy
    water
    metal steel iron rust rusty copper bronze metallic
    fabric textile linen denim wool knitted
    lava magma molten
    marble
    watercolour watercolor aquarelle
    oil impasto
    ink sumi
    poster flat vector
    pixel pixelart pixelated
    sprite icon emblem
    transparent
    panorama panoramic
    ui interface menu background wallpaper
    #c4262c red scarlet
    #a3123a crimson burgundy maroon
    #2463c9 blue
    #1b2a5c navy indigo
    #2f8f46 green
    #23b37a emerald
    #8a8f3a olive
    #f2c636 yellow
    #ee7f22 orange
    #ff8a6a coral
    #7d3cb8 purple
    #8b62d9 violet lilac
    #ee7fb0 pink
    #e6397f magenta
    #f4f4f0 white
    #1a1b20 black
    #dca827 gold golden amber
    #b8bec8 silver
    #17898c teal
    #2cc4bf turquoise cyan aqua
    #7a4a24 brown
    #80858c grey gray
    #d9c6a0 beige cream tan
    """
  private static let firstConcept = 2

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
    lines.withUTF8Buffer { text in
      var line = 0
      var lineStart = 0
      var start = 0
      for end in 0...text.count where end == text.count || text[end] <= UInt8(ascii: " ") {
        if end - start == word.count, isSame(word, text, start) { return meaning(of: line, text, lineStart) }
        start = end + 1
        if end < text.count, text[end] == UInt8(ascii: "\n") {
          line += 1
          lineStart = start
        }
      }
      return nil
    }
  }

  private static func isSame(
    _ word: ArraySlice<UInt8>, _ text: UnsafeBufferPointer<UInt8>, _ start: Int
  ) -> Bool {
    for offset in 0..<word.count where word[word.startIndex + offset] != text[start + offset] { return false }
    return true
  }

  private static func meaning(of line: Int, _ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Meaning? {
    if line < firstConcept { return line == 0 ? .grammar : .negation }
    if text[start] != UInt8(ascii: "#") {
      return Concept(rawValue: UInt8(line - firstConcept)).map { .concept($0) }
    }
    var colour: UInt32 = 0
    for offset in 1...6 { colour = colour << 4 | UInt32(text[start + offset].hexDigit ?? 0) }
    return .colour(colour)
  }
}
