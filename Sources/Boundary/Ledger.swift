// The money side of a client: which journal its config asks for, what is held for a request, and tasks that come back
// from an earlier life.

import Core
import Engine
import JSONCodec
import Platform
import Store

final class Ledger: Sendable {
  /// nil where nothing is written down and no budget holds.
  let journal: SQLiteJournal?
  /// On disk, so that a task may come back.
  let isKept: Bool
  private let budgeted: Locked<Budget?>
  /// Two submits of one key must not pass each other.
  private let keyed = Locked(false)
  /// What is taken from the journal belongs to nobody until it is bound to its handle.
  let taking = Locked(false)

  init(_ settings: Settings, account: UInt64) throws(Failure) {
    let budget = settings.budget
    budgeted = Locked(budget)
    let path = try Ledger.path(settings)
    isKept = path != nil
    if path == nil, let budget { try Ledger.checkUnkept(budget) }
    guard path != nil || budget != nil else {
      journal = nil
      return
    }
    journal = try SQLiteJournal(
      path: path, account: account, budget: budget, unixMilliseconds: { Clock.unixMilliseconds })
  }

  /// nil for none. What costs money is written down unless the config says no.
  private static func path(_ settings: Settings) throws(Failure) -> String? {
    switch settings.journal {
    case .none: return nil
    case .path(let path): return path
    case .usual: break
    }
    // Nobody knows yet what a provider of the host's will cost.
    guard settings.provider != .sketch else { return nil }
    // XDG base directories: a relative path there is to be ignored.
    if let state = Settings.environment("XDG_STATE_HOME"), state.begins(with: "/") {
      return String(sentence: "\(state)/t2i/journal.sqlite")
    }
    if let home = Settings.environment("HOME"), home.begins(with: "/") {
      return String(sentence: "\(home)/.local/state/t2i/journal.sqlite")
    }
    throw Failure(
      .journal, at: "/journal",
      "neither XDG_STATE_HOME nor HOME says where a journal may lie; set \"journal\" to a path, or to null for none"
    )
  }

  private var budget: Budget? { budgeted.withLock { $0 } }

  private static func checkUnkept(_ budget: Budget) throws(Failure) {
    guard budget.scope == .client else {
      throw Failure(
        .argument, at: "/budget/scope",
        "a budget of a day or a journal needs a journal; set one, or let the scope be \"client\"")
    }
  }

  /// Throws where this client cannot have such a budget.
  func checkChange(_ budget: Budget) throws(Failure) {
    guard journal != nil else {
      throw Failure(
        .state, at: "/budget",
        "a client that was opened without a budget and a journal has counted nothing; open another with a budget"
      )
    }
    if !isKept { try Ledger.checkUnkept(budget) }
  }

  func change(_ budget: Budget) throws(Failure) {
    try journal?.change(budget)
    budgeted.withLock { $0 = budget }
  }

  // MARK: Before a task

  /// What the journal is to open a task with.
  func draft(
    of request: Request, _ price: Price, _ key: String?, provider: String
  ) throws(Failure) -> Opening {
    if key != nil && !isKept {
      throw Failure(
        .unsupported, at: "opts.dedupe_key",
        "dedupe_key needs a journal; set \"journal\" in the config, or leave the key NULL")
    }
    let amount = budget?.amount(price, model: request.model) ?? price.millicredits ?? 0
    let intent = Intent.random(systemSeed(), systemSeed())
    guard journal != nil else {
      return Opening(unwritten: intent, provider: provider, price: price, reserved: amount)
    }
    return Opening(
      intent: intent, provider: provider, model: request.model,
      request: try JSONCodec.encode(.object(request.kept)).string, digest: try Ledger.digest(of: request),
      dedupeKey: key, price: price, reserved: amount, files: request.parcels.map { $0.sha256 })
  }

  /// Of what is sent, files that are brought along included.
  static func digest(of request: Request) throws(Failure) -> String {
    var hash = SHA256()
    // As a String: the memory of an encoded document ends with it, which here would be before it is read.
    try JSONCodec.encode(.object(request.body)).string.lend { hash.update(UnsafeRawBufferPointer($0)) }
    for parcel in request.parcels { parcel.sha256.lend { hash.update(UnsafeRawBufferPointer($0)) } }
    return hash.finish()
  }

  /// Runs the body while no other submit with a key does.
  func alone(_ key: String?, _ body: () throws(Failure) -> Handle) throws(Failure) -> Handle {
    guard key != nil else { return try body() }
    return try keyed.withLock { _ throws(Failure) in try body() }
  }

  /// The open handle of this client that has the key.
  func holder(of draft: Opening, on board: Board) throws(Failure) -> Handle? {
    guard let key = draft.dedupeKey, let journal else { return nil }
    let holder = try journal.holder(of: key, digest: draft.digest)
    // One that was closed this very moment is no answer.
    return holder.flatMap { holder in (try? board.user(holder)).map { _ in holder } }
  }

  func expect(_ draft: Opening, _ task: Handle) {
    if let key = draft.dedupeKey { journal?.expect(key, digest: draft.digest, task) }
  }

  /// Holds the amount, or says why it cannot be. A soft budget lets it pass with a warning.
  func hold(_ amount: Int64, model: String, _ price: Price) throws(Failure) -> [JSON] {
    guard let budget, let journal else { return [] }
    if budget.amount(price, model: model) == nil {
      let refusal = budget.refusalOfUnknownPrice(model: model)
      if budget.isHard { throw refusal }
      return [Ledger.warning(refusal)]
    }
    guard let refusal = journal.hold(amount) else { return [] }
    if budget.isHard { throw refusal }
    return [Ledger.warning(refusal)]
  }

