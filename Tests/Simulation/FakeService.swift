// A service that lies, loses and dawdles by the seed, and keeps the ledger that tells what was really charged.

import Core

/// Chance for a test: a dice with the seed of the schedule.
struct Dice {
  private var random: Random
  init(_ seed: UInt64) { random = Random(seed: seed) }

  mutating func below(_ bound: Int) -> Int { Int(random.below(UInt64(bound))) }
  /// True in `percent` of a hundred throws.
  mutating func hits(_ percent: Int) -> Bool { below(100) < percent }
  mutating func span(upTo milliseconds: Int) -> Span { .milliseconds(Int64(below(milliseconds + 1))) }
}

final class FakeService: Provider {
  /// How often, in percent, each thing goes wrong while faults last.
  struct Faults {
    var lostAnswer = 0
    var neverArrived = 0
    var throttled = 0
    var refused = 0
    var serverError = 0
    var unknownStatus = 0
    var deadLink = 0
    var failsTask = 0
    var cancelsTask = 0
    var dawdles = 0
  }

  struct Charge {
    let intent: String
    let token: String
    var ends: Instant
    var outcome: Outcome
    var isDeleted = false
    var linkGeneration = 0
    var outputs: Int
  }

  enum Outcome { case succeeds, fails, cancels }

  let name = "fake"
  let terms: Terms
  var faults: Faults
  private(set) var charges: [String: Charge] = [:]
  private(set) var tokens: [String: String] = [:]
  /// Submits that reached the service, for each intent.
  private(set) var arrivals: [String: Int] = [:]
  /// Submits handed over, answered or not.
  private(set) var onTheWire = Set<Ticket>()
  private(set) var greatestOnTheWire = 0
  private(set) var submitsAsked: [String: Int] = [:]
  private(set) var lookTimes: [String: [Instant]] = [:]
  private(set) var deletes: [String] = []
  private(set) var isStopped = false

  private var dice: Dice
  /// Replies on their way back, by the instant they arrive.
  private(set) var underway: [(at: Instant, reply: Reply)] = []
  /// Who wants to know the account's counters.
  private var asked: [@Sendable (JSON.Object?) -> Void] = []
  private var dropped = Set<Ticket>()
  private var watchers: [String: Ticket] = [:]

  private let fate: Fate

  init(terms: Terms, faults: Faults, seed: UInt64, fate: Fate) {
    self.terms = terms
    self.fate = fate
    self.faults = faults
    dice = Dice(seed)
  }

  func charge(for intent: String) -> Charge? { tokens[intent].flatMap { charges[$0] } }

  /// The process that asked has died: no answer finds anybody. What has reached the service stays.
  func forgetAsker() {
    asked = []
    underway = []
    onTheWire = []
    watchers = [:]
    dropped = []
  }

  /// Replies whose time has come.
  func arrived(by now: Instant) -> [Reply] {
    let due = underway.filter { $0.at <= now }.sorted { $0.at < $1.at }.map(\.reply)
    underway.removeAll { $0.at <= now }
    for reply in due { onTheWire.remove(reply.ticket) }
    return due
  }

  var nextArrival: Instant { underway.map(\.at).min() ?? .never }

  func perform(
    _ operation: Operation, of request: Request, intent: String, uploaded: [String], ticket: Ticket,
    now: Instant
  ) {
    guard fate.lives() else { return }
    switch operation {
    case .submit: submit(intent, ticket, now)
    case .check(let token): check(token, ticket, now)
    case .fetch(let token, let output, let link): fetch(token, output, link, ticket, now)
    case .cancel(let token): delete(token, ticket, now)
    case .upload: answer(ticket, .uploaded(uri: "runway://\(ticket.serial)"), now)
    }
  }

  func drop(_ ticket: Ticket) {
    precondition(!onTheWire.contains(ticket), "a paid submit was dropped")
    dropped.insert(ticket)
  }

  func counters(now: Instant, _ tell: @escaping @Sendable (JSON.Object?) -> Void) { asked.append(tell) }

  /// A pushed provider tells its watchers when a task ends.
  func turn(now: Instant) -> Instant {
    if dice.hits(50) {
      let tells = asked
      asked = []
      for tell in tells { tell(dice.hits(70) ? JSON.Object() : nil) }
    }
    guard case .pushed = terms.rhythm else { return .never }
    var next = Instant.never
    for (token, ticket) in watchers.sorted(by: { $0.key < $1.key }) {
      guard let charge = charges[token] else { continue }
      if charge.ends <= now {
        watchers[token] = nil
        answer(ticket, .looked(look(charge, now)), now)
      } else {
        next = min(next, charge.ends)
      }
    }
    return next
  }

  func stop() { isStopped = true }

  // MARK: What it does

