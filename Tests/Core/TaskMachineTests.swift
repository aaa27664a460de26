// The law of one task, seen from outside: every phase against every input, as a table a person can review.

import Foundation
import Testing

@testable import Core

private let start = Instant(nanoseconds: 1_000_000_000_000)
private let id = Handle(.task, slot: 0, serial: 1)
private let closed = Failure(.closed, "the client was closed")
private let refusal = Failure(.rejected, "no")

private func retryable(_ failure: Failure) -> Failure {
  var failure = failure
  failure.retryable = true
  return failure
}

/// A machine, the clock and chance it lives by, and the tickets it has asked with.
private struct Bench {
  var machine: TaskMachine
  var now = start
  var random = Random(seed: 1)

  init(_ terms: Terms, uploads: Int = 0) {
    machine = TaskMachine(id: id, terms: terms, uploads: uploads, reserved: 5000)
  }

  @discardableResult
  mutating func feed(_ input: Input) -> [Effect] { machine.receive(input, now: now, random: &random) }

  mutating func answer(_ answer: Answer) -> [Effect] {
    machine.phase.ticket.map { feed(.answered($0, answer)) } ?? []
  }

  mutating func setBack(_ setback: Setback) -> [Effect] {
    machine.phase.ticket.map { feed(.setBack($0, setback)) } ?? []
  }

  mutating func due() -> [Effect] {
    now = max(now, machine.wake ?? now)
    return feed(.due)
  }
}

private let hosted = Terms(rhythm: .polled(floor: .seconds(5)), survives: true)
private let inProcess = Terms(rhythm: .pushed, survives: false)
private let picture = Picture(mime: "image/png", width: 1, height: 1, sha256: "", bytes: NoBytes())

private final class NoBytes: Bytes {
  var memory: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}

/// A machine brought into a phase by the shortest way.
private struct Made {
  let name: String
  let bench: Bench

  init(_ name: String, _ terms: Terms, uploads: Int = 0, _ steps: (inout Bench) -> Void) {
    self.name = name
    var bench = Bench(terms, uploads: uploads)
    bench.feed(.admitted)
    steps(&bench)
    self.bench = bench
  }
}

extension Bench {
  fileprivate mutating func submit() {
    feed(.started)
    _ = answer(.accepted(token: "T", millicredits: 6000))
  }

  fileprivate mutating func look() {
    if machine.phase.ticket == nil { _ = due() }
  }

  fileprivate mutating func submitAndLook() {
    submit()
    look()
  }

  fileprivate mutating func fetch() {
    submitAndLook()
    _ = answer(.looked(.succeeded(links: ["a", "b"], millicredits: 5000)))
  }
}

private func phases(_ terms: Terms) -> [Made] {
  phasesBeforeTheServiceHasIt(terms) + phasesAtTheService(terms) + phasesAtTheEnd(terms)
}

private func phasesBeforeTheServiceHasIt(_ terms: Terms) -> [Made] {
  [
    Made("queued", terms) { _ in },
    Made("queued, in back-off", terms) {
      $0.feed(.started)
      _ = $0.setBack(Setback(.neverArrived, refusal))
    },
    Made("uploading the first of two", terms, uploads: 2) { $0.feed(.started) },
    Made("uploading, resting", terms, uploads: 2) {
      $0.feed(.started)
      _ = $0.setBack(Setback(.mayHaveArrived, refusal))
    },
    Made("uploading the second of two", terms, uploads: 2) {
      $0.feed(.started)
      _ = $0.answer(.uploaded(uri: "runway://u"))
    },
    Made("submitting what was uploaded", terms, uploads: 1) {
      $0.feed(.started)
      _ = $0.answer(.uploaded(uri: "runway://u"))
    },
    Made("submitting what was uploaded again", terms, uploads: 1) {
      $0.feed(.started)
      _ = $0.answer(.uploaded(uri: "runway://u"))
      _ = $0.setBack(Setback(.refused, refusal, linkDied: true))
      _ = $0.answer(.uploaded(uri: "runway://v"))
    },
    Made("submitting", terms) { $0.feed(.started) },
    Made("submitting, a cancel waits", terms) {
      $0.feed(.started)
      $0.feed(.cancelAsked(.remote))
    },
    Made("submitting, left meanwhile", terms) {
      $0.feed(.started)
      $0.feed(.left(closed))
    },
    Made("submitting, deadline passed", terms) {
      $0.feed(.started)
      $0.feed(.deadlinePassed)
    },
  ]
}

