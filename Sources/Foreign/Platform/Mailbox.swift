// Where hosts and providers drop messages for the one thread that turns the loop.

/// Any thread drops; one thread takes everything there is, in order.
package final class Mailbox<Message>: @unchecked Sendable {
  private struct State {
    var messages: [Message] = []
    /// Somebody took, and will look again before going to sleep.
    var isAttended = false
  }

  private let state = Locked(State())
  private let onFirst: @Sendable () -> Void

  /// `onFirst` runs on the dropping thread when the box stops being empty and nobody attends to it.
  package init(onFirst: @escaping @Sendable () -> Void) { self.onFirst = onFirst }

  package func drop(_ message: Message) {
    let isNews = state.withLock { state in
      state.messages.append(message)
      return state.messages.count == 1 && !state.isAttended
    }
    if isNews { onFirst() }
  }

  /// Until `rest` what is dropped calls nobody: most of it comes from the turn that took, and is for the next one.
  package func takeAll() -> [Message] {
    state.withLock { state in
      let taken = state.messages
      state = State(messages: [], isAttended: true)
      return taken
    }
  }

  /// From now on the box calls again. False when something came meanwhile, of which nobody was told.
  package func rest() -> Bool {
    state.withLock { state in
      state.isAttended = false
      return state.messages.isEmpty
    }
  }

  package var isEmpty: Bool { state.withLock { $0.messages.isEmpty } }
}