  private func latency() -> Span {
    dice.hits(faults.dawdles) ? dice.span(upTo: 30_000) : dice.span(upTo: 300)
  }

  private func answer(_ ticket: Ticket, _ answer: Answer, _ now: Instant) {
    underway.append((now + latency(), Reply(ticket, .answer(answer))))
  }

  private func setBack(
    _ ticket: Ticket, _ kind: Setback.Class, _ status: Status, _ now: Instant, retryable: Bool = false,
    linkDied: Bool = false
  ) {
    var failure = Failure(status, "as the seed has it")
    failure.retryable = retryable
    underway.append((now + latency(), Reply(ticket, .setback(Setback(kind, failure, linkDied: linkDied)))))
  }

  private func submit(_ intent: String, _ ticket: Ticket, _ now: Instant) {
    submitsAsked[intent, default: 0] += 1
    onTheWire.insert(ticket)
    greatestOnTheWire = max(greatestOnTheWire, onTheWire.count)
    if dice.hits(faults.neverArrived) { return setBack(ticket, .neverArrived, .dns, now) }
    if dice.hits(faults.throttled) { return setBack(ticket, .refused, .rate, now, retryable: true) }
    if dice.hits(faults.refused) { return setBack(ticket, .refused, .rejected, now) }
    // From here on nobody but the service knows whether it counted.
    if dice.hits(faults.lostAnswer) && dice.hits(50) {
      return setBack(ticket, .mayHaveArrived, .network, now)
    }
    arrivals[intent, default: 0] += 1
    let token = "T\(intent)"
    let outcome: Outcome =
      dice.hits(faults.failsTask) ? .fails : dice.hits(faults.cancelsTask) ? .cancels : .succeeds
    tokens[intent] = token
    charges[token] = Charge(
      intent: intent, token: token, ends: now + .seconds(Int64(1 + dice.below(120))), outcome: outcome,
      outputs: 1 + dice.below(2))
    if dice.hits(faults.lostAnswer) { return setBack(ticket, .mayHaveArrived, .network, now) }
    answer(ticket, .accepted(token: token, millicredits: 5000), now)
  }

  private func check(_ token: String, _ ticket: Ticket, _ now: Instant) {
    lookTimes[token, default: []].append(now)
    if dice.hits(faults.serverError) { return setBack(ticket, .mayHaveArrived, .http, now) }
    guard let charge = charges[token], !charge.isDeleted else { return answer(ticket, .absent, now) }
    let isStanding = if case .pushed = terms.rhythm { charge.ends > now } else { false }
    if isStanding { watchers[token] = ticket }
    if dice.hits(faults.unknownStatus) && (isStanding || !isPushed) {
      return answer(ticket, .looked(.unknown), now)
    }
    if isStanding {
      return answer(ticket, .looked(.running(permille: dice.below(1000))), now)
    }
    charges[token]?.linkGeneration += 1
    answer(ticket, .looked(look(charges[token] ?? charge, now)), now)
  }

  private var isPushed: Bool { if case .pushed = terms.rhythm { true } else { false } }

  private func look(_ charge: Charge, _ now: Instant) -> Look {
    guard charge.ends <= now else {
      return dice.hits(30) ? .throttled : dice.hits(30) ? .pending : .running(permille: dice.below(1001))
    }
    switch charge.outcome {
    case .succeeds:
      let links = (0..<charge.outputs).map { "\(charge.token)/\($0)?\(charge.linkGeneration)" }
      return .succeeded(links: links, millicredits: 5000)
    case .fails: return .failed(ServiceFailure.failure(code: "INTERNAL"), millicredits: 0)
    case .cancels: return .cancelled(millicredits: 0)
    }
  }

  private func fetch(_ token: String, _ output: Int, _ link: String, _ ticket: Ticket, _ now: Instant) {
    if dice.hits(faults.deadLink) { return setBack(ticket, .refused, .expired, now, linkDied: true) }
    if dice.hits(faults.serverError) { return setBack(ticket, .mayHaveArrived, .network, now) }
    guard let charge = charges[token], !charge.isDeleted else { return answer(ticket, .absent, now) }
    answer(
      ticket, .fetched(Picture(mime: "image/png", width: 1, height: 1, sha256: link, bytes: Nothing())), now)
  }

  private func delete(_ token: String, _ ticket: Ticket, _ now: Instant) {
    deletes.append(token)
    if dice.hits(faults.serverError) {
      if dice.hits(50) { charges[token]?.isDeleted = true }
      return setBack(ticket, .mayHaveArrived, .network, now)
    }
    guard let charge = charges[token], !charge.isDeleted else { return answer(ticket, .absent, now) }
    charges[token]?.isDeleted = true
    answer(ticket, .cancelled, now)
  }
}

final class Nothing: Bytes {
  var memory: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}