private func phasesAtTheService(_ terms: Terms) -> [Made] {
  [
    Made("pending, between looks", terms) { $0.submit() },
    Made("pending, looking", terms) { $0.submitAndLook() },
    Made("throttled, looking", terms) {
      $0.submitAndLook()
      _ = $0.answer(.looked(.throttled))
      $0.look()
    },
    Made("running, looking", terms) {
      $0.submitAndLook()
      _ = $0.answer(.looked(.running(permille: 400)))
      $0.look()
    },
    Made("running, unknown to the service twice", terms) {
      $0.submitAndLook()
      for _ in 0..<2 {
        _ = $0.answer(.absent)
        $0.now = $0.now + .seconds(40)
        _ = $0.due()
      }
    },
    Made("looking before a cancel", terms) {
      $0.submitAndLook()
      $0.feed(.cancelAsked(.remote))
    },
    Made("cancelling", terms) {
      $0.submitAndLook()
      $0.feed(.cancelAsked(.remote))
      _ = $0.answer(.looked(.running(permille: 10)))
    },
  ]
}

private func phasesAtTheEnd(_ terms: Terms) -> [Made] {
  [
    Made("fetching the first of two", terms) { $0.fetch() },
    Made("fetching, resting", terms) {
      $0.fetch()
      _ = $0.setBack(Setback(.mayHaveArrived, refusal))
    },
    Made("fetching, reading fresh links", terms) {
      $0.fetch()
      _ = $0.setBack(Setback(.refused, refusal, linkDied: true))
      _ = $0.due()
    },
    Made("succeeded", terms) {
      $0.fetch()
      _ = $0.answer(.fetched(picture))
      _ = $0.answer(.fetched(picture))
    },
    Made("failed", terms) {
      $0.submitAndLook()
      _ = $0.answer(.looked(.failed(refusal, millicredits: 0)))
    },
    Made("cancelled", terms) { $0.feed(.cancelAsked(.remote)) },
    Made("ambiguous", terms) {
      $0.feed(.started)
      _ = $0.setBack(Setback(.mayHaveArrived, refusal))
    },
    Made("left", terms) {
      $0.submitAndLook()
      $0.feed(.left(closed))
    },
  ]
}

