// The painter behind the same protocol as any service: submit, check, fetch, cancel. It costs nothing, needs no
// network, and ends with the process, so nothing of it is ambiguous but what a host wants to see so.

package import Core
import Platform

package final class SketchProvider: Provider {
  package struct Settings: Sendable {
    /// Painting threads; 0 paints in slices inside the turn.
    package var paintThreads: Int
    package var simulation: Simulation?

    package init(paintThreads: Int, simulation: Simulation? = nil) {
      self.paintThreads = paintThreads
      self.simulation = simulation
    }
  }

  package let name = "sketch"
  package let terms = Terms(rhythm: .pushed, survives: false)

  private let desk: Desk
  private let workers: Workers
  /// In the order of their serials, which their tokens carry.
  private var jobs: [Job] = []
  /// It begins anywhere, so that a token from an earlier life of the host is no token of this one.
  private var serial = Int(systemSeed() >> 24)

  /// `post` may be called from any thread.
  package init(settings: Settings, post: @escaping @Sendable (Reply) -> Void) {
    desk = Desk(settings.simulation, post: post)
    workers = Workers(threads: settings.paintThreads)
  }

  package func perform(
    _ operation: Operation, of request: Request, intent: String, uploaded: [String], ticket: Ticket,
    now: Instant
  ) {
    switch operation {
    case .submit where desk.simulation?.losesAnswers == true:
      desk.post(Reply(ticket, .setback(Setback(.mayHaveArrived, SketchProvider.lostAnswer))))
    case .submit:
      serial += 1
      begin(serial, request, at: jobs.count, now)
      let token = String(sentence: "\(SketchProvider.scheme)\(serial)")
      desk.post(
        Reply(ticket, .answer(.accepted(token: token, millicredits: desk.simulation?.millicredits ?? 0))))
    case .check(let token): watch(token, request, ticket, now)
    case .fetch(let token, let output, _): hand(token, output, ticket)
    case .cancel(let token): cancel(token, ticket)
    case .upload:
      // References stay where they are; the painter asks for none to be uploaded.
      desk.post(Reply(ticket, .setback(Setback(.refused, Failure(.unsupported, "sketch takes no uploads")))))
    }
  }

  package func drop(_ ticket: Ticket) {
    for job in jobs { job.unwatch(ticket) }
  }

  package func turn(now: Instant) -> Instant {
    var next = Instant.never
    for job in jobs {
      next = min(next, job.expires)
      guard let simulation = desk.simulation, var schedule = job.schedule else { continue }
      let step = schedule.advance(simulation, now: now)
      job.schedule = schedule
      switch step {
      case .quiet: break
      case .running(let permille): job.show(.running(permille: permille))
      case .failed(let failure):
        job.schedule = nil
        job.finish(.failed(failure))
      case .paint:
        job.schedule = nil
        workers.add(job)
      }
      if job.schedule != nil { next = min(next, schedule.next(simulation)) }
    }
    // Nobody asks again about a job that told how it failed.
    jobs.removeAll { $0.hasToldFailure || $0.expires <= now }
    return min(next, workers.turn(now: now))
  }

  package func stop() {
    for job in jobs { job.cancel() }
    workers.stop()
  }

  /// When the pictures behind a link go.
  package func expiry(of link: String) -> Int64 { Job.expiry(of: link) }

  private static var lostAnswer: Failure {
    Failure(.network, "simulated: the connection ended before the answer came")
  }

  // MARK: Operations

  private func begin(_ serial: Int, _ request: Request, at place: Int, _ now: Instant) {
    let job = Job(serial, request, desk)
    jobs.insert(job, at: place)
    if let simulation = desk.simulation {
      let schedule = Schedule(simulation, from: now)
      if schedule.isThrottled { job.show(.throttled) }
      job.schedule = schedule
    } else {
      workers.add(job)
    }
  }

  private static let scheme: StaticString = "sketch:"

  private func serial(_ token: String) -> Int? {
    guard token.begins(with: SketchProvider.scheme) else { return nil }
    var serial = 0
    for digit in token.bytes.dropFirst(SketchProvider.scheme.utf8CodeUnitCount) {
      serial = serial &* 10 &+ Int(digit & 0x0F)
    }
    return serial
  }

  /// Where the first job stands whose serial is not below this one.
  private func place(_ serial: Int) -> Int {
    var (low, high) = (0, jobs.count)
    while low < high {
      let middle = (low + high) / 2
      if jobs[middle].serial < serial { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func index(_ token: String) -> Int? {
    guard let serial = serial(token) else { return nil }
    let place = place(serial)
    return place < jobs.count && jobs[place].serial == serial ? place : nil
  }

  /// A token of an earlier life: the painter died with it, and the same request paints the same picture again.
  private func watch(_ token: String, _ request: Request, _ ticket: Ticket, _ now: Instant) {
    guard let serial = serial(token) else { return desk.post(Reply(ticket, .answer(.absent))) }
    let place = place(serial)
    if place == jobs.count || jobs[place].serial != serial { begin(serial, request, at: place, now) }
    jobs[place].watch(ticket)
  }

  private func hand(_ token: String, _ output: Int, _ ticket: Ticket) {
    guard let index = index(token), let picture = jobs[index].picture(output) else {
      return desk.post(Reply(ticket, .answer(.absent)))
    }
    // The board holds the picture from here on; who fetches later fetches in any order, and maybe again.
    if desk.simulation?.expiry == nil, output == jobs[index].outputCount - 1 { jobs.remove(at: index) }
    desk.post(Reply(ticket, .answer(.fetched(picture))))
  }

  private func cancel(_ token: String, _ ticket: Ticket) {
    if let index = index(token) { jobs.remove(at: index).cancel() }
    desk.post(Reply(ticket, .answer(.cancelled)))
  }
}
