// The real Loop, Board, Scheduler and task law under a virtual clock and a seed. After every turn the promises are
// checked; a seed that breaks one prints itself.

@testable import Core
import Engine
import Platform

struct BrokenPromise: Error, CustomStringConvertible {
  let description: String
}

final class Simulation {
  private static let request = Request(
    model: "gen4_image", prompt: "a lighthouse", ratio: nil, seed: nil, references: [], mask: nil,
    parcels: [], outputCount: 1,
    body: JSON.Object(), draft: JSON.Object())
  /// A schedule that needs more is stuck, or turns for nothing.
  private static let turnsAtMost = 50_000
  private let seed: UInt64
  private var dice: Dice
  private var now = Instant(nanoseconds: 3_600_000_000_000)
  private let service: FakeService
  private let journal: FakeJournal?
  private let board: Board
  private let loop: Loop
  private let maxSubmitting: Int
  private let floor: Span

  private var inbox: [Message] = []
  private var tasks: [Handle] = []
  private var closed = Set<Handle>()
  private var cancelAsked = Set<Handle>()
  private var settled = Set<Handle>()
  private var finals: [Handle: TaskState] = [:]
  private var finalEvents: [Handle: Int] = [:]
  private var lastSequence: UInt64 = 0
  private(set) var turns = 0
  private(set) var states: [TaskState: Int] = [:]

  init(seed: UInt64) {
    self.seed = seed
    var dice = Dice(seed)
    let isHosted = dice.hits(75)
    floor = .milliseconds(Int64([1000, 5000][dice.below(2)]))
    let terms =
      isHosted
      ? Terms(rhythm: .polled(floor: floor), survives: true) : Terms(rhythm: .pushed, survives: false)
    service = FakeService(terms: terms, faults: Simulation.faults(&dice), seed: seed ^ 1)
    journal = dice.hits(70) ? FakeJournal(seed: seed ^ 2) : nil
    journal?.failsPercent = dice.hits(30) ? dice.below(60) : 0
    maxSubmitting = 1 + dice.below(4)
    board = Board(unixMilliseconds: { 0 })
    let concurrent = dice.hits(50) ? 1000 : 1 + dice.below(4)
    loop = Loop(
      provider: service, journal: journal, album: nil, board: board,
      scheduler: Scheduler(maxSubmitting: maxSubmitting, maxConcurrent: concurrent),
      random: Random(seed: seed ^ 3))
    self.dice = dice
  }

  private static func faults(_ dice: inout Dice) -> FakeService.Faults {
    var faults = FakeService.Faults()
    guard dice.hits(85) else { return faults }
    func some(_ dice: inout Dice) -> Int { dice.hits(40) ? dice.below(70) : 0 }
    faults.lostAnswer = some(&dice)
    faults.neverArrived = some(&dice)
    faults.throttled = some(&dice)
    faults.refused = some(&dice)
    faults.serverError = some(&dice)
    faults.unknownStatus = some(&dice)
    faults.deadLink = some(&dice)
    faults.failsTask = some(&dice)
    faults.cancelsTask = some(&dice)
    faults.dawdles = some(&dice)
    return faults
  }

  /// Lives through one schedule: hosts act while faults last, then faults stop and everything must end.
  func run() throws {
    let actions = 5 + dice.below(40)
    for _ in 0..<actions {
      act()
      for _ in 0..<(1 + dice.below(4)) { try turn() }
    }
    service.faults = FakeService.Faults()
    journal?.failsPercent = 0
    let leaves = dice.hits(20)
    if leaves { leave() }
    let end = now + .seconds(24 * 3600)
    while loop.live > 0 && now < end && turns < Simulation.turnsAtMost { try turn() }
    try turn()
    try checkTheEnd(leaves: leaves)
  }

  // MARK: Hosts

  private func act() {
    switch dice.below(10) {
    case 0...4: submit()
    case 5:
      pick { task in
        inbox.append(.cancel(task, .remote)); cancelAsked.insert(task)
      }
    case 6: pick { inbox.append(.cancel($0, .local)) }
    case 7:
      pick { task in
        guard dice.hits(50), (try? board.remove(task)) != nil else { return }
        inbox.append(.forget(task))
        closed.insert(task)
      }
    default: now = now + dice.span(upTo: 60_000)
    }
  }

  private func pick(_ body: (Handle) -> Void) {
    guard !tasks.isEmpty else { return }
    body(tasks[dice.below(tasks.count)])
  }

  private func submit() {
    let dossier = Dossier(user: 7, request: .null, price: .null, warnings: [], provider: "fake")
    guard let task = try? board.open(serial: UInt64(tasks.count + 1), dossier, reserved: 5000) else { return }
    tasks.append(task)
    let deadline = dice.hits(25) ? now + dice.span(upTo: 90_000) : .never
    let uploads = dice.hits(20) ? 1 + dice.below(2) : 0
    inbox.append(
      .submit(
        task, Assignment(request: Simulation.request, uploads: uploads, reserved: 5000, deadline: deadline)))
  }

  private func leave() {
    let why = Failure(.closed, "the client was closed")
    board.close(why)
    inbox.append(.leaveAll(why))
  }

