// The catalogue: what it knows, what a replacement may say, what things cost.

import CCatalogue
import CSys
import Core
import JSONCodec
import Testing

@Suite struct RequestCatalogueTests {
  private let folder =
    String(#filePath.dropLast("Tests/Core/RequestCatalogueTests.swift".count)) + "Sources/Foreign/CCatalogue"

  private func file(_ name: String) throws -> String {
    let descriptor = cs_open("\(folder)/\(name)", O_RDONLY, 0)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  @Test func theBakedCatalogueIsFresh() {
    let outcome = system("python3 '\(folder)/bake.py' - | cmp -s - '\(folder)/catalogue.c'")
    #expect(outcome == 0, "run Sources/Foreign/CCatalogue/bake.py")
    #expect(ccatalogue_length() < 40 * 1024)
  }

  @Test func theFactsFileReadsLikeTheBakedOne() throws {
    let facts = try Catalogue.read(try JSONCodec.decode(try file("catalogue.json"), what: "catalogue"))
    #expect(facts.menu == builtIn.menu)
    #expect(facts.warnings(against: builtIn).isEmpty)
  }

  @Test func theCatalogueKnows21Models() {
    #expect(builtIn.models.count == 21)
    #expect(builtIn.model("gen4_image") != nil)
    #expect(builtIn.model("gen4") == nil)
  }

  @Test func everyModelTakesItsOwnFilledInRequest() throws {
    for model in builtIn.models {
      let bare = try check(draft("\"model\":\"\(model.id)\""))
      let one = #","referenceImages":[{"uri":"https://a.example/x"}]"#
      let report = bare.request == nil ? try check(draft("\"model\":\"\(model.id)\"" + one)) : bare
      #expect(report.errorLines == [], "\(model.id)")
      #expect(report.request?.body["ratio"] != nil, "\(model.id)")
    }
  }

  @Test func theMenuHasStableKeysAndNoRealNumbers() throws {
    let menu = try JSONCodec.encode(builtIn.menu).string
    #expect(!menu.contains("." + "0,"))
    #expect(
      menu.contains(
        #"{"id":"gen4_image","bestFor":"highest quality; the default","speed":"standard","#
          + #""price":{"by":"ratio","tiers":{"720p":5000,"1080p":8000},"certainty":"estimated"},"#
          + #""prompt":{"max":1000,"unit":"utf16_code_units"},"ratios":["1024:1024","#))
    #expect(
      menu.contains(
        #""references":{"min":0,"max":3,"tag":true},"parameters":{"contentModeration":{"type":"object""#))
    func hasReal(_ value: JSON) -> Bool {
      switch value {
      case .real: true
      case .array(let elements): elements.contains(where: hasReal)
      case .object(let object): object.members.contains { hasReal($0.value) }
      default: false
      }
    }
    #expect(!hasReal(builtIn.menu))
  }

  // MARK: prices

  private func price(_ keys: String) throws -> Price { try check(draft(keys)).listPrice }

  private func known(_ millicredits: Int64) -> Price { Price(millicredits: millicredits, certainty: .known) }

  private func estimated(_ millicredits: Int64) -> Price {
    Price(millicredits: millicredits, certainty: .estimated)
  }

  @Test func pricesSayHowSureTheyAre() throws {
    let one = #","referenceImages":[{"uri":"https://a.example/x"}]"#
    #expect(try price(#""model":"gen4_image_turbo""# + one) == known(2000))
    #expect(try price(#""model":"muse_image","outputCount":3"#) == known(3000))
    #expect(try price("") == estimated(5000))
    #expect(try price(#""ratio":"1920:1080""#) == estimated(8000))
    #expect(try price(#""model":"gpt_image_2","outputCount":2"#) == estimated(82000))
    #expect(try price(#""model":"bria_fibo_1_5","ratio":"1024:1024""#) == estimated(5000))
    #expect(try price(#""model":"bria_fibo_1_5","ratio":"2048:1152""#) == estimated(10000))
    #expect(
      try price(#""model":"gemini_image3_pro","ratio":"4096:4096","outputCount":4"#) == estimated(160_000))
    #expect(try price(#""model":"gemini_image3_pro""#) == estimated(20000))
    #expect(try price(#""model":"seedream5_pro""#) == .unknown)
    #expect(try check(draft(#""model":"seedream5_pro""#)).json["price"] == ["certainty": "unknown"])
  }

  @Test func aPriceByQualityFollowsTheDefaults() throws {
    let one = #","referenceImages":[{"uri":"https://a.example/x"}]"#
    #expect(try price(#""model":"ideogram_4_0","quality":"medium""#) == known(7000))
    #expect(try price(#""model":"ideogram_4_0""#) == estimated(11000))
    #expect(try price(#""model":"ideogram_4_5""#) == known(25000))
    #expect(try price(#""model":"ideogram_4_5""# + one) == known(8000))
    #expect(try price(#""model":"ideogram_4_5","preciseEdit":true"# + one) == known(25000))
    #expect(try price(#""model":"ideogram_4_5","quality":"very_low","outputCount":3"# + one) == known(3000))
  }

  @Test func aPriceDoesNotHangOnOtherErrors() throws {
    #expect(try price(#""sed":1,"ratio":"1920:1080""#) == estimated(8000))
    #expect(try price(#""ratio":"16:9""#) == .unknown)
  }

  // MARK: replacements

  private func catalogue(_ pricing: String, more: String = "") throws -> Catalogue {
    let text = #"""
      {"models":[{"id":"gen4_image","ratio":{"required":true,"values":["1280:720","2048:2048","auto_2k","auto"]},
      "pricing":\#(pricing)\#(more)}]}
      """#
    return try Catalogue.read(try JSONCodec.decode(text, what: "catalogue"))
  }

  private func price(_ catalogue: Catalogue, _ keys: String) throws -> Price {
    catalogue.check(try JSONCodec.decode(draft(keys), what: "req"), under: CheckRules()).listPrice
  }

  @Test func modifiersAddUp() throws {
    let more = #"""
      ,"referenceImages":{"min":0,"max":3,"tag":"none"},"parameters":{"outputCount":{"type":"integer"},
      "quality":{"type":"string","enum":["low","high"],"default":"high"}}
      """#
    let modified = try catalogue(
      #"{"base":4.5,"modifiers":{"2K ratio":"+2 per image","quality=low":"-1 per image","each reference":"+1 per generation"}}"#,
      more: more)
    #expect(try price(modified, "") == known(4500))
    #expect(try price(modified, #""ratio":"2048:2048","outputCount":2"#) == known(13000))
    #expect(try price(modified, #""ratio":"auto_2k""#) == known(6500))
    #expect(try price(modified, #""ratio":"auto""#).certainty == .estimated)
    let two = #","referenceImages":[{"uri":"https://a.example/x"},{"uri":"https://a.example/y"}]"#
    #expect(try price(modified, #""quality":"low","outputCount":3"# + two) == known(12500))
  }

  @Test func anAbsurdPriceIsUnknownAndNoTrap() throws {
    let more = #","parameters":{"outputCount":{"type":"integer"}}"#
    let dear = try catalogue(#"{"flat":1000000000}"#, more: more)
    #expect(try price(dear, #""outputCount":64"#) == known(64_000_000_000_000))
    let negative = try catalogue(#"{"flat":1,"modifiers":{"2K ratio":"-9 per image"}}"#, more: more)
    #expect(try price(negative, #""ratio":"2048:2048""#) == .unknown)
    #expect(throws: Failure.self) { try catalogue(#"{"flat":1e300}"#) }
    #expect(throws: Failure.self) { try catalogue(#"{"flat":-1}"#) }
    #expect(try price(try catalogue(#"{"tiers":{}}"#), "") == .unknown)
  }

  @Test func aReplacementThatLowersAPriceIsAWarning() throws {
    let lower = try catalogue(#"{"flat":4.5}"#).warnings(against: builtIn)
    #expect(lower.count == 1)
    #expect(lower.first?.location == "/models/gen4_image")
    #expect(
      lower.first?.message
        == "catalogue: gen4_image at 1024:1024 costs 4500 millicredits in the replacement and 8 credits in "
        + "the built-in catalogue; a budget will count the lower price")
    #expect(try catalogue(#"{"flat":8}"#).warnings(against: builtIn).isEmpty)
    #expect(try catalogue(#"{"base":null}"#).warnings(against: builtIn).isEmpty)
  }

  @Test(arguments: [
    ("{}", "", "lacks the key models"), (#"{"models":{}}"#, "/models", "must be an array"),
    (#"{"models":[]}"#, "/models", "must not be empty"),
    (#"{"models":[5]}"#, "/models/0", "lacks the key ratio"),
    (#"{"models":[{"id":"a"}]}"#, "/models/0", "lacks the key ratio"),
    (#"{"models":[{"id":"a","ratio":{"values":["16x9"]}}]}"#, "/models/0/ratio/values/0", "width:height"),
    (#"{"models":[{"id":"a","ratio":{}},{"id":"a","ratio":{}}]}"#, "/models/1", "second model"),
    (
      #"{"models":[{"id":"a","ratio":{},"prompt":{"maxLength":-1}}]}"#, "/models/0/prompt/maxLength", "from 0"
    ),
    (
      #"{"models":[{"id":"a","ratio":{},"parameters":{"a/b":{"type":"x"}}}]}"#,
      "/models/0/parameters/a~1b/type", "must be string"
    ),
    (
      #"{"models":[{"id":"a","ratio":{},"parameters":{"s":{"type":"integer","minimum":2,"maximum":1}}}]}"#,
      "/models/0/parameters/s", "minimum above"
    ),
    (
      #"{"models":[{"id":"a","ratio":{},"referenceImages":{"min":3,"max":1}}]}"#, "/models/0/referenceImages",
      "min above max"
    ),
    (
      #"{"models":[{"id":"a","ratio":{},"pricing":{"unit":"dollars"}}]}"#, "/models/0/pricing/unit",
      "credits/image"
    ),
    (
      #"{"models":[{"id":"a","ratio":{},"pricing":{"flat":1,"modifiers":{"x":"?"}}}]}"#,
      "/models/0/pricing/modifiers/x", "per image"
    ),
    (
      #"{"models":[{"id":"a","ratio":{"freeformRule":{"minPixels":9,"maxPixels":1}}}]}"#,
      "/models/0/ratio/freeformRule", "above"
    ),
    (
      #"{"common":{"uri":{"dataUri":{"minLength":9,"maxLength":1}}},"models":[{"id":"a","ratio":{}}]}"#,
      "/common/uri/dataUri", "above"
    ),
  ])
  func aFaultInAReplacementHasItsPointer(text: String, location: String, part: String) throws {
    let json = try JSONCodec.decode(text, what: "catalogue")
    let failure = #expect(throws: Failure.self) { try Catalogue.read(json) }
    #expect(failure?.location == location, "\(failure?.message ?? "")")
    #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
  }
}
