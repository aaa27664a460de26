// A painting as its caller sees it: steps, progress, words, a file.

import Core
import Platform
import Testing

@testable import Sketch

private let garden = "A serene Japanese garden with cherry blossoms and a koi pond"

@Test func progressNeverFallsAndEndsAtAThousand() throws {
  let painting = try Painting(Commission(prompt: garden, width: 320, height: 180, seed: 1))
  var last = painting.permille
  #expect(last == 0)
  var steps = 1
  while try painting.step() {
    #expect(painting.permille >= last && painting.permille < 1000)
    #expect(painting.file == nil)
    last = painting.permille
    steps += 1
  }
  #expect(painting.permille == 1000)
  #expect(steps >= 3)
}

@Test func theFormatChangesTheFileAndNotThePicture() throws {
  func painting(_ format: PictureFormat, _ calledOff: CallOff = CallOff()) throws -> Painting {
    let painting = try Painting(
      Commission(prompt: garden, width: 60, height: 40, seed: 1, format: format), calledOff)
    while try painting.step() {}
    return painting
  }
  let pixels = try painting(.rgba)
  #expect(pixels.file?.count == 60 * 40 * 4)
  #expect(try pixels.pixelHash == painting(.png).pixelHash)
  try #require(PictureFormat.webp.isWritable, "install libwebp7")
  #expect(try pixels.pixelHash == painting(.webp).pixelHash)
  // Asked by the codec itself, in the middle of its work.
  let calledOff = CallOff()
  calledOff.call()
  #expect(throws: Failure.self) { try painting(.webp, calledOff) }
}

@Test func aFinishedPaintingStaysFinished() throws {
  let painting = try painted("a lake", 32, 32)
  let file = painting.file
  #expect(try painting.step() == false)
  #expect(painting.file === file)
}

@Test func aStepPaintsASmallShareOfALargePicture() throws {
  let painting = try Painting(Commission(prompt: garden, width: 2048, height: 2048, seed: 1))
  // Four megapixels take at least fifty steps; the first few of them must not have done it all.
  for _ in 0..<5 { #expect(try painting.step()) }
  #expect(painting.permille < 200)
}

@Test func theSameCommissionGivesTheSameFile() throws {
  let one = try #require(try painted(garden, 120, 80, seed: 9).file)
  let two = try #require(try painted(garden, 120, 80, seed: 9).file)
  #expect(one.memory.elementsEqual(two.memory))
}

@Test func anotherSeedAndAnotherReferenceChangeThePicture() throws {
  let plain = try painted(garden, 120, 80, seed: 1).pixelHash
  #expect(try painted(garden, 120, 80, seed: 2).pixelHash != plain)
  #expect(try painted(garden, 120, 80, seed: 1, accents: [0x1234_5678_9abc_def0]).pixelHash != plain)
}

@Test(arguments: [(16, 16), (17, 3000), (3000, 17), (1, 1), (1, 400), (400, 1), (5000, 16)])
func everyShapeOfPictureIsPainted(width: Int, height: Int) throws {
  for prompt in [
    garden, "a city at night in the rain with a car", "mountains, lake, fog", "stone wall texture",
    "sea and beach",
    "desert", "underwater reef", "space", "a forest", "castle", "village", "farm", "cave", "cozy room",
    "abstract",
    "clouds", "wood texture", "fabric", "grass texture", "sky panorama", "castle sprite", "watercolour lake",
    "oil painting of a lake", "ink lake", "poster of a lake", "pixel art lake", "pixel art sprite of a car",
  ] {
    #expect(try painted(prompt, width, height).file != nil)
  }
}

@Test(arguments: [
  "", " ", "🦊🌸", "ein Fuchs im Schnee über dem See", "\u{0}\u{1}\n\t", "no no no without", "red red red",
  "日本庭園",
])
func everyPromptIsPainted(prompt: String) throws {
  #expect(try painted(prompt, 48, 32).file != nil)
}

@Test func aPromptOf4000UnitsIsPainted() throws {
  let painting = try painted(String(repeating: "koi ", count: 1000), 32, 32)
  #expect(painting.understood == ["koi"])
  let noise = try painted(String((0..<900).map { "w\($0) " }.joined().prefix(4000)), 32, 32)
  #expect(noise.ignored.count == 64)
}

@Test func aPictureWithoutPixelsIsRefused() {
  #expect(throws: Failure.self) { try Painting(Commission(prompt: "", width: 0, height: 16, seed: 1)) }
  #expect(throws: Failure.self) { try Painting(Commission(prompt: "", width: -4, height: 16, seed: 1)) }
}

@Test func aPictureBeyondAllMemoryIsRefused() {
  #expect(throws: Failure.self) { try Painting(Commission(prompt: "", width: .max, height: 16, seed: 1)) }
  #expect(throws: Failure.self) {
    try Painting(Commission(prompt: "", width: 1 << 40, height: 1 << 12, seed: 1))
  }
}

