// The things a prompt names that no scene paints by itself, gathered word by word: how many, how large, of what, and where
// among each other.

internal import Core

/// Something a prompt asks for by name, that no scene paints by itself.
struct Subject {
  let icon: Int
  var word = ""
  var colour: Colour?
  var sheen = Substance.Sheen.matt
  var count = 1
  var scale: Float = 1
  /// -1 is left, 1 right, 0 the middle.
  var side: Int?
  /// How it stands to another of the cast; above nothing is up in the air.
  var relation: Relation?
  var anchor: Int?

  /// Kinds of things in one picture, and how many of a kind; more would hide each other.
  static let kindsMax = 24
  static let countMax = 7
}

struct Cast {
  private(set) var subjects: [Subject] = []
  /// What was said of the noun that has yet to come.
  private var next = Subject(icon: 0)
  private var relation: Relation?
  /// What the next noun, or with "made of" the last one, consists of.
  private var substance: Substance?
  /// The scenes' word for it, and all such words that became a substance.
  private var substanceConcept: Concept?
  private(set) var substances = Concepts()
  private var isMadeOf = false
  /// The last word was a thing that may as well be a substance: "glass" before "vase".
  private var mayBeSubstance = false
  /// The last word was a thing: "treasure" before "chest".
  private var hasJustNamed = false
  /// Said of a thing that the scene may paint; whether it does is known at the end.
  private var links: [(subject: Int, relation: Relation, concept: Concept)] = []
  /// What such things are made of: "a stone wall".
  private var adorned: [(concept: Concept, substance: Substance, said: Concept)] = []

  /// A word of grammar: perhaps a preposition.
  mutating func hear(grammar word: String) {
    (mayBeSubstance, hasJustNamed) = (false, false)
    if word.is("made") { isMadeOf = !subjects.isEmpty }
    if isMadeOf { return }
    substance = nil
    if word.is("and") || word.is("with") { relation = nil }
    guard let heard = Relation.meaning(of: word) else { return }
    relation = subjects.isEmpty ? nil : heard
  }

  /// The last word was an adjective of what is still to come: "leather".
  var awaitsNoun: Bool { substance != nil && !mayBeSubstance }

  /// A comma or a stop.
  mutating func pause() {
    (mayBeSubstance, hasJustNamed, isMadeOf, substance, relation) = (false, false, false, nil, nil)
  }

  /// A colour: "made of gold".
  mutating func hear(colour: Colour) -> Bool {
    guard isMadeOf else { return false }
    isMadeOf = false
    subjects[subjects.count - 1].colour = colour
    subjects[subjects.count - 1].sheen = .shiny
    return true
  }

  /// Something the scenes know. True if it was said of a thing and is nothing by itself.
  mutating func hear(_ concept: Concept, _ word: String) -> Bool {
    (mayBeSubstance, hasJustNamed) = (false, false)
    if hear(substanceOfLast: word) {
      substances.insert(concept)
      return true
    }
    let before = substance.flatMap { made in substanceConcept.map { (concept, made, $0) } }
    (substance, substanceConcept) = (Substance.meaning(of: word), concept)
    if substance == nil, let before { adorned.append(before) }
    // "On a wooden table": the noun is still to come.
    if substance != nil { return false }
    if let said = relation, let last = subjects.indices.last {
      links.append((last, said, concept))
      if said == .above { subjects[last].relation = .above }
    }
    relation = nil
    return false
  }

  /// A word no scene knows: a noun that can be shown, or a word beside one. False if it is neither.
  mutating func hear(_ text: String, _ word: ArraySlice<UInt8>, _ colour: Colour?, isRefused: Bool) -> Bool {
    if let modifier = Modifier.meaning(of: text) {
      hear(modifier)
      return true
    }
    if hear(substanceOfLast: text) { return true }
    // "On top of".
    if relation == .on, text.is("top") { return true }
    guard let found = Nouns.find(word) else {
      guard let heard = Substance.meaning(of: text) else { return false }
      (substance, substanceConcept) = (heard, nil)
      return true
    }
    if isRefused { return true }
    return add(found, colour, text)
  }

