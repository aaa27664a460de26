// Threads of our own.

import CRT
package import Core

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
