// Over TLS, with a certificate authority made for the run: HTTP/2 where it is offered, but never for what costs money.

import Core
import Foundation
import Glibc
import Testing

@testable import Transport

/// A folder with a certificate authority and a certificate for 127.0.0.1; nil where there is no openssl or python3.
private let authority: String? = {
  let folder = NSTemporaryDirectory() + "t2i-tls-\(UUID().uuidString)"
  try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
  let make = """
    cd '\(folder)' && command -v python3 >/dev/null &&
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=a test' \
      -keyout ca.key -out ca.pem &&
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=127.0.0.1' \
      -keyout key.pem -out request.pem &&
    printf 'subjectAltName=IP:127.0.0.1,DNS:localhost' > names &&
    openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem
    """
  let shell = Process()
  shell.executableURL = URL(filePath: "/bin/sh")
  shell.arguments = ["-c", make]
  shell.standardOutput = FileHandle.nullDevice
  shell.standardError = FileHandle.nullDevice
  try? shell.run()
  shell.waitUntilExit()
  return shell.terminationStatus == 0 ? folder : nil
}()

/// The server beside this file, as a process of its own.
private final class TLSServer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var text = ""
  private(set) var port = 0

  init(_ protocols: String, _ mode: String = "answer") throws {
    let folder = authority ?? ""
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "tls_server.py").path
    process.arguments = [
      "python3", "-u", "-W", "ignore", script, folder + "/cert.pem", folder + "/key.pem", protocols, mode,
    ]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    while !text.contains("\n") { try more() }
    port = Int(text.prefix { $0.isNumber }) ?? 0
    _ = fcntl(output.fileHandleForReading.fileDescriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { try? input.fileHandleForWriting.close() }

  private func more() throws {
    guard let data = try output.fileHandleForReading.read(upToCount: 1), !data.isEmpty else {
      throw CocoaError(.fileReadUnknown)
    }
    text += String(decoding: data, as: UTF8.self)
  }

  /// What it has said since it began; it says a thing before it answers.
  var lines: [String] {
    var room = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(output.fileHandleForReading.fileDescriptor, &room, room.count)
      if count <= 0 { break }
      text += String(decoding: room[..<count], as: UTF8.self)
    }
    return text.components(separatedBy: "\n").dropFirst().filter { !$0.isEmpty }
  }

  func count(_ start: String) -> Int { lines.filter { $0.hasPrefix(start) }.count }
  var url: String { "https://127.0.0.1:\(port)" }
}

private func trusting() throws -> Client {
  try Client(.init(caFile: (authority ?? "") + "/ca.pem", allowsLoopback: true))
}

@Suite(.enabled(if: authority != nil, "needs openssl and python3"))
struct TLSTests {
  @Test func questionsShareOneConnectionOfHTTP2() throws {
    let server = try TLSServer("h2,http/1.1")
    let client = try trusting()
    for _ in 0..<50 { client.send(ask(server.url + "/")) }
    client.turn { client.outcomes.count == 50 }
    for case .lost(let loss) in client.outcomes.values { Issue.record("\(loss.reason) \(loss.detail)") }
    if case .lost(let loss)? = client.outcome(of: fetch(server.url + "/")) { Issue.record("\(loss.detail)") }
    #expect(server.count("connection h2") == 1)
    #expect(server.count("request GET h2") == 51)
  }

  @Test func whatCostsMoneyGoesOverHTTP1OnItsOwnConnection() throws {
    let server = try TLSServer("h2,http/1.1")
    let client = try trusting()
    #expect(client.answer(to: ask(server.url + "/"))?.status == 200)
    #expect(client.answer(to: pay(server.url + "/"))?.status == 200)
    #expect(client.answer(to: pay(server.url + "/"))?.status == 200)
    #expect(client.answer(to: ask(server.url + "/"))?.status == 200)
    #expect(server.count("connection h2") == 1)
    #expect(server.count("connection http/1.1") == 2)
    #expect(server.count("request POST http/1.1") == 2)
    #expect(server.count("request GET h2") == 2)
  }

