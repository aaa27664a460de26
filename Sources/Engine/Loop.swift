// One turn: messages in, effects out, the next deadline. It has no thread and no clock, so a simulation can turn it
// through a year in a second; Engine gives it a thread, or lets the host pump it.

package import Core

/// What hosts and providers drop in the mailbox.
package indirect enum Message: Sendable {
  case submit(Handle, Assignment)
  case cancel(Handle, Cancellation)
  /// The host closed its handle: nobody watches this task any more.
  case forget(Handle)
  /// Nobody watches any task any more.
  case leaveAll(Failure)
  case reply(Reply)
  case account(@Sendable (AccountAnswer) -> Void)
  /// A host brings a picture to the service.
  case upload(Parcel, @Sendable (UploadAnswer) -> Void)
  /// The host changed its mind about the client.
  case adjust(Adjustment)
  /// A host wants a picture that is not here.
  case want(Handle, output: Int, @Sendable (Granted) -> Void)
}

/// What becomes of pictures.
package struct Keeping: Sendable {
  /// They stay with the service until a host asks for one.
  package var leavesPictures = false
  /// Bytes of pictures in memory; further ones are fetched when asked for.
  package var maxBytes = Int.max
  /// The account is looked at around submits, for the case that one's answer is lost.
  package var takesEvidence = false
  /// Prompts stand in the log.
  package var logsPrompts = false

  package init() {}
}

/// What a host may change while tasks are at work; nil: as it was.
package final class Adjustment: Sendable {
  package let key: Secret?
  package let maxSubmitting: Int?
  package let maxConcurrent: Int?
  package let maxBytes: Int?
  package let logsPrompts: Bool?

  package init(
    key: Secret?, maxSubmitting: Int?, maxConcurrent: Int?, maxBytes: Int?, logsPrompts: Bool?
  ) {
    self.key = key
    self.maxSubmitting = maxSubmitting
    self.maxConcurrent = maxConcurrent
    self.maxBytes = maxBytes
    self.logsPrompts = logsPrompts
  }
}

/// What the loop is given for one task.
package final class Assignment: Sendable {
  package let request: Request
  package let uploads: Int
  package let deadline: Instant
  /// What the journal is to open the task with.
  package let opening: Opening
  /// Of a task that the journal knows already, and when it was asked for.
  package let past: Standing?
  package let created: Int64?
  /// Why it cannot be sent any more, should it still have to be.
  package let obstacle: Failure?

  package init(
    request: Request, uploads: Int = 0, deadline: Instant, opening: Opening, past: Standing? = nil,
    createdUnixMilliseconds created: Int64? = nil, obstacle: Failure? = nil
  ) {
    self.created = created
    self.obstacle = obstacle
    self.request = request
    self.uploads = uploads
    self.deadline = deadline
    self.opening = opening
    self.past = past
  }
}

