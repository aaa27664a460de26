// Records of a client's log, from where they happen to the host's own thread. A host that does not listen costs one
// comparison a record; one that listens too slowly, or a service that fails too fast, costs records, which are counted.

package import Core
import Platform

package final class LogBook: Log, Sendable {
  /// Waiting for the host; and in one second.
  private static let waitingMax = 1000
  private static let perSecond = 200

  private struct State {
    var level: LogRecord.Level?
    var waiting = Fifo<LogRecord>()
    var second: Int64 = 0
    var inSecond = 0
    var left: Int64 = 0
  }

  private let state = Locked(State())
  private let unixMilliseconds: @Sendable () -> Int64

  package init(unixMilliseconds: @escaping @Sendable () -> Int64) { self.unixMilliseconds = unixMilliseconds }

  /// What is heard from now on; nil: nothing.
  package func listen(_ level: LogRecord.Level?) {
    state.withLock { state in
      state.level = level
      if level == nil { state.waiting = Fifo() }
    }
  }

  package func hears(_ level: LogRecord.Level) -> Bool {
    state.withLock { state in state.level.map { level <= $0 } ?? false }
  }

  package func note(_ level: LogRecord.Level, _ details: LogDetails) {
    let now = unixMilliseconds()
    state.withLock { state in
      guard let heard = state.level, level <= heard else { return }
      if state.second != now / 1000 { (state.second, state.inSecond) = (now / 1000, 0) }
      state.inSecond += 1
      guard level == .error || state.inSecond <= LogBook.perSecond, state.waiting.count < LogBook.waitingMax
      else {
        state.left += 1
        return
      }
      state.waiting.append(LogRecord(level, at: now, details))
    }
  }

  package var hasRecords: Bool { state.withLock { !$0.waiting.isEmpty || $0.left > 0 } }

  /// The oldest; after them how many were left out.
  package func take() -> LogRecord? {
    let now = unixMilliseconds()
    return state.withLock { state in
      if let record = state.waiting.popFirst() { return record }
      guard state.left > 0 else { return nil }
      var details = LogDetails("left out")
      details.add("count", number: state.left)
      state.left = 0
      return LogRecord(.warn, at: now, details)
    }
  }
}
