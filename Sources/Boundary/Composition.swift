// Where the parts meet: a config becomes a catalogue, a provider, a loop and an engine. Nothing else in the library
// knows more than two of them.

import CCatalogue
import CRT
import CT2I
import Core
import Engine
import JSONCodec
import Platform
import Store

/// One open client.
final class Client: @unchecked Sendable {
  let engine: Engine
  let catalogue: Catalogue
  let studio: Studio
  let ledger: Ledger
  let showsLinks: Bool
  /// What its config said, by then.
  let marks: Locked<[ConfigMark]>

  /// The slot must be reserved for it; nobody finds it before it is published there.
  init(
    _ handle: t2i_client, _ settings: Settings, _ catalogue: Catalogue, _ options: ClientOptions,
    _ marks: [ConfigMark]
  ) throws(Failure) {
    self.catalogue = catalogue
    self.marks = Locked(marks)
    showsLinks = settings.outputUrls
    let isPumped = options.engine.drive == .pumped
    // Who turns the loop sleeps on mail and on the provider's connections at once, if it has any.
    let ear = settings.provider == .runway ? try Ear() : nil
    if let ear, isPumped { crt_client_set_ear(handle, ear.descriptor) }
    let bell = Bell(crt_client_bell(handle), ear: isPumped ? ear : nil)
    let mailBell = OwnBell(ear: isPumped ? nil : ear)
    // Mail wakes whoever turns the loop: the library's thread, or a host that waits.
    let mailbox = Mailbox<Message>(onFirst: {
      guard isPumped else { return mailBell.bell.ring() }
      bell.ring()
      crt_client_attend(handle)
    })
    studio = try Studio(settings, post: { mailbox.drop(.reply($0)) })
    let ledger = try Ledger(settings, account: studio.account)
    self.ledger = ledger
    if let journal = ledger.journal, ledger.isKept { try studio.remember(journal) }
    var keeping = Keeping()
    keeping.leavesPictures = studio.leavesPictures
    keeping.maxBytes = settings.maxOutputBytes
    keeping.takesEvidence = ledger.isKept && studio.provider.terms.survives
    keeping.logsPrompts = settings.logsPrompts
    let log = LogBook(unixMilliseconds: { Clock.unixMilliseconds })
    let board = Board(unixMilliseconds: { Clock.unixMilliseconds })
    let loop = Loop(
      provider: studio.provider, journal: ledger.journal,
      album: settings.outputDir.map { Folder($0, namesByIntent: ledger.isKept) }, board: board,
      scheduler: Scheduler(maxSubmitting: settings.maxSubmitting, maxConcurrent: settings.maxConcurrent),
      random: Random(seed: systemSeed()), clock: { Clock.now }, keeping: keeping, log: log)
    engine = Engine(
      settings: options.engine, loop: loop, board: board, mailbox: mailbox, mailBell: mailBell, bell: bell,
      log: log, takeWake: { crt_client_take_wake(handle) != 0 },
      hasWake: { crt_client_has_wake(handle) != 0 },
      isInsideProvider: studio.isInsideProvider)
    try engine.start()
  }

  /// Ends every thread of the client.
  func stop() {
    engine.stop()
    studio.provider.stop()
    ledger.journal?.close()
  }

  /// What t2i_check reports.
  func check(_ text: UnsafeRawBufferPointer) throws(Failure) -> JSON {
    let report = try report(
      JSONCodec.decode(text, what: "req"), count: Client.blobsUnknown,
      studio.inspector(blobs: nil, isSending: false))
    return try studio.judged(report)
  }

  private func report(
    _ request: JSON, count: Int, _ inspector: any Inspector
  ) throws(Failure) -> Report {
    var rules = studio.rules
    rules.blobCount = count
    return catalogue.check(request, under: rules, with: inspector)
  }

  /// The request of an earlier life, without what was handed over beside it.
  func again(_ text: String) throws(Failure) -> Request {
    let report = try report(
      JSONCodec.decode(text, what: "req"), count: 0, studio.inspector(blobs: [], isSending: true))
    return try report.accepted()
  }

  /// A check sees the request alone; the blobs it names come with the submit.
  private static let blobsUnknown = 1 << 20