@Test(arguments: ["watercolour", "oil", "ink", "poster", "pixel"])
func everyStyleIsUnderstoodAndPaintsAnySceneAnew(style: String) throws {
  for scene in ["a lake", "a castle"] {
    let styled = try painted("\(scene) \(style)", 90, 60)
    #expect(styled.understood.contains(style))
    // The words of a prompt lead chance, so the plain scene is asked for with a word more.
    #expect(try painted("\(scene) calm", 90, 60).pixelHash != styled.pixelHash)
  }
}

@Test func pixelArtHasNoMoreColoursThanItsPalette() throws {
  let canvas = try painted("pixel art castle", 160, 90).canvas
  var colours: Set<SIMD4<Float>> = []
  for y in 0..<90 { for x in 0..<160 { colours.insert(canvas.pixel(x, y)) } }
  #expect(colours.count > 4 && colours.count <= 24)
}

@Test func aSpriteStandsOnNothing() throws {
  let painting = try painted("a castle sprite", 64, 64)
  #expect(painting.canvas.pixel(0, 0).w == 0)
  #expect(painting.canvas.pixel(32, 50).w > 0.99)
  let png = try #require(painting.file)
  let header = try #require(chunks(of: png.memory).first)
  #expect(header.body == [0, 0, 0, 64, 0, 0, 0, 64, 8, 6, 0, 0, 0])
}

// MARK: The file

/// The chunks of a PNG file: their names and contents.
private func chunks(of file: UnsafeRawBufferPointer) -> [(name: String, body: [UInt8])] {
  var chunks: [(String, [UInt8])] = []
  var at = 8
  while at + 12 <= file.count {
    let length = (0..<4).reduce(0) { $0 << 8 | Int(file[at + $1]) }
    guard at + 12 + length <= file.count else { return [] }
    let name = String(decoding: file[(at + 4)..<(at + 8)], as: UTF8.self)
    chunks.append((name, Array(file[(at + 8)..<(at + 8 + length)])))
    at += 12 + length
  }
  return at == file.count ? chunks : []
}

@Test func theFileIsAPNGThatSaysWhatItIs() throws {
  let png = try #require(try painted("ein See, schön", 40, 30, seed: 77).file)
  #expect(Array(png.memory.prefix(8)) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  let chunks = chunks(of: png.memory)
  #expect(chunks.first?.name == "IHDR")
  #expect(chunks.first?.body == [0, 0, 0, 40, 0, 0, 0, 30, 8, 2, 0, 0, 0])
  #expect(chunks.last?.name == "IEND")
  let texts = chunks.filter { $0.name == "iTXt" }.map { String(decoding: $0.body, as: UTF8.self) }
  #expect(texts.contains("Software\0\0\0\0\0libt2i sketch"))
  #expect(texts.contains("Description\0\0\0\0\0ein See, schön"))
  #expect(
    texts.contains { $0.hasPrefix("Comment") && $0.contains("not by an AI model") && $0.contains("77") })
}