  private static func warning(_ refusal: Failure) -> JSON {
    var warning = JSON.Object()
    warning.add("where", text: refusal.location)
    warning.add(
      "message", text: String(sentence: "over the soft budget, and sent all the same: \(refusal.message)"))
    return .object(warning)
  }

  /// The facts of a task, oldest first.
  func evidence(of task: Handle) -> [JSON] {
    guard let journal, isKept else { return [] }
    return journal.facts(of: task).map { $0.fact.report(at: $0.at) }
  }

  func addMoney(to report: inout JSON.Object) {
    guard let journal else { return }
    let funds = journal.funds
    report["reserved"] = .integer(funds.held)
    report["spent"] = .integer(funds.spent)
    report["over"] = .bool(journal.isOver)
    if isKept, let count = try? journal.countRecoverable() { report.add("recoverable", number: count) }
  }
}

extension Client {
  /// The request of an earlier life, which must be what it was: files it brings along may have changed.
  private func recalled(_ opening: Opening) throws(Failure) -> Request {
    let request = try again(opening.request)
    guard try Ledger.digest(of: request).equals(opening.digest) else {
      throw Failure(
        .state, at: "/referenceImages",
        "a picture of the request is not what it was when it was submitted; submit it again; nothing was sent"
      )
    }
    return request
  }

  /// A task that the journal took for us becomes a handle.
  func restore(_ found: Found, user: UInt64, deadline: Instant) throws(Failure) -> Handle {
    let opening = found.opening
    let past = studio.past(of: found)
    let draft = try? JSONCodec.decode(opening.request, what: "request")
    var (request, obstacle) = (Request(restoring: opening), Failure?.none)
    do throws(Failure) {
      request = try recalled(opening)
    } catch {
      // What is with the service needs no request any more.
      if past.stage == .waiting { obstacle = error }
    }
    let dossier = Dossier(
      user: user, request: draft?.object ?? JSON.Object(), opening: opening, isKept: true,
      showsLinks: showsLinks)
    return try engine.submit(
      dossier,
      Assignment(
        request: request, uploads: studio.uploads(of: request), deadline: deadline, opening: opening,
        past: past, createdUnixMilliseconds: found.createdUnixMilliseconds, obstacle: obstacle)
    ) { ledger.journal?.bind(found, to: $0) }
  }

  /// Tasks that nobody watches any more, oldest first, at most so many; the rest is for another call.
  func recover(atMost count: Int) throws(Failure) -> (tasks: [Handle], hasMore: Bool) {
    guard let journal = ledger.journal, ledger.isKept else { return ([], false) }
    return try ledger.taking.withLock { _ throws(Failure) in
      let (found, hasMore) = try journal.takeRecoverable(atMost: count)
      var tasks: [Handle] = []
      for one in found {
        do throws(Failure) { tasks.append(try restore(one, user: 0, deadline: .never)) } catch {
          // Those that are handles already are the caller's; the others are found again.
          if tasks.isEmpty { throw error }
          return (tasks, true)
        }
      }
      return (tasks, hasMore)
    }
  }

  private func resumeKnown(_ text: String, _ options: SubmitOptions) throws(Failure) -> Handle? {
    guard let journal = ledger.journal, ledger.isKept else { return nil }
    return try ledger.taking.withLock { _ throws(Failure) -> Handle? in
      switch try journal.take(token: text) {
      case .found(let found): return try restore(found, user: options.user, deadline: options.deadline)
      case .busy:
        throw Failure(.busy, at: "token", "a handle watches this task already; close that first")
      case .unknown: return nil
      }
    }
  }

  func resume(_ text: String, _ options: SubmitOptions) throws(Failure) -> Handle {
    try studio.requireProvider()
    if let known = try resumeKnown(text, options) { return known }
    let token = try studio.token(text)
    let opening = Opening(
      intent: .random(systemSeed(), systemSeed()), provider: studio.provider.name, model: "", request: "{}",
      digest: "", dedupeKey: nil, price: .unknown, reserved: 0)
    var past = Standing(reserved: 0)
    past.take(.submitted(token: token, millicredits: nil))
    let dossier = Dossier(
      user: options.user, request: JSON.Object(), opening: opening, showsLinks: showsLinks)
    return try engine.submit(
      dossier,
      Assignment(
        request: Request(restoring: opening), deadline: options.deadline, opening: opening, past: past))
  }

  /// A person's word on a task whose paid submit was never answered.
  func settle(_ task: Handle, _ text: String?) throws(Failure) {
    let token = try text.map { text throws(Failure) in try studio.token(text) }
    let state = try engine.board.snapshot(task).state
    guard state == .ambiguous else {
      throw Failure(.state, at: "t", "only an AMBIGUOUS task can be settled; this one is \(state.name)")
    }
    guard let journal = ledger.journal, ledger.isKept else {
      throw Failure(.journal, at: "c", "this client keeps no journal, so there is nothing to settle in")
    }
    try journal.settle(task, token: token)
  }

  /// The host has the picture: on return that is on disk, so that nobody is given it a second time. What could not be
  /// written is found again, which costs nothing.
  func handedOut(_ picture: Picture, _ task: Handle, _ output: Int) {
    guard let journal = ledger.journal, ledger.isKept, picture.path == nil else { return }
    _ = try? journal.commit([Entry(task, .handedOut(output: output))])
  }
}