  func submit(_ text: UnsafeRawBufferPointer, _ options: SubmitOptions) throws(Failure) -> Handle {
    try studio.requireProvider()
    let report = try report(
      JSONCodec.decode(text, what: "req"), count: options.blobs.count,
      studio.inspector(blobs: options.blobs, isSending: true))
    let request = try report.accepted()
    let price = try studio.price(of: request) ?? report.listPrice
    try options.refuse(price)
    let draft = try ledger.draft(of: request, price, options.dedupeKey, provider: studio.provider.name)
    return try ledger.alone(options.dedupeKey) { () throws(Failure) -> Handle in
      if let known = try ledger.holder(of: draft, on: engine.board) { return known }
      let overdraft = try ledger.hold(draft.reserved, model: request.model, price)
      let dossier = Dossier(
        user: options.user, request: request.body, opening: draft,
        warnings: report.warnings.map { $0.json } + studio.remarks(request) + overdraft,
        isKept: ledger.isKept, showsLinks: showsLinks)
      do throws(Failure) {
        return try engine.submit(
          dossier,
          Assignment(
            request: request, uploads: studio.uploads(of: request), deadline: options.deadline, opening: draft
          )
        ) { ledger.expect(draft, $0) }
      } catch {
        ledger.journal?.forget(amount: draft.reserved)
        throw error
      }
    }
  }

  /// Tasks whose handles are open, their money, and what went over the wire.
  var statistics: JSON {
    var report = Statistics.report(engine.board.snapshots)
    ledger.addMoney(to: &report)
    studio.addTraffic(to: &report)
    return .object(report)
  }
}

/// The client's folder for finished pictures.
private final class Folder: Album {
  private let path: String
  private let namesByIntent: Bool

  init(_ path: String, namesByIntent: Bool) {
    self.path = path
    self.namesByIntent = namesByIntent
  }

  /// A task in a journal may come back after a crash with its picture saved already, and must find it: its files have
  /// the name of the intent. Where nothing comes back, the hash names a picture by what it shows.
  func keep(_ picture: Picture, intent: String, output: Int, again: Bool) throws(Failure) -> String {
    guard let bytes = picture.bytes else {
      throw Failure(.internalError, "a picture arrived without its bytes")
    }
    let mark = namesByIntent ? String(intent.bytes.prefix(13)) : String(picture.sha256.bytes.prefix(12))
    let number: Sentence = namesByIntent && output > 0 ? "-\(output + 1)" : ""
    return try Outputs.keep(
      bytes.memory, in: path, named: String(sentence: "t2i-\(mark)\(number)"),
      extension: Folder.ending(of: picture.mime), adopts: again && namesByIntent)
  }
}

extension Folder {
  /// As a person would name the file.
  fileprivate static func ending(of mime: String) -> String {
    if mime.is("image/jpeg") { return "jpg" }
    if mime.is("image/webp") { return "webp" }
    if mime.is("image/x-rgba") { return "rgba" }
    return mime.is("image/svg+xml") ? "svg" : "png"
  }
}

/// The catalogue the library knows without being told.
enum BuiltIn {
  static func catalogue() throws(Failure) -> Catalogue {
    let text = UnsafeRawBufferPointer(start: ccatalogue_text(), count: ccatalogue_length())
    return try Catalogue.read(JSONCodec.decode(text, what: "catalogue"))
  }
}

extension Catalogue {
  /// A file in the shape of the built-in catalogue takes its place. What it makes cheaper is reported, because a
  /// price that is too low lets a budget overshoot.
  static func replacing(
    _ path: String?, warn: (Problem) -> Void
  ) throws(Failure) -> Catalogue {
    let builtIn = try BuiltIn.catalogue()
    guard let path else { return builtIn }
    let text = try Reading.document(path, atMost: 16 << 20, "/catalogue")
    let replacement: Catalogue
    do throws(Failure) {
      replacement = try Catalogue.read(JSONCodec.decode(text.memory, what: "catalogue"))
    } catch {
      // The sentence says where in the file; the host knows its config only.
      var failure = error
      failure.location = "/catalogue"
      throw failure
    }
    for problem in replacement.warnings(against: builtIn) { warn(problem) }
    return replacement
  }
}
