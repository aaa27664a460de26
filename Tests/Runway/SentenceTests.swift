// What a person reads when something went wrong: all of it in one file, and what may never stand in it.

import Core
import Testing
import Transport

@testable import Runway

private typealias Case = (title: String, outcome: Outcome, operation: Core.Operation)

private let statuses = [
  200, 204, 301, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 418, 422, 425, 429, 500, 502, 503,
  504,
]

private let reasons: [Loss.Reason] = [
  .resolve, .connect, .proxy, .tls, .timeout, .cut, .tooLarge, .forbidden, .malformed, .memory, .stopped,
]

private let odd: [(title: String, status: Int, body: String)] = [
  (
    "out of credits", 400,
    #"{"error":"You do not have enough credits to run this task.","docUrl":"https://docs.x.com/a"}"#
  ),
  ("daily limit", 429, #"{"error":"Your daily task limit has been reached."}"#),
  (
    "two issues", 400,
    #"{"error":"Bad","issues":[{"path":["a",0,"b/c~d"],"message":"m"},{"path":["z"],"message":"n"}]}"#
  ),
  ("an issue without a place", 400, #"{"error":"Bad","issues":[{"message":"m"}]}"#),
  ("issues of wrong kinds", 400, #"{"error":"Bad","issues":[5]}"#),
  ("a place of wrong kinds", 400, #"{"error":"Bad","issues":[{"path":[null,"a"],"message":"m"}]}"#),
  (
    "a long place", 400,
    #"{"error":"Bad","issues":[{"path":["a","\#(String(repeating: "b", count: 49))","c"],"message":"m"}]}"#
  ),
  ("a gateway's message", 500, #"{"message":"Internal server error"}"#),
  ("a router's code", 404, #"{"error":"No such router","code":"router_config_not_found"}"#),
  ("HTML", 502, "<html><body>502 Bad Gateway</body></html>"),
  ("HTML in JSON", 500, #"{"error":"<html>x</html>"}"#),
  ("control characters", 400, #"{"error":"a\u0007\r\nb\t c\u0085d\u202Ee\u2028f"}"#),
  ("another script", 400, #"{"error":"Schöne Grüße, 你好 😀."}"#),
  ("somebody's key", 400, #"{"error":"Key key_deadbeef0123 of key_x is wrong"}"#),
  ("our key", 400, #"{"error":"Your key is \#(key)!"}"#),
  ("a page that is not the service's", 400, #"{"error":"Bad","docUrl":"javascript:alert(1)"}"#),
  ("a megabyte", 400, #"{"error":"\#(String(repeating: "long ", count: 200_000))"}"#),
]

private func cases() -> [Case] {
  var cases: [Case] = []
  for status in statuses {
    let own = answer(status, #"{"error":"The service's own words."}"#) { $0.requestID = "Abc123=" }
    cases.append(("submit, \(status)", own, .submit))
    if [200, 400, 404, 429, 500].contains(status) { cases.append(("look, \(status)", own, looking)) }
    if [204, 403, 500].contains(status) { cases.append(("picture, \(status)", own, fetching)) }
  }
  for (title, status, body) in odd { cases.append((title, answer(status, body), .submit)) }
  for reason in reasons {
    let loss = Outcome.lost(
      Loss(reason, mayHaveSent: true, status: 0, code: 28, detail: "api.dev.runwayml.com"))
    cases.append(("submit, \(reason)", loss, .submit))
    cases.append(("picture, \(reason)", loss, fetching))
  }
  return cases
}

private func message(_ body: String, _ status: Int = 400) -> String {
  reading(answer(status, body), to: .submit).setback?.failure.message ?? ""
}

@Suite struct SentenceTests {
  @Test func everySentenceReadsAsListed() throws {
    var text =
      "What is said of each answer. The first line is the class and the fields, the second the sentence.\n"
    for (title, outcome, operation) in cases() {
      text += "\n\(title)\n  \(reading(outcome, to: operation).line)\n"
    }
    try Golden.compare(text, with: "sentences.txt")
  }

  @Test func noSentenceIsLongerThanItsField() {
    for (title, outcome, operation) in cases() {
      guard let failure = reading(outcome, to: operation).setback?.failure else { continue }
      #expect((1...383).contains(failure.message.utf8.count), "\(title): \(failure.message.utf8.count)")
      #expect(failure.location.utf8.count < 64, "\(title)")
    }
  }

  @Test func aCutTextEndsAtACharacter() {
    for filler in 0..<8 {
      let text = String(repeating: "a", count: filler) + String(repeating: "😀", count: 2000)
      let said = message(#"{"error":"\#(text)"}"#)
      #expect(said.contains("😀…") && !said.contains("\u{FFFD}"), "\(filler)")
    }
  }

  @Test func theKeyIsNeverSaid() {
    let bodies = [
      #"{"error":"\#(key)"}"#, #"{"message":"x \#(key) y"}"#,
      #"{"error":"a","issues":[{"path":["a"],"message":"\#(key)"}]}"#,
      #"{"error":"a","docUrl":"https://x.com/\#(key.prefix(60))"}"#, #"{"error":"\#(key.prefix(40))"}"#,
    ]
    for body in bodies {
      for status in statuses {
        for operation in [Core.Operation.submit, looking, .cancel(token: token), fetching] {
          let failure = reading(answer(status, body), to: operation).setback?.failure
          #expect(failure?.message.contains("key_0123") != true, "\(failure?.message ?? "")")
        }
      }
    }
    let short = service(key: "s3cret")
    let failure = reading(answer(401, #"{"error":"no key s3cret here"}"#), to: looking, short).setback?
      .failure
    #expect(failure?.message.contains("s3cret") == false)
    let loss = Outcome.lost(Loss(.proxy, mayHaveSent: false, detail: "user s3cret@proxy"))
    #expect(reading(loss, to: looking, short).setback?.failure.message.contains("s3cret") == false)
  }

  @Test func aPlaceIsAPointer() {
    func place(_ path: String) -> String? {
      let body = #"{"error":"Bad","issues":[{"path":\#(path),"message":"m"}]}"#
      return reading(answer(400, body), to: .submit).setback?.failure.location
    }
    #expect(place(#"["referenceImages",0,"uri"]"#) == "/referenceImages/0/uri")
    #expect(place(#"["a/b","c~d",9223372036854775807]"#) == "/a~1b/c~0d/9223372036854775807")
    #expect(place("[]") == "" && place("5") == "" && place(#"[-1]"#) == "" && place(#"["a b"]"#) == "")
    #expect(place("[" + Array(repeating: "1", count: 64).joined(separator: ",") + "]")?.utf8.count == 32)
  }

  @Test func aRequestIDIsSaidWhenItIsOne() {
    func said(_ id: String) -> Bool {
      let outcome = answer(500, #"{"error":"x"}"#) { $0.requestID = id }
      return reading(outcome, to: .submit).setback?.failure.message.contains("request id") == true
    }
    #expect(said("JKJaXmPLvHcESHA="))
    for none in ["", "a b", "a\u{1}b", String(repeating: "a", count: 65), "é"] { #expect(!said(none)) }
  }
}

@Suite struct RetryAdviceTests {
  @Test(
    arguments: [
      ("200", nil, 200), ("0.5", nil, 1), ("60000", nil, 60000), ("60001", nil, 0), ("0", nil, 0),
      ("-5", nil, 0),
      ("x", "2", 2000), ("", "2", 2000), ("0", "2", 0), (nil, "1", 1000), (nil, "1.5", 1500),
      (nil, "0.25", 250),
      (nil, "60", 60000), (nil, "61", 0), (nil, "60.001", 0), (nil, "0", 0), (nil, "-1", 0), (nil, "1e1", 0),
      (nil, "inf", 0), (nil, "nan", 0), (nil, "1.5.5", 0), (nil, "99999999999999999999", 0), (nil, "", 0),
      (nil, " 1", 0),
      (nil, "Sun, 22 Nov 2026 12:00:30 GMT", 30000), (nil, "Sun, 22 Nov 2026 12:01:00 GMT", 60000),
      (nil, "Sun, 22 Nov 2026 12:01:01 GMT", 0), (nil, "Sun, 22 Nov 2026 12:00:00 GMT", 0),
      (nil, "Sun, 06 Nov 1994 08:49:37 GMT", 0), (nil, "Sun, 32 Nov 2026 12:00:30 GMT", 0),
      (nil, "Sun, 22 Nov 2026 12:00:30 PST", 0), (nil, nil, 0),
    ] as [(String?, String?, Int64)])
  func aPauseIsUpToAMinute(milliseconds: String?, after: String?, pause: Int64) {
    var headers = HTTPAnswerHeaders()
    headers.retryAfterMs = milliseconds
    headers.retryAfter = after
    #expect(RetryAdvice.pause(headers, unixSeconds: now) == pause)
  }

  @Test func aDateIsSecondsSince1970() {
    #expect(RetryAdvice.unixSeconds(ofDate: "Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
    #expect(RetryAdvice.unixSeconds(ofDate: "Thu, 01 Jan 1970 00:00:00 GMT") == 0)
    #expect(RetryAdvice.unixSeconds(ofDate: "Thu, 29 Feb 2024 00:00:00 GMT") == 1_709_164_800)
    #expect(RetryAdvice.unixSeconds(ofDate: "Thu, 29 Feb 2023 00:00:00 GMT") == nil)
    #expect(RetryAdvice.pause(.init(), unixSeconds: .min) == 0)
  }

  @Test func aClockAtItsEndDoesNotOverflow() {
    var headers = HTTPAnswerHeaders()
    headers.retryAfter = "Sun, 06 Nov 1994 08:49:37 GMT"
    for clock in [Int64.min, .max] { #expect(RetryAdvice.pause(headers, unixSeconds: clock) == 0) }
  }

  @Test(
    arguments: [("true", true), ("false", false), ("True", nil), ("1", nil), ("", nil), (nil, nil)]
      as [(String?, Bool?)])
  func onlyTwoWordsCount(word: String?, retry: Bool?) {
    var headers = HTTPAnswerHeaders()
    headers.shouldRetry = word
    #expect(RetryAdvice.shouldRetry(headers) == retry)
  }
}
