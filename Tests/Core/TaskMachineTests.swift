// The law of one task, seen from outside: every phase against every input, as a table a person can review.

import Foundation
import Testing

@testable import Core

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
  case .ended(let ending):
    "ended(\(ending.state.name) \((ending.failure?.status ?? .ok).rawValue)"
      + (ending.outputs > 0 ? ", \(ending.outputs) outputs" : "")
      + (ending.spent.map { ", cost \($0)" } ?? "") + ")"
  case .fetched(let output, _): "fetched(\(output))"
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

  @Test func anEndTooLongToReadIsAnEndAtTheThirdLookInARow() {
    let tooLong = Answer.looked(.oversized(Failure(.protocolError, "too long")))
    var bench = Bench(hosted)
    bench.feed(.admitted)
    bench.feed(.started)
    _ = bench.answer(.accepted(token: "T", millicredits: nil))
    for answer in [tooLong, tooLong, .looked(.pending), tooLong, tooLong] {
      _ = bench.due()
      _ = bench.answer(answer)
      #expect(bench.machine.state == .pending)
    }
    _ = bench.due()
    #expect(
      bench.answer(tooLong).contains {
        if case .record(.ended(let end)) = $0 { end.failure?.status == .protocolError } else { false }
      })
    guard case .ended(let ended) = bench.machine.phase else { return }
    #expect(ended.failure?.message == "too long")
  }

  @Test func aTaskWithoutANameIsNotWrittenDownAsSubmitted() {
    var bench = Bench(Terms(rhythm: .pushed, survives: true))
    bench.feed(.admitted)
    bench.feed(.started)
    let begun = bench.answer(.accepted(token: "", millicredits: nil))
    #expect(!begun.contains { if case .record = $0 { true } else { false } })
    #expect(bench.machine.state == .pending)
    #expect(
      bench.answer(.accepted(token: "T", millicredits: nil)) == [
        .record(.submitted(token: "T", millicredits: nil))
      ])
    #expect(bench.machine.token == "T")
  }

  @Test func aServiceThatIsAskedNamesATaskOnce() {
    var bench = Bench(hosted)
    bench.feed(.admitted)
    bench.feed(.started)
    _ = bench.answer(.accepted(token: "T", millicredits: nil))
    _ = bench.due()
    #expect(bench.answer(.accepted(token: "other", millicredits: nil)).isEmpty)
    #expect(bench.machine.token == "T")
  }
}
