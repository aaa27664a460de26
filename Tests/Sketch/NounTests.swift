// Nouns that no scene knows: what they are shown by, how many, where; and how many of a public list are.

import Foundation
import Testing

@testable import Core
@testable import Sketch

private func icon(_ word: String) -> Int? { Nouns.find(word.bytes)?.icon }

@Test func aNounIsFoundByItselfItsPluralAndItsKind() throws {
  let dog = try #require(icon("dog"))
  #expect(icon("dogs") == dog && icon("puppy") == dog && icon("puppies") == dog && icon("spaniel") == dog)
  #expect(Nouns.find("puppies".bytes)?.isPlural == true && Nouns.find("puppy".bytes)?.isPlural == false)
  #expect(icon("wolves") == icon("wolf") && icon("mice") == icon("mouse"))
  #expect(Nouns.find("wolves".bytes)?.isPlural == true && Nouns.find("children".bytes)?.isPlural == true)
  #expect(icon("boxes") != nil && icon("castle") != icon("cat"))
  // The last word of all.
  #expect(icon("zygote") != nil)
}

@Test func whatIsNoThingIsNotFound() {
  for word in [
    "", "a", "zz", "quickly", "honesty", "beautiful", "zzzzzzzz", "\n", "a\n", "caf\u{e9}", "dog\n", "s",
    "es", "ies",
  ] {
    #expect(icon(word) == nil, "\(word)")
  }
  #expect(icon(String(repeating: "cat", count: 100)) == nil)
}

@Test func everyIconHasAnOutlineInsideItsSquare() throws {
  var number = 0
  while let icon = Nouns.icon(number) {
    #expect(!icon.outer.isEmpty, "icon \(number)")
    #expect(icon.least.x >= 0 && icon.most.x <= Icon.side && icon.least.y >= 0 && icon.most.y <= Icon.side)
    #expect(icon.most.x - icon.least.x > 20 || icon.most.y - icon.least.y > 20, "icon \(number)")
    #expect(icon.height > 0.1 && icon.height < 1)
    number += 1
  }
  #expect(number > 400)
  #expect(Nouns.icon(-1) == nil && Nouns.icon(number) == nil && Nouns.icon(.max) == nil)
}

@Test func coloursCountsSizesAndSidesBelongToTheirNoun() throws {
  let wish = Wish(prompt: "three small red apples on the left and a huge blue teapot, two owls")
  #expect(wish.subjects.map(\.count) == [3, 1, 2])
  #expect(wish.subjects[0].colour == Colour(hex: 0xc4262c) && wish.subjects[0].side == -1)
  #expect(wish.subjects[0].scale < 1 && wish.subjects[1].scale > 1)
  #expect(wish.subjects[1].colour != nil && wish.subjects[2].colour == nil)
  #expect(Wish(prompt: "99999999999999999999 cats").subjects.map(\.count) == [3])
  #expect(Wish(prompt: "no cat, without a dog").subjects.isEmpty)
}

/// The words of coverage.txt are WordNet's concrete nouns, which its script found by another rule than ours.
@Test func mostPublicPromptsHaveEveryNounUnderstood() throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "coverage.txt")
  let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
  #expect(lines.count == 500)
  var (whole, naming) = (0, 0)
  for line in lines {
    let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
    // Some name nothing that can be seen.
    if parts[1].isEmpty { continue }
    naming += 1
    let understood = Wish(prompt: String(parts[0])).understood
    if parts[1].split(separator: " ").allSatisfy({ understood.contains(String($0)) }) { whole += 1 }
  }
  print("\(whole) of \(naming) prompts of PartiPrompts that name things have each of them understood")
  #expect(naming > 400 && whole * 100 >= naming * 95)
}

@Test(arguments: ["cat", "three cats and a dog in a cave at night", "dragon underwater", "sprite of a sword"])
func thingsArePaintedAtEveryShape(prompt: String) throws {
  for (width, height) in [(16, 16), (1, 300), (300, 1), (37, 211), (5000, 16)] {
    _ = try painted(prompt, width, height, seed: 3)
  }
}

