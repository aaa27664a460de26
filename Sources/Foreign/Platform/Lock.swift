// A value several threads share. Locks guard data, not code: call nothing inside that could wait or call back.

import CSys

/// A value behind a pthread mutex. Where only the order counts it is a Bool: what has no size has the address of this
/// object, and ThreadSanitizer takes every entry for a race.
package final class Locked<Value>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  package init(_ value: Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  package func withLock<Result, E: Error>(_ body: (inout Value) throws(E) -> Result) throws(E) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}

/// The right to turn a pumped client's loop: one thread holds it at a time.
package final class Turnstile: @unchecked Sendable {
  private let holder = Locked<UInt>(0)

  package init() {}

  /// True when this thread holds it now.
  package func enter() -> Bool {
    holder.withLock { holder in
      guard holder == 0 else { return false }
      holder = Thread.current
      return true
    }
  }

  package func leave() { holder.withLock { $0 = 0 } }

  package var isHeld: Bool { holder.withLock { $0 != 0 } }
}
