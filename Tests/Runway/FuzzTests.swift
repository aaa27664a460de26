// A hundred thousand answers nobody would send, read as answers to everything. A trap ends the test run, and the host.

import Core
import Testing
import Transport

@testable import Runway

private let seeds = Golden.exchanges.map { Array($0.answer.utf8) }.filter { !$0.isEmpty } + Samples.all
private let pieces = [
  #""id""#, #""status""#, #""SUCCEEDED""#, #""output""#, #""issues""#, #""path""#, "null", "1e308", "-1",
  "[[[[", "]]", "{",
  "}", ",", ":", "\"", "\\", "\\u0000", "\\uD800", "\u{0}", "é", "99999999999999999999", "true", #""\#(id)""#,
  "key_", "<svg ",
].map { Array($0.utf8) }
private let statuses = [200, 200, 200, 201, 204, 400, 401, 404, 408, 429, 500, 503, 0, -1, 1 << 40]
private let operations = [Core.Operation.submit, looking, .cancel(token: token), fetching]

private func mutated(_ random: inout Random) -> [UInt8] {
  var bytes = seeds[Int(random.below(UInt64(seeds.count)))]
  for _ in 0...random.below(3) {
    let place = Int(random.below(UInt64(bytes.count + 1)))
    switch random.below(4) {
    case 0: bytes.insert(contentsOf: pieces[Int(random.below(UInt64(pieces.count)))], at: place)
    case 1: if place < bytes.count { bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.below(8))))
    default: bytes = Array(bytes.prefix(max(1, place)))
    }
  }
  return bytes
}

@Suite struct FuzzTests {
  @Test func aHundredThousandBodiesAreReadWithoutATrap() {
    let service = service()
    var random = Random(seed: 20_261_122)
    var accepted = 0
    for _ in 0..<100_000 {
      let status = statuses[Int(random.below(UInt64(statuses.count)))]
      let body = mutated(&random)
      let operation = operations[Int(random.below(4))]
      var headers = HTTPAnswerHeaders()
      headers.retryAfter = String(decoding: body.prefix(40), as: UTF8.self)
      headers.requestID = headers.retryAfter
      let outcome = Outcome.answered(HTTPResponse(status: status, body: Memory(body), headers: headers))
      switch Wire.reading(outcome, to: operation, service: service, unixSeconds: now) {
      case .answer(.accepted(let token, let cost)):
        accepted += 1
        #expect(operation == .submit && (status == 200 || status == 201))
        #expect((try? TaskID(token: token)) != nil && cost ?? 0 >= 0)
      case .answer(.looked(.running(let permille?))): #expect((0...1000).contains(permille))
      case .answer(.looked(.succeeded(let links, _))): #expect(links.count <= 64)
      case .answer: break
      case .setback(let setback): #expect(setback.failure.message.utf8.count <= 383)
      }
    }
    #expect(accepted > 200, "the mutations are too wild to reach what they test: \(accepted)")
  }

  @Test func anAnswerOfNothingButBracketsIsNotRead() {
    // A megabyte of them would cost a hundred once read.
    let many = "[" + Array(repeating: "{}", count: 300_000).joined(separator: ",") + "]"
    #expect(reading(answer(200, many), to: looking).setback?.failure.status == .protocolError)
    func filled(_ count: Int) -> String {
      #"{"status":"PENDING","x":["# + Array(repeating: "1", count: count).joined(separator: ",") + "]}"
    }
    #expect(reading(answer(200, filled(8000)), to: looking).line == "pending")
    #expect(reading(answer(200, filled(9000)), to: looking).setback?.kind == .mayHaveArrived)
  }
}