  // MARK: Time

  private func turn() throws {
    let messages = inbox + service.arrived(by: now).map { Message.reply($0) }
    inbox = []
    let wanted = loop.turn(now: now, messages: messages)
    turns += 1
    if dice.hits(50) { try drainEvents() }
    try checkPromises()
    // To the next thing that can happen; a host may look at any moment between.
    let next = min(wanted, service.nextArrival)
    if next == .never || next <= now { return now = now + .milliseconds(1) }
    now = dice.hits(20) ? now + Span(nanoseconds: (next - now).nanoseconds / 2) : next
  }

  private func drainEvents() throws {
    while let event = board.nextEvent() {
      try promise(event.sequence > lastSequence, "event numbers rise")
      lastSequence = event.sequence
      try promise(finalEvents[event.task] == nil, "nothing is told after the FINAL event")
      if event.kind == .final { finalEvents[event.task, default: 0] += 1 }
    }
  }

  // MARK: Promises

  private func promise(_ kept: Bool, _ sentence: String) throws {
    if !kept { throw BrokenPromise(description: "seed \(seed), turn \(turns): not kept: \(sentence)") }
  }

  private func checkPromises() throws {
    for (task, count) in service.arrivals {
      try promise(count <= 1, "one submit reaches the service (task \(task.rawValue): \(count))")
    }
    try promise(service.greatestOnTheWire <= maxSubmitting, "at most \(maxSubmitting) submits on the wire")
    try checkFacts()
    for task in tasks where !closed.contains(task) && !settled.contains(task) {
      let snapshot = try board.snapshot(task)
      if let final = finals[task] {
        try promise(snapshot.state == final, "a final state is final for ever")
        // Seen final in many turns; the last look at the end of the schedule is one more.
        if dice.hits(10) { settled.insert(task) }
      } else if snapshot.state.isFinal {
        finals[task] = snapshot.state
        try checkEnd(task, snapshot)
      }
    }
  }

  /// No submit without its fact, written before it left.
  private func checkFacts() throws {
    guard let journal else { return }
    for (task, count) in service.submitsAsked {
      try promise(journal.announced[task, default: 0] >= count, "a submit is written down before it is sent")
    }
  }

  private func checkEnd(_ task: Handle, _ snapshot: Snapshot) throws {
    let charge = service.charge(for: task)
    let goesOn = charge.map { !$0.isDeleted && $0.ends > now } ?? false
    switch snapshot.state {
    case .failed, .cancelled:
      // A service that ends with us was told to stop in this very turn.
      try promise(
        !goesOn || !service.terms.survives, "FAILED and CANCELLED are not said of work that goes on")
      if snapshot.failure?.maySpend != true && service.terms.survives && snapshot.state == .failed {
        let isCharged = charge.map { !$0.isDeleted && $0.outcome == .succeeds } ?? false
        try promise(!isCharged, "a charged picture that was not fetched says that money may be spent")
      }
    case .ambiguous:
      try promise(snapshot.failure?.maySpend == true, "AMBIGUOUS says that money may be spent")
    case .succeeded:
      let isDone = charge.map { $0.outcome == .succeeds && $0.ends <= now } ?? false
      try promise(isDone, "SUCCEEDED only when the service said so")
      try promise(snapshot.pictures.count == charge?.outputs, "SUCCEEDED has every picture")
    default: break
    }
  }

  private func checkTheEnd(leaves: Bool) throws {
    try drainEvents()
    try promise(
      loop.live == 0, "every task ends once faults stop (\(loop.live) live: \(board.snapshots.map(\.state)))")
    for task in tasks where !closed.contains(task) {
      let snapshot = try board.snapshot(task)
      try promise(snapshot.state.isFinal, "every handle ends")
      try promise(snapshot.state == finals[task, default: snapshot.state], "a final state is final for ever")
      try promise(finalEvents[task] == 1, "exactly one FINAL event for each handle")
      states[snapshot.state, default: 0] += 1
      if service.terms.survives && journal != nil { try checkJournalKnows(task, snapshot) }
    }
    for (token, times) in service.lookTimes {
      guard case .polled(let floor) = service.terms.rhythm else { break }
      for (earlier, later) in zip(times, times.dropFirst()) {
        try promise(later - earlier >= floor, "no task is looked at more than once in \(floor) (\(token))")
      }
    }
    for charge in service.charges.values where charge.isDeleted && service.terms.survives {
      try promise(cancelAsked.contains(charge.task), "only a task whose cancel was asked for is deleted")
    }
  }

  /// Whatever the service charged for can be found in the journal: its token, or the word ambiguous.
  private func checkJournalKnows(_ task: Handle, _ snapshot: Snapshot) throws {
    guard let charge = service.charge(for: task) else { return }
    let isKnown = journal?.facts.contains { entry in
      guard entry.task == task else { return false }
      switch entry.fact {
      case .submitted(let token, _): return token == charge.token
      case .ambiguous: return true
      default: return false
      }
    }
    try promise(isKnown == true, "every charge stands in the journal")
  }
}
