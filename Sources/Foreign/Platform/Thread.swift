// Threads of our own, and the bell on which any thread waits.

import CRT
package import Core

/// A bell rung after a change. Read it, look for the change, and only then wait: a change in between is not missed.
package struct Bell: @unchecked Sendable {
  private let word: UnsafeMutablePointer<UInt32>

  /// A bell in memory that outlives every user, such as a client's slot.
  package init(_ word: UnsafeMutablePointer<UInt32>) { self.word = word }

  package func read() -> UInt32 { crt_bell_read(word) }
  package func ring() { crt_bell_ring(word) }

  /// Returns when the bell has left `seen` or the instant has come; sometimes early.
  package func wait(seen: UInt32, until instant: Instant) {
    if instant == .never { return crt_bell_wait(word, seen, -1) }
    let span = instant - Clock.now
    if span > .zero { crt_bell_wait(word, seen, span.nanoseconds) }
  }
}

/// A bell that owns its memory.
package final class OwnBell: @unchecked Sendable {
  private let word: UnsafeMutablePointer<UInt32>
  package let bell: Bell

  package init() {
    word = .allocate(capacity: 1)
    word.initialize(to: 0)
    bell = Bell(word)
  }

  deinit { word.deallocate() }
}

/// A thread that blocks every signal, so that no handler of the host ever runs on it.
package final class Thread: @unchecked Sendable {
  private final class Body {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  private var thread: UInt

  /// `name` shows in debuggers and is at most 15 bytes long. Throws when the system gives no thread.
  package init(_ name: StaticString, stackBytes: Int, _ run: @escaping @Sendable () -> Void) throws(Failure) {
    // Embedded Swift never frees an object whose init throws before every property has a value.
    thread = 0
    let body = Unmanaged.passRetained(Body(run))
    var thread: UInt = 0
    let error = name.withUTF8Buffer { name in
      name.withMemoryRebound(to: CChar.self) { name in
        crt_thread_start(
          &thread, name.baseAddress, stackBytes,
          { argument in
            // The body is started with the reference that was passed to it.
            if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
          }, body.toOpaque())
      }
    }
    guard error == 0 else {
      body.release()
      var failure = Failure(
        .noMemory, "the system gave no thread (errno \(error)); close others or raise the limit")
      failure.systemCode = Int64(error)
      throw failure
    }
    self.thread = thread
  }

  /// Returns when the thread has ended. Once only.
  package func join() { crt_thread_join(thread) }

  package static var current: UInt { crt_thread_self() }
}

/// Numbers for handles; none comes twice in a process.
package enum Serial {
  package static func next() -> UInt64 { crt_serial() }
}
