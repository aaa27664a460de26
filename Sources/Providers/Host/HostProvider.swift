// A provider that the host brings along, behind the same protocol as the built-in ones: its functions are called, and
// what its jobs are told becomes answers.

package import Core
import Platform

package final class HostProvider: Provider {
  /// One task of the loop's.
  private final class Place {
    let task: Handle
    let isFree: Bool
    var job: HostJob?
    var handle = Handle(rawValue: 0)
    /// A slot may be given away while its old task still ends.
    var older: Place?

    init(_ task: Handle, isFree: Bool, older: Place?) {
      self.task = task
      self.isFree = isFree
      self.older = older
    }
  }

  package let name: String
  /// What nobody can fetch again is held in memory, however much it is.
  package let terms = Terms(rhythm: .pushed, survives: false)

  private let craft = Locked<Craft?>(nil)
  private let callers = Callers()
  private let outbox: HostJob.Outbox
  private let maxBytes: Int
  private let spoolFolder: String
  /// By the slot of the task.
  private var places: [Place?] = []

  /// `post` may be called from any thread. `maxBytes` is what the pictures of one task may have together.
  package init(
    name: String, maxBytes: Int, spoolFolder: String, post: @escaping @Sendable (Reply) -> Void
  ) {
    self.name = name
    self.maxBytes = maxBytes
    self.spoolFolder = spoolFolder
    outbox = HostJob.Outbox(post: post)
  }

  // MARK: For any thread

  package func add(_ new: Craft) throws(Failure) {
    try craft.withLock { craft throws(Failure) in
      guard !callers.isClosing else { throw Callers.closed }
      guard craft == nil else {
        throw Failure(.exists, at: "p", "this client has its provider already; it is added once")
      }
      craft = new
    }
  }

  package var isAdded: Bool { craft.withLock { $0 != nil } }

  package var canResume: Bool { craft.withLock { $0?.resume != nil } }

  package func require() throws(Failure) { _ = try required() }

  private func required() throws(Failure) -> Craft {
    if let craft = craft.withLock({ $0 }) { return craft }
    throw Failure(
      .state, at: "c",
      "no provider is called \"\(name)\" yet; choose \"runway\" or \"sketch\", or add it with t2i_provider_add first"
    )
  }

  /// Whether the thread that asks is inside one of the host's functions.
  package var isInside: @Sendable () -> Bool { { [callers] in callers.isInside } }

  /// Nobody asks for a price any more. False when some who did were not answered in time.
  package func closeForCallers(until deadline: Instant) -> Bool { callers.close(until: deadline) }

  /// What the host wants for a request that the catalogue accepted. Throws why it refuses it.
  package func price(of request: Request) throws(Failure) -> Price {
    let craft = try required()
    var commission = Commission(request, spool: nil)
    let text = try commission.text()
    guard let check = craft.check else { return Price(millicredits: 0, certainty: .known) }
    return try callers.ask { () throws(Failure) in try check(text) }
  }

  // MARK: For the loop

  /// What costs nothing ends with this process, and is begun again. What is paid for may go on at the host's service.
  package func admit(_ task: Handle, at price: Price) -> Terms {
    while places.count <= task.slot { places.append(nil) }
    let isFree = price.millicredits == 0
    places[task.slot] = Place(task, isFree: isFree, older: places[task.slot])
    return Terms(rhythm: .pushed, survives: !isFree)
  }

  package func forget(_ task: Handle) {
    guard let place = place(of: task) else { return }
    end(place)
    if places[task.slot] === place { places[task.slot] = place.older }
    var next = places[task.slot]
    while let newer = next {
      if newer.older === place { newer.older = place.older }
      next = newer.older
    }
  }

  package func perform(
    _ operation: Operation, of request: Request, intent: String, uploaded: [String], ticket: Ticket,
    now: Instant
  ) {
    guard let place = place(of: ticket.task) else { return }
    switch operation {
    case .submit: submit(place, request, intent, ticket)
    case .check(let token): check(place, request, token, ticket)
    case .fetch(_, let output, _):
      let picture = place.job?.picture(output)
      outbox.post(Reply(ticket, .answer(picture.map { .fetched($0) } ?? .absent)))
    case .cancel(let token): cancel(place, token, ticket)
    case .upload:
      let why = Failure(.unsupported, "the host's provider takes no uploads")
      outbox.post(Reply(ticket, .setback(Setback(.refused, why))))
    }
  }

  /// A task that nobody asks about any more is forgotten, or cancelled.
  package func drop(_ ticket: Ticket) {}

  package func upload(
    _ parcel: Parcel, now: Instant, _ tell: @escaping @Sendable (UploadAnswer) -> Void
  ) {
    tell(
      .failed(
        Failure(
          .unsupported, at: "c",
          "a provider of the host's reads files where they are; name them in the request by \"path\"")))
  }

  package func turn(now: Instant) -> Instant {
    let told = outbox.told.withLock { told in
      defer { told = [] }
      return told
    }
    var next = Instant.never
    for job in told {
      guard let again = job.goOn(now) else { continue }
      next = min(next, again)
      outbox.told.withLock { $0.append(job) }
    }
    return next
  }

  package func stop() {
    for job in JobTable.closeAll(of: outbox) { _ = job.end() }
    places = []
    craft.withLock { $0 }?.release()
  }

  // MARK: Operations

  private func place(of task: Handle) -> Place? {
    var next = task.slot < places.count ? places[task.slot] : nil
    while let place = next, place.task != task { next = place.older }
    return next
  }

  private func end(_ place: Place) {
    JobTable.close(place.handle)
    _ = place.job?.end()
    place.job = nil
  }

  private func submit(_ place: Place, _ request: Request, _ intent: String, _ ticket: Ticket) {
    do throws(Failure) {
      let job = try start(place, request)
      // Where money is at stake only the host's own name for the job proves that it can be found again.
      let token = job.takeToken() ?? (place.isFree ? String(sentence: "\(name):~\(intent)") : "")
      outbox.post(Reply(ticket, .answer(.accepted(token: token, millicredits: nil))))
    } catch {
      let kind: Setback.Class = error.maySpend ? .mayHaveArrived : .refused
      outbox.post(Reply(ticket, .setback(Setback(kind, error))))
    }
  }

  /// Of a job that runs here the answers go to this ticket from now on; one of an earlier life is taken up again.
  private func check(_ place: Place, _ request: Request, _ token: String, _ ticket: Ticket) {
    if let job = place.job { return job.watch(ticket) }
    takeUp(ticket) { () throws(Failure) in
      let own = own(token)
      if own.isEmpty { return outbox.post(Reply(ticket, .answer(.absent))) }
      let job = try own.begins(with: "~") ? start(place, request) : resume(place, own)
      job.watch(ticket)
    }
  }

  /// Without the provider's name; empty where the job has none.
  private func own(_ token: String) -> String { String(token.bytes.dropFirst(name.byteCount + 1)) }

  /// What cannot be taken up now may be later, or never.
  private func takeUp(_ ticket: Ticket, _ body: () throws(Failure) -> Void) {
    do throws(Failure) { try body() } catch {
      outbox.post(
        Reply(
          ticket,
          error.retryable
            ? .setback(Setback(.refused, error)) : .answer(.looked(.failed(error, millicredits: nil)))))
    }
  }

  private func start(_ place: Place, _ request: Request) throws(Failure) -> HostJob {
    let craft = try required()
    return try begin(place, craft) { job, handle throws(Failure) in
      var commission = Commission(request, spool: job.spool)
      try craft.start(handle, commission.text())
    }
  }

  private func resume(_ place: Place, _ token: String) throws(Failure) -> HostJob {
    let craft = try required()
    guard let resume = craft.resume else {
      var failure = Failure(
        .unsupported, "the provider \"\(name)\" has no resume any more, so its task cannot be watched")
      failure.maySpend = !place.isFree
      throw failure
    }
    return try begin(place, craft) { job, handle throws(Failure) in
      job.resumes(token)
      try resume(handle, token)
    }
  }

  private func begin(
    _ place: Place, _ craft: Craft, _ call: (HostJob, Handle) throws(Failure) -> Void
  ) throws(Failure) -> HostJob {
    let bounds = HostJob.Bounds(
      isFree: place.isFree, canResume: craft.resume != nil, maxBytes: maxBytes)
    let job = HostJob(provider: name, outbox, bounds, Spool(folder: spoolFolder))
    place.handle = try JobTable.open(job)
    place.job = job
    do throws(Failure) {
      try callers.call { () throws(Failure) in try call(job, place.handle) }
      return job
    } catch {
      end(place)
      throw error
    }
  }

  /// A job of an earlier life is taken up first: nobody else could tell the host which to stop.
  private func cancel(_ place: Place, _ token: String, _ ticket: Ticket) {
    takeUp(ticket) { () throws(Failure) in
      let own = own(token)
      if place.job == nil, !own.isEmpty, !own.begins(with: "~") { _ = try resume(place, own) }
      outbox.post(Reply(ticket, .answer(stop(place).map { .looked($0) } ?? .cancelled)))
    }
  }

  /// The job is over when the host's function returns. Had it ended before, or does it end in there, that counts.
  private func stop(_ place: Place) -> Look? {
    guard let job = place.job else { return nil }
    if let craft = craft.withLock({ $0 }), (try? JobTable.job(place.handle)) != nil {
      _ = try? callers.call { () throws(Failure) in craft.cancel(place.handle) }
    }
    JobTable.close(place.handle)
    return job.end()
  }
}
