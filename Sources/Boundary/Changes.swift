// What may change while a client is open: by a patch, and by a host that loads its script again and adopts the client it
// had.

import Core
import Engine
import JSONCodec
import Platform
import Store

/// What one key of a config said, without saying it: neither a key nor a proxy's password is kept to be compared.
struct ConfigMark: Sendable {
  let key: String
  private let sum: String

  init(_ member: JSON.Member) throws(Failure) {
    key = member.key
    var hash = SHA256()
    try JSONCodec.encode(.array([member.value])).string.lend { hash.update(UnsafeRawBufferPointer($0)) }
    sum = hash.finish()
  }

  func says(_ other: ConfigMark) -> Bool { key.equals(other.key) && sum.equals(other.sum) }

  static func all(_ config: JSON) throws(Failure) -> [ConfigMark] {
    var marks: [ConfigMark] = []
    for member in config.object?.members ?? [] { marks.append(try ConfigMark(member)) }
    return marks
  }
}

/// A patch that was checked, and not applied yet.
struct Change {
  fileprivate let asked: Settings
  fileprivate let new: [ConfigMark]
  fileprivate var key: Secret?
  fileprivate var account: UInt64 = 0

  fileprivate func has(_ name: StaticString) -> Bool {
    for mark in new where mark.key.is(name) { return true }
    return false
  }

  fileprivate func ifNew<Value>(_ name: StaticString, _ value: Value) -> Value? { has(name) ? value : nil }

  /// In the order of the header.
  fileprivate static func allows(_ key: String) -> Bool {
    for name: StaticString in [
      "apiKey", "budget", "maxConcurrent", "maxSubmitting", "maxOutputBytes", "logPrompts",
    ]
    where key.is(name) { return true }
    return false
  }
}

extension Client {
  /// Checks a patch of the config. What says the same as before is no change, so a whole config may be said again.
  func prepare(_ patch: JSON) throws(Failure) -> Change {
    let asked = try Settings.read(patch)
    let known = marks.withLock { $0 }
    var new: [ConfigMark] = []
    for mark in try ConfigMark.all(patch) where !known.contains(where: { $0.says(mark) }) {
      guard Change.allows(mark.key) else {
        throw Failure(
          .state, at: String(sentence: "/\(mark.key)"),
          """
          \(mark.key) stays as it was while the client is open; close it and open another. What can change: apiKey, \
          budget, maxConcurrent, maxSubmitting, maxOutputBytes, logPrompts
          """)
      }
      new.append(mark)
    }
    var change = Change(asked: asked, new: new)
    if change.has("apiKey"), let text = asked.apiKey {
      (change.key, change.account) = try studio.key(text)
    }
    if change.has("budget"), let budget = asked.budget { try ledger.checkChange(budget) }
    return change
  }

  /// The loop hears of it with its next turn.
  func apply(_ change: Change) throws(Failure) {
    if change.key != nil, ledger.isKept { try ledger.journal?.addKey(change.account) }
    if change.has("budget"), let budget = change.asked.budget { try ledger.change(budget) }
    engine.adjust(
      Adjustment(
        key: change.key, maxSubmitting: change.ifNew("maxSubmitting", change.asked.maxSubmitting),
        maxConcurrent: change.ifNew("maxConcurrent", change.asked.maxConcurrent),
        maxBytes: change.ifNew("maxOutputBytes", change.asked.maxOutputBytes),
        logsPrompts: change.ifNew("logPrompts", change.asked.logsPrompts)))
    marks.withLock { marks in
      for mark in change.new {
        marks.removeAll { $0.key.equals(mark.key) }
        marks.append(mark)
      }
    }
  }

  /// The host was loaded again and takes this client over, with the tasks it has.
  func adopt(_ config: JSON, _ options: ClientOptions) throws(Failure) {
    if let closed = engine.board.closed { throw closed }
    guard options.engine.drive == engine.drive, options.engine.eventsOnOwnThread == engine.eventsOnOwnThread
    else {
      throw Failure(
        .state, at: "opts.flags",
        "the client of this name was opened with other flags; T2I_OPEN_ADOPT takes it as it is, or close it first"
      )
    }
    let change = try prepare(config)
    try engine.listen(options.engine.listener)
    try apply(change)
  }
}

/// Names that clients of this process have, so that a host finds its own again.
enum ClientNames {
  private struct Place {
    let name: String
    /// 0 while it is being opened.
    var handle: UInt64
  }

  private static let places = Locked<[Place]>([])

  /// The handle of the client that has the name, nil where it is the caller's to open now, and then to `keep` or `free`.
  static func find(orReserve name: String) throws(Failure) -> UInt64? {
    try places.withLock { places throws(Failure) in
      for place in places where place.name.equals(name) {
        if place.handle != 0 { return place.handle }
        throw Failure(
          .busy, at: "/name", "another thread is opening a client of this name; try again when it has it")
      }
      places.append(Place(name: name, handle: 0))
      return nil
    }
  }

  static func keep(_ name: String, for handle: UInt64) {
    places.withLock { places in
      for index in places.indices where places[index].name.equals(name) { places[index].handle = handle }
    }
  }

  static func free(_ name: String) { places.withLock { $0.removeAll { $0.name.equals(name) } } }

  static func free(_ handle: UInt64) { places.withLock { $0.removeAll { $0.handle == handle } } }
}
