// What happened, for whoever runs a host. A record is made of words of our own, numbers and a service's names for its
// tasks; no text of a caller's has a way in, but for the prompt, by a door of its own that a config opens.

/// One record of a client's log.
package final class LogRecord: Sendable {
  /// As include/t2i.h numbers them: the lower, the more urgent.
  package enum Level: Int32, Sendable, Comparable {
    case error = 1
    case warn = 2
    case info = 3
    case debug = 4

    package var name: StaticString {
      switch self {
      case .error: "error"
      case .warn: "warn"
      case .info: "info"
      case .debug: "debug"
      }
    }

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  package let level: Level
  package let json: JSON

  package init(_ level: Level, at unixMilliseconds: Int64, _ details: LogDetails) {
    self.level = level
    var record = JSON.Object()
    record.add("at", number: unixMilliseconds)
    record.add("level", word: level.name)
    for member in details.object.members { record.append(member.key, member.value) }
    json = .object(record)
  }
}

/// What a record says beyond when and how urgent.
package struct LogDetails: Sendable {
  fileprivate var object = JSON.Object()

  package init(_ event: StaticString, of task: Handle? = nil) {
    object.add("event", word: event)
    object.add("task", number: task.map { Int64($0.rawValue) })
  }

  package mutating func add(_ key: StaticString, word: StaticString) { object.add(key, word: word) }
  package mutating func add(_ key: StaticString, number: Int64?) { object.add(key, number: number) }

  /// What the service calls a task.
  package mutating func add(token: String?) { if let token { object.add("token", text: token) } }

  /// How something failed, without its sentence, which may quote a service that quotes the prompt.
  package mutating func add(_ failure: Failure?) {
    guard let failure else { return }
    object.add("status", word: failure.status.name)
    if failure.http != 0 { object.add("http", number: Int64(failure.http)) }
    if failure.systemCode != 0 { object.add("code", number: failure.systemCode) }
  }

  /// Only where the config says so.
  package mutating func add(prompt: String?) { if let prompt { object.add("prompt", text: prompt) } }
}

extension Fact {
  var logLevel: LogRecord.Level {
    switch self {
    case .ambiguous: .error
    case .unsent, .refused: .warn
    case .ended(let ending): ending.state == .failed || ending.state == .detached ? .warn : .info
    case .witnessed: .debug
    default: .info
    }
  }

  package func logged(of task: Handle) -> (level: LogRecord.Level, details: LogDetails) {
    var details = LogDetails(name, of: task)
    switch self {
    case .submitting(let attempt): details.add("attempt", number: Int64(attempt))
    case .submitted(let token, let millicredits):
      details.add(token: token)
      details.add("millicredits", number: millicredits)
    case .refused(let status): details.add("status", word: status.name)
    case .settled(let token): details.add(token: token)
    case .fetched(let output, _), .handedOut(let output): details.add("output", number: Int64(output))
    case .ended(let ending):
      details.add("state", word: ending.state.name)
      details.add(ending.failure)
    case .accepted, .uploaded, .unsent, .ambiguous, .cancelling, .witnessed: break
    }
    return (logLevel, details)
  }
}

extension Operation {
  package var name: StaticString {
    switch self {
    case .upload: "upload"
    case .submit: "submit"
    case .check: "check"
    case .fetch: "fetch"
    case .cancel: "cancel"
    }
  }
}