private let inputs: [(String, @Sendable (inout Bench) -> [Effect])] = [
  ("admitted", { $0.feed(.admitted) }),
  ("started", { $0.feed(.started) }),
  ("due", { $0.due() }),
  ("uploading: half", { $0.answer(.uploading(permille: 500)) }),
  ("uploaded", { $0.answer(.uploaded(uri: "runway://u")) }),
  ("accepted", { $0.answer(.accepted(token: "T", millicredits: 6000)) }),
  (
    "accepted, old ticket",
    { $0.feed(.answered(Ticket(task: id, serial: 99), .accepted(token: "X", millicredits: 1))) }
  ),
  ("looked: pending", { $0.answer(.looked(.pending)) }),
  ("looked: throttled", { $0.answer(.looked(.throttled)) }),
  ("looked: running", { $0.answer(.looked(.running(permille: 500))) }),
  ("looked: succeeded", { $0.answer(.looked(.succeeded(links: ["c", "d"], millicredits: 5000))) }),
  ("looked: succeeded, no links", { $0.answer(.looked(.succeeded(links: [], millicredits: 5000))) }),
  ("looked: failed", { $0.answer(.looked(.failed(refusal, millicredits: 0))) }),
  ("looked: cancelled", { $0.answer(.looked(.cancelled(millicredits: 0))) }),
  ("looked: unknown", { $0.answer(.looked(.unknown)) }),
  ("fetched", { $0.answer(.fetched(picture)) }),
  ("cancelled", { $0.answer(.cancelled) }),
  ("absent", { $0.answer(.absent) }),
  ("set back: never arrived", { $0.setBack(Setback(.neverArrived, refusal)) }),
  ("set back: refused", { $0.setBack(Setback(.refused, refusal)) }),
  ("set back: refused, retryable", { $0.setBack(Setback(.refused, retryable(refusal))) }),
  ("set back: may have arrived", { $0.setBack(Setback(.mayHaveArrived, refusal)) }),
  ("set back: link died", { $0.setBack(Setback(.refused, refusal, linkDied: true)) }),
  ("cancel asked, local", { $0.feed(.cancelAsked(.local)) }),
  ("cancel asked, remote", { $0.feed(.cancelAsked(.remote)) }),
  ("deadline passed", { $0.feed(.deadlinePassed) }),
  ("left", { $0.feed(.left(closed)) }),
  ("unrecorded", { $0.feed(.unrecorded(Failure(.journal, "the disk is full"))) }),
]

// MARK: The table as text

private func text(_ operation: Core.Operation) -> String {
  switch operation {
  case .upload(let reference): "upload \(reference)"
  case .submit: "submit"
  case .check: "check"
  case .fetch(_, let output, let link): "fetch \(output) from \(link)"
  case .cancel: "cancel"
  }
}

private func text(_ fact: Fact) -> String {
  switch fact {
  case .ended(let state, let status): "ended(\(state.name) \(status.rawValue))"
  case .refused(let status): "refused(\(status.rawValue))"
  default: "\(fact)"
  }
}

private func text(_ effect: Effect) -> String {
  switch effect {
  case .record(let fact): "record \(text(fact))"
  case .ask(let operation, let ticket): "ask \(text(operation)) #\(ticket.serial)"
  case .drop(let ticket): "drop #\(ticket.serial)"
  case .ready: "ready"
  }
}

private func text(_ bench: Bench) -> String {
  var parts = ["\(bench.machine.state.name)"]
  if let permille = bench.machine.phase.permille { parts.append("\(permille)‰") }
  if let ticket = bench.machine.phase.ticket { parts.append("#\(ticket.serial)") }
  if let wake = bench.machine.wake { parts.append("wakes in \((wake - bench.now).millisecondsRoundedUp) ms") }
  if case .ended(let ended) = bench.machine.phase, let failure = ended.failure {
    parts.append(
      "(\(failure.status.rawValue)\(failure.retryable ? " retryable" : "")\(failure.maySpend ? " may spend" : ""))"
    )
  }
  return parts.joined(separator: " ")
}

private func table(_ title: String, _ terms: Terms) -> String {
  var lines = ["# \(title)", ""]
  for made in phases(terms) {
    let (name, bench) = (made.name, made.bench)
    lines.append("## \(name): \(text(bench))")
    var ignored: [String] = []
    for (input, feed) in inputs {
      var tried = bench
      let effects = feed(&tried)
      if effects.isEmpty && text(tried) == text(bench) && "\(tried.machine.phase)" == "\(bench.machine.phase)"
      {
        ignored.append(input)
      } else {
        let done = effects.isEmpty ? "" : "; " + effects.map { text($0) }.joined(separator: ", ")
        lines.append("- \(input) → \(text(tried))\(done)")
      }
    }
    lines.append("- changes nothing: \(ignored.joined(separator: "; "))")
    lines.append("")
  }
  return lines.joined(separator: "\n")
}

