// What a prompt is taken to mean.

import Testing

@testable import Sketch

@Test func aPromptsWordsAreUnderstoodIgnoredOrGrammar() {
  let wish = Wish(prompt: "A serene Japanese garden with cherry blossoms and a purple walrus, pensively")
  #expect(wish.understood == ["serene", "japanese", "garden", "cherry", "blossoms", "purple", "walrus"])
  #expect(wish.ignored == ["pensively"])
}

@Test func aThingTheSceneDoesNotPaintStandsInItAllTheSame() {
  let pond = Wish(prompt: "a koi pond with a red car")
  #expect(pond.ignored.isEmpty && pond.subjects.count == 1)
  #expect(pond.subjects.first?.colour == Colour(hex: 0xc4262c))
  #expect(Wish(prompt: "a city with a car").subjects.isEmpty)
  // A setting that another one took the place of is no thing.
  #expect(Wish(prompt: "a cave in a village").ignored == ["village"])
}

@Test func pluralsMeanTheSameAsSingulars() {
  #expect(Wish(prompt: "MOUNTAINS, lakes; skies").understood == ["mountains", "lakes", "skies"])
  #expect(Wish(prompt: "lilies dishes").ignored.isEmpty)
  #expect(Wish(prompt: "garden lilies").ignored.isEmpty)
}

@Test func whatIsNegatedIsNotWanted() {
  let wish = Wish(prompt: "a lake without any clouds and a mountain, no snow")
  #expect(wish.refuses(.cloud) && wish.refuses(.snow))
  #expect(!wish.wants(.cloud) && wish.wants(.mountain))
}

@Test func aColourBelongsToTheThingAfterIt() {
  let wish = Wish(prompt: "a green sky over a red desert")
  #expect(wish.colour(of: .sky) == Colour(hex: 0x2f8f46))
  #expect(wish.colour(of: .desert) == Colour(hex: 0xc4262c))
  #expect(wish.colour(of: .sea) == nil)
}

@Test func eachKindOfPromptFindsItsScene() {
  #expect(Wish(prompt: "a koi pond").scene == .garden)
  #expect(Wish(prompt: "mountains with a lake").scene == .lake)
  #expect(Wish(prompt: "a city at night").scene == .city)
  #expect(Wish(prompt: "tiling stone texture").scene == .stone)
  #expect(Wish(prompt: "something else entirely").scene == .country)
  #expect(Wish(prompt: "waves on a sandy beach").scene == .coast)
  #expect(Wish(prompt: "dunes of the sahara").scene == .desert)
  #expect(Wish(prompt: "a forest in autumn").scene == .woods)
  #expect(Wish(prompt: "a forest below mountains").scene == .lake)
  #expect(Wish(prompt: "a cloudy sky").scene == .clouds)
  #expect(Wish(prompt: "a sky above a meadow").scene == .country)
  #expect(Wish(prompt: "wooden plank texture").scene == .surface)
  #expect(Wish(prompt: "a castle sprite").scene == .cutOut)
  #expect(Wish(prompt: "sky panorama").scene == .panorama)
}

@Test func aSetHasRoomForEveryConcept() {
  #expect(Concept.allCases.count <= Concepts.room)
}
