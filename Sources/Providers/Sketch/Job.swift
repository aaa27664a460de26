// One task of the painter's, shared between the loop, which asks, and the worker, which paints.

import Core
import Platform

/// What all jobs of one painter have in common.
final class Desk: Sendable {
  let simulation: Simulation?
  let post: @Sendable (Reply) -> Void
  /// Of what the loop and a worker share of each job. Ten thousand jobs that wait have one lock: nobody holds it for
  /// longer than a few words.
  fileprivate let lock = Locked(false)

  init(_ simulation: Simulation?, post: @escaping @Sendable (Reply) -> Void) {
    self.simulation = simulation
    self.post = post
  }
}

final class Job: @unchecked Sendable {
  /// Looked into under the desk's lock only.
  private struct State {
    var watcher: Ticket?
    var isCancelled = false
    var look = Look.pending
    var pictures: [Picture] = []
    /// With lazy fetching, when the pictures go, by the clock of the loop and by the wall's.
    var expires = Instant.never
    var expiresUnix: Int64 = 0
    /// Once it is on the easel.
    var calledOff: CallOff?
  }

  let serial: Int
  let request: Request
  private let desk: Desk
  /// Only the loop's thread looks here.
  var schedule: Schedule?
  /// Only the thread that paints looks here.
  private var painting: Painting?
  private var painted = 0
  private var state = State()

  init(_ serial: Int, _ request: Request, _ desk: Desk) {
    self.serial = serial
    self.request = request
    self.desk = desk
  }

  var outputCount: Int { max(1, request.outputCount) }

  private func withState<Result>(_ body: (inout State) -> Result) -> Result {
    desk.lock.withLock { _ in body(&state) }
  }

  /// From now on this ticket is told of every change, first of where things stand.
  func watch(_ ticket: Ticket) {
    let look = withState { state in
      state.watcher = ticket
      return state.look
    }
    if case .pending = look { return }
    desk.post(Reply(ticket, .answer(.looked(look))))
  }

  func unwatch(_ ticket: Ticket) {
    withState { if $0.watcher == ticket { $0.watcher = nil } }
  }

  func cancel() {
    let calledOff = withState { state in
      state.isCancelled = true
      return state.calledOff
    }
    calledOff?.call()
  }

  /// Its watcher knows that it failed, so nothing more will be asked of it.
  var hasToldFailure: Bool {
    withState { state in
      if case .failed = state.look { state.watcher != nil } else { false }
    }
  }

  var isCancelled: Bool { withState { $0.isCancelled } }

  var expires: Instant { withState { $0.expires } }

  func show(_ look: Look) {
    let watcher = withState { state in
      state.look = look
      return state.watcher
    }
    if let watcher { desk.post(Reply(watcher, .answer(.looked(look)))) }
  }

  enum End {
    case succeeded
    case failed(Failure)
  }

  func finish(_ end: End) {
    switch end {
    case .failed(let failure): show(.failed(failure, millicredits: 0))
    case .succeeded:
      if let expiry = desk.simulation?.expiry {
        withState { state in
          state.expires = Clock.now + expiry
          state.expiresUnix = Clock.unixMilliseconds + expiry.nanoseconds / 1_000_000
        }
      }
      show(.succeeded(links: links, millicredits: desk.simulation?.millicredits ?? 0))
    }
  }

  private var links: [String] {
    let expires = withState { $0.expiresUnix }
    var links: [String] = []
    for output in 0..<outputCount { links.append(String(sentence: "\(Job.scheme)\(expires):\(output)")) }
    return links
  }

  private static let scheme: StaticString = "sketch:until:"

  /// Unix milliseconds; 0 where a link says nothing.
  static func expiry(of link: String) -> Int64 {
    guard link.begins(with: scheme) else { return 0 }
    var expires: Int64 = 0
    for digit in link.bytes.dropFirst(scheme.utf8CodeUnitCount) {
      guard digit >= 0x30, digit <= 0x39 else { break }
      expires = expires &* 10 &+ Int64(digit & 0x0F)
    }
    return expires
  }

  func picture(_ output: Int) -> Picture? {
    withState { state in
      output >= 0 && output < state.pictures.count ? state.pictures[output] : nil
    }
  }

  // MARK: Painting

