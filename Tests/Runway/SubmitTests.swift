// The answer table of the paid submit, row by row: what was accepted, what surely was not, and what nobody can know.

import Core
import Testing
import Transport

@testable import Runway

private func submitted(
  _ status: Int, _ body: String, _ adjust: (inout HTTPAnswerHeaders) -> Void = { _ in }
) -> Reply.Outcome {
  reading(answer(status, body, adjust), to: .submit)
}

private let accepted = #"{"id":"\#(id)","estimatedCost":{"credits":5}}"#
private let complaint = #"{"error":"No."}"#

@Suite struct SubmitTests {
  @Test(arguments: [200, 201])
  func aTaskIDIsAcceptance(status: Int) {
    #expect(submitted(status, accepted).line == "accepted \(token) 5000 mc")
  }

  @Test func anIDKeepsTheServicesSpelling() {
    let body = #"{"id":"\#(id.uppercased())"}"#
    #expect(submitted(200, body).line == "accepted runway:\(id.uppercased()) cost unknown")
  }

  @Test(arguments: [
    ("5", "5000 mc"), ("0", "0 mc"), ("2.5", "2500 mc"), ("0.0004", "0 mc"), ("1e6", "1000000000 mc"),
    ("-1", "cost unknown"), ("-0.5", "cost unknown"), ("1e308", "cost unknown"),
    ("1000000001", "cost unknown"),
    ("9223372036854775807", "cost unknown"), (#""5""#, "cost unknown"), ("null", "cost unknown"),
    ("[5]", "cost unknown"), ("true", "cost unknown"),
  ])
  func anEstimateIsAnAmountOrNothing(credits: String, cost: String) {
    let body = #"{"id":"\#(id)","estimatedCost":{"credits":\#(credits)}}"#
    #expect(submitted(200, body).line == "accepted \(token) \(cost)")
  }

  @Test(arguments: [
    "", "{}", "[]", "null", "5", #""x""#, "{", "<html>", #"{"id":null}"#, #"{"id":5}"#, #"{"id":""}"#,
    #"{"id":"x"}"#,
    #"{"id":["\#(id)"]}"#, #"{"id":"\#(id)x"}"#, #"{"id":" \#(id)"}"#, #"{"id":"../organization"}"#,
    #"{"id":"17f20503-6c24-1c16-946b-35dbbce2af2f"}"#, #"{"id":"17f20503-6c24-4c16-c46b-35dbbce2af2f"}"#,
    #"{"id":"17f20503+6c24-4c16-946b-35dbbce2af2f"}"#, #"{"id":"\#(id)","id":"\#(id)"}"#,
    #"[{"id":"\#(id)"}]"#,
  ])
  func successWithoutATaskIDIsUnclear(body: String) {
    for status in [200, 201] {
      let setback = submitted(status, body).setback
      #expect(setback?.kind == .mayHaveArrived)
      #expect(setback?.failure.status == .protocolError)
      #expect(setback?.failure.maySpend == true)
    }
  }

  @Test(arguments: [202, 203, 204, 205, 206, 207, 299])
  func anotherSuccessIsUnclearEvenWithAnID(status: Int) {
    #expect(submitted(status, accepted).setback?.kind == .mayHaveArrived)
  }

  @Test(arguments: [400, 401, 402, 403, 404, 405, 413, 415, 422])
  func aRefusalIsFinal(status: Int) {
    for body in [complaint, "", "<html>", accepted, "{"] {
      let setback = submitted(status, body) { $0.shouldRetry = "true" }.setback
      #expect(setback?.kind == .refused)
      #expect(setback?.failure.retryable == false)
      #expect(setback?.failure.maySpend == false)
      #expect(setback?.failure.http == Int32(status))
    }
  }

  @Test(arguments: [#"{"error":"Slow down"}"#, #"{"message":"Too many requests"}"#])
  func theServicesOwn429IsRefusedForNow(body: String) {
    let setback = submitted(429, body) { $0.retryAfter = "2" }.setback
    #expect(setback?.kind == .refused)
    #expect(setback?.failure.status == .rate)
    #expect(setback?.failure.retryable == true)
    #expect(setback?.failure.retryAfterMilliseconds == 2000)
  }

  @Test(arguments: ["Your daily task limit has been reached.", "DAILY limit"])
  func theDailyLimitIsNotAskedAgain(sentence: String) {
    let setback = submitted(429, #"{"error":"\#(sentence)"}"#) { $0.shouldRetry = "true" }.setback
    #expect(setback?.kind == .refused)
    #expect(setback?.failure.status == .quota)
    #expect(setback?.failure.retryable == false)
  }

  @Test(arguments: [
    "", "<html>429</html>", "{}", "[]", #"{"error":5}"#, #"{"error":""}"#, #"{"error":"No","id":"\#(id)"}"#,
    #"{"message":"No","id":null}"#, "Too Many Requests",
  ])
  func a429OfSomebodyElseIsUnclear(body: String) {
    #expect(submitted(429, body).setback?.kind == .mayHaveArrived)
  }

  @Test func theServicesOwn503IsRefusedForNow() {
    let own = submitted(503, #"{"error":"Shedding load"}"#).setback
    #expect(own?.kind == .refused && own?.failure.retryable == true)
    let told = submitted(503, "<html>") { $0.shouldRetry = "true" }.setback
    #expect(told?.kind == .refused && told?.failure.retryable == true)
  }

  @Test func a503ThatShouldNotBeRepeatedIsNot() {
    let setback = submitted(503, complaint) { $0.shouldRetry = "false" }.setback
    #expect(setback?.kind == .refused && setback?.failure.retryable == false)
  }

  @Test(arguments: [
    "", "<html>503</html>", #"{"message":"Service Unavailable"}"#, #"{"error":{"x":1}}"#,
    #"{"error":"Shedding load","id":"\#(id)"}"#,
  ])
  func aGateways503IsUnclear(body: String) {
    #expect(submitted(503, body).setback?.kind == .mayHaveArrived)
    #expect(submitted(503, body) { $0.shouldRetry = "True" }.setback?.kind == .mayHaveArrived)
    #expect(submitted(503, body) { $0.shouldRetry = "false" }.setback?.kind == .mayHaveArrived)
  }

  @Test(arguments: [
    100, 101, 103, 300, 301, 302, 303, 304, 307, 308, 406, 407, 408, 409, 410, 411, 414, 416, 417, 418, 421,
    425, 426,
    428, 431, 451, 499, 500, 501, 502, 504, 505, 507, 508, 511, 520, 599, 600, 999,
  ])
  func everythingElseIsUnclear(status: Int) {
    for body in [complaint, "", accepted] {
      let setback = submitted(status, body) { $0.shouldRetry = "true" }.setback
      #expect(setback?.kind == .mayHaveArrived, "\(status)")
      #expect(setback?.failure.maySpend == true && setback?.failure.retryable == false)
      #expect(setback?.failure.message.contains("again") == false, "nothing may invite to pay twice")
    }
  }

  @Test(arguments: [
    (Loss.Reason.resolve, Status.dns), (.connect, .network), (.proxy, .network), (.tls, .tls),
    (.timeout, .network),
    (.cut, .network), (.tooLarge, .protocolError), (.forbidden, .protocolError), (.malformed, .protocolError),
    (.memory, .noMemory), (.stopped, .shutdown),
  ])
  func aLossIsUnclearOnceAByteMayHaveLeft(reason: Loss.Reason, status: Status) {
    for httpStatus in [0, 100, 200, 400, 503] {
      func lost(_ mayHaveSent: Bool) -> Setback? {
        let loss = Loss(
          reason, mayHaveSent: mayHaveSent, status: httpStatus, code: 7, detail: "api.example.com")
        return reading(.lost(loss), to: .submit).setback
      }
      #expect(lost(false)?.kind == .neverArrived)
      #expect(lost(true)?.kind == .mayHaveArrived)
      #expect(lost(true)?.failure.status == status)
      #expect(lost(true)?.failure.systemCode == 7)
      #expect(lost(true)?.failure.maySpend == true && lost(true)?.failure.retryable == false)
      #expect(lost(false)?.failure.maySpend == false)
      #expect(lost(true)?.failure.message.contains("api.example.com") == true)
    }
  }

  @Test func aTaskMachineTakesTheTableAsItIsMeant() {
    // The law resubmits what is refused for now or never arrived; everything unclear must be neither.
    for status in 100...999 where ![200, 201].contains(status) {
      let setback = submitted(status, complaint).setback
      let mayRepeat =
        setback?.kind == .neverArrived || (setback?.kind == .refused && setback?.failure.retryable == true)
      #expect(mayRepeat == (status == 429 || status == 503), "\(status)")
    }
  }
}
