// Where the parts meet: a config becomes a catalogue, a provider, a loop and an engine. Nothing else in the library
// knows more than two of them.

import CCatalogue
import CRT
import CT2I
import Core
import Engine
import JSONCodec
import Platform
import Sketch
import Store

/// One open client.
final class Client: @unchecked Sendable {
  let engine: Engine
  let catalogue: Catalogue
  private let provider: SketchProvider
  private let rules: CheckRules

  /// The slot must be reserved for it; nobody finds it before it is published there.
  init(_ handle: t2i_client, _ settings: Settings, _ catalogue: Catalogue, _ options: ClientOptions)
    throws(Failure)
  {
    self.catalogue = catalogue
    rules = Client.rules(settings)
    let bell = Bell(crt_client_bell(handle), ear: nil)
    let mailBell = OwnBell()
    let isPumped = options.engine.drive == .pumped
    // Mail wakes whoever turns the loop: the library's thread, or a host that waits.
    let mailbox = Mailbox<Message>(onFirst: {
      guard isPumped else { return mailBell.bell.ring() }
      bell.ring()
      crt_client_attend(handle)
    })
    let threads = settings.paintThreads ?? min(Clock.processors, Client.paintThreadsMax)
    let sketch = SketchProvider(
      settings: SketchProvider.Settings(
        paintThreads: threads, simulation: settings.simulate.map(Simulation.init)),
      post: { mailbox.drop(.reply($0)) })
    let board = Board(unixMilliseconds: { Clock.unixMilliseconds })
    let loop = Loop(
      provider: sketch, journal: nil, album: settings.outputDir.map { Folder($0) }, board: board,
      scheduler: Scheduler(maxSubmitting: settings.maxSubmitting, maxConcurrent: settings.maxConcurrent),
      random: Random(seed: systemSeed()))
    provider = sketch
    engine = Engine(
      settings: options.engine, loop: loop, board: board, mailbox: mailbox, mailBell: mailBell, bell: bell,
      takeWake: { crt_client_take_wake(handle) != 0 }, hasWake: { crt_client_has_wake(handle) != 0 })
    try engine.start()
  }

  /// More painters than this share memory bandwidth rather than work.
  private static let paintThreadsMax = 8

  private static func rules(_ settings: Settings) -> CheckRules {
    var rules = CheckRules()
    rules.takesAnySize = true
    rules.maxPixels = settings.maxPixels
    rules.localReferences = settings.localReferences
    rules.allowedReferenceHosts = settings.allowedReferenceHosts
    return rules
  }

  /// Ends every thread of the client.
  func stop() {
    engine.stop()
    provider.stop()
  }

  /// What this client's provider charges for a picture: sketch nothing, and that is certain.
  var price: Price { Price(millicredits: 0, certainty: .known) }

  /// `blobs` is nil where nobody knows yet how many will come along.
  func check(_ text: UnsafeRawBufferPointer, blobs: Int?) throws(Failure) -> Report {
    var rules = rules
    rules.blobCount = blobs ?? Client.blobsUnknown
    return catalogue.check(try JSONCodec.decode(text, what: "req"), under: rules)
  }

  /// A check sees the request alone; the blobs it names come with the submit.
  private static let blobsUnknown = 1 << 20

  func submit(_ text: UnsafeRawBufferPointer, _ options: SubmitOptions) throws(Failure) -> Handle {
    let report = try check(text, blobs: options.blobs)
    let request = try report.accepted()
    let dossier = Dossier(
      user: options.user, request: .object(request.body), price: price.json,
      warnings: report.warnings.map { $0.json } + Client.remarks(request), provider: "sketch")
    return try engine.submit(dossier, Assignment(request: request, reserved: 0, deadline: options.deadline))
  }

  private static func remarks(_ request: Request) -> [JSON] {
    guard !request.references.isEmpty else { return [] }
    var remark = JSON.Object()
    remark.add("where", word: "/referenceImages")
    remark.add("message", word: "sketch does not look at references; they only tint its palette")
    return [.object(remark)]
  }
}

extension Simulation {
  fileprivate init(_ asked: Settings.Simulate) {
    self.init()
    latency = .milliseconds(asked.latencyMilliseconds)
    steps = asked.steps
    failureCode = asked.failureCode
  }
}

/// The client's folder for finished pictures.
private final class Folder: Album {
  private let path: String
  init(_ path: String) { self.path = path }

  func keep(_ picture: Picture, task: Handle, output: Int) throws(Failure) -> String {
    guard let bytes = picture.bytes else {
      throw Failure(.internalError, "a picture arrived without its bytes")
    }
    // The hash names the picture by what it shows; the same picture twice gets a number.
    let name = String(sentence: "t2i-\(String(picture.sha256.bytes.prefix(12)))")
    return try Outputs.keep(bytes.memory, in: path, named: name, extension: "png")
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
