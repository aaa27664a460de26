// Looks, cancels and fetches: whatever comes back, one of them never ends a task that goes on.

import Core
import Testing
import Transport

@testable import Runway

private func looked(_ body: String, _ status: Int = 200) -> Reply.Outcome {
  reading(answer(status, body), to: looking)
}

private func running(_ progress: String) -> String {
  looked(#"{"id":"\#(id)","status":"RUNNING","progress":\#(progress)}"#).line
}

private func links(_ output: String) -> Int? {
  let body = #"{"id":"\#(id)","status":"SUCCEEDED","output":\#(output),"cost":{"credits":5}}"#
  if case .succeeded(let links, 5000)? = looked(body).look { return links.count }
  return nil
}

@Suite struct LookTests {
  @Test(arguments: [
    (#"{"status":"PENDING"}"#, "pending"), (#"{"status":"THROTTLED"}"#, "throttled"),
    (#"{"status":"RUNNING"}"#, "running at no known place"),
    (#"{"status":"SUCCEEDED","output":["https://x.y/a"]}"#, "succeeded, 1 links, cost unknown"),
    (#"{"status":"CANCELLED","cost":{"credits":0}}"#, "cancelled at the service, 0 mc"),
    (#"{"status":"CANCELED"}"#, "unknown"), (#"{"status":"pending"}"#, "unknown"),
    (#"{"status":""}"#, "unknown"),
    (#"{"status":"HELD BACK","progress":1}"#, "unknown"),
  ])
  func aStatusIsOneOfSixOrUnknown(body: String, line: String) {
    #expect(looked(body).line == line)
  }

  @Test(arguments: [
    ("0.42", "420‰"), ("0", "0‰"), ("1", "1000‰"), ("1.0", "1000‰"), ("0.9999", "999‰"), ("-0.1", "0‰"),
    ("-5", "0‰"),
    ("2", "1000‰"), ("1e308", "1000‰"), ("-1e308", "0‰"), ("5e-324", "0‰"), ("9223372036854775807", "1000‰"),
    (#""0.5""#, "at no known place"), ("null", "at no known place"), ("true", "at no known place"),
    ("[0.5]", "at no known place"),
  ])
  func progressIsThousandthsOrNothing(progress: String, place: String) {
    #expect(running(progress) == "running " + place)
  }

  @Test func aFailureHasItsCodeAndItsCost() {
    let body = #"{"status":"FAILED","failure":"text","failureCode":"SAFETY.INPUT.TEXT","cost":{"credits":5}}"#
    guard case .failed(let failure, 5000)? = looked(body).look else {
      Issue.record("\(looked(body).line)")
      return
    }
    #expect(failure.status == .moderated && failure.serviceCode == "SAFETY.INPUT.TEXT")
    #expect(failure.maySpend && !failure.retryable)
  }

  @Test(arguments: [
    "null", "5", "[]", #""""#, #""a\nb""#, #""\#(String(repeating: "A", count: 128))""#, #""é""#,
  ])
  func aCodeThatIsNoneCountsAsNone(code: String) {
    guard case .failed(let failure, nil)? = looked(#"{"status":"FAILED","failureCode":\#(code)}"#).look else {
      Issue.record("\(code)")
      return
    }
    #expect(failure.serviceCode == "" && failure.status == .failed && failure.retryable)
  }

  @Test func aFailureTextOfAMegabyteChangesNothing() {
    let text = String(repeating: "x", count: 1_000_000)
    guard case .failed(let failure, _)? = looked(#"{"status":"FAILED","failure":"\#(text)"}"#).look else {
      Issue.record("not a failure")
      return
    }
    #expect(failure.message.utf8.count <= 500)
  }

  @Test func outputsAreStringsOrNothing() {
    #expect(links(#"["https://a.b/1","https://a.b/2"]"#) == 2)
    for odd in [
      "[]", "null", "{}", "5", #""https://a.b/1""#, "[5]", #"["https://a.b/1",null]"#, #"[""]"#, "[[]]",
    ] {
      #expect(links(odd) == 0, "\(odd)")
    }
    func many(_ count: Int) -> String {
      "[" + Array(repeating: #""https://a.b/1""#, count: count).joined(separator: ",") + "]"
    }
    #expect(links(many(64)) == 64)
    #expect(links(many(65)) == 0)
  }

  @Test(arguments: [
    "", "{", "[]", "null", "5", "{}", "<html>", #"{"status":5}"#, #"{"status":null}"#,
    #"{"status":["PENDING"]}"#,
    #"{"status":"PENDING","status":"FAILED"}"#, "\u{FEFF}{}", #"{"status":"PENDING","x":1e999}"#,
    #"{"status":"PENDING","id":"aaaaaaaa-6c24-4c16-946b-35dbbce2af2f"}"#, #"{"status":"FAILED","id":"x"}"#,
    #"{"error":"No","status":"#,
  ])
  func garbageIsASetbackOfOneLook(body: String) {
    let setback = looked(body).setback
    #expect(setback?.kind == .mayHaveArrived && setback?.failure.status == .protocolError)
    #expect(setback?.failure.retryable == true && setback?.failure.maySpend == false)
  }

  @Test func anIDIsTheSameInAnySpelling() {
    #expect(looked(#"{"status":"PENDING","id":"\#(id.uppercased())"}"#).line == "pending")
  }

  @Test(arguments: [202, 204, 301, 400, 401, 403, 405, 408, 409, 410, 418, 429, 500, 502, 503, 504, 599])
  func anotherStatusIsASetbackToo(status: Int) {
    for body in ["", #"{"error":"No"}"#, #"{"status":"FAILED"}"#, "<html>"] {
      #expect(looked(body, status).setback != nil, "\(status) \(body)")
    }
  }

  @Test(arguments: [401, 403])
  func aKeyThatIsRefusedIsSaid(status: Int) {
    let failure = looked(#"{"error":"No"}"#, status).setback?.failure
    #expect(failure?.status == .auth && failure?.message.contains("RUNWAYML_API_SECRET") == true)
  }

  @Test func absenceIsTheServicesWordNotAGateways() {
    for body in [#"{"error":"Could not find Task"}"#, "", "Not Found", "{}"] {
      #expect(looked(body, 404).line == "absent")
      #expect(reading(answer(404, body), to: .cancel(token: token)).line == "absent")
    }
    for page in ["<html>", " \n<!DOCTYPE html>"] {
      #expect(looked(page, 404).setback?.kind == .refused)
      #expect(reading(answer(404, page), to: .cancel(token: token)).setback?.kind == .refused)
    }
  }

  @Test func anAnswerOfTheServiceThatIsTooLongIsNoLostLook() {
    func line(_ status: Int, _ reason: Loss.Reason = .tooLarge) -> String {
      reading(.lost(Loss(reason, mayHaveSent: true, status: status, detail: "h")), to: looking).line
    }
    #expect(line(200).hasPrefix("oversized: T2I_E_PROTOCOL, http 200, may have spent"))
    // A gateway's error page of any length, and an answer that ends too early, are waited out.
    for other in [line(502), line(404), line(0), line(200, .cut)] { #expect(!other.hasPrefix("oversized")) }
  }

  @Test func aLostLookIsASetback() {
    for mayHaveSent in [false, true] {
      let lost = Outcome.lost(Loss(.cut, mayHaveSent: mayHaveSent, detail: "x"))
      for operation in [looking, .cancel(token: token), fetching] {
        #expect(reading(lost, to: operation).setback?.kind == (mayHaveSent ? .mayHaveArrived : .neverArrived))
        #expect(reading(lost, to: operation).setback?.linkDied == false)
      }
    }
  }

  @Test func aCancelIsDoneOrNot() {
    func cancelled(_ status: Int) -> Reply.Outcome { reading(answer(status, ""), to: .cancel(token: token)) }
    #expect(cancelled(204).line == "cancelled")
    #expect(cancelled(200).line == "cancelled")
    for status in [202, 301, 400, 401, 405, 409, 429, 500, 503] {
      #expect(cancelled(status).setback != nil, "\(status)")
    }
  }
}

@Suite struct FetchTests {
  private func fetched(_ status: Int, _ body: String = "") -> Reply.Outcome {
    reading(answer(status, body), to: fetching)
  }

  @Test(arguments: [403, 404, 410])
  func aDeadLinkIsReadAgain(status: Int) {
    let setback = fetched(status, "<Error><Code>AccessDenied</Code></Error>").setback
    #expect(setback?.linkDied == true && setback?.failure.status == .expired)
    #expect(setback?.failure.message.contains("key") == false, "it was shown no key")
  }

  @Test(arguments: [201, 204, 206, 301, 304, 400, 401, 405, 429, 500, 503])
  func anotherStatusIsNoPictureAndNoDeadLink(status: Int) {
    let setback = fetched(status, #"{"error":"x","issues":[{"path":["a"],"message":"m"}],"code":"c"}"#)
      .setback
    #expect(setback?.linkDied == false && setback?.kind == .refused)
    #expect(setback?.failure.retryable == [429, 500, 503].contains(status))
    #expect(setback?.failure.location == "" && setback?.failure.serviceCode == "")
  }

  @Test func aPageInThePicturesPlaceIsTriedAgain() {
    let setback = fetched(200, "<html><body>Sign in to the hotel's network</body></html>").setback
    #expect(setback?.kind == .mayHaveArrived && setback?.failure.status == .protocolError)
  }

  @Test func whatIsTooLargeOrForbiddenIsNotTriedAgain() {
    for reason in [Loss.Reason.tooLarge, .forbidden] {
      let setback = reading(.lost(Loss(reason, mayHaveSent: true, detail: "h")), to: fetching).setback
      #expect(setback?.kind == .refused && setback?.failure.retryable == false)
    }
  }

  @Test func aPictureComesWithWhatItsBytesSay() {
    let picture = Samples.png(width: 1280, height: 720)
    let outcome = reading(.answered(HTTPResponse(status: 200, body: Memory(picture))), to: fetching)
    guard case .fetched(let picture)? = outcome.answer else {
      Issue.record("\(outcome.line)")
      return
    }
    #expect(picture.mime == "image/png" && picture.width == 1280 && picture.height == 720)
    #expect(picture.sha256.count == 64 && picture.size == 45)
  }
}
