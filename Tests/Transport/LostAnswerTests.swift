// What can happen to a request that costs money. Whatever it is, the server sees one request, and "nothing was sent"
// is only said when that is sure.

import Core
import Foundation
import Testing

@testable import Transport

/// What a server does once it is connected to, and how that must be told.
struct Accident: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// "answered", or the reason of the loss.
  let ends: String
  let script: @Sendable (Peer) -> Void

  init(_ name: String, _ ends: String, _ script: @escaping @Sendable (Peer) -> Void) {
    testDescription = name
    self.ends = ends
    self.script = script
  }

  /// After the whole request.
  static func answer(_ name: String, _ ends: String, _ text: String) -> Accident {
    Accident(name, ends) { peer in
      peer.request()
      peer.say(text)
    }
  }
}

private let accidents: [Accident] = [
  // libcurl may hear of it before the connection stands; then nothing was sent, and that is what must be said.
  Accident("reset at once", "cut|connect") { $0.reset() },
  Accident("reset after one byte", "cut") { peer in
    peer.read(1)
    peer.reset()
  },
  Accident("reset after all", "cut") { peer in
    peer.request()
    peer.reset()
  },
  Accident("closed at once", "cut") { $0.close() },
  Accident("closed after all", "cut") { $0.request() },
  Accident("silence", "timeout") { $0.keepSilent() },
  .answer("half a status line", "cut|malformed", "HTTP/1.1 20"),
  .answer("half the headers", "cut", "HTTP/1.1 200 OK\r\nContent-Le"),
  .answer("half the body", "cut", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\""),
  .answer(
    "chunks that are none", "cut|malformed",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n"),
  .answer(
    "a last chunk that never comes", "cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
  ),
  .answer("100 and the end", "cut|malformed", "HTTP/1.1 100 Continue\r\n\r\n"),
  .answer("103 and the end", "cut|malformed", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
  .answer("101 and the end", "cut|malformed", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
  .answer("HTTP/0.9", "malformed", "<html>it works</html>"),
  .answer("an HTTP of the future", "malformed", "HTTP/9.9 200 OK\r\n\r\n"),
  .answer("a length below zero", "malformed|cut|answered", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
  Accident("endless headers", "tooLarge") { peer in
    peer.request()
    peer.say("HTTP/1.1 200 OK\r\n")
    while peer.say("X-More: of this\r\n") {}
  },
  Accident("a header of 10 MB", "tooLarge|malformed|cut|memory") { peer in
    peer.request()
    peer.say("HTTP/1.1 200 OK\r\nX-Long: \(String(repeating: "x", count: 10 << 20))\r\n\r\n")
  },
  Accident("a body without end", "tooLarge") { peer in
    peer.request()
    peer.say("HTTP/1.1 200 OK\r\n\r\n")
    while peer.say(String(repeating: "x", count: 10_000)) {}
  },
  Accident("a drop at a time", "timeout") { peer in
    peer.request()
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while peer.say("x") { usleep(20_000) }
  },
]

private let statuses = [
  200, 201, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 407, 408, 409, 413, 417, 421, 425, 429, 500,
  502,
  503, 504, 999,
]

private func name(_ outcome: Outcome?) -> String {
  switch outcome {
  case .answered?: "answered"
  case .lost(let loss)?: "\(loss.reason)"
  case nil: "never ended"
  }
}

@Suite struct LostAnswerTests {
  @Test(arguments: accidents)
  func whateverHappensOneRequestIsOnTheWire(accident: Accident) throws {
    let server = Server { _, peer in accident.script(peer) }
    let client = try Client()
    let begun = Date()
    let limit = accident.ends == "timeout" ? 0.6 : 20
    let outcome = client.outcome(of: pay(server.url + "/", seconds: limit))
    #expect(
      accident.ends.components(separatedBy: "|").contains(name(outcome)), "\(String(describing: outcome))")
    #expect(Date().timeIntervalSince(begun) < limit + 1)
    let wasSent = name(outcome) != "connect"
    if case .lost(let loss)? = outcome {
      #expect(loss.mayHaveSent == wasSent)
      #expect(loss.detail.hasPrefix("127.0.0.1: "))
    }
    #expect(server.connections == 1)
    #expect(client.transport.requests == (wasSent ? 1 : 0))
  }

  @Test(arguments: statuses)
  func everyStatusIsAnAnswerAndOneRequest(status: Int) throws {
    let server = Server { server, peer in
      while let request = peer.request() {
        server.note(request)
        let more = "Location: /again\r\nWWW-Authenticate: Basic\r\nProxy-Authenticate: Basic\r\n"
        peer.answer("{}", status: "\(status) Whatever", headers: more)
      }
    }
    #expect(try Client().answer(to: pay(server.url + "/"))?.status == status)
    #expect(server.requests.count == 1)
    #expect(server.connections == 1)
  }

  @Test func anInterimAnswerIsNotTheAnswer() throws {
    let server = Server { _, peer in
      peer.request()
      peer.say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nRetry-After: 1\r\n\r\n")
      peer.answer("{}", headers: "APIGW-RequestID:  a b \r\n")
    }
    let response = try Client().answer(to: pay(server.url + "/"))
    #expect(response?.status == 200)
    #expect(response?.headers.retryAfter == nil)
    #expect(response?.headers.requestID == "a b")
  }

  @Test func anIdleConnectionIsNeverPaidOn() throws {
    // The server closes a kept connection when a second request comes on it, which is when libcurl tries again.
    let server = Server { server, peer in
      if let request = peer.request() { server.note(request) }
      peer.answer("{}")
      if let request = peer.request() { server.note(request) }
    }
    let client = try Client()
    #expect(client.answer(to: ask(server.url + "/"))?.status == 200)
    #expect(client.answer(to: pay(server.url + "/"))?.status == 200)
    #expect(server.connections == 2)
    #expect(server.requests.filter { $0.hasPrefix("POST") }.count == 1)
    #expect(client.answer(to: pay(server.url + "/"))?.status == 200)
    #expect(server.connections == 3)
  }

  @Test func aQuestionOnADeadConnectionIsAskedAgain() throws {
    let server = Server { server, peer in
      if let request = peer.request() { server.note(request) }
      peer.answer("{}")
      peer.request()
      peer.reset()
    }
    let client = try Client()
    for _ in 0..<3 { #expect(client.answer(to: ask(server.url + "/"))?.status == 200) }
    #expect(server.requests.count == 3)
  }

  @Test func nobodyListensSoNothingWasSent() throws {
    let server = Server(welcome)
    let url = server.url
    server.stop()
    usleep(50_000)
    let loss = try Client().loss(of: pay(url + "/"))
    #expect(loss?.reason == .connect)
    #expect(loss?.mayHaveSent == false)
  }

  @Test func aNameWithoutAddressIsNotFound() throws {
    let loss = try Client().loss(of: pay("https://no-such-name.invalid/"))
    #expect(loss?.reason == .resolve || loss?.reason == .timeout)
    #expect(loss?.mayHaveSent == false)
    #expect(loss?.detail.contains("no-such-name.invalid") == true)
  }

  @Test(arguments: [
    Accident("closed in the handshake", "tls|connect") { $0.read() },
    Accident("reset in the handshake", "tls|connect") { peer in
      peer.read()
      peer.reset()
    },
    Accident("silent in the handshake", "timeout") { $0.keepSilent() },
    Accident("no TLS at all", "tls") { peer in
      peer.read()
      peer.say("HTTP/1.1 400 Bad Request\r\n\r\n")
    },
  ])
  func aHandshakeThatFailsSentNothing(accident: Accident) throws {
    let server = Server { _, peer in accident.script(peer) }
    let loss = try Client().loss(of: pay("https://127.0.0.1:\(server.port)/", seconds: 0.6))
    #expect(accident.ends.components(separatedBy: "|").contains(loss.map { "\($0.reason)" } ?? "answered"))
    #expect(loss?.mayHaveSent == false)
    #expect(server.connections == 1)
  }
}
