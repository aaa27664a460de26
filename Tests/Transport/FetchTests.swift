// Outputs come from hosts that a service names. No spelling of a URL and no redirect leads into the host's own network.

import Core
import Foundation
import Glibc
import Testing

@testable import Transport

/// Redirects down a chain: /3 to /2 to /1 to /0, which is there.
@Sendable private func chain(_ server: Server, _ peer: Peer) {
  while let request = peer.request() {
    server.note(request)
    let number = Int(request.dropFirst("GET /".count).prefix { $0.isNumber }) ?? 0
    if number == 0 {
      peer.answer("here")
    } else {
      let place = number % 2 == 0 ? "/\(number - 1)" : "http://127.0.0.1:\(server.port)/\(number - 1)"
      peer.answer("elsewhere", status: "302 Found", headers: "Location: \(place)\r\n")
    }
  }
}

@Suite struct FetchTests {
  @Test(arguments: [
    "https://127.0.0.1:PORT/", "https://localhost:PORT/", "https://LOCALHOST:PORT/",
    "https://localhost.:PORT/",
    "https://a.localhost:PORT/", "https://127.1:PORT/", "https://2130706433:PORT/",
    "https://0x7f000001:PORT/",
    "https://0x7F.1:PORT/", "https://0177.0.0.1:PORT/", "https://017700000001:PORT/",
    "https://127.0.0.1.:PORT/",
    "https://[::1]:PORT/", "https://[::ffff:127.0.0.1]:PORT/", "https://[0:0:0:0:0:ffff:7f00:1]:PORT/",
    "https://[::127.0.0.1]:PORT/", "https://user@127.0.0.1:PORT/", "https://8.8.8.8:x@127.0.0.1:PORT/",
    "https://example.com@127.0.0.1:PORT/", "https://%31%32%37.0.0.1:PORT/", "https://0.0.0.0:PORT/",
    "https://0:PORT/", "https://[::]:PORT/", "https://\u{FF11}\u{FF12}\u{FF17}.0.0.1:PORT/",
    "https://\u{2460}\u{2461}\u{2466}.0.0.1:PORT/", "https:///127.0.0.1:PORT/", "https:127.0.0.1:PORT/",
    "http://127.0.0.1:PORT/", "http://localhost:PORT/", "http://example.com/", "ftp://127.0.0.1:PORT/",
    "file:///etc/passwd", "gopher://127.0.0.1:PORT/", "FILE:///etc/passwd", "//127.0.0.1:PORT/",
    "127.0.0.1:PORT", "localhost:PORT/", "", "https://", "https://10.0.0.1/",
    "https://169.254.169.254/latest",
    "https://[fe80::1%25lo]:PORT/", "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/",
    "https://127.0.0.1\t:PORT/", "https://127.0.0.1\r\n:PORT/", "https://exa mple.com/",
  ])
  func noSpellingLeadsInside(spelling: String) throws {
    let server = Server(welcome)
    let url = spelling.replacingOccurrences(of: "PORT", with: "\(server.port)")
    let loss = try Client(.init()).loss(of: fetch(url))
    // With its last dot, the name is left to the resolver, which may not know it.
    let isOutside =
      loss?.reason == .forbidden || (spelling.contains("localhost.") && loss?.reason == .resolve)
    #expect(isOutside, "\(url): \(loss.map { "\($0.reason) \($0.detail)" } ?? "answered")")
    #expect(loss?.mayHaveSent == false)
    #expect(loss?.detail.isEmpty == false)
    #expect(server.connections == 0)
  }

  @Test(arguments: ["localhost", "127.0.0.1", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"])
  func whereTheAPIIsOnLoopbackAnOutputMayBeToo(host: String) throws {
    let server = Server(ipv6: host == "[::1]") { _, peer in peer.read() }
    // Not refused: the handshake with a server that knows no TLS fails.
    let loss = try Client().loss(of: fetch("https://\(host):\(server.port)/"))
    #expect(loss?.reason == .tls, "\(loss?.detail ?? "answered")")
    #expect(server.connections > 0)
  }

  @Test(arguments: ["http://10.0.0.1/", "https://10.0.0.1/", "https://[fd00::1]/", "http://localhost:1/"])
  func evenThenNothingElseInsideIsFetched(url: String) throws {
    #expect(try Client().loss(of: fetch(url))?.reason == .forbidden)
  }

  @Test func threeRedirectsAreFollowedAndAFourthIsNot() throws {
    let server = Server(chain)
    let client = try Client()
    #expect(client.answer(to: fetch(server.url + "/3"))?.text == "here")
    #expect(server.requests.count == 4)
    let loss = client.loss(of: fetch(server.url + "/4"))
    #expect(loss?.reason == .forbidden)
    #expect(loss?.detail.contains("redirects") == true)
    #expect(server.requests.count == 8)
    #expect(client.answer(to: fetch(server.url + "/0"))?.text == "here")
  }

  @Test(arguments: [
    "https://10.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "http://localhost:1/", "http://0/",
    "https://user:pass@example.com/", "ftp://example.com/", "//10.0.0.1/", "https://[fd00::1]/",
  ])
  func aRedirectIsCheckedAsTheFirstURLIs(place: String) throws {
    let server = Server { _, peer in
      peer.request()
      peer.answer("", status: "302 Found", headers: "Location: \(place)\r\n")
    }
    #expect(try Client().loss(of: fetch(server.url + "/"))?.reason == .forbidden)
  }

  @Test func aQuestionFollowsNoRedirect() throws {
    let server = Server(chain)
    let response = try Client().answer(to: ask(server.url + "/1", key: "key_x"))
    #expect(response?.status == 302)
    #expect(server.requests.count == 1)
  }

  @Test func anAPIInsideMayBeAsked() throws {
    let server = Server { _, peer in peer.read() }
    let asked = try Client(.init()).loss(of: ask("https://localhost:\(server.port)/"))
    #expect(asked?.reason == .tls)
    #expect(server.connections > 0)
  }

  @Test func aPictureArrivesWholeOrNotAtAll() throws {
    let size = 3_000_000
    let picture = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let server = Server { _, peer in
      while let request = peer.request() {
        let isChunked = request.hasPrefix("GET /chunked")
        peer.say(
          "HTTP/1.1 200 OK\r\n" + (isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(size)"))
        peer.say("\r\nContent-Encoding: gzip\r\n\r\n" + (isChunked ? String(size, radix: 16) + "\r\n" : ""))
        peer.say(picture)
        if isChunked { peer.say("\r\n0\r\n\r\n") }
      }
    }
    let client = try Client()
    for path in ["/", "/chunked"] {
      let response = client.answer(to: fetch(server.url + path, limit: size))
      #expect(response.map { Array($0.body.memory) == picture } == true)
      let loss = client.loss(of: fetch(server.url + path, limit: size - 1))
      #expect(loss?.reason == .tooLarge)
      #expect(loss?.status == 200)
    }
  }
}