package final class Loop {
  let provider: any Provider
  let journal: (any Journal)?
  private let album: (any Album)?
  let board: Board
  let log: (any Log)?
  var keeping: Keeping
  var scheduler: Scheduler
  private var random: Random

  var records = Records()
  private var timers = Timers()
  private var retries = RetryBudget()
  let witness: Witness?
  /// Why nobody watches any more, once nobody does.
  private var left: Failure?

  // What this turn gathered.
  var facts: [Entry] = []
  var asks: [Effect] = []
  var drops: [Effect] = []
  private var touched: [Handle] = []
  /// Bytes of pictures that the board does not know of yet.
  private var arrived = 0

  /// Facts of steps already taken that no commit has accepted yet. They lead the next commit.
  var unwritten: [Entry] = []
  /// Tasks whose handles are gone.
  var released: [Handle] = []
  /// When the last commit was on disk.
  var committed = Instant.zero
  /// Time passes while a disk is slow, and while a machine sleeps.
  let clock: @Sendable () -> Instant

  package init(
    provider: any Provider, journal: (any Journal)?, album: (any Album)?, board: Board, scheduler: Scheduler,
    random: Random, clock: @escaping @Sendable () -> Instant, keeping: Keeping = Keeping(),
    log: (any Log)? = nil
  ) {
    self.log = log
    self.clock = clock
    witness =
      keeping.takesEvidence
      ? Witness(provider, clock: clock, unixMilliseconds: board.unixMilliseconds) : nil
    self.keeping = keeping
    self.provider = provider
    self.journal = journal
    self.album = album
    self.board = board
    self.scheduler = scheduler
    self.random = random
  }

  /// Readable when the provider wants a turn, -1 when only mail tells.
  package var descriptor: Int32 { provider.descriptor }

  /// Tasks that have not ended.
  package private(set) var live = 0

  /// The last turn may have changed something a host waits for. Most turns only look, and see what they saw before.
  package private(set) var hasTold = false

  /// Takes the messages in order, does what is due, and says when it wants the next turn at the latest.
  package func turn(now: Instant, messages: [Message]) -> Instant {
    hasTold = false
    for message in messages { take(message, now) }
    ringTimers(now)
    // A task that ended while it waited is not in `records`, or ignores the word.
    let delay = scheduler.hasNext ? witness?.delay(now) : nil
    if delay == nil {
      while let task = scheduler.next() { feed(task, .started, now) }
    }
    commit(now)
    perform(now)
    let wanted = min(provider.turn(now: now), delay ?? .never)
    publish()
    letGo()
    return min(min(wanted, timers.next), nextTurn(now))
  }

  private func take(_ message: Message, _ now: Instant) {
    if case .reply = message {} else { hasTold = true }
    switch message {
    case .submit(let task, let assignment):
      let machine = TaskMachine(
        id: task, terms: provider.admit(task, at: assignment.opening.price), uploads: assignment.uploads,
        reserved: assignment.opening.reserved,
        leavesPictures: keeping.leavesPictures)
      let record = Record(task, machine, assignment)
      records.add(record)
      live += 1
      if assignment.deadline != .never { timers.add(assignment.deadline, task) }
      if let past = assignment.past {
        goOn(record, past, now)
        if let obstacle = assignment.obstacle { feed(task, .unrecorded(obstacle), now) }
      } else {
        feed(task, .admitted, now)
      }
      // Its host was a moment quicker than the one that closed the client.
      if let left { feed(task, .left(left), now) }
    case .cancel(let task, let how):
      feed(task, .cancelAsked(how), now)
    case .forget(let task):
      feed(task, .left(Failure(.closed, "the task's handle was closed")), now)
      guard let record = records[task] else { return release(task) }
      record.isForgotten = true
    case .leaveAll(let why):
      left = why
      for record in records.all { feed(record.task, .left(why), now) }
    case .reply(let reply):
      takeReply(reply, now)
    case .account(let tell):
      provider.account(now: now, tell)
    case .upload(let parcel, let tell):
      provider.upload(parcel, now: now, tell)
    case .adjust(let adjustment):
      adjust(adjustment, now)
    case .want(let task, let output, let tell):
      want(output, of: task, tell)
    }
  }

  private func adjust(_ adjustment: Adjustment, _ now: Instant) {
    scheduler.maxSubmitting = adjustment.maxSubmitting ?? scheduler.maxSubmitting
    scheduler.maxConcurrent = adjustment.maxConcurrent ?? scheduler.maxConcurrent
    keeping.maxBytes = adjustment.maxBytes ?? keeping.maxBytes
    keeping.logsPrompts = adjustment.logsPrompts ?? keeping.logsPrompts
    guard let key = adjustment.key else { return }
    provider.use(key)
    for record in records.all { feed(record.task, .keyChanged, now) }
  }

  private func want(_ output: Int, of task: Handle, _ tell: @escaping @Sendable (Granted) -> Void) {
    guard let record = records[task] else {
      return tell(.failed(Failure(.handle, at: "t", "the task was closed meanwhile")))
    }
    record.wishes.append(Wish(output, tell))
    if record.wishes.count == 1, let ask = record.ask() { asks.append(ask) }
  }

  private func takeReply(_ reply: Reply, _ now: Instant) {
    let task = reply.ticket.task
    if let record = records[task], record.wishes.first?.ticket == reply.ticket {
      return takeLate(reply.outcome, record)
    }
    switch reply.outcome {
    case .setback(let setback):
      noteSetback(setback.failure, task)
      feed(task, .setBack(reply.ticket, setback), now)
    case .answer(.fetched(let picture)):
      takePicture(picture, reply.ticket, now)
    case .answer(let answer):
      feed(task, .answered(reply.ticket, answer), now)
    }
  }

  /// A picture counts as fetched once it lies where the client wants it.
  private func takePicture(_ picture: Picture, _ ticket: Ticket, _ now: Instant) {
    guard let record = records[ticket.task], record.machine.phase.ticket == ticket else { return }
    do throws(Failure) {
      let kept = try keep(picture, record.machine.link, of: record, record.pictures.count)
      record.pictures.append(kept)
      feed(ticket.task, .answered(ticket, .fetched(kept)), now)
    } catch {
      feed(ticket.task, .setBack(ticket, Setback(.refused, error)), now)
    }
  }

  /// What came for a wish. The host gets the picture even where there is no room to hold it.
  private func takeLate(_ outcome: Reply.Outcome, _ record: Record) {
    if case .pushed = provider.terms.rhythm, case .answer(let answer) = outcome, answer.isNotTheLast {
      return
    }
    hasTold = true
    if case .answer(.fetched(let picture)) = outcome, let output = record.wishes.first?.output {
      do throws(Failure) {
        let kept = try keep(picture, record.pictures[output].link, of: record, output)
        record.pictures[output] = kept
        touch(record)
        record.grant(.here(kept.isHere ? kept : picture))
      } catch {
        record.grant(.failed(error))
      }
      if let ask = record.ask() { asks.append(ask) }
    } else if let ask = record.goOn(outcome) {
      asks.append(ask)
    }
  }

  /// In the client's folder, in memory, or, where that is full and the service has it still, not at all.
  private func keep(
    _ picture: Picture, _ link: String?, of record: Record, _ output: Int
  ) throws(Failure) -> Picture {
    let path = try album?.keep(
      picture, intent: record.opening.intent, output: output, again: record.isRestored)
    let hasRoom = !provider.terms.survives || board.heldBytes + arrived + picture.size <= keeping.maxBytes
    let isHeld = path == nil && hasRoom
    if isHeld { arrived += picture.size }
    return Picture(picture, from: link, at: path, isHeld: isHeld)
  }

  private func ringTimers(_ now: Instant) {
    while let task = timers.pop(dueAt: now) {
      guard let record = records[task] else { continue }
      if record.deadline <= now {
        record.deadline = .never
        feed(task, .deadlinePassed, now)
      }
      guard let wake = record.machine.wake, wake <= now else { continue }
      if standsInLine(record, wake, now) { continue }
      // It stays due, and asks again when the budget has grown.
      if record.machine.isRetrying && !retries.take(now: now) {
        timers.add(now + .seconds(1), task)
        continue
      }
      feed(task, .due, now)
    }
  }

  /// Of the tasks that the service holds back it takes the oldest first, so those behind it are looked at less often.
  private func standsInLine(_ record: Record, _ wake: Instant, _ now: Instant) -> Bool {
    guard record.machine.isHeldBack, case .polled(let floor) = provider.terms.rhythm else { return false }
    let patience = Span(nanoseconds: floor.nanoseconds.multipliedSaturating(by: Policies.floorsInLine))
    guard now < wake + patience, records.firstHeldBack(record.request.model) !== record else { return false }
    timers.add(wake + patience, record.task)
    return true
  }

  /// It looks, and the first in line looks, when the usual rest ends.
  private func leaveLine(_ record: Record) {
    for record in [record, records.firstHeldBack(record.request.model)] {
      if let record, let wake = record.machine.wake { timers.add(wake, record.task) }
    }
  }

  /// The only place where a machine is given an input.
  func feed(_ task: Handle, _ input: Input, _ now: Instant) {
    guard let record = records[task] else { return }
    let before = record.machine.state
    let wakeBefore = record.machine.wake
    let wasHeldBack = record.machine.isHeldBack
    let effects = record.machine.receive(input, now: now, random: &random)
    let after = record.machine.state
    for effect in effects {
      switch effect {
      case .record(.accepted):
        facts.append(Entry(task, .accepted, opening: record.opening))
        note(.accepted, record)
      case .record(let fact):
        facts.append(Entry(task, fact))
        testify(fact, task, now)
        note(fact, record)
      case .ask: asks.append(effect)
      case .drop: drops.append(effect)
      case .ready: scheduler.wants(task)
      }
    }
    if let wake = record.machine.wake, wake != wakeBefore { timers.add(wake, task) }
    if wasHeldBack && !record.machine.isHeldBack { leaveLine(record) }
    if after != before {
      scheduler.moved(from: before, to: after)
      if after.isFinal && !before.isFinal { live -= 1 }
      if case .ended(let ended) = record.machine.phase {
        record.pictures += ended.links.map { Picture(leftAt: $0, expires: provider.expiry(of: $0)) }
      }
    }
    touch(record)
  }

  private func testify(_ fact: Fact, _ task: Handle, _ now: Instant) {
    guard let witness else { return }
    if case .submitting = fact, let before = witness.before(now) { facts.append(Entry(task, before)) }
    if case .ambiguous = fact { witness.lookAfter(task, now) }
  }

  /// The board is told at the end of the turn.
  private func touch(_ record: Record) {
    guard !record.touched else { return }
    record.touched = true
    touched.append(record.task)
  }

  // MARK: Telling the board

  /// An ended task is the board's alone, unless its paid answer may still come, or a host ask for its pictures.
  private func isDone(_ record: Record) -> Bool {
    guard record.machine.state.isFinal && record.machine.phase.ticket == nil else { return false }
    return record.isForgotten || !record.hasPicturesElsewhere
  }

  private func publish() {
    for task in touched {
      guard let record = records[task] else { continue }
      record.touched = false
      if board.publish(task, record.machine, pictures: record.pictures) { hasTold = true }
      guard isDone(record) else { continue }
      records.remove(task)
      provider.forget(task)
      if record.isForgotten { release(task) }
    }
    touched = []
    arrived = 0
  }
}
