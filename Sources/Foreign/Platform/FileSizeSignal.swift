// A dependency's write beyond the process's file size limit raises SIGXFSZ, whose default ends the process. Held back
// on the writing thread, the write only fails.

import CSys

/// Holds the signal back on this thread until it is released, and takes away what was raised in between.
package struct FileSizeSignal {
  private var mask = sigset_t()
  /// Without a limit there is no signal, and a thread that has it blocked already needs nothing.
  private var isHeld = false

  package init() {
    guard cs_file_size_limit() != .max, !FileSizeSignal.isPending else { return }
    var own = FileSizeSignal.alone
    pthread_sigmask(SIG_BLOCK, &own, &mask)
    isHeld = true
  }

  package func release() {
    guard isHeld else { return }
    if FileSizeSignal.isPending {
      var own = FileSizeSignal.alone
      var noTime = timespec()
      sigtimedwait(&own, nil, &noTime)
    }
    var before = mask
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  private static var alone: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGXFSZ)
    return set
  }

  private static var isPending: Bool {
    var pending = sigset_t()
    sigpending(&pending)
    return sigismember(&pending, SIGXFSZ) == 1
  }
}
