// Where the service is and with which key: what is accepted, and that each refusal names what to change.

import Core
import Testing

@testable import Runway

@Suite struct ServiceTests {
  @Test(arguments: [
    ("https://api.dev.runwayml.com", "https://api.dev.runwayml.com", false),
    ("https://api.dev.runwayml.com/", "https://api.dev.runwayml.com", false),
    ("HTTPS://Example.COM:8443//", "HTTPS://Example.COM:8443", false),
    ("http://127.0.0.1:8080/proxy/runway/", "http://127.0.0.1:8080/proxy/runway", true),
    ("http://127.255.255.254", "http://127.255.255.254", true), ("http://[::1]:9", "http://[::1]:9", true),
    ("https://127.0.0.1:8443", "https://127.0.0.1:8443", true),
    ("https://localhost", "https://localhost", false),
    ("https://10.0.0.1/v1x", "https://10.0.0.1/v1x", false), ("https://v1", "https://v1", false),
    ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a", false),
  ])
  func anAddressIsKeptWithItsPath(text: String, base: String, isLoopback: Bool) throws {
    let service = try Service(base: text, key: key)
    #expect(service.base == base && service.isLoopback == isLoopback)
  }

  @Test func withoutAnAddressItIsThePublicOne() throws {
    #expect(try Service(base: nil, key: key).base == "https://api.dev.runwayml.com")
  }

  @Test(arguments: [
    ("", "empty"), ("api.dev.runwayml.com", "https://"), ("ftp://x", "https://"), ("https://", "host"),
    ("http://api.dev.runwayml.com", "show the key"), ("http://10.0.0.1", "show the key"),
    ("http://localhost:8080", "127.0.0.1"), ("http://LOCALHOST", "127.0.0.1"),
    ("http://127.1", "show the key"),
    ("http://2130706433", "show the key"), ("http://0x7f.0.0.1", "show the key"),
    ("http://127.0.0.256", "show the key"),
    ("http://127.0.0.01", "show the key"), ("http://127.0.0.1.evil.com", "show the key"),
    ("http://127.0.0.1.", "show the key"), ("http://127.0-0.1", "show the key"),
    ("http://[::ffff:127.0.0.1]", "show the key"),
    ("http://[::]", "show the key"), ("https://me:secret@x.com", "user name"),
    ("https://me@x.com", "user name"),
    ("https://x.com/?a=b", "query"), ("https://x.com?", "query"), ("https://x.com/#a", "fragment"),
    ("https://x.com/a b", "space"), ("https://x.com\r\nHost: y", "control"),
    ("https://x.com/\u{7F}", "control"),
    ("https://x.com\\@y.com", "backslash"), ("https://ü.com", "ASCII"), ("https://x.com:0", "port"),
    ("https://x.com:65536", "port"), ("https://x.com:", "port"), ("https://x.com:8a", "port"),
    ("https://x..com", "host"), ("https://x!.com", "host"), ("https://[::1", "host"),
    ("https://[zz::]", "host"),
    ("https://api.dev.runwayml.com/v1", "/v1"), ("https://api.dev.runwayml.com/v1/", "/v1"),
    ("https://x.com/proxy/v1", "/v1"),
  ])
  func anAddressThatWillNotDoIsRefused(text: String, part: String) {
    let failure = #expect(throws: Failure.self) { try Service(base: text, key: key) }
    #expect(failure?.status == .argument && failure?.location == "/baseUrl")
    #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
    #expect(failure?.message.contains("secret") == false)
    #expect((failure?.message.utf8.count ?? 0) <= 383)
  }

  @Test func anAddressOf2048BytesIsTheLongest() throws {
    let base = "https://x.com/" + String(repeating: "a", count: 2048 - 14)
    _ = try Service(base: base, key: key)
    #expect(throws: Failure.self) { try Service(base: base + "a", key: key) }
  }

  @Test(arguments: ["", "a b", "abc\n", "abc\r\nX: y", "\u{1}", "schlüssel", " abc", "abc\u{7F}", "a\tb"])
  func aKeyThatCannotBeOneIsRefusedWithoutItsValue(text: String) {
    let failure = #expect(throws: Failure.self) { try Service(base: nil, key: text) }
    #expect(failure?.status == .auth && failure?.location == "/apiKey")
    #expect(failure?.message.contains("RUNWAYML_API_SECRET") == true)
    #expect(failure?.message.contains("abc") == false)
  }

  @Test func aKeyOf1024BytesIsTheLongest() throws {
    _ = try Service(base: nil, key: String(repeating: "k", count: 1024))
    #expect(throws: Failure.self) { try Service(base: nil, key: String(repeating: "k", count: 1025)) }
  }

  @Test func theFormOfAKeyIsAHint() {
    #expect(service().keyLooksUsual)
    for odd in ["k", key.uppercased(), key + "0", String(key.dropLast())] {
      #expect(!service(key: odd).keyLooksUsual)
      let failure = reading(answer(401, "{}"), to: looking, service(key: odd)).setback?.failure
      #expect(failure?.message.contains("key_ and 128 hex digits") == true)
    }
    let usual = reading(answer(401, "{}"), to: looking).setback?.failure
    #expect(usual?.message.contains("hex digits") == false)
  }

  @Test(
    arguments: [
      (nil, 180, 60), (300_000, 180, 60), (120_000, 120, 60), (60_000, 60, 60), (1000, 60, 1), (1, 60, 0),
    ] as [(Int64?, Int64, Int64)])
  func thePaidPostWaitsAMinuteAtLeast(timeout: Int64?, paid: Int64, look: Int64) throws {
    let submit = try wire(.submit, service(timeout: timeout))
    #expect(submit.timeLimit == .seconds(paid))
    let limit = try wire(looking, service(timeout: timeout)).timeLimit
    #expect(limit == (look == 0 ? .milliseconds(1) : .seconds(look)))
  }

  @Test func onLoopbackItWaitsAsAsked() throws {
    let near = service("http://127.0.0.1:1", timeout: 250)
    #expect(try wire(.submit, near).timeLimit == .milliseconds(250))
    #expect(try wire(.submit, service("http://127.0.0.1:1")).timeLimit == .seconds(180))
  }

  @Test func aLargerPictureMayTakeLonger() throws {
    let small = try Service(base: nil, key: key, maxPictureBytes: 10 << 20)
    #expect(try wire(fetching, small).timeLimit == .seconds(70))
    #expect(try wire(fetching, small).answerLimit == 10 << 20)
    #expect(try wire(fetching).answerLimit == 256 << 20)
    #expect(try wire(looking).answerLimit == 1 << 20)
  }
}
