// A task on the bench: brought into each phase by the shortest way, and every input that can happen to it.

@testable import Core

let benchStart = Instant(nanoseconds: 1_000_000_000_000)
let benchTask = Handle(.task, slot: 0, serial: 1)
let closed = Failure(.closed, "the client was closed")
let refusal = Failure(.rejected, "no")

func retryable(_ failure: Failure) -> Failure {
  var failure = failure
  failure.retryable = true
  return failure
}

/// A machine, the clock and chance it lives by, and the tickets it has asked with.
struct Bench {
  var machine: TaskMachine
  var now = benchStart
  var random = Random(seed: 1)

  init(_ terms: Terms, uploads: Int = 0) {
    machine = TaskMachine(id: benchTask, terms: terms, uploads: uploads, reserved: 5000)
  }

  @discardableResult
  mutating func feed(_ input: Input) -> [Effect] { machine.receive(input, now: now, random: &random) }

  mutating func answer(_ answer: Answer) -> [Effect] {
    machine.phase.ticket.map { feed(.answered($0, answer)) } ?? []
  }

  mutating func setBack(_ setback: Setback) -> [Effect] {
    machine.phase.ticket.map { feed(.setBack($0, setback)) } ?? []
  }

  mutating func known(_ facts: [Fact]) -> [Effect] {
    feed(.known(Standing(reserved: 5000, facts: [.accepted] + facts)))
  }

  mutating func due() -> [Effect] {
    now = max(now, machine.wake ?? now)
    return feed(.due)
  }
}

let hosted = Terms(rhythm: .polled(floor: .seconds(5)), survives: true)
let inProcess = Terms(rhythm: .pushed, survives: false)
let accepted = Fact.submitted(token: "T", millicredits: 6000)
let picture = Picture(mime: "image/png", width: 1, height: 1, sha256: "", bytes: NoBytes())

final class NoBytes: Bytes {
  var memory: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}

/// A machine brought into a phase by the shortest way.
struct Made {
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
  mutating func submit() {
    feed(.started)
    _ = answer(.accepted(token: "T", millicredits: 6000))
  }

  mutating func look() {
    if machine.phase.ticket == nil { _ = due() }
  }

  mutating func submitAndLook() {
    submit()
    look()
  }

  mutating func fetch() {
    submitAndLook()
    _ = answer(.looked(.succeeded(links: ["a", "b"], millicredits: 5000)))
  }
}

func phases(_ terms: Terms) -> [Made] {
  phasesBeforeTheServiceHasIt(terms) + phasesAtTheService(terms) + phasesAtTheEnd(terms)
}

func phasesBeforeTheServiceHasIt(_ terms: Terms) -> [Made] {
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

func phasesAtTheService(_ terms: Terms) -> [Made] {
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
    Made("running, resting after a refused key", terms) {
      $0.submitAndLook()
      _ = $0.answer(.looked(.running(permille: 400)))
      $0.look()
      _ = $0.setBack(Setback(.refused, Failure(.auth, "the key was refused")))
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

func phasesAtTheEnd(_ terms: Terms) -> [Made] {
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

let inputs: [(String, @Sendable (inout Bench) -> [Effect])] = [
  ("admitted", { $0.feed(.admitted) }),
  ("started", { $0.feed(.started) }),
  ("due", { $0.due() }),
  ("uploading: half", { $0.answer(.uploading(permille: 500)) }),
  ("uploaded", { $0.answer(.uploaded(uri: "runway://u")) }),
  ("accepted", { $0.answer(.accepted(token: "T", millicredits: 6000)) }),
  (
    "accepted, old ticket",
    { $0.feed(.answered(Ticket(task: benchTask, serial: 99), .accepted(token: "X", millicredits: 1))) }
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
  ("key changed", { $0.feed(.keyChanged) }),
  ("left", { $0.feed(.left(closed)) }),
  ("known: waiting after one try", { $0.known([.submitting(attempt: 0), .unsent]) }),
  ("known: submitting", { $0.known([.submitting(attempt: 0)]) }),
  ("known: with the service", { $0.known([.submitting(attempt: 0), accepted]) }),
  ("known: cancelling", { $0.known([.submitting(attempt: 0), accepted, .cancelling]) }),
  (
    "known: ambiguous",
    { $0.known([.submitting(attempt: 0), .ambiguous, .ended(Ending(.ambiguous, refusal))]) }
  ),
  (
    "known: settled", { $0.known([.submitting(attempt: 0), .ambiguous, .settled(token: "S")]) }
  ),
  (
    "known: detached",
    { $0.known([.submitting(attempt: 0), accepted, .ended(Ending(.detached, closed))]) }
  ),
  (
    "known: succeeded",
    {
      $0.known([.submitting(attempt: 0), accepted, .ended(Ending(.succeeded, nil, outputs: 1, spent: 5000))])
    }
  ),
  (
    "known: failed",
    { $0.known([.submitting(attempt: 0), .refused(.rejected), .ended(Ending(.failed, refusal))]) }
  ),
  ("unrecorded", { $0.feed(.unrecorded(Failure(.journal, "the disk is full"))) }),
]
