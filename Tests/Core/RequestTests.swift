// The check before paying, bullet by bullet: valid, invalid and the step between.

import Core
import JSONCodec
import Testing

@Suite struct RequestTests {
  @Test func theSmallestDraftBecomesARequestOfTheDefaultModel() throws {
    let request = try #require(try check(draft("")).request)
    #expect(request.model == "gen4_image")
    #expect(request.ratio == .size(width: 1280, height: 720))
    #expect(request.outputCount == 1)
    let body = try JSONCodec.encode(.object(request.body)).string
    #expect(body == #"{"model":"gen4_image","promptText":"a fox","ratio":"1280:720"}"#)
  }

  @Test func theBodyHasTheDocumentedOrderWhateverTheDraftHad() throws {
    let text = draft(
      #""extra":{"zoom":[1.5,null]},"seed":7,"referenceImages":[{"tag":"dog","uri":"https://a.example/x"}]"#)
    let request = try #require(try check(text).request)
    #expect(request.seed == 7)
    let body = try JSONCodec.encode(.object(request.body)).string
    #expect(
      body == #"{"model":"gen4_image","promptText":"a fox","ratio":"1280:720","referenceImages":"#
        + #"[{"uri":"https://a.example/x","tag":"dog"}],"seed":7,"zoom":[1.5,null]}"#)
  }

  @Test func whatIsNoObjectIsRefused() throws {
    try expectRefusal("[]", at: "", saying: "must be an object")
    try expectRefusal("null", at: "", saying: "must be an object")
  }

  @Test func aKeyNoModelKnowsHasItsPointerAndTheNearestKey() throws {
    let report = try check(draft(#""promptTxt":"x""#))
    #expect(report.only?.location == "/promptTxt")
    #expect(report.only?.message.contains("did you mean promptText?") == true)
    #expect(report.only?.nearest == "promptText")
    try expectRefusal(draft(#""prompt_text":"x""#), at: "/prompt_text", saying: "did you mean promptText?")
    try expectRefusal(draft(#""a/b~c":1"#), at: "/a~1b~0c", saying: "extra")
  }

  @Test func aKeyAnotherModelKnowsNamesThatModel() throws {
    try expectRefusal(draft(#""quality":"low""#), at: "/quality", saying: "known to gpt_image_2")
    try expectRefusal(
      draft(#""model":"gpt_image_2","seed":1"#), at: "/seed", saying: "gen4_image_turbo, gen4_image")
  }

  @Test func nullIsRefusedEverywhere() throws {
    for key in ["model", "ratio", "seed", "referenceImages", "extra"] {
      try expectRefusal(draft("\"\(key)\":null"), at: "/\(key)", saying: "leave the key out")
    }
    try expectRefusal(#"{"promptText":null}"#, at: "/promptText", saying: "leave the key out")
    try expectRefusal(
      draft(#""referenceImages":[{"uri":"https://a.example/x","tag":null}]"#), at: "/referenceImages/0/tag",
      saying: "leave the key out")
    try expectRefusal(
      draft(#""contentModeration":{"publicFigureThreshold":null}"#),
      at: "/contentModeration/publicFigureThreshold",
      saying: "leave the key out")
  }

  @Test func anUnknownModelIsAWarningWithoutAPrice() throws {
    let report = try check(draft(#""model":"gen4_imag","ratio":"4000:4000","seed":-5,"quality":"ultra""#))
    #expect(report.errorLines == [])
    #expect(report.warnings.first?.location == "/model")
    #expect(report.warnings.first?.nearest == "gen4_image")
    #expect(report.listPrice == .unknown)
    #expect(report.request?.model == "gen4_imag")
    #expect(report.request?.body["ratio"] == "4000:4000")
    #expect(try check(draft(#""model":"gen9","ratio":"wide""#)).request?.body["ratio"] == "wide")
    try expectRefusal(
      draft(#""model":"gen9","maskUri":"http://a.example/x""#), at: "/maskUri", saying: "https:// only")
    try expectRefusal(draft(#""model":5"#), at: "/model", saying: "must be a string, is an integer")
    try expectRefusal(draft(#""model":" ""#), at: "/model", saying: "1 to 64")
  }

  // MARK: prompt

  @Test func aPromptOf1000UnitsIsTakenAnd1001IsRefused() throws {
    let full = String(repeating: "a", count: 1000)
    try expectAccepted(draft("", prompt: full))
    try expectRefusal(
      draft("", prompt: full + "a"), at: "/promptText",
      saying: "promptText: 1001 UTF-16 units, at most 1000 for gen4_image")
    try expectAccepted(draft(#""model":"gpt_image_2""#, prompt: full + "a"))
  }

  @Test func aCharacterOutsideTheBasicPlaneCountsTwice() throws {
    try expectAccepted(draft("", prompt: String(repeating: "😀", count: 500)))
    try expectRefusal(
      draft("", prompt: String(repeating: "😀", count: 500) + "é"), at: "/promptText",
      saying: "1001 UTF-16 units")
    #expect("aé☃😀".utf16Length == "aé☃😀".utf16.count)
  }

  @Test func aPromptMustSaySomething() throws {
    try expectRefusal("{}", at: "/promptText", saying: "is missing")
    try expectRefusal(#"{"promptText":""}"#, at: "/promptText", saying: "is empty")
    try expectRefusal(#"{"promptText":" \n\t\u3000"}"#, at: "/promptText", saying: "is empty")
    try expectRefusal(#"{"promptText":["a"]}"#, at: "/promptText", saying: "must be a string, is an array")
  }

  @Test func anUnknownLimitIsNoErrorButALongPromptIsAWarning() throws {
    let model = #""model":"ideogram_4_5""#
    #expect(try check(draft(model, prompt: String(repeating: "a", count: 32000))).warnings.isEmpty)
    let report = try check(draft(model, prompt: String(repeating: "a", count: 32001)))
    #expect(report.errors.isEmpty)
    #expect(report.warnings.first?.location == "/promptText")
  }

  // MARK: ratio

  @Test func aRatioOutsideTheListNamesTheNearest() throws {
    func nearest(_ ratio: String, _ model: String = "gen4_image") throws -> JSON? {
      try check(draft(#""model":"\#(model)","ratio":"\#(ratio)""#)).only?.nearest
    }
    #expect(try nearest("16:9") == "1280:720")
    #expect(try nearest("9:16") == "720:1280")
    #expect(try nearest("1:1") == "1024:1024")
    #expect(try nearest("1281:720") == "1280:720")
    #expect(try nearest("1920x1088") == "1920:1080")
    #expect(try nearest("3840:2160") == "1920:1080")
    #expect(try nearest("16:9", "gemini_image3.1_flash") == "1344:768")
    #expect(try nearest("large") == nil)
    let report = try check(draft(#""ratio":"16:9""#))
    #expect(report.only?.location == "/ratio")
    #expect(report.only?.message.contains("16:9 is an aspect ratio") == true)
    #expect(report.only?.allowed?.array?.count == 16)
    #expect(report.listPrice == .unknown)
  }

  @Test(arguments: [
    "", ":", "1280:", ":720", "0:720", "01280:720", "1280:720:1", "-1280:720", "1280:720 ", "9999999:1",
    "１280:720",
  ])
  func whatIsNoSizeIsRefused(ratio: String) throws {
    try expectRefusal(draft("\"ratio\":\"\(ratio)\""), at: "/ratio", saying: "ratio: ")
  }

  @Test func freeSizesOfSeedreamLiteHaveBounds() throws {
    func text(_ ratio: String) -> String { draft(#""model":"seedream5_lite","ratio":"\#(ratio)""#) }
    try expectAccepted(text("2048:1800"))
    try expectAccepted(text("1920:1920"))
    try expectRefusal(text("1920:1919"), at: "/ratio", saying: "3686400 to 16777216 pixels")
    try expectAccepted(text("4096:4096"))
    try expectRefusal(text("4096:4097"), at: "/ratio", saying: "3686400 to 16777216 pixels")
  }

  @Test func sketchTakesAnySizeUpToMaxPixels() throws {
    let sketch = { (rules: inout CheckRules) in
      rules.takesAnySize = true
      rules.maxPixels = 1_000_000
    }
    try expectAccepted(draft(#""ratio":"16:16""#), sketch)
    try expectRefusal(draft(#""ratio":"15:16""#), at: "/ratio", saying: "aspect ratio", sketch)
    try expectRefusal(
      draft(#""ratio":"15:1600""#), at: "/ratio", saying: "from 16:16 to 1000000 pixels", sketch)
    try expectAccepted(draft(#""ratio":"1000:1000""#), sketch)
    try expectRefusal(
      draft(#""ratio":"1000:1001""#), at: "/ratio", saying: "more pixels than maxPixels", sketch)
    try expectRefusal(
      draft(#""ratio":"1920:1080""#), at: "/ratio", saying: "more pixels than maxPixels", sketch)
    try expectRefusal(
      draft(#""ratio":"999999:999999""#), at: "/ratio", saying: "more pixels than maxPixels", sketch)
    try expectRefusal(draft(#""ratio":"16:16""#), at: "/ratio", saying: "aspect ratio")
    try expectAccepted(draft(#""model":"none","ratio":"300:200""#), sketch)
    #expect(try check(draft(""), sketch).request?.ratio == .size(width: 1280, height: 720))
  }

  @Test func aRatioLeftOutIsFilledIn() throws {
    func filled(_ keys: String) throws -> String? { try check(draft(keys)).request?.ratio?.text }
    #expect(try filled(#""model":"gen4_image""#) == "1280:720")
    #expect(try filled(#""model":"ideogram_4_5""#) == "1280:720")
    #expect(try filled(#""model":"gpt_image_2""#) == "2048:880")
    #expect(try filled(#""model":"bria_fibo_1_5""#) == "1024:1024")
    #expect(try filled(#""model":"seedream5_pro""#) == "1024:1024")
    let one = #""referenceImages":[{"uri":"https://a.example/x"}]"#
    let two = #""referenceImages":[{"uri":"https://a.example/x"},{"uri":"https://a.example/y"}]"#
    #expect(try filled(#""model":"bria_fibo_edit_1_5","# + one) == "auto")
    #expect(try filled(#""model":"bria_fibo_edit_1_5","# + two) == "1024:1024")
    #expect(try filled(#""model":"ideogram_4_5","# + one) == "1024:1024")
    let masked = try check(draft(#""model":"ideogram_4_5","maskUri":"https://a.example/m","# + one))
    #expect(masked.errorLines == [])
    #expect(masked.request?.ratio == nil)
    #expect(masked.request?.body["ratio"] == nil)
    #expect(masked.request?.mask == .web("https://a.example/m"))
  }

  // MARK: rules of several settings

  @Test func rulesOfTheCatalogueAreChecked() throws {
    let one = #","referenceImages":[{"uri":"https://a.example/x"}]"#
    let grok = #""model":"grok_imagine_image_2","edit":true"#
    try expectRefusal(draft(grok), at: "/edit", saying: "at least one reference")
    try expectAccepted(draft(grok + one))
    try expectAccepted(draft(#""model":"grok_imagine_image_2","edit":false"#))
    let ideogram = #""model":"ideogram_4_5""#
    try expectRefusal(draft(ideogram + #","quality":"very_low""#), at: "/quality", saying: "reference")
    try expectAccepted(draft(ideogram + #","quality":"very_low""# + one))
    try expectRefusal(
      draft(ideogram + #","quality":"very_low","preciseEdit":true"# + one), at: "/quality",
      saying: "excludes preciseEdit")
    try expectRefusal(
      draft(ideogram + #","preciseEdit":true,"ratio":"1024:1024""# + one), at: "/ratio",
      saying: "not allowed with preciseEdit")
    try expectRefusal(draft(ideogram + #","ratio":"1280:720""# + one), at: "/ratio", saying: "1024:576")
    #expect(try check(draft(ideogram + #","ratio":"1024:576""#)).warnings.first?.location == "/ratio")
    try expectRefusal(
      draft(#""model":"bria_fibo_edit_1_5","ratio":"1024:1024""# + one), at: "/ratio",
      saying: "at least two reference")
  }

  @Test func subjectsAreCounted() throws {
    func text(_ subject: String, _ count: Int) -> String {
      let entry = #"{"uri":"https://a.example/x"\#(subject)}"#
      let entries = [String](repeating: entry, count: count).joined(separator: ",")
      return draft(#""model":"gemini_image3_pro","referenceImages":[\#(entries)]"#)
    }
    try expectAccepted(text(#","subject":"human""#, 5))
    try expectRefusal(text(#","subject":"human""#, 6), at: "/referenceImages", saying: "at most 5")
    try expectAccepted(text("", 9))
    try expectRefusal(text(#","subject":"object""#, 10), at: "/referenceImages", saying: "at most 9")
  }

  // MARK: settings

  @Test func aSeedHasBounds() throws {
    try expectAccepted(draft(#""seed":0"#))
    try expectAccepted(draft(#""seed":4294967295"#))
    let report = try check(draft(#""seed":4294967296"#))
    #expect(report.only?.nearest == 4_294_967_295)
    #expect(report.only?.allowed == ["min": 0, "max": 4_294_967_295])
    #expect(try check(draft(#""seed":-9223372036854775808"#)).only?.nearest == 0)
    #expect(try check(draft(#""seed":5.0"#)).only?.nearest == 5)
    #expect(try check(draft(#""seed":"42""#)).only?.nearest == 42)
    #expect(try check(draft(#""seed":true"#)).only?.message == "seed: must be an integer, is a boolean")
  }

  @Test func aChoiceNamesItsChoices() throws {
    let report = try check(draft(#""model":"gpt_image_2","quality":"hgih""#))
    #expect(report.only?.nearest == "high")
    #expect(report.only?.allowed == ["low", "medium", "high", "auto"])
    try expectRefusal(
      draft(#""model":"gpt_image_2_5_flare","background":"transparent""#), at: "/background",
      saying: "gpt_image_2 and gpt_image_2_5_sunburst would take it")
    try expectRefusal(
      draft(#""model":"gpt_image_2","quality":1"#), at: "/quality", saying: "must be a string, is an integer")
  }

  @Test func anOutputCountIsWhatTheModelAllows() throws {
    let gemini = #""model":"gemini_image3_pro","outputCount":"#
    #expect(try check(draft(gemini + "4")).request?.outputCount == 4)
    #expect(try check(draft(gemini + "3")).only?.nearest == 4)
    #expect(try check(draft(gemini + "-9223372036854775808")).only?.nearest == 1)
    let ideogram = #""model":"ideogram_4_5","outputCount":"#
    try expectAccepted(draft(ideogram + "64"))
    try expectRefusal(draft(ideogram + "65"), at: "/outputCount", saying: "from 1 to 64")
    try expectRefusal(draft(ideogram + "9223372036854775807"), at: "/outputCount", saying: "from 1 to 64")
    try expectRefusal(draft(ideogram + "0"), at: "/outputCount", saying: "at least 1")
  }

  @Test func coloursAreSixHexDigits() throws {
    let model = #""model":"recraft_v4_1_flash","#
    try expectAccepted(draft(model + ##""backgroundColor":"#ff8800","colors":["FF8800","#000000"]"##))
    try expectRefusal(draft(model + #""backgroundColor":"red""#), at: "/backgroundColor", saying: "#FF8800")
    try expectRefusal(
      draft(model + ##""colors":["#FF8800","#FF880"]"##), at: "/colors/1", saying: "six hex digits")
    try expectRefusal(draft(model + #""colors":[5]"#), at: "/colors/0", saying: "must be a string")
    let many = [String](repeating: "\"#000000\"", count: 65).joined(separator: ",")
    try expectRefusal(draft(model + "\"colors\":[\(many)]"), at: "/colors", saying: "at most 64")
  }

  @Test func membersOfASettingAreChecked() throws {
    try expectAccepted(draft(#""contentModeration":{"publicFigureThreshold":"low"}"#))
    try expectRefusal(
      draft(#""contentModeration":{"publicFigureThreshold":"lo"}"#),
      at: "/contentModeration/publicFigureThreshold",
      saying: "auto and low")
    try expectRefusal(
      draft(#""contentModeration":{"publicFigure":"low"}"#), at: "/contentModeration/publicFigure",
      saying: "did you mean publicFigureThreshold?")
    try expectRefusal(
      draft(#""contentModeration":"low""#), at: "/contentModeration", saying: "must be an object")
  }

  @Test func extraMayNotUndoTheCheck() throws {
    try expectAccepted(draft(#""extra":{}"#))
    try expectRefusal(draft(#""extra":[]"#), at: "/extra", saying: "must be an object")
    for key in ["model", "seed", "quality", "extra", "referenceImages"] {
      try expectRefusal(
        draft("\"extra\":{\"\(key)\":1}"), at: "/extra/\(key)", saying: "set it outside extra")
    }
  }

  // MARK: the report

  @Test func allProblemsAreReportedAtOnce() throws {
    let text =
      #"{"promptText":"","ratio":"16:9","seed":-1,"sed":1,"referenceImages":[{"uri":"http://a.example/x"}]}"#
    let report = try check(text)
    #expect(
      report.errors.map(\.location) == ["/promptText", "/referenceImages/0/uri", "/ratio", "/seed", "/sed"])
    let failure = #expect(throws: Failure.self) { try report.accepted() }
    #expect(failure?.status == .argument)
    #expect(failure?.location == "/promptText")
    let sentence =
      "promptText: is empty; say what the picture shows (and 4 other errors: t2i_check lists them)"
    #expect(failure?.message == sentence)
  }

  @Test func theReportIsJSONWithStableKeys() throws {
    let good = try JSONCodec.encode(try check(draft(#""model":"gemini_2.5_flash""#)).json).string
    #expect(
      good == #"{"ok":true,"request":{"model":"gemini_2.5_flash","promptText":"a fox","ratio":"1344:768"},"#
        + #""price":{"millicredits":5000,"certainty":"known"},"errors":[],"warnings":[]}"#)
    let bad = try JSONCodec.encode(try check(draft(#""seed":-1"#)).json).string
    #expect(
      bad == #"{"ok":false,"price":{"certainty":"unknown"},"errors":[{"where":"/seed","message":"#
        + #""seed: must be at least 0 and at most 4294967295 for gen4_image, is -1","allowed":{"min":0,"max":4294967295},"#
        + #""nearest":0}],"warnings":[]}"#)
  }

  @Test func aReportEndsAfter64Errors() throws {
    let keys = (0..<100_000).map { "\"zzzz\($0)\":1" }.joined(separator: ",")
    let report = try check(draft(keys))
    #expect(report.errors.count == 65)
    #expect(report.errors.last?.message == "there are more than 64 errors; the others are not listed")
    let few = try check(draft((0..<64).map { "\"zzzz\($0)\":1" }.joined(separator: ",")))
    #expect(few.errors.count == 64)
    #expect(few.errors.last?.location == "/zzzz63")
  }

  @Test func hostileDraftsAreRefusedQuickly() throws {
    let start = ContinuousClock.now
    do {
      let entries = [String](repeating: "1", count: 500_000).joined(separator: ",")
      #expect(try check(draft("\"referenceImages\":[\(entries)]")).errors.count == 65)
      let tags = String(repeating: "@abc @def ", count: 100_000)
      #expect(try check(draft("", prompt: tags)).errors.count == 3)
      let names = (0..<100_000).map { "@tag\($0) " }.joined()
      #expect(try check(draft("", prompt: names)).errors.count == 65)
      let figures = (0..<100_000).map { "Figure \($0) " }.joined()
      #expect(try check(draft(#""model":"seedream5_pro""#, prompt: figures)).warnings.count == 65)
      let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
      #expect(try check(draft("\"seed\":\(deep)")).errors.count == 1)
      let long = String(repeating: "x", count: 1_000_000)
      #expect(try check(draft("\"\(long)\":1,\"ratio\":\"\(long)\",\"model\":\"\(long)\"")).errors.count == 3)
    }
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func wrongTypesEverywhereAreErrorsAndNoTraps() throws {
    let values = ["null", "true", "-1", "1e300", "\"\"", "[]", "{}", "[[]]", "[{}]", "[null]", "{\"uri\":1}"]
    let keys = [
      "model", "promptText", "ratio", "referenceImages", "extra", "seed", "contentModeration", "outputCount",
      "quality", "colors", "maskUri", "edit", "grounding",
    ]
    for model in [
      "gen4_image", "gpt_image_2", "ideogram_4_5", "recraft_v4_1_flash", "seedream5_lite", "nobody",
    ] {
      for key in keys {
        for value in values {
          let report = try check(
            "{\"model\":\"\(model)\",\"promptText\":\"a\",\"\(key)\":\(value)}".onlyLast(key))
          _ = try JSONCodec.encode(report.json)
        }
      }
    }
  }
}

extension String {
  /// Takes the earlier of two members of the same key away.
  fileprivate func onlyLast(_ key: String) -> String {
    switch key {
    case "model": replacing(first: "\"model\":\"", upTo: ",")
    case "promptText": replacing(first: "\"promptText\":\"a\"", upTo: ",")
    default: self
    }
  }

  private func replacing(first start: String, upTo end: Character) -> String {
    guard let from = range(of: start), let to = self[from.lowerBound...].firstIndex(of: end) else {
      return self
    }
    return String(self[..<from.lowerBound] + self[index(after: to)...])
  }

  private func range(of part: String) -> Range<Index>? {
    indices.first { self[$0...].hasPrefix(part) }.map { $0..<index($0, offsetBy: part.count) }
  }
}
