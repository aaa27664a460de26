// The transport as a guest in a host's process: descriptors, signals, threads, and how it ends.

import Core
import Foundation
import Glibc
import Platform
import Testing

@testable import Transport

private func openDescriptors() -> Int {
  (try? FileManager.default.contentsOfDirectory(atPath: "/proc/thread-self/fd").count) ?? 0
}

/// Runs the work on a thread with a table of descriptors of its own, so that nobody else's are counted.
private func alone<Outcome: Sendable>(_ work: @escaping @Sendable () -> Outcome) -> Outcome? {
  nonisolated(unsafe) var outcome: Outcome?
  let done = DispatchSemaphore(value: 0)
  Foundation.Thread {
    typealias Unshare = @convention(c) (Int32) -> Int32
    let unshare = unsafeBitCast(dlsym(dlopen(nil, RTLD_NOW), "unshare"), to: Unshare.self)
    if unshare(0x400) == 0 { outcome = work() }
    done.signal()
  }.start()
  done.wait()
  return outcome
}

private let canStandAlone = alone { true } == true

@Suite struct TransportTests {
  @Test func aHundredAtOnceShareSixteenConnections() throws {
    let server = Server(welcome)
    let client = try Client()
    for _ in 0..<100 { client.send(ask(server.url + "/")) }
    client.turn { client.outcomes.count == 100 }
    #expect(client.outcomes.values.allSatisfy { if case .answered = $0 { true } else { false } })
    #expect(server.requests.count == 100)
    #expect(server.connections <= 16)
    #expect(client.transport.requests == 100)
    #expect(client.transport.connections == server.connections)
  }

  @Test func whatCostsMoneyTakesNoConnectionOfTheOthers() throws {
    let server = Server { server, peer in
      while let request = peer.request() {
        if request.hasPrefix("POST") { usleep(2000) }
        peer.answer("{}")
      }
    }
    let client = try Client()
    for round in 1...20 {
      for _ in 0..<4 { client.send(pay(server.url + "/")) }
      for _ in 0..<40 { client.send(ask(server.url + "/")) }
      client.turn { client.outcomes.count == round * 44 }
    }
    // Sixteen are kept for questions, and each paid request has its own.
    #expect(server.connections <= 16 + 80)
    #expect(client.transport.connections == server.connections)
    #expect(client.transport.requests == 20 * 44)
  }

  @Test func aTransferThatIsDroppedHadItsConnectionToo() throws {
    let server = Server { _, peer in peer.keepSilent() }
    let client = try Client()
    let silent = client.send(ask(server.url + "/"))
    client.turn(for: 5) { server.connections == 1 }
    // The server may have it a moment before our end knows.
    client.turn(for: 0.3) { false }
    client.drop(silent)
    #expect(client.transport.connections == 1)
  }

  @Test func downloadsLeaveConnectionsForQuestions() throws {
    let server = Server { server, peer in
      while let request = peer.request() {
        if request.hasPrefix("GET /slow") { return peer.keepSilent() }
        peer.answer("{}")
      }
    }
    let client = try Client(.init(maxConnections: 4, allowsLoopback: true))
    for _ in 0..<20 { client.send(fetch(server.url + "/slow")) }
    #expect(client.answer(to: ask(server.url + "/"))?.status == 200)
    #expect(client.answer(to: pay(server.url + "/"))?.status == 200)
  }

  @Test func whatWaitsForAConnectionKeepsItsTimeLimit() throws {
    let server = Server { _, peer in peer.keepSilent() }
    let client = try Client(.init(maxConnections: 1, allowsLoopback: true))
    let begun = Date()
    for _ in 0..<8 { client.send(ask(server.url + "/", seconds: 0.3)) }
    client.turn(for: 5) { client.outcomes.count == 8 }
    #expect(Date().timeIntervalSince(begun) < 0.3 + 1)
    let losses = client.outcomes.values.compactMap { if case .lost(let loss) = $0 { loss } else { nil } }
    #expect(losses.count == 8)
    #expect(losses.allSatisfy { $0.reason == .timeout })
    #expect(losses.filter(\.mayHaveSent).count == 1)
  }

  @Test func ofADroppedRequestNothingIsHeard() throws {
    let server = Server { _, peer in
      while let request = peer.request() {
        if request.hasPrefix("GET /silent") { return peer.keepSilent() }
        peer.answer("{}")
      }
    }
    let client = try Client()
    let silent = client.send(ask(server.url + "/silent", seconds: 1))
    let never = client.send(ask(server.url + "/silent", seconds: 1))
    client.drop(never)
    client.turn(for: 0.2) { server.connections == 1 }
    client.drop(silent)
    client.turn(for: 1.2) { false }
    #expect(client.outcomes.isEmpty)
    #expect(server.connections == 1)
    #expect(client.answer(to: ask(server.url + "/"))?.status == 200)
  }

