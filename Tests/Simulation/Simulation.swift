// The real Loop, Board, Scheduler and task law under a virtual clock and a seed. After every turn the promises are
// checked; a seed that breaks one prints itself.

@testable import Core
import Engine
import Platform

struct BrokenPromise: Error, CustomStringConvertible {
  let description: String
}

final class Simulation {
  static let request = Request(
    model: "gen4_image", prompt: "a lighthouse", ratio: nil, seed: nil, references: [], mask: nil,
    parcels: [], outputCount: 1,
    body: JSON.Object(), draft: JSON.Object())
  /// A schedule that needs more is stuck, or turns for nothing.
  private static let turnsAtMost = 50_000
  let seed: UInt64
  var dice: Dice
  private let clock: VirtualClock
  var now: Instant {
    get { clock.now }
    set { clock.now = newValue }
  }
  let fate = Fate()
  let disk = Disk()
  let service: FakeService
  let folder: FakeFolder?
  let budget: Budget?
  let maxSubmitting: Int
  private let concurrent: Int
  private let journalFails: Int
  let hasJournal: Bool
  var journal: FakeJournal?
  var board = Board(unixMilliseconds: { 0 })
  private(set) var loop: Loop! = nil

  private var inbox: [Message] = []
  var tasks: [Handle] = []
  var intents: [Handle: String] = [:]
  var closed = Set<Handle>()
  var cancelAsked = Set<String>()
  var settled = Set<Handle>()
  var finals: [Handle: TaskState] = [:]
  var finalEvents: [Handle: Int] = [:]
  var lastSequence: UInt64 = 0
  private var serial: UInt64 = 0
  private(set) var life = 1
  private(set) var turns = 0
  var states: [TaskState: Int] = [:]

  init(seed: UInt64) {
    self.seed = seed
    var dice = Dice(seed)
    let isHosted = dice.hits(75)
    let floor = Span.milliseconds(Int64([1000, 5000][dice.below(2)]))
    let terms =
      isHosted
      ? Terms(rhythm: .polled(floor: floor), survives: true) : Terms(rhythm: .pushed, survives: false)
    service = FakeService(terms: terms, faults: Simulation.faults(&dice), seed: seed ^ 1, fate: fate)
    hasJournal = dice.hits(70)
    journalFails = dice.hits(30) ? dice.below(60) : 0
    maxSubmitting = 1 + dice.below(4)
    concurrent = dice.hits(50) ? 1000 : 1 + dice.below(4)
    folder = dice.hits(50) ? FakeFolder(fate: fate) : nil
    budget =
      hasJournal && dice.hits(30)
      ? Budget(
        maxMillicredits: Int64(5000 * (1 + dice.below(20))), scope: .journal, isHard: true, assumed: []) : nil
    clock = VirtualClock(seed: seed ^ 5)
    self.dice = dice
    beginLife()
    journal?.failsPercent = journalFails
  }

  /// A process: nothing of an earlier one is in its memory.
  private func beginLife() {
    fate.reborn()
    service.forgetAsker()
    (inbox, tasks, closed, settled, finals, finalEvents) = ([], [], [], [], [:], [:])
    lastSequence = 0
    if hasJournal {
      journal = FakeJournal(disk, life: life, fate: fate, budget: budget, seed: seed ^ 2 ^ UInt64(life) << 32)
    }
    board = Board(unixMilliseconds: { 0 })
    var keeping = Keeping()
    keeping.takesEvidence = hasJournal && service.terms.survives
    loop = Loop(
      provider: service, journal: journal, album: folder, board: board,
      scheduler: Scheduler(maxSubmitting: maxSubmitting, maxConcurrent: concurrent),
      random: Random(seed: seed ^ 3 ^ UInt64(life) << 32), clock: { [clock] in clock.read() },
      keeping: keeping)
  }

  /// The dead leave their disk, the folder and the service; the next life recovers what it can find.
  private func dieAndRecover() throws {
    life += 1
    now = now + dice.span(upTo: 10_000)
    beginLife()
    if dice.hits(80) { try recover() }
  }

  private func recover() throws {
    guard let journal else { return }
    for found in journal.takeRecoverable() {
      let assignment = Assignment(
        request: Simulation.request, deadline: .never, opening: found.opening, past: found.standing)
      guard let task = open(assignment, isNews: true) else { continue }
      journal.bind(found, to: task)
      inbox.append(.submit(task, assignment))
    }
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

  /// Lives through one schedule: hosts act while faults last and processes die, then faults stop and everything must
  /// end.
  func run() throws {
    let actions = 5 + dice.below(40)
    let isMortal = hasJournal && service.terms.survives && dice.hits(60)
    for _ in 0..<actions {
      act()
      if isMortal && dice.hits(10) { fate.die(beforeStep: dice.below(12)) }
      for _ in 0..<(1 + dice.below(4)) { try turn() }
    }
    service.faults = FakeService.Faults()
    fate.reborn()
    journal?.failsPercent = 0
    let leaves = dice.hits(20)
    if leaves { leave() } else if isMortal { try recover() }
    let end = now + .seconds(24 * 3600)
    repeat { try turn() } while loop.live > 0 && now < end && turns < Simulation.turnsAtMost
    try turn()
    try checkTheEnd(leaves: leaves)
  }

  // MARK: Hosts

  private func act() {
    switch dice.below(10) {
    case 0...4: submit()
    case 5:
      pick { task in
        inbox.append(.cancel(task, .remote))
        if let intent = intents[task] { cancelAsked.insert(intent) }
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
    serial += 1
    // Now and then a key that was given before.
    let key = dice.hits(15) ? "key \(dice.below(4))" : nil
    let opening = Simulation.opening("\(serial)", key: key)
    let assignment = Assignment(
      request: Simulation.request, uploads: dice.hits(20) ? 1 + dice.below(2) : 0,
      deadline: dice.hits(25) ? now + dice.span(upTo: 90_000) : .never, opening: opening)
    guard let task = open(assignment, isNews: false) else { return }
    inbox.append(.submit(task, assignment))
  }

  static func opening(_ intent: String, key: String?) -> Opening {
    Opening(
      intent: .written(intent), provider: "fake", model: "gen4_image", request: "{}", digest: "same",
      dedupeKey: key,
      price: Price(millicredits: 5000, certainty: .known), reserved: 5000)
  }

  private func open(_ assignment: Assignment, isNews: Bool) -> Handle? {
    let dossier = Dossier(user: 7, request: JSON.Object(), opening: assignment.opening)
    let first = Snapshot(reserved: 5000, past: assignment.past, 0)
    let serial = UInt64(intents.count + 1)
    guard let task = try? board.open(serial: serial, dossier, first, isNews: isNews) else { return nil }
    tasks.append(task)
    intents[task] = assignment.opening.intent
    return task
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
    if fate.isDead { return try dieAndRecover() }
    if dice.hits(50) { try drainEvents() }
    try checkPromises()
    if fate.isDead { return try dieAndRecover() }
    // To the next thing that can happen; a host may look at any moment between.
    let next = min(wanted, service.nextArrival)
    if next == .never || next <= now { return now = now + .milliseconds(1) }
    now = dice.hits(20) ? now + Span(nanoseconds: (next - now).nanoseconds / 2) : next
  }
}

/// Time as the schedule has it. Between a commit and the step it announces a machine may sleep.
final class VirtualClock: @unchecked Sendable {
  var now = Instant(nanoseconds: 3_600_000_000_000)
  private var dice: Dice
  init(seed: UInt64) { dice = Dice(seed) }

  func read() -> Instant {
    if dice.hits(1) { now = now + .seconds(10) }
    return now
  }
}
