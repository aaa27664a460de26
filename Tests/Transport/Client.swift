// A transport and the thread that turns it, as a host's loop would: it waits on the one descriptor, and takes a turn.

import Core
import Foundation
import Glibc
import Platform

@testable import Transport

final class Client {
  let transport: Transport
  private(set) var outcomes: [UInt32: Outcome] = [:]
  private var serial: UInt32 = 0
  private var next = Instant.zero

  init(_ settings: Transport.Settings = .init(allowsLoopback: true)) throws {
    transport = try Transport(settings)
  }

  deinit { transport.stop() }

  @discardableResult func send(_ request: HTTPRequest) -> UInt32 {
    serial += 1
    transport.send(request, ticket: ticket(serial), now: Clock.now)
    next = .zero
    return serial
  }

  func ticket(_ serial: UInt32) -> Ticket { Ticket(task: Handle(rawValue: 1), serial: serial) }

  func drop(_ serial: UInt32) { transport.drop(ticket(serial)) }

  /// Turns until it is done or the seconds are over.
  func turn(for seconds: Double = 20, until isDone: () -> Bool) {
    let end = Clock.now + .milliseconds(Int64(seconds * 1000))
    while !isDone() && Clock.now < end {
      let wait = min(next, end) - Clock.now
      var entry = pollfd(fd: transport.descriptor, events: Int16(POLLIN), revents: 0)
      if wait > .zero { poll(&entry, 1, Int32(clamping: wait.millisecondsRoundedUp)) }
      next = transport.turn(now: Clock.now) { ticket, outcome in
        precondition(outcomes[ticket.serial] == nil, "a request ends once")
        outcomes[ticket.serial] = outcome
      }
    }
  }

  /// The outcome of one request; nil when there is none within the seconds.
  func outcome(of request: HTTPRequest, within seconds: Double = 20) -> Outcome? {
    let serial = send(request)
    turn(for: seconds) { outcomes[serial] != nil }
    return outcomes[serial]
  }

  func answer(to request: HTTPRequest) -> HTTPResponse? {
    if case .answered(let response)? = outcome(of: request) { response } else { nil }
  }

  func loss(of request: HTTPRequest) -> Loss? {
    if case .lost(let loss)? = outcome(of: request) { loss } else { nil }
  }
}

func ask(
  _ url: String, _ method: HTTPRequest.Method = .get, headers: [HTTPHeader] = [], key: String? = nil,
  body: String? = nil, limit: Int = 1 << 20, seconds: Double = 20
) -> HTTPRequest {
  HTTPRequest(
    .ask, method, url: url, headers: headers, key: key.map { Secret($0) }, body: body, answerLimit: limit,
    timeLimit: .milliseconds(Int64(seconds * 1000)))
}

func pay(_ url: String, body: String = #"{"model":"gen4_image"}"#, limit: Int = 1 << 20, seconds: Double = 20)
  -> HTTPRequest
{
  HTTPRequest(
    .pay, .post, url: url, headers: [HTTPHeader("content-type", "application/json")], key: Secret("key_test"),
    body: body, answerLimit: limit, timeLimit: .milliseconds(Int64(seconds * 1000)))
}

func fetch(_ url: String, limit: Int = 64 << 20, seconds: Double = 20) -> HTTPRequest {
  HTTPRequest(
    .fetch, .get, url: url, headers: [], key: nil, body: nil, answerLimit: limit,
    timeLimit: .milliseconds(Int64(seconds * 1000)))
}

extension HTTPResponse {
  var text: String { String(decoding: body.memory, as: UTF8.self) }
}