  @Test func whatCostsMoneyLeavesQuestionsTheirOneConnection() throws {
    // libcurl 7.88 remembers of a host that it once answered in HTTP/1.1.
    let server = try TLSServer("h2,http/1.1")
    let client = try trusting()
    for round in 1...5 {
      for _ in 0..<4 { client.send(pay(server.url + "/")) }
      for _ in 0..<40 { client.send(ask(server.url + "/")) }
      client.turn { client.outcomes.count == round * 44 }
    }
    #expect(server.count("connection h2") == 1)
    #expect(server.count("connection http/1.1") == 20)
    #expect(server.count("request GET h2") == 200)
    #expect(client.transport.connections == 21)
    #expect(client.transport.requests == 220)
  }

  @Test func aRefusedStreamIsRepeatedForAQuestionAndNeverForMoney() throws {
    let server = try TLSServer("h2,http/1.1", "refuse")
    let client = try trusting()
    let outcome = client.outcome(of: ask(server.url + "/"))
    if case .lost(let loss)? = outcome { #expect(loss.reason == .cut) }
    #expect(client.answer(to: pay(server.url + "/"))?.status == 200)
    #expect(server.count("request POST") == 1)
  }

  @Test(arguments: ["h2,http/1.1", "http/1.1"])
  func aLostAnswerIsOnePaidRequest(protocols: String) throws {
    let server = try TLSServer(protocols, "reset")
    let client = try trusting()
    #expect(client.loss(of: ask(server.url + "/"))?.reason == .cut)
    let loss = client.loss(of: pay(server.url + "/"))
    #expect(loss?.reason == .cut || loss?.reason == .tls)
    #expect(loss?.mayHaveSent == true)
    #expect(server.count("request POST http/1.1") == 1)
  }

  @Test func aServerThatOnlyKnowsHTTP2GetsNoPaidRequestInIt() throws {
    let server = try TLSServer("h2")
    let client = try trusting()
    _ = client.outcome(of: pay(server.url + "/"))
    #expect(server.count("request POST h2") == 0)
    #expect(server.count("request POST") <= 1)
  }

  @Test func aSessionIsResumed() throws {
    let server = try TLSServer("http/1.1")
    let client = try trusting()
    for _ in 0..<3 { #expect(client.answer(to: pay(server.url + "/"))?.status == 200) }
    #expect(server.count("connection http/1.1 new") == 1)
    #expect(server.count("connection http/1.1 resumed") == 2)
  }

  @Test func aStrangersCertificateIsNotTrusted() throws {
    let server = try TLSServer("http/1.1")
    let loss = try Client().loss(of: pay(server.url + "/"))
    #expect(loss?.reason == .tls)
    #expect(loss?.mayHaveSent == false)
    #expect(server.count("request") == 0)
  }

  @Test func aCertificateForAnotherNameIsNotTrusted() throws {
    let server = try TLSServer("http/1.1")
    let loss = try trusting().loss(of: pay("https://a.localhost:\(server.port)/"))
    #expect(loss?.reason == .tls)
    #expect(loss?.mayHaveSent == false)
    #expect(server.count("request") == 0)
  }

  @Test func anOldTLSIsRefused() throws {
    let server = try TLSServer("http/1.1", "old")
    let loss = try trusting().loss(of: pay(server.url + "/"))
    #expect(loss?.reason == .tls)
    #expect(loss?.mayHaveSent == false)
    #expect(server.count("request") == 0)
  }

  @Test(arguments: ["http/1.1", "h2"])
  func aConnectionToAPrivateAPIIsNotReusedToFetch(protocols: String) throws {
    // The connection of the question is alive, so nothing is resolved or connected that a guard there could see.
    let server = try TLSServer(protocols)
    let url = "https://localhost:\(server.port)/"
    let client = try Client(.init(caFile: (authority ?? "") + "/ca.pem", allowsLoopback: false))
    #expect(client.answer(to: ask(url))?.status == 200)
    let loss = client.loss(of: fetch(url))
    #expect(loss?.reason == .forbidden)
    #expect(loss?.mayHaveSent == false)
    #expect(server.count("request GET") == 1)
    #expect(server.count("connection") == 1)
  }
}
