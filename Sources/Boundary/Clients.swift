// Every client of this process, by handle, and how one comes and goes.

import CRT
import CSys
import CT2I
import Core
import Engine
import JSONCodec
import Platform
import Store

/// The client behind a handle. It stays alive while the caller holds it, whoever closes it meanwhile.
func client(_ handle: t2i_client) throws(Failure) -> Client {
  let found = crt_client_find(handle) { object in
    if let object { _ = Unmanaged<Client>.fromOpaque(object).retain() }
  }
  guard let found else { throw Clients.unknown(handle) }
  return Unmanaged<Client>.fromOpaque(found).takeRetainedValue()
}

enum Clients {
  static func open(_ config: UnsafeRawBufferPointer, _ options: ClientOptions) throws(Failure) -> t2i_client {
    let config = try JSONCodec.decode(config, what: "config")
    let settings = try Settings.read(config)
    guard let name = settings.name else {
      if options.adopts {
        throw Failure(
          .argument, at: "/name", "T2I_OPEN_ADOPT finds a client by its name; give the config a name")
      }
      return try open(config, settings, options)
    }
    if let handle = try ClientNames.find(orReserve: name) {
      guard options.adopts else {
        throw Failure(
          .exists, at: "/name",
          "a client of this name is open; close it, choose another name, or take it over with T2I_OPEN_ADOPT")
      }
      try client(handle).adopt(config, options)
      return handle
    }
    do throws(Failure) {
      let handle = try open(config, settings, options)
      ClientNames.keep(name, for: handle)
      return handle
    } catch {
      ClientNames.free(name)
      throw error
    }
  }

  private static func open(
    _ config: JSON, _ asked: Settings, _ options: ClientOptions
  ) throws(Failure) -> t2i_client {
    var settings = asked
    try settings.settle()
    let marks = try ConfigMark.all(config)
    if let folder = settings.outputDir { try Outputs.requireFolder(folder) }
    let catalogue = try Catalogue.replacing(settings.catalogue) { options.warn($0) }
    if crt_fork_guard() != 0 {
      throw Failure(.io, "the system cannot mark memory that a forked child must not share; Linux 4.14 can")
    }
    let upper = Handle(.client, slot: 0, serial: Serial.next()).rawValue >> Handle.slotBits
    let handle = crt_client_reserve(upper, UInt32(Handle.slotBits))
    guard handle != 0 else {
      throw Failure(.limit, at: "out", "\(CRT_CLIENTS_MAX) clients are open; close one first")
    }
    do throws(Failure) {
      let client = try Client(handle, settings, catalogue, options, marks)
      options.warn(ofMoney: client.ledger, isPaid: settings.provider == .runway)
      crt_client_publish(handle, Unmanaged.passRetained(client).toOpaque())
      return handle
    } catch {
      crt_client_remove(handle)
      throw error
    }
  }

  /// `.timeout` and `.woken` leave the client closing: nothing new is accepted, and close may be called again.
  static func close(_ handle: t2i_client, _ why: Failure, until deadline: Instant) throws(Failure) -> Status {
    let closing = try client(handle)
    guard try closing.studio.closeForCallers(until: deadline) else { return .timeout }
    let status = try closing.engine.leave(why, until: deadline)
    guard status == .ok else { return status }
    // Of several threads that close one client, the slot tells which ends it.
    leaving.begin()
    defer { leaving.end() }
    guard let object = crt_client_remove(handle) else { throw unknown(handle) }
    ClientNames.free(handle)
    Unmanaged<Client>.fromOpaque(object).release()
    closing.stop()
    return .ok
  }

  /// Clients whose handle is gone and whose threads may not be.
  private static let leaving = Leaving()

  /// Closes every client. What could not be closed in time is listed.
  static func shutDown(until deadline: Instant) -> [JSON] {
    let why = Failure(.shutdown, "the library was shut down")
    var leaks: [JSON] = []
    for slot in 0..<UInt32(CRT_CLIENTS_MAX) {
      let handle = crt_client_at(slot)
      guard handle != 0 else { continue }
      do throws(Failure) {
        var ended = try close(handle, why, until: deadline)
        while ended == .woken { ended = try close(handle, why, until: deadline) }
        if ended == .ok { continue }
        leaks.append(leak(handle, "its tasks or callbacks had not ended in time"))
      } catch {
        // Another thread closes it, or has.
        if error.status == .handle || error.status == .closed { continue }
        leaks.append(leak(handle, Sentence(error.message)))
      }
    }
    if !leaving.waitForAll(until: deadline) {
      leaks.append(leak(nil, "another thread was still closing a client; wait for it and shut down again"))
    }
    return leaks
  }

  private static func leak(_ handle: t2i_client?, _ why: Sentence) -> JSON {
    var leak = JSON.Object()
    leak.add("client", number: handle.map { Int64($0) })
    leak.add("why", text: why.text)
    return .object(leak)
  }

  static func unknown(_ handle: t2i_client) -> Failure {
    if handle == 0 { return Failure(.handle, at: "c", "c is 0; t2i_client_open gives a client's handle") }
    return Handle(rawValue: handle).kind == .client
      ? Failure(.handle, at: "c", "no such client; it was closed, or the number is wrong")
      : Failure(.handle, at: "c", "c is not a client's handle; t2i_client_open gives one")
  }
}

/// How many threads are inside the last part of closing a client.
private final class Leaving: Sendable {
  private let count = Locked(0)
  private let bell = OwnBell()

  func begin() { count.withLock { $0 += 1 } }

  func end() {
    count.withLock { $0 -= 1 }
    bell.bell.ring()
  }