  /// Paints the next piece, about 10 ms of work, with the help of idle workers. False when there is nothing left to do.
  func paint(with workers: Workers? = nil) -> Bool {
    guard !isCancelled else {
      painting = nil
      return false
    }
    do throws(Failure) {
      guard desk.simulation?.paints ?? true else { return try takeSheets() }
      let painting = try current(workers)
      if try painting.step() {
        tell(painting.permille)
        return true
      }
      return try take(painting)
    } catch {
      painting = nil
      if isCancelled { return false }
      finish(.failed(error))
      return false
    }
  }

  private func current(_ workers: Workers?) throws(Failure) -> Painting {
    if let painting { return painting }
    let calledOff = CallOff()
    withState { $0.calledOff = calledOff }
    // Whoever cancelled before that found nobody to call.
    if isCancelled { calledOff.call() }
    let begun = try Painting(Job.commission(request, output: painted), calledOff, workers: workers)
    painting = begun
    return begun
  }

  private func takeSheets() throws(Failure) -> Bool {
    let sheet = try Sheet.picture(Job.format(request))
    withState { state in
      for _ in 0..<outputCount { state.pictures.append(sheet) }
    }
    finish(.succeeded)
    return false
  }

  /// Takes a finished picture off the easel; true when another is to be painted.
  private func take(_ done: Painting) throws(Failure) -> Bool {
    let size = Job.size(request)
    let picture = try Picture(painted: done, size.width, size.height, Job.format(request))
    withState { $0.pictures.append(picture) }
    painting = nil
    painted += 1
    if painted < outputCount { return true }
    finish(.succeeded)
    return false
  }

  /// Tells of whole percents only: a host redraws no finer bar.
  private func tell(_ permille: Int) {
    let whole = (painted * 1000 + permille) / outputCount
    let isNews = withState { state in
      guard case .running(let before?) = state.look else { return true }
      return whole / 10 > before / 10
    }
    if isNews { show(.running(permille: whole)) }
  }

  /// A further output of the same request is another variation: the seed moves on by one.
  private static func commission(_ request: Request, output: Int) -> Commission {
    let size = size(request)
    var accents = request.references.filter { $0.light == nil }.map(accent)
    // What the painter cannot read at least colours the picture.
    if !request.prompt.bytes.contains(where: { $0.isLetter }) { accents.append(hash(of: request.prompt)) }
    return Commission(
      prompt: request.prompt, width: size.width, height: size.height,
      seed: UInt64(bitPattern: request.seed ?? 0) &+ UInt64(output), accents: accents,
      lights: request.references.compactMap { $0.light }, format: format(request))
  }

  private static func format(_ request: Request) -> PictureFormat {
    request.body["outputFormat"]?.string.flatMap { PictureFormat(named: $0) } ?? .png
  }

  /// Where the size is left to the service, the square of its usual classes, 1K and 2K.
  private static func size(_ request: Request) -> (width: Int, height: Int) {
    switch request.ratio {
    case .size(let width, let height): (width, height)
    case .automatic(thousands: 2): (2048, 2048)
    case .automatic, nil: (1024, 1024)
    }
  }

  /// A reference that nobody could look at tints the palette by a hash (FNV-1a) of where it lies.
  private static func accent(_ reference: Reference) -> UInt64 { hash(of: reference.source.text) }

  private static func hash(of text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}

extension Picture {
  fileprivate convenience init(
    painted done: Painting, _ width: Int, _ height: Int, _ format: PictureFormat
  ) throws(Failure) {
    guard let file = done.file else { throw Failure(.internalError, "the painting ended without a picture") }
    file.trim()
    var hash = SHA256()
    hash.update(file.memory)
    self.init(
      mime: String(format.mime), width: width, height: height, sha256: hash.finish(), bytes: file,
      understood: done.understood, ignored: done.ignored)
  }
}

/// The picture of tasks that are not to be painted, painted once in each format.
private enum Sheet {
  private static let made = Locked<[Picture]>([])

  static func picture(_ format: PictureFormat) throws(Failure) -> Picture {
    let known = made.withLock { made in made.first { $0.mime.is(format.mime) } }
    if let known { return known }
    let painting = try Painting(Commission(prompt: "", width: 16, height: 16, seed: 0, format: format))
    while try painting.step() {}
    let picture = try Picture(painted: painting, 16, 16, format)
    made.withLock { $0.append(picture) }
    return picture
  }
}
