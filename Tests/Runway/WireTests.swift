// Our own requests: what each carries, what it never carries, and what may not become one.

import Core
import Testing
import Transport

@testable import Runway

private func lines(_ request: HTTPRequest) -> [String] { request.headers.map { "\($0.name): \($0.value)" } }

@Suite struct WireTests {
  @Test func theSubmitIsWholeAndPaid() throws {
    let submit = try wire(.submit)
    #expect(submit.purpose == .pay && submit.method == .post && submit.key != nil)
    #expect(submit.url == "https://api.dev.runwayml.com/v1/text_to_image")
    #expect(submit.body == harbour)
    #expect(
      lines(submit) == [
        "accept: application/json", "content-type: application/json", "x-runway-version: 2024-11-06",
        "idempotency-key: " + intent,
      ])
  }

  @Test func aLookAndACancelAskWithoutABody() throws {
    for (operation, method) in [(looking, HTTPRequest.Method.get), (.cancel(token: token), .delete)] {
      let asked = try wire(operation)
      #expect(asked.purpose == .ask && asked.method == method && asked.key != nil && asked.body == nil)
      #expect(asked.url == "https://api.dev.runwayml.com/v1/tasks/" + id)
      #expect(lines(asked) == ["accept: application/json", "x-runway-version: 2024-11-06"])
    }
  }

  @Test func aFetchShowsNobodyTheKey() throws {
    let fetch = try wire(fetching)
    #expect(fetch.purpose == .fetch && fetch.method == .get && fetch.key == nil && fetch.body == nil)
    #expect(fetch.url == "https://d1.cloudfront.net/a.png?_jwt=x")
    #expect(lines(fetch) == ["accept: image/*"])
  }

  @Test func theKeyStandsInNoHeaderAndNoURL() throws {
    for operation in [.submit, looking, .cancel(token: token), fetching] {
      let asked = try wire(operation)
      #expect(!asked.url.contains(key) && asked.body?.contains(key) != true)
      #expect(!lines(asked).contains { $0.contains(key) || $0.lowercased().hasPrefix("authorization") })
    }
  }

  @Test(arguments: [
    "", id, "runway:", "runway:x", "Runway:" + id, "runway: " + id, "runway:../organization",
    "runway:\(id)/..",
    "runway:\(id)?x=1", "runway:17f20503-6c24-1c16-946b-35dbbce2af2f", "sketch:1", "runway:\(id.dropLast())",
  ])
  func onlyATaskOfTheServiceGetsIntoAPath(token: String) {
    for operation in [Core.Operation.check(token: token), .cancel(token: token)] {
      let failure = #expect(throws: Failure.self) { try wire(operation) }
      #expect(failure?.status == .argument && failure?.location == "token")
    }
  }

  @Test(arguments: [
    ("http://d1.cloudfront.net/a.png", "https"), ("file:///etc/passwd", "https"), ("", "empty"),
    ("https://me:pw@d1.cloudfront.net/a", "password"), ("https://d1.cloudfront.net/a b", "space"),
    ("https://d1.cloudfront.net/a\r\nX: y", "control"), ("//d1.cloudfront.net/a", "https"),
    ("ftp://x/y", "https"), ("data:image/png;base64,AA==", "https"), ("http://127.0.0.1/a", "https"),
    ("https://" + String(repeating: "a", count: 8200), "long"),
  ])
  func aLinkThatIsNoneOfOursIsNotFollowed(link: String, part: String) {
    let failure = #expect(throws: Failure.self) { try wire(.fetch(token: token, output: 3, link: link)) }
    #expect(failure?.status == .protocolError)
    #expect(failure?.message.contains(part) == true && failure?.message.contains("picture 3") == true)
    #expect(failure?.message.contains("pw") == false)
  }

  @Test func beyondALoopbackServiceLoopbackMayServePictures() throws {
    for base in ["http://127.0.0.1:1", "https://[::1]:1"] {
      func fetch(_ link: String) throws -> HTTPRequest {
        try wire(.fetch(token: token, output: 0, link: link), service(base))
      }
      #expect(try fetch("http://127.0.0.1:2/a.png?x=1#f").url == "http://127.0.0.1:2/a.png?x=1#f")
      #expect(throws: Failure.self) { try fetch("http://10.0.0.1/a.png") }
      #expect(throws: Failure.self) { try fetch("http://localhost/a.png") }
    }
  }

  @Test func whatNobodyLookedAtOrUploadedGoesNowhere() {
    let local = #"{"promptText":"@one","referenceImages":[{"path":"/a.png","tag":"one"}]}"#
    let lacking: [() throws -> HTTPRequest] = [
      { try wire(.upload(reference: 0)) }, { try wire(.submit, local) },
      { try wire(.submit, local, uploaded: ["runway://a", "runway://b"]) },
    ]
    for ask in lacking {
      #expect(#expect(throws: Failure.self) { try ask() }?.status == .state)
    }
  }

  @Test func whatWasUploadedStandsInItsPlace() throws {
    let draft = #"""
      {"promptText":"@one and @two","referenceImages":[{"path":"/a.png","tag":"one"},{"uri":"https://e.com/b.jpg","tag":"two"}]}
      """#
    let submit = try wire(.submit, draft, uploaded: ["runway://abcdefghij"])
    #expect(
      submit.body
        == #"{"model":"gen4_image","promptText":"@one and @two","ratio":"1280:720","referenceImages":"#
        + #"[{"uri":"runway://abcdefghij","tag":"one"},{"uri":"https://e.com/b.jpg","tag":"two"}]}"#)
  }

  @Test func textGoesOutAsItIs() throws {
    let prompt = #"é ☃ 😀 \" \\ / \n\t\u0001\#u{7F} <&>"#
    let body = try wire(.submit, #"{"promptText":"\#(prompt)"}"#).body
    #expect(body == #"{"model":"gen4_image","promptText":"\#(prompt)","ratio":"1280:720"}"#)
  }

  @Test func keysStandInTheDocumentedOrder() throws {
    let draft =
      #"{"seed":7,"ratio":"1280:720","contentModeration":{"publicFigureThreshold":"low"},"promptText":"x"}"#
    #expect(
      try wire(.submit, draft).body
        == #"{"model":"gen4_image","promptText":"x","ratio":"1280:720","contentModeration":{"publicFigureThreshold":"low"},"seed":7}"#
    )
  }

  // MARK: The account

  @Test(
    arguments: [
      (nil, nil, "{}"), ("2026-11-01", nil, #"{"startDate":"2026-11-01"}"#),
      (nil, "2026-11-22", #"{"beforeDate":"2026-11-22"}"#),
      ("2024-02-29", "2024-03-01", #"{"beforeDate":"2024-03-01","startDate":"2024-02-29"}"#),
      ("2026-01-01", "2026-04-01", #"{"beforeDate":"2026-04-01","startDate":"2026-01-01"}"#),
    ] as [(String?, String?, String)])
  func usageNamesItsDays(from: String?, to: String?, body: String) throws {
    let asked = try Wire.usage(from: from, to: to, service())
    #expect(asked.body == body && asked.method == .post && asked.purpose == .ask)
    #expect(asked.url == "https://api.dev.runwayml.com/v1/organization/usage")
  }

  @Test(
    arguments: [
      ("2026-02-29", nil, "from"), ("2026-13-01", nil, "from"), ("2026-00-10", nil, "from"),
      ("2026-1-01", nil, "from"),
      ("", nil, "from"), ("2026-11-01T00:00:00Z", nil, "from"), (nil, "2026-11-31", "to"),
      ("0000-01-01", nil, "from"),
      ("2026-11-22", "2026-11-22", "to"), ("2026-11-22", "2026-11-21", "to"),
      ("2026-01-01", "2026-04-02", "to"),
      ("+026-11-22", nil, "from"),
    ] as [(String?, String?, String)])
  func daysThatAreNoneAreRefused(from: String?, to: String?, place: String) {
    let failure = #expect(throws: Failure.self) { try Wire.usage(from: from, to: to, service()) }
    #expect(failure?.status == .argument && failure?.location == place)
  }

  @Test func anAccountIsAnObjectOrAFailure() throws {
    func document(_ outcome: Outcome) throws -> JSON.Object {
      try Wire.document(outcome, service: service(), unixSeconds: now)
    }
    #expect(try document(answer(200, #"{"creditBalance":1234}"#))["creditBalance"]?.integer == 1234)
    let odd: [(Outcome, Status)] = [
      (answer(200, "[]"), .protocolError), (answer(200, "<html>"), .protocolError),
      (answer(401, "{}"), .auth),
      (answer(404, "{}"), .http), (answer(500, ""), .http),
      (.lost(Loss(.resolve, mayHaveSent: false, detail: "h")), .dns),
    ]
    for (outcome, status) in odd {
      let failure = #expect(throws: Failure.self) { try document(outcome) }
      #expect(failure?.status == status)
    }
  }
}