@Test func whereAThingIsAmongOthersIsHeard() throws {
  func told(_ prompt: String) -> [String] {
    Wish(prompt: prompt).subjects.map { subject in
      guard let relation = subject.relation else { return "-" }
      return "\(relation) \(subject.anchor.map(String.init) ?? "nothing")"
    }
  }
  #expect(told("a cat on a red sofa") == ["on 1", "-"])
  #expect(told("a cat on top of the table") == ["on 1", "-"])
  #expect(told("a cat under a small wooden table") == ["under 1", "-"])
  #expect(told("an owl above a sofa") == ["above 1", "-"])
  #expect(told("a dog behind a fence") == ["behind 1", "-"])
  // Who stands in front is as near as ever; the other is behind.
  #expect(told("a dog in front of a house") == ["-", "behind 0"])
  #expect(told("a cat on a box on a table") == ["on 1", "on 2", "-"])
  #expect(told("a dog under a tree") == ["under 1", "-"])
  #expect(told("a dragon over a castle") == ["above nothing"])
  #expect(told("a cat on the left and a dog") == ["-", "-"])
  #expect(told("a cat and a dog, a bird over, two owls") == ["-", "-", "-", "-"])
  #expect(told("on behind under above in front of made of") == [])
  #expect(told("a cat on a cat behind a cat") == ["-"])
}

@Test func whatAThingIsMadeOfIsHeard() throws {
  func told(_ prompt: String) -> String {
    Wish(prompt: prompt).subjects.map { "\($0.sheen) \($0.colour == nil ? "plain" : "coloured")" }.joined(
      separator: ", ")
  }
  #expect(told("an owl made of glass") == "clear coloured")
  #expect(told("a glass vase") == "clear coloured")
  #expect(told("a glass, a vase") == "matt plain, matt plain")
  #expect(told("a glass of wine") == told("a glass and wine"))
  #expect(told("a teapot made of gold") == "shiny coloured")
  #expect(told("a wooden chair") == "matt coloured")
  #expect(told("a metallic robot, a dog") == "shiny coloured, matt plain")
  #expect(Wish(prompt: "a red leather sofa").subjects[0].colour == Colour(hex: 0xc4262c))
  #expect(Wish(prompt: "a soldier behind a stone wall").subjects.count == 2)
  #expect(Wish(prompt: "mossy stone wall texture, seamless").scene == .stone)
  #expect(Wish(prompt: "seamless wood texture").scene == .surface)
}

@Test func twoWordsOfOneThingAreOne() {
  #expect(Wish(prompt: "a treasure chest").subjects.count == 1)
  #expect(Wish(prompt: "a treasure, a chest").subjects.count == 2)
}

@Test func allOfManyKindsAreShown() {
  let prompt =
    "a cow, a sheep, a horse, a duck, a goat, a cat, a dog, a rabbit, a bear, a turtle, a bee, an owl and a pig"
  #expect(Wish(prompt: prompt).subjects.count == 13)
}

@Test func emojiAreTheWordsTheyStandFor() throws {
  let wish = Wish(
    prompt: "\u{1f431}\u{1f436} on a \u{1f6cb}\u{fe0f}, \u{1f468}\u{1f3fd}\u{200d}\u{1f33e} \u{1f303}")
  #expect(wish.subjects.count == 4 && wish.understood.contains("cat") && wish.ignored.isEmpty)
  #expect(wish.wants(.night))
  #expect(Wish(prompt: "\u{1f9ff}").ignored == ["\u{1f9ff}"])
  #expect(Wish(prompt: "a dog\u{2014}\u{201c}a cat\u{201d}").subjects.count == 2)
}

/// Each emoji of the table, by its own pair of words.
@Test func everyEmojiOfTheTableMeansSomething() throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources/Providers/Sketch/Nouns/Emoji.swift")
  let text = try String(contentsOf: file, encoding: .utf8)
  let table = try #require(text.components(separatedBy: "\"\"\"").dropFirst().first)
  var count = 0
  for pair in table.split(whereSeparator: { " \\\n".contains($0) }) {
    let emoji = String(try #require(pair.unicodeScalars.first))
    let wish = Wish(prompt: emoji)
    count += 1
    #expect(wish.understood == [String(pair.unicodeScalars.dropFirst())] && wish.ignored.isEmpty, "\(pair)")
  }
  #expect(count > 200)
}