  @Test func whatIsPaidForIsNotDroppedOnItsWay() throws {
    let server = Server { _, peer in
      peer.request()
      usleep(200_000)
      peer.answer("{}")
    }
    let client = try Client()
    let paid = client.send(pay(server.url + "/"))
    client.turn(for: 5) { server.connections == 1 }
    client.drop(paid)
    client.turn { client.outcomes[paid] != nil }
    #expect(client.outcomes[paid] != nil)
  }

  @Test(arguments: [
    [HTTPHeader("accept", "a\r\nX-Evil: 1")], [HTTPHeader("accept", "a\nb")], [HTTPHeader("accept", "a\0b")],
    [HTTPHeader("accept", "fine"), HTTPHeader("x-runway-version", "\u{7F}")],
  ])
  func aHeaderWithAControlCharacterIsNeverSent(headers: [HTTPHeader]) throws {
    let server = Server(welcome)
    let client = try Client()
    let loss = client.loss(of: ask(server.url + "/", headers: headers))
    #expect(loss?.reason == .malformed)
    #expect(loss?.mayHaveSent == false)
    #expect(client.loss(of: ask(server.url + "/", key: "key\r\nX: 1"))?.reason == .malformed)
    #expect(client.loss(of: ask(server.url + "/", key: ""))?.reason == .malformed)
    #expect(server.connections == 0)
  }

  @Test(arguments: ["http://example.com/", "http://localhost/", "http://10.0.0.1/", "http://[::2]/"])
  func aKeyNeverLeavesThisMachineInClearText(url: String) throws {
    let loss = try Client().loss(of: ask(url, key: "key_x"))
    #expect(loss?.reason == .forbidden)
    #expect(loss?.detail.contains("https") == true)
  }

  @Test func stoppingDoesNotWaitForAnyone() throws {
    let server = Server { _, peer in peer.keepSilent() }
    let client = try Client()
    client.send(ask(server.url + "/"))
    client.send(ask("https://127.0.0.1:\(server.port)/"))
    client.send(ask("https://no-such-name.invalid/"))
    client.turn(for: 0.1) { server.connections == 2 }
    let begun = Date()
    client.transport.stop()
    client.transport.stop()
    #expect(Date().timeIntervalSince(begun) < 0.2)
    let ended = client.outcomes.count
    client.turn(for: 0.1) { false }
    #expect(client.outcomes.count == ended)
    #expect(client.loss(of: ask(server.url + "/"))?.reason == .stopped)
  }

  @Test(.enabled(if: canStandAlone, "needs a thread with descriptors of its own"))
  func everyDescriptorIsGivenBack() {
    let counts = alone { () -> [Int] in
      _ = try? Client()
      let before = openDescriptors()
      do {
        let server = Server { _, peer in
          while let request = peer.request() {
            if request.hasPrefix("GET /cut") { return peer.reset() }
            if request.hasPrefix("GET /silent") { return peer.keepSilent() }
            peer.answer("{}")
          }
        }
        guard let client = try? Client() else { return [] }
        for path in ["/", "/cut", "/silent", "/"] {
          _ = client.outcome(of: ask(server.url + path, seconds: 0.2))
          _ = client.outcome(of: fetch(server.url + path, seconds: 0.2))
          _ = client.outcome(of: pay(server.url + path, seconds: 0.2))
        }
        client.send(ask("https://no-such-name.invalid/"))
        client.send(ask(server.url + "/silent"))
        client.turn(for: 0.05) { false }
        client.transport.stop()
        server.stop()
      }
      // The server's threads may still be closing theirs, and a resolver whose name server is silent takes ten seconds.
      for _ in 0..<400 where openDescriptors() != before { usleep(50_000) }
      return [before, openDescriptors()]
    }
    #expect(counts?.first != nil)
    #expect(counts?.first == counts?.last)
  }

  @Test func theDescriptorIsNotStandardAndClosesOnExec() throws {
    let transport = try Transport(.init())
    #expect(transport.descriptor >= 3)
    #expect(fcntl(transport.descriptor, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test func aBrokenPipeWhileQuietIsNotTheHosts() {
    // Its default would end this process.
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &before)
    var quiet = Quiet()
    pthread_kill(pthread_self(), SIGPIPE)
    quiet.end()
    var after = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &after)
    for signal in Int32(1)...31 { #expect(sigismember(&before, signal) == sigismember(&after, signal)) }
  }

  @Test func aBrokenPipeTheHostHeldBackIsKeptForIt() {
    var (brokenPipe, before, pending) = (sigset_t(), sigset_t(), sigset_t())
    sigemptyset(&brokenPipe)
    sigaddset(&brokenPipe, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
    pthread_kill(pthread_self(), SIGPIPE)
    var quiet = Quiet()
    quiet.end()
    sigpending(&pending)
    #expect(sigismember(&pending, SIGPIPE) == 1)
    var caught: Int32 = 0
    sigwait(&brokenPipe, &caught)
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  @Test func aFileOfCertificatesThatIsNotThereIsSaidAtOnce() {
    #expect(throws: Failure.self) { try Transport(.init(caFile: "/no/such/file.pem")) }
  }
}