/// Compares with a file beside the tests; RENEW_GOLDEN=1 rewrites it, and its diff is the review.
func expectGolden(_ name: String, _ text: String, file: String = #filePath) throws {
  let golden = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden/\(name)")
  if ProcessInfo.processInfo.environment["RENEW_GOLDEN"] == "1" {
    try text.write(to: golden, atomically: true, encoding: .utf8)
  }
  let expected = try String(contentsOf: golden, encoding: .utf8).split(
    separator: "\n", omittingEmptySubsequences: false)
  let got = text.split(separator: "\n", omittingEmptySubsequences: false)
  for (line, pair) in zip(expected, got).enumerated() where pair.0 != pair.1 {
    Issue.record(
      "\(name):\(line + 1)\n  is        \(pair.1)\n  should be \(pair.0)\n  (RENEW_GOLDEN=1 rewrites the file)"
    )
    return
  }
  #expect(expected.count == got.count, "\(name) has \(expected.count) lines, the table \(got.count)")
}

@Suite struct TaskMachineTests {
  @Test func everyPhaseAnswersEveryInputAsTheTableSays() throws {
    let hosted = table("A hosted service: asked for news every 5 s, works on without us", hosted)
    let inProcess = table("A painter in this process: tells news by itself, ends with us", inProcess)
    try expectGolden("task-machine.txt", hosted + "\n" + inProcess + "\n")
  }

  @Test func aFinalStateIsFinalForEver() {
    for terms in [hosted, inProcess] {
      for made in phases(terms) where made.bench.machine.state.isFinal {
        let (name, bench) = (made.name, made.bench)
        for (input, feed) in inputs {
          var tried = bench
          _ = feed(&tried)
          #expect(tried.machine.state == bench.machine.state, "\(name), \(input)")
        }
      }
    }
  }

  @Test func aLostSubmitAnswerIsNeverResubmitted() {
    var bench = Bench(hosted)
    bench.feed(.admitted)
    bench.feed(.started)
    _ = bench.setBack(Setback(.mayHaveArrived, refusal))
    for (input, feed) in inputs {
      var tried = bench
      let effects = feed(&tried)
      #expect(!effects.contains { if case .ask = $0 { true } else { false } }, "\(input)")
    }
  }

  @Test func theLateAnswerToAnAmbiguousSubmitIsWrittenDownOnce() {
    var bench = Bench(hosted)
    bench.feed(.admitted)
    bench.feed(.started)
    let ticket = bench.machine.phase.ticket!
    _ = bench.setBack(Setback(.mayHaveArrived, refusal))
    #expect(
      bench.feed(.answered(ticket, .accepted(token: "T", millicredits: nil))) == [
        .record(.settled(token: "T"))
      ])
    #expect(bench.feed(.answered(ticket, .accepted(token: "T", millicredits: nil))) == [])
    #expect(bench.machine.state == .ambiguous)
  }

  @Test func aSubmitThatNeverArrivesFailsAfterFiveRetries() {
    var bench = Bench(hosted)
    bench.feed(.admitted)
    var submits = 0
    while !bench.machine.state.isFinal && submits < 100 {
      _ = bench.due()
      if bench.feed(.started).contains(where: { if case .ask(.submit, _) = $0 { true } else { false } }) {
        submits += 1
      }
      _ = bench.setBack(Setback(.neverArrived, refusal))
    }
    #expect(submits == 1 + Policies.submitRetries)
    #expect(bench.machine.state == .failed)
  }

  @Test func aTaskIsGoneOnlyAfterThreeMissesOverAMinute() {
    var bench = Bench(hosted)
    bench.feed(.admitted)
    bench.feed(.started)
    _ = bench.answer(.accepted(token: "T", millicredits: nil))
    let first = bench.machine.wake!
    while !bench.machine.state.isFinal {
      _ = bench.due()
      _ = bench.answer(.absent)
    }
    #expect(bench.now - first >= .seconds(60))
    guard case .ended(let ended) = bench.machine.phase else { return }
    #expect(ended.failure?.status == .gone)
  }
}
