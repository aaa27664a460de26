// References, tags and mentions: what may be named, how often, and what points nowhere.

import Core
import JSONCodec
import Testing

@Suite struct RequestReferenceTests {
  private func entry(_ keys: String) -> String { "\"referenceImages\":[{\(keys)}]" }

  private func source(_ uri: String, _ adjust: (inout CheckRules) -> Void = { _ in }) throws -> Source? {
    let report = try check(draft(entry("\"uri\":\"\(uri)\"")), adjust)
    return report.request?.references.first?.source
  }

  @Test func everyFormOfURIIsRead() throws {
    #expect(try source("https://a.example/x?y=1") == .web("https://a.example/x?y=1"))
    #expect(try source("runway://abcdef") == .hosted("runway://abcdef"))
    #expect(try source("data:image/png;base64,iVBORw0KGgo=") == .inline("data:image/png;base64,iVBORw0KGgo="))
    #expect(try source("file:///tmp/a%20b%C3%A9.png") == .file("/tmp/a bé.png"))
    #expect(try source("blob:0", { $0.blobCount = 1 }) == .blob(0))
    #expect(
      try check(draft(entry(#""path":"cat.png""#))).request?.references.first?.source == .file("cat.png"))
  }

  @Test(arguments: [
    ("http://a.example/x.png", "https:// only"), ("ftp://a.example/x.png", "no URI"),
    ("/home/me/cat.png", "key path"),
    ("", "no URI"), ("HTTPS://a.example/x", "no URI"), ("https://1.2.3.4/x.png", "domain names"),
    ("https://[::1]/x.png", "domain names"), ("https://2130706433/", "domain names"),
    ("https://0x7f.0x1/abc", "domain names"),
    ("https://a.example.1./x", "domain names"), ("https:///x.png/abc", "domain names"),
    ("https://me:secret@a.example/x", "password"), ("https://a.example/a b", "percent-encoded"),
    ("https://a.b", "13 to 2048"),
    ("runway://abc", "13 to 5000"), ("data:image/gif;base64,R0lGODlh", "GIF is refused"),
    ("data:text/html;base64,AAAA", "JPEG, PNG or WebP"), ("data:image/png,abcdefgh", "base64"),
    ("data:image/png;base64,", "cut short"), ("data:image/png;base64,AAAAA", "cut short"),
    ("data:image/png;base64,AA*A", "not base64"), ("data:image/png;base64,A===", "not base64"),
    ("file://host/x.png", "three slashes"), ("file:x.png", "three slashes"), ("file:///a%", "percent sign"),
    ("file:///a%2", "percent sign"), ("file:///a%00b", "percent sign"), ("file:///a%FFb", "UTF-8"),
    ("file:///a?b", "%3F"),
    ("blob:", "blob:0"), ("blob:x", "blob:0"), ("blob:-1", "blob:0"), ("blob:9999999999999999999", "blob:0"),
    ("blob:2", "only 2 blobs were passed"),
  ])
  func aURIIsRefusedByName(uri: String, part: String) throws {
    try expectRefusal(draft(entry("\"uri\":\"\(uri)\"")), at: "/referenceImages/0/uri", saying: part) {
      $0.blobCount = 2
    }
  }

  @Test func aMisspeltTypeHasANearestOne() throws {
    #expect(try check(draft(entry(#""uri":"data:image/jpg;base64,AAAA""#))).only?.nearest == "image/jpeg")
  }

  @Test func lengthsOfURIsHaveBounds() throws {
    func https(_ length: Int) -> String {
      draft(entry("\"uri\":\"https://a.example/\(String(repeating: "x", count: length - 18))\""))
    }
    try expectAccepted(https(2048))
    try expectRefusal(https(2049), at: "/referenceImages/0/uri", saying: "has 2049")
    func data(_ length: Int) -> String {
      draft(entry("\"uri\":\"data:image/png;base64,\(String(repeating: "A", count: length - 22))\""))
    }
    try expectAccepted(data(5_242_878))
    try expectRefusal(data(5_242_882), at: "/referenceImages/0/uri", saying: "path or blob")
    try expectRefusal(draft(entry(#""path":"""#)), at: "/referenceImages/0/path", saying: "1 to 4095")
    let long = String(repeating: "p", count: 4096)
    try expectRefusal(draft(entry("\"path\":\"\(long)\"")), at: "/referenceImages/0/path", saying: "has 4096")
  }

  @Test func aServersSwitchesKeepItsFilesAndHosts() throws {
    let closed = { (rules: inout CheckRules) in rules.localReferences = false }
    try expectRefusal(
      draft(entry(#""path":"/etc/passwd""#)), at: "/referenceImages/0/path", saying: "switched off", closed)
    try expectRefusal(
      draft(entry(#""uri":"file:///etc/passwd""#)), at: "/referenceImages/0/uri", saying: "switched off",
      closed)
    let hosts = { (rules: inout CheckRules) in rules.allowedReferenceHosts = ["a.example", "*.b.example"] }
    #expect(try source("https://A.example:8443/x", hosts) != nil)
    #expect(try source("https://c.b.example/x", hosts) != nil)
    for uri in [
      "https://b.example/xyz", "https://ab.example/x", "https://evilb.example/", "https://a.example.org/",
    ] {
      try expectRefusal(
        draft(entry("\"uri\":\"\(uri)\"")), at: "/referenceImages/0/uri", saying: "allowedReferenceHosts",
        hosts)
    }
  }

  @Test func anEntryHasExactlyOneSource() throws {
    try expectRefusal(draft(entry("")), at: "/referenceImages/0", saying: "uri, or path")
    try expectRefusal(
      draft(entry(#""uri":"https://a.example/x","path":"x""#)), at: "/referenceImages/0", saying: "not both")
    try expectRefusal(draft(entry(#""uri":5"#)), at: "/referenceImages/0/uri", saying: "must be a string")
    try expectRefusal(
      draft(entry(#""url":"x","path":"x""#)), at: "/referenceImages/0/url", saying: "did you mean uri?")
    try expectRefusal(
      draft(#""referenceImages":["https://a.example/x"]"#), at: "/referenceImages/0", saying: "objects")
    try expectRefusal(draft(#""referenceImages":{}"#), at: "/referenceImages", saying: "must be an array")
  }

  @Test func theNumberOfReferencesIsTheModels() throws {
    func text(_ model: String, _ count: Int) -> String {
      let entries = [String](repeating: #"{"uri":"https://a.example/x"}"#, count: count).joined(
        separator: ",")
      return draft(#""model":"\#(model)","referenceImages":[\#(entries)]"#)
    }
    try expectRefusal(
      draft(#""model":"gen4_image_turbo""#), at: "/referenceImages",
      saying: "gen4_image_turbo needs 1–3 reference images, not 0; gen4_image works from text alone")
    try expectAccepted(text("gen4_image_turbo", 1))
    try expectAccepted(text("gen4_image", 3))
    try expectRefusal(
      text("gen4_image", 4), at: "/referenceImages", saying: "at most 3 reference images, not 4")
    try expectRefusal(
      text("recraft_v4_1_flash", 1), at: "/referenceImages", saying: "takes no reference images")
    try expectAccepted(text("recraft_v4_1_flash", 0))
    try expectAccepted(text("seedream5_flash", 64))
    try expectRefusal(text("seedream5_flash", 65), at: "/referenceImages", saying: "at most 64")
    #expect(try check(text("gen4_image", 0)).request?.body["referenceImages"] == nil)
  }

  @Test func subjectsAreOnlyForModelsThatHaveThem() throws {
    let human = entry(#""uri":"https://a.example/x","subject":"human""#)
    try expectAccepted(draft(#""model":"gemini_image3_pro","# + human))
    try expectRefusal(
      draft(human), at: "/referenceImages/0/subject", saying: "known to gemini_image3.1_flash")
    let report = try check(
      draft(#""model":"gemini_image3_pro","# + entry(#""uri":"https://a.example/x","subject":"humans""#)))
    #expect(report.only?.nearest == "human")
    #expect(report.only?.allowed == ["object", "human"])
  }

  // MARK: tags

  private func tagged(_ tags: String..., prompt: String = "a fox", model: String = "gen4_image") -> String {
    let entries = tags.map { #"{"uri":"https://a.example/x","tag":"\#($0)"}"# }.joined(separator: ",")
    return draft(#""model":"\#(model)","referenceImages":[\#(entries)]"#, prompt: prompt)
  }

  @Test func aTagHas3To16Characters() throws {
    try expectRefusal(tagged("ab"), at: "/referenceImages/0/tag", saying: "3 to 16 letters, digits or _")
    try expectAccepted(tagged("abc"))
    try expectAccepted(tagged("a234567890_bcdef"))
    try expectRefusal(
      tagged("a234567890_bcdefg"), at: "/referenceImages/0/tag", saying: "3 to 16 letters, digits or _")
    for tag in ["1abc", "_abc", "a-bc", "a bc", "äbc", ""] {
      try expectRefusal(tagged(tag), at: "/referenceImages/0/tag", saying: "begin with a letter")
    }
  }

  @Test func upperCaseInATagIsAWarning() throws {
    let report = try check(tagged("EiffelTower", prompt: "near @EiffelTower"))
    #expect(report.errorLines == [])
    #expect(report.warnings.map(\.location) == ["/referenceImages/0/tag"])
    #expect(report.warnings.first?.nearest == "eiffeltower")
  }

  @Test func tagsAreUnique() throws {
    try expectRefusal(
      tagged("dog", "cat", "dog"), at: "/referenceImages/2/tag", saying: "already the tag of reference 0")
    let report = try check(tagged("dog", "Dog", prompt: "@dog and @Dog"))
    #expect(report.errorLines == [])
    #expect(report.warningLines.contains { $0.contains("differs only in case") })
  }

  @Test func aModelWithoutTagsRefusesThem() throws {
    try expectRefusal(
      tagged("dog", model: "muse_image"), at: "/referenceImages/0/tag", saying: "have no tags")
    try expectRefusal(tagged("dog", model: "seedream5_pro"), at: "/referenceImages/0/tag", saying: "Figure 1")
  }

  @Test func aMentionWithoutItsReferenceIsAnError() throws {
    let report = try check(tagged("dog", prompt: "the @dgo on a hill, (@dog)"))
    #expect(report.only?.location == "/promptText")
    #expect(report.only?.message == "promptText: @dgo is the tag of no reference image; did you mean @dog?")
    #expect(report.only?.nearest == "@dog")
    try expectRefusal(draft("", prompt: "@cat"), at: "/promptText", saying: "@cat")
    try expectAccepted(tagged("dog", prompt: "画@dog。"))
  }

  @Test func whatIsNoMentionIsLeftAlone() throws {
    for prompt in ["mail me@example.com", "a @ b", "@", "@@", "5@home1", "@1st", "x_@dog"] {
      #expect(try check(draft("", prompt: prompt)).errorLines == [], "\(prompt)")
    }
    #expect(
      try check(draft("", prompt: "by @ab")).warnings.first?.message.contains("cannot be a tag") == true)
    #expect(try check(draft("", prompt: "by @averyveryverylongname")).errors.isEmpty)
    try expectAccepted(draft(#""model":"muse_image""#, prompt: "by @someone"))
  }

  @Test func aTagThatIsNeverUsedIsAWarning() throws {
    let report = try check(tagged("dog", "cat", prompt: "a @cat"))
    #expect(report.errorLines == [])
    #expect(report.warnings.map(\.location) == ["/referenceImages/0/tag"])
    #expect(try check(tagged("dog", prompt: "a @dog")).warnings.isEmpty)
  }

  @Test func aMentionThatDiffersInCaseIsAWarning() throws {
    let report = try check(tagged("dog", prompt: "a @Dog"))
    #expect(report.errorLines == [])
    #expect(report.warnings.map(\.location) == ["/promptText"])
  }

  @Test func aFigureBeyondTheReferencesIsAWarning() throws {
    let one = entry(#""uri":"https://a.example/x""#)
    let text = draft(
      #""model":"seedream5_pro","# + one, prompt: "Figure 1 beside figure 2, Figure 0, Figure 2, Figures 9")
    let report = try check(text)
    #expect(report.errorLines == [])
    #expect(report.warnings.count == 2)
    #expect(
      report.warnings.first?.message == "promptText: speaks of Figure 2, the request has 1 reference image")
  }

  // MARK: uploads

  @Test func localSourcesAreUploadedAndReplaced() throws {
    let text = draft(
      #""model":"ideogram_4_5","maskUri":"blob:1","preciseEdit":true,"referenceImages":"#
        + #"[{"path":"a.png"},{"uri":"https://a.example/x"},{"uri":"blob:0"}]"#)
    let request = try #require(try check(text) { $0.blobCount = 2 }.request)
    #expect(request.uploads == [.file("a.png"), .blob(0), .blob(1)])
    let sent = try JSONCodec.encode(
      .object(request.body(uploaded: ["runway://a", "runway://b", "runway://m"]))
    ).string
    #expect(
      sent == #"{"model":"ideogram_4_5","promptText":"a fox","referenceImages":[{"uri":"runway://a"},"#
        + #"{"uri":"https://a.example/x"},{"uri":"runway://b"}],"maskUri":"runway://m","preciseEdit":true}"#)
    #expect(request.body["referenceImages"]?.array?.first == ["path": "a.png"])
  }

  @Test func aRequestKeptAsItsDraftComesBackTheSame() throws {
    let text = draft(
      #""model":"ideogram_4_5","extra":{"zoom":1.5},"maskUri":"blob:1","referenceImages":[{"uri":"file:///a%20b"}]"#
    )
    let request = try #require(try check(text) { $0.blobCount = 2 }.request)
    let kept = try JSONCodec.encode(.object(request.draft)).string
    let again = try #require(try check(kept) { $0.blobCount = 2 }.request)
    #expect(again.body == request.body && again.draft == request.draft && again.mask == request.mask)
    #expect(request.body["zoom"] == .real(1.5))
    #expect(request.body["extra"] == nil)
  }

  // MARK: chance

  /// Whatever a draft turns into by chance, the check ends with a report.
  @Test func mutatedDraftsNeverTrap() throws {
    let seeds = [
      #"{"model":"ideogram_4_5","promptText":"@dog Figure 2","ratio":"1280:720","maskUri":"blob:1","quality":"low"}"#,
      #"{"promptText":"@dog","referenceImages":[{"uri":"data:image/png;base64,AAAA","tag":"dog"}],"seed":4294967295}"#,
      ##"{"model":"recraft_v4_1_flash","promptText":"é😀","colors":["#FF8800"],"outputCount":1,"extra":{"a":1.5}}"##,
      #"{"model":"seedream5_lite","promptText":"Figure 1","ratio":"2048:1800","referenceImages":[{"path":"file:///%41"}]}"#,
    ].map { Array($0.utf8) }
    let spice = Array("\"\\{}[]:,@%0159-#eE./ \u{C3}\u{A9}".utf8)
    var random = Random(seed: 0x72_1)
    for round in 0..<4000 {
      var text = seeds[round % seeds.count]
      for _ in 0...random.below(3) {
        let place = Int(random.below(UInt64(text.count)))
        switch random.below(3) {
        case 0: text[place] = spice[Int(random.below(UInt64(spice.count)))]
        case 1: text.insert(spice[Int(random.below(UInt64(spice.count)))], at: place)
        default: text.remove(at: place)
        }
      }
      guard let draft = try? text.withUnsafeBytes({ try JSONCodec.decode($0, what: "req") }) else { continue }
      var rules = CheckRules()
      rules.takesAnySize = round % 2 == 0
      rules.blobCount = 2
      let report = builtIn.check(draft, under: rules)
      #expect(report.request != nil || !report.errors.isEmpty)
      _ = try JSONCodec.encode(report.json)
    }
  }
}