  private mutating func hear(_ modifier: Modifier) {
    switch modifier {
    case .count(let count): next.count = count
    case .scale(let scale): next.scale = scale
    case .side(let side):
      // "A cat on the left": said of what was just named.
      if subjects.isEmpty { next.side = side } else { subjects[subjects.count - 1].side = side }
      relation = nil
    }
  }

  private mutating func hear(substanceOfLast word: String) -> Bool {
    guard isMadeOf else { return false }
    isMadeOf = false
    guard let heard = Substance.meaning(of: word) else { return false }
    if subjects[subjects.count - 1].colour == nil { subjects[subjects.count - 1].colour = heard.colour }
    subjects[subjects.count - 1].sheen = heard.sheen
    return true
  }

  private mutating func add(_ found: (icon: Int, isPlural: Bool), _ colour: Colour?, _ word: String) -> Bool {
    var colour = colour
    if mayBeSubstance { colour = colour ?? takeBackSubstance() }
    defer { relation = nil }
    if hasNamed(word, found.icon) { return true }
    guard subjects.count < Subject.kindsMax else { return false }
    var new = Subject(
      icon: found.icon, word: word, colour: colour ?? substance?.colour, sheen: substance?.sheen ?? .matt,
      count: found.isPlural && next.count == 1 ? 3 : next.count, scale: next.scale, side: next.side)
    if let said = relation, let last = subjects.indices.last { relate(last, said, subjects.count, &new) }
    subjects.append(new)
    next = Subject(icon: 0)
    if substance != nil, let concept = substanceConcept { substances.insert(concept) }
    (substance, substanceConcept) = (Substance.meaning(of: word), nil)
    (mayBeSubstance, hasJustNamed) = (substance != nil, true)
    return true
  }

  /// The same word again, or its plural, is the same thing, and so is the second part of "treasure chest"; another word of
  /// the same look is another thing.
  private func hasNamed(_ word: String, _ icon: Int) -> Bool {
    if hasJustNamed, let last = subjects.last, last.icon == icon { return true }
    for subject in subjects where subject.icon == icon {
      if Cast.begins(subject.word, with: word) || Cast.begins(word, with: subject.word) { return true }
    }
    return false
  }

  private static func begins(_ word: String, with start: String) -> Bool {
    var rest = word.bytes.makeIterator()
    for byte in start.bytes where rest.next() != byte { return false }
    return true
  }

  /// The last noun was what the coming one is made of: what was said of it is said of that. Its colour is the answer.
  private mutating func takeBackSubstance() -> Colour? {
    let last = subjects.removeLast()
    next = Subject(icon: 0, count: last.count, scale: last.scale, side: last.side)
    for index in subjects.indices where subjects[index].anchor == subjects.count {
      (relation, subjects[index].relation, subjects[index].anchor) = (subjects[index].relation, nil, nil)
    }
    if last.relation == .behind, last.anchor != nil { relation = .front }
    return last.colour
  }

  /// "A in front of B" is B behind A.
  private mutating func relate(_ one: Int, _ said: Relation, _ number: Int, _ other: inout Subject) {
    if said == .front {
      (other.relation, other.anchor) = (.behind, one)
    } else if subjects[one].anchor == nil {
      (subjects[one].relation, subjects[one].anchor) = (said, number)
    }
  }

  /// Where the scene does not paint a thing, what that is made of is no thing either.
  mutating func settle(_ shown: Concepts) {
    for each in adorned where !shown.has(each.concept) { substances.insert(each.said) }
  }

  /// Whether something is on, under or behind it.
  func isAnchor(_ concept: Concept) -> Bool {
    for link in links where link.concept == concept { return true }
    return false
  }

  /// A thing that another scene paints stands in this one as any other thing would.
  mutating func add(_ word: String, for concept: Concept, _ colour: Colour?) -> Bool {
    guard let found = Nouns.find(word.bytes) else { return false }
    if hasNamed(word, found.icon) { return true }
    guard subjects.count < Subject.kindsMax else { return false }
    var new = Subject(icon: found.icon, word: word, colour: colour, count: found.isPlural ? 3 : 1)
    for each in adorned where each.concept == concept {
      (new.colour, new.sheen) = (colour ?? each.substance.colour, each.substance.sheen)
    }
    for link in links where link.concept == concept && new.anchor == nil {
      relate(link.subject, link.relation, subjects.count, &new)
    }
    subjects.append(new)
    return true
  }
}
