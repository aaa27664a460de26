// Where hosts and providers drop messages for the one thread that turns the loop.

/// Any thread drops; one thread takes everything there is, in order.
package final class Mailbox<Message>: @unchecked Sendable {
  private let messages = Locked<[Message]>([])
  private let onFirst: @Sendable () -> Void

  /// `onFirst` runs on the dropping thread when the box stops being empty.
  package init(onFirst: @escaping @Sendable () -> Void) { self.onFirst = onFirst }

  package func drop(_ message: Message) {
    let first = messages.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    if first { onFirst() }
  }

  package func takeAll() -> [Message] {
    messages.withLock { messages in
      let taken = messages
      messages = []
      return taken
    }
  }

  package var isEmpty: Bool { messages.withLock { $0.isEmpty } }
}
