// What goes over the wire, byte for byte, and what comes back.

import Core
import Foundation
import Testing

@testable import Transport

/// Serves one connection, request after request, and notes each.
@Sendable func welcome(_ server: Server, _ peer: Peer) {
  while let request = peer.request() {
    server.note(request)
    peer.answer(#"{"ok":true}"#, headers: "Content-Type: application/json\r\n")
  }
}

@Suite struct ExchangeTests {
  @Test func aQuestionIsSentAsItWasPutTogether() throws {
    let server = Server(welcome)
    let client = try Client()
    let headers = [HTTPHeader("x-runway-version", "2024-11-06"), HTTPHeader("accept", "application/json")]
    let response = client.answer(to: ask(server.url + "/v1/tasks/1?a=b", headers: headers, key: "key_x"))
    #expect(response?.status == 200)
    #expect(response?.text == #"{"ok":true}"#)
    #expect(
      server.requests == [
        "GET /v1/tasks/1?a=b HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nUser-Agent: libt2i/1.0.0\r\n"
          + "x-runway-version: 2024-11-06\r\naccept: application/json\r\nAuthorization: Bearer key_x\r\n\r\n"
      ])
  }

  @Test(arguments: [true, false]) func theDateIsKeptWhereItIsAskedFor(isAsked: Bool) throws {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    let server = Server { _, peer in
      while peer.request() != nil { peer.answer("{}", headers: "DATE: \(date)\r\n") }
    }
    let request = HTTPRequest(
      .ask, .get, url: server.url + "/", headers: [], key: nil, body: nil, answerLimit: 100,
      timeLimit: .seconds(20), keepsDate: isAsked)
    #expect(try Client().answer(to: request)?.headers.date == (isAsked ? date : nil))
  }

  @Test func aPaidRequestIsSentAsItWasPutTogether() throws {
    let server = Server(welcome)
    let body = String(repeating: "é", count: 2000)
    #expect(try Client().answer(to: pay(server.url + "/v1/text_to_image", body: body))?.status == 200)
    #expect(
      server.requests == [
        "POST /v1/text_to_image HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nUser-Agent: libt2i/1.0.0\r\n"
          + "Accept: */*\r\ncontent-type: application/json\r\nAuthorization: Bearer key_test\r\n"
          + "Content-Length: 4000\r\n\r\n\(body)"
      ])
  }

  @Test func aHandleThatPostedGetsAndDeletesAsIfNew() throws {
    let server = Server(welcome)
    let client = try Client()
    for method in [HTTPRequest.Method.post, .get, .delete, .get, .post] {
      let body = method == .post ? "{}" : nil
      #expect(client.answer(to: ask(server.url + "/", method, body: body))?.status == 200)
    }
    #expect(server.requests.map { $0.prefix { $0 != " " } } == ["POST", "GET", "DELETE", "GET", "POST"])
    #expect(server.requests.map { $0.contains("Content-Length") } == [true, false, false, false, true])
    #expect(server.connections == 1)
  }
}
