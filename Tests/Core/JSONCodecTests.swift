// Texts from outside: what is read, what is refused, and that each refusal says where and why.

import CSys
import Core
import JSONCodec
import Testing

@Suite struct JSONCodecTests {
  @Test func aDocumentComesBackAsItWasWritten() throws {
    let text = #"{"b":1,"a":[true,false,null,-5,0.5,"é ☃ 😀 \n"],"c":{}}"#
    let value = try JSONCodec.decode(text, what: "req")
    #expect(value["b"]?.integer == 1)
    #expect(try JSONCodec.encode(value).string == text)
  }

  @Test func membersKeepTheirOrder() throws {
    let value = try JSONCodec.decode(#"{"z":1,"y":2,"x":3}"#, what: "req")
    #expect(value.object?.members.map(\.key) == ["z", "y", "x"])
  }

  @Test(arguments: [
    ("", Status.json, "empty"), ("  \n", .json, "empty"), ("\u{FEFF}{}", .json, "byte order mark"),
    ("{} {}", .json, "more text"), (#"{"a":1,"a":2}"#, .json, "twice"), (#"{"a":[1"#, .json, "too early"),
    (#"{"a": "b"#, .json, "too early"), (#"["\u0000"]"#, .json, "\\u0000"), ("[\u{0}]", .json, "NUL"),
    ("[\"\u{0}\"]", .json, "NUL"), (#"["\uD800"]"#, .json, "first half"),
    (#"["\uD800\u0041"]"#, .json, "first half"),
    (#"["\uDC00"]"#, .json, "second half"), ("[9223372036854775808]", .json, "too large"),
    ("[1e999]", .json, "too large"),
    ("{a:1}", .json, "line 1, column"), ("[01]", .json, "not valid JSON"), ("nul", .json, "not valid JSON"),
  ])
  func aFaultHasItsSentence(text: String, status: Status, part: String) {
    let failure = #expect(throws: Failure.self) { try JSONCodec.decode(text, what: "req") }
    #expect(failure?.status == status)
    #expect(failure?.location == "req")
    #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
  }

  @Test func aSentenceNamesLineAndColumn() {
    let failure = #expect(throws: Failure.self) {
      try JSONCodec.decode("{\"é\":1,\n  \"b\":\"\\u0000\"}", what: "req")
    }
    #expect(failure?.message == "req: line 2, column 8: \\u0000 is not allowed")
  }

  @Test func aSentenceNeverQuotesTheText() {
    let failure = #expect(throws: Failure.self) {
      try JSONCodec.decode(#"{"apiKey": key_123secret}"#, what: "config")
    }
    #expect(failure?.message.contains("secret") == false)
  }

  @Test func surrogatePairsAndEscapesAreRead() throws {
    #expect(try JSONCodec.decode(#"["\uD83D\uDE00\\u0000\"]"]"#, what: "req") == [.string("😀\\u0000\"]")])
  }

  @Test func theLargestIntegersAreRead() throws {
    #expect(
      try JSONCodec.decode("[9223372036854775807,-9223372036854775808]", what: "req") == [
        .integer(.max), .integer(.min),
      ])
  }

  @Test func scalarsAreDocumentsToo() throws {
    #expect(try JSONCodec.decode("5", what: "req") == 5)
    #expect(try JSONCodec.encode(.string("a")).string == "\"a\"")
  }

  @Test func depth64IsReadAnd65IsRefused() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONCodec.decode(nested(64), what: "req")
    let failure = #expect(throws: Failure.self) { try JSONCodec.decode(nested(65), what: "req") }
    #expect(failure?.status == .limit)
    _ = try JSONCodec.decode("[\"" + nested(70) + "\"]", what: "req")
  }

  @Test func sixteenMebibytesAreReadAndOneByteMoreIsNot() throws {
    let full = "\"" + String(repeating: "a", count: (16 << 20) - 2) + "\""
    #expect(try JSONCodec.decode(full, what: "req").string?.utf8.count == (16 << 20) - 2)
    let failure = #expect(throws: Failure.self) { try JSONCodec.decode(full + " ", what: "req") }
    #expect(failure?.status == .limit)
  }

  @Test func aMillionValuesAreReadAndOneMoreIsNot() throws {
    let full = "[" + String(repeating: "1,", count: 999_998) + "1]"
    _ = try JSONCodec.decode(full, what: "req")
    let failure = #expect(throws: Failure.self) {
      try JSONCodec.decode("[1," + full.dropFirst(), what: "req")
    }
    #expect(failure?.status == .limit)
  }

  @Test func aHundredThousandKeysTakeNoSquareTime() throws {
    let members = (0..<100_000).map { "\"k\($0)\":1" }
    let clock = ContinuousClock()
    let spent = try clock.measure {
      _ = try JSONCodec.decode("{" + members.joined(separator: ",") + "}", what: "req")
    }
    #expect(spent < .seconds(5))
  }

  @Test(
    arguments: [
      [0x22, 0xC0, 0x80, 0x22], [0x22, 0xC1, 0xBF, 0x22], [0x22, 0xE0, 0x9F, 0xBF, 0x22],
      [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
      [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
      [0x22, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22], [0x22, 0xC3], [0x22, 0xF0, 0x9F, 0x98],
      [0xFF, 0xFE, 0x7B, 0x00],
    ] as [[UInt8]])
  func badUTF8IsRefused(bytes: [UInt8]) {
    let failure = #expect(throws: Failure.self) {
      try bytes.withUnsafeBytes { try JSONCodec.decode($0, what: "req") }
    }
    #expect(failure?.status == .utf8)
  }

  @Test func theEdgesOfUTF8AreRead() throws {
    let text = "\"\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}\""
    #expect(try JSONCodec.decode(text, what: "req").string?.utf8.count == text.utf8.count - 2)
  }

  @Test func everyPrefixOfADocumentIsRefused() {
    let text = Array(#"{"a":["\uD83D\uDE00",-1.5e3,true],"é":null}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: Failure.self) {
        try text[..<length].withUnsafeBytes { try JSONCodec.decode($0, what: "req") }
      }
    }
  }

  @Test func textGivenAwayIsTerminatedAndTheCallers() throws {
    let text = try JSONCodec.encode(["a": 1])
    #expect(text.count == 7)
    let given = try #require(text.giveAway())
    #expect(String(cString: given) == #"{"a":1}"#)
    #expect(text.giveAway() == nil)
    given.deallocate()
  }

  @Test func whatCannotBeWrittenIsRefused() {
    var deep: JSON = []
    for _ in 0..<200 { deep = [deep] }
    #expect(throws: Failure.self) { try JSONCodec.encode(deep) }
    #expect(throws: Failure.self) { try JSONCodec.encode([.real(.nan)]) }
  }

  /// A locale whose decimal separator takes two bytes: bare jansson 2.14 aborts the process in it.
  @Test func theHostsLocaleChangesNothing() throws {
    let folder = "/tmp/t2i-test-locale"
    let build = "mkdir -p \(folder) && localedef -i ps_AF -f UTF-8 \(folder)/ps_AF.UTF-8 2>/dev/null"
    _ = system("test -d \(folder)/ps_AF.UTF-8 || (\(build))")
    setenv("LOCPATH", folder, 1)
    let pashto = newlocale(1 << LC_NUMERIC, "ps_AF.UTF-8", nil)
    unsetenv("LOCPATH")
    let previous = uselocale(pashto)
    defer { uselocale(previous) }
    #expect(try JSONCodec.encode([.real(1.5)]).string == "[1.5]")
    #expect(try JSONCodec.decode("[1.5]", what: "req") == [.real(1.5)])
    if let pashto { #expect(uselocale(nil) == pashto) }
  }
}
