// Through a proxy: what it refuses was not sent, and what we fetch through it must have a name that is allowed.

import Core
import Foundation
import Testing

@testable import Transport

private func behind(_ proxy: Server, noProxy: String? = nil, loopback: Bool = false) throws -> Client {
  try Client(
    .init(proxy: "http://127.0.0.1:\(proxy.port)", noProxy: noProxy, allowsLoopback: loopback))
}

@Suite struct ProxyTests {
  @Test(arguments: [
    Accident.answer("403", "proxy", "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"),
    .answer(
      "407", "proxy", "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\nno"),
    .answer("502", "proxy", "HTTP/1.1 502 Bad Gateway\r\n\r\n"),
    .answer("junk", "proxy|malformed", "nonsense\r\n\r\n"),
    .answer("half an answer", "proxy", "HTTP/1.1 200 Conn"),
    Accident("closed at once", "proxy") { $0.close() },
    Accident("reset at once", "proxy") { $0.reset() },
    Accident("closed after CONNECT", "proxy") { $0.request() },
    Accident("silent", "timeout") { $0.keepSilent() },
    Accident("endless headers", "timeout|proxy|tooLarge") { peer in
      peer.request()
      peer.say("HTTP/1.1 200 OK\r\n")
      while peer.say("X-More: of this\r\n") {}
    },
    .answer("a tunnel that ends", "tls|proxy", "HTTP/1.1 200 OK\r\n\r\n"),
    Accident("a tunnel that ends in the handshake", "tls|proxy") { peer in
      peer.request()
      peer.say("HTTP/1.1 200 OK\r\n\r\n")
      peer.read()
      peer.reset()
    },
  ])
  func whatTheProxyRefusesWasNotSent(accident: Accident) throws {
    let proxy = Server { _, peer in accident.script(peer) }
    let client = try behind(proxy)
    let loss = client.loss(of: pay("https://api.dev.runwayml.com/v1/text_to_image", seconds: 0.6))
    let reason = loss.map { "\($0.reason)" } ?? "answered"
    #expect(accident.ends.components(separatedBy: "|").contains(reason), "\(reason): \(loss?.detail ?? "")")
    #expect(loss?.mayHaveSent == false)
    #expect(proxy.connections == 1)
    #expect(client.transport.requests == 0)
  }

  @Test func nobodyIsTheProxy() throws {
    let proxy = Server(welcome)
    let client = try behind(proxy)
    proxy.stop()
    usleep(50_000)
    let loss = client.loss(of: pay("https://api.dev.runwayml.com/"))
    #expect(loss?.reason == .proxy)
    #expect(loss?.mayHaveSent == false)
  }

  @Test func theKeyIsNotForTheProxy() throws {
    let proxy = Server { server, peer in
      if let request = peer.request() { server.note(request) }
      peer.answer("no", status: "403 Forbidden")
    }
    #expect(try behind(proxy).loss(of: pay("https://api.dev.runwayml.com/"))?.reason == .proxy)
    #expect(
      proxy.requests == [
        "CONNECT api.dev.runwayml.com:443 HTTP/1.1\r\nHost: api.dev.runwayml.com:443\r\n"
          + "User-Agent: libt2i/1.0.0\r\nProxy-Connection: Keep-Alive\r\n\r\n"
      ])
  }

  @Test func whatStaysOnThisMachinePassesNoProxy() throws {
    let proxy = Server(welcome)
    let server = Server(welcome)
    let client = try behind(proxy, loopback: true)
    #expect(client.answer(to: ask(server.url + "/", key: "key_x"))?.status == 200)
    #expect(client.answer(to: fetch(server.url + "/"))?.status == 200)
    #expect(proxy.connections == 0)
  }

  @Test(arguments: [
    "https://8.8.8.8/x.png", "https://[2a00::1]/x", "https://134744072/", "https://evil.example/x",
  ])
  func behindAProxyOnlyAllowedNamesAreFetchedFrom(url: String) throws {
    let proxy = Server(welcome)
    let loss = try behind(proxy).loss(of: fetch(url))
    #expect(loss?.reason == .forbidden)
    #expect(loss?.mayHaveSent == false)
    #expect(proxy.connections == 0)
  }

  @Test func anAllowedNameIsFetchedThroughTheProxy() throws {
    let proxy = Server { server, peer in
      if let request = peer.request() { server.note(request) }
    }
    let loss = try behind(proxy).loss(of: fetch("https://D1.cloudfront.net/x.png"))
    #expect(loss?.reason == .proxy)
    #expect(proxy.requests.first?.lowercased().hasPrefix("connect d1.cloudfront.net:443 ") == true)
  }

  @Test func aHostWithoutProxyIsGuardedAsEver() throws {
    let proxy = Server(welcome)
    let loss = try behind(proxy, noProxy: "localhost").loss(of: fetch("https://localhost:\(proxy.port)/"))
    #expect(loss?.reason == .forbidden)
    #expect(proxy.connections == 0)
  }

  @Test(arguments: ["", "ftp://x", "http://", "nonsense://host", "http://a b"])
  func aProxyThatIsNoneIsSaidAtOnce(proxy: String) {
    #expect(throws: Failure.self) { try Transport(.init(proxy: proxy)) }
  }
}