  /// False when some were not done in time.
  func waitForAll(until deadline: Instant) -> Bool {
    while true {
      let seen = bell.bell.read()
      if count.withLock({ $0 == 0 }) { return true }
      if Clock.now >= deadline { return false }
      bell.bell.wait(seen: seen, until: deadline)
    }
  }
}

/// t2i_client_opts, checked.
struct ClientOptions {
  var engine = Engine.Settings()
  let adopts: Bool
  private let log: LogFunction?

  /// A function of the host's and its argument. The host promises that it may be called from any thread.
  private struct EventFunction: @unchecked Sendable {
    let call: t2i_event_fn
    let user: UnsafeMutableRawPointer?

    func tell(_ event: Event) {
      var told = t2i_event()
      told.struct_size = UInt32(MemoryLayout<t2i_event>.size)
      withUnsafeMutablePointer(to: &told) { $0.fill(event) }
      call(user, &told)
    }
  }

  private struct LogFunction: @unchecked Sendable {
    let call: t2i_log_fn
    let user: UnsafeMutableRawPointer?
    let level: Int32

    func tell(_ level: Int32, _ record: JSON) {
      guard let text = try? JSONCodec.encode(record) else { return }
      text.memory.withMemoryRebound(to: CChar.self) { call(user, level, $0.baseAddress, $0.count) }
    }
  }

  init(_ given: t2i_client_opts?) throws(Failure) {
    guard let given else {
      (adopts, log) = (false, nil)
      return
    }
    let known = UInt32(T2I_OPEN_PUMPED | T2I_OPEN_ADOPT | T2I_OPEN_EVENTS_ON_LIB_THREAD)
    guard given.flags & ~known == 0 else {
      throw Failure(
        .argument, at: "opts.flags",
        "flags is \(given.flags), may be T2I_OPEN_PUMPED, T2I_OPEN_ADOPT and T2I_OPEN_EVENTS_ON_LIB_THREAD")
    }
    adopts = given.flags & UInt32(T2I_OPEN_ADOPT) != 0
    guard given.reserved0 == 0 else {
      throw Failure(
        .argument, at: "opts.reserved0",
        "reserved0 is \(given.reserved0), must be 0; start from T2I_CLIENT_OPTS_INIT")
    }
    engine.drive = given.flags & UInt32(T2I_OPEN_PUMPED) != 0 ? .pumped : .threaded
    engine.eventsOnOwnThread = given.flags & UInt32(T2I_OPEN_EVENTS_ON_LIB_THREAD) != 0
    if engine.eventsOnOwnThread && (engine.drive == .pumped || given.on_event == nil) {
      throw Failure(
        .argument, at: "opts.flags",
        "T2I_OPEN_EVENTS_ON_LIB_THREAD needs on_event and a client that is not pumped")
    }
    guard (0...Int32(T2I_LOG_DEBUG)).contains(given.log_level) else {
      throw Failure(.argument, at: "opts.log_level", "log_level is \(Int(given.log_level)), must be 0 to 4")
    }
    let log = given.on_log.map { LogFunction(call: $0, user: given.on_log_user, level: given.log_level) }
    self.log = log
    let onEvent = given.on_event.map { EventFunction(call: $0, user: given.on_event_user) }
    var (events, records): ((@Sendable (Event) -> Void)?, (@Sendable (LogRecord) -> Void)?) = (nil, nil)
    if let onEvent { events = { onEvent.tell($0) } }
    if let log { records = { log.tell($0.level.rawValue, $0.json) } }
    engine.listener = Engine.Listener(
      onEvent: events, onLog: records, logLevel: LogRecord.Level(rawValue: given.log_level))
  }

  func warn(_ problem: Problem) { warn(at: problem.location, problem.message) }

  /// On the thread that called us. `recoverable` is for programs, which read no sentences.
  private func warn(at place: String, _ message: String, recoverable: Int? = nil) {
    guard let log, log.level >= Int32(T2I_LOG_WARN) else { return }
    var record = JSON.Object()
    record.add("at", number: Clock.unixMilliseconds)
    record.add("level", word: "warn")
    record.add("event", word: "opened")
    record.add("where", text: place)
    record.add("message", text: message)
    record.add("recoverable", number: recoverable)
    log.tell(Int32(T2I_LOG_WARN), .object(record))
  }
}

extension ClientOptions {
  /// What a host should hear before it pays for more: what earlier clients left unfinished, or that nothing will be
  /// written down.
  func warn(ofMoney ledger: Ledger, isPaid: Bool) {
    if isPaid && !ledger.isKept {
      warn(
        at: "/journal",
        "there is no journal, so a crash forgets what was paid; leave \"journal\" out to keep one")
    }
    guard ledger.isKept, let count = try? ledger.journal?.countRecoverable(), count > 0 else { return }
    warn(
      at: "/journal",
      "tasks of earlier clients are unfinished and may have been paid; t2i_recover finds them",
      recoverable: count)
  }
}

enum Statistics {
  /// Tasks whose handles are open, by state, and their money.
  static func report(_ snapshots: [Snapshot]) -> JSON.Object {
    var tasks = JSON.Object()
    for state in TaskState.allCases {
      var count = 0
      for snapshot in snapshots where snapshot.state == state { count += 1 }
      if count > 0 { tasks.add(state.name, number: count) }
    }
    var (reserved, spent, ambiguous): (Int64, Int64, Int64) = (0, 0, 0)
    for snapshot in snapshots {
      reserved &+= snapshot.reserved
      spent &+= snapshot.spent ?? 0
      if snapshot.state == .ambiguous { ambiguous += 1 }
    }
    var report = JSON.Object()
    report.add("tasks", .object(tasks))
    report.add("reserved", number: reserved)
    report.add("spent", number: spent)
    report.add("ambiguous", number: ambiguous)
    report.add("over", flag: false)
    return report
  }
}
