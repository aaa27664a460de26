// Many tasks, of which the service works on a few at a time: how often they are looked at, and how soon their ends are seen.

import Core
import Engine
import Platform
import Testing

/// Works on `places` tasks at once, in the order they came, each for ten seconds.
private final class BusyService: Provider {
  static let work = Span.seconds(10)

  let name = "busy"
  let terms = Terms(rhythm: .polled(floor: .seconds(5)), survives: true)
  private let places: Int
  private var begun: [Instant] = []
  private var lastLooks: [Int: Instant] = [:]
  private var replies: [Reply] = []
  private(set) var looks = 0
  /// The longest that an end was not seen.
  private(set) var longestUnseen = Span.zero
  private(set) var keepsTheFloor = true
  private(set) var cancelled: Instant?

  init(places: Int) { self.places = places }

  func takeReplies() -> [Reply] {
    defer { replies = [] }
    return replies
  }

  func perform(
    _ operation: Operation, of request: Request, intent: String, uploaded: [String], ticket: Ticket,
    now: Instant
  ) {
    switch operation {
    case .submit:
      let place = begun.count
      begun.append(place < places ? now : max(now, begun[place - places] + BusyService.work))
      replies.append(Reply(ticket, .answer(.accepted(token: "\(place)", millicredits: nil))))
    case .check(let token):
      replies.append(Reply(ticket, .answer(.looked(look(Int(token)!, now)))))
    case .cancel:
      cancelled = now
      replies.append(Reply(ticket, .answer(.cancelled)))
    default: preconditionFailure("nothing else is asked here")
    }
  }

  private func look(_ place: Int, _ now: Instant) -> Look {
    looks += 1
    if let last = lastLooks[place], now - last < .seconds(5) { keepsTheFloor = false }
    lastLooks[place] = now
    let end = begun[place] + BusyService.work
    if now < begun[place] { return .throttled }
    if now < end { return .running(permille: nil) }
    longestUnseen = max(longestUnseen, now - end)
    return .failed(Failure(.failed, "it has nothing to fetch"), millicredits: nil)
  }

  func drop(_ ticket: Ticket) {}
  func turn(now: Instant) -> Instant { .never }
  func stop() {}
}

@Suite struct ThrottledTests {
  private static let start = Instant(nanoseconds: 1_000_000_000_000)

  /// Lives until all have ended. At `cancel` a host asks to cancel the last of them.
  private func live(tasks: Int, places: Int, cancel: Instant = .never) throws -> BusyService {
    let service = BusyService(places: places)
    let board = Board(unixMilliseconds: { 0 })
    let loop = Loop(
      provider: service, journal: nil, album: nil, board: board,
      scheduler: Scheduler(maxSubmitting: 4, maxConcurrent: tasks), random: Random(seed: 7),
      clock: { .zero })
    var inbox: [Message] = []
    var last = Handle(rawValue: 0)
    for serial in 1...UInt64(tasks) {
      let opening = Simulation.opening("\(serial)", key: nil)
      let dossier = Dossier(user: 0, request: JSON.Object(), opening: opening)
      last = try board.open(serial: serial, dossier, Snapshot(reserved: 0, 0))
      inbox.append(
        .submit(
          last, Assignment(request: Simulation.request, deadline: .never, opening: opening)))
    }
    var (now, hasCancelled) = (ThrottledTests.start, false)
    repeat {
      if now >= cancel && !hasCancelled {
        inbox.append(.cancel(last, .remote))
        hasCancelled = true
      }
      let wanted = loop.turn(now: now, messages: inbox)
      inbox = service.takeReplies().map { Message.reply($0) }
      now = inbox.isEmpty ? max(wanted, now) : now + .milliseconds(1)
    } while loop.live > 0
    return service
  }

  @Test func ofTwoHundredOnlyTheFirstInLineIsAskedOften() throws {
    let service = try live(tasks: 200, places: 5)
    #expect(service.keepsTheFloor)
    // If each kept the rhythm of the first, it would be 6,655.
    #expect(service.looks <= 1900)
    // The first one's floor and a half, and no more for those behind it.
    #expect(service.longestUnseen <= .milliseconds(7500))
  }

  @Test func aCancelDoesNotWaitInLine() throws {
    let asked = ThrottledTests.start + .seconds(40)
    let service = try live(tasks: 50, places: 1, cancel: asked)
    let cancelled = try #require(service.cancelled)
    // Its usual rest, and what the loop took to be turned at all.
    #expect(cancelled - asked <= .milliseconds(7500 + 5000))
  }
}
