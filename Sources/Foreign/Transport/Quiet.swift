// While libcurl works on a thread of the host, no signal of the host's is handled there: the resolver threads that
// libcurl starts inherit the mask, and a TLS library that writes to a closed connection raises SIGPIPE.

internal import CSys

/// Begins with the thread's signals held back, ends with the mask as it was and no SIGPIPE of ours left behind.
struct Quiet {
  private var mask = sigset_t()
  private var hadBrokenPipe = false
  /// A thread of our own holds them all back for ever; there is nothing to put back or to take away.
  private var isOurs = false

  init() {
    var all = sigset_t()
    sigfillset(&all)
    // A fault of this thread cannot wait, and whoever reports crashes wants to see it.
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { sigdelset(&all, fault) }
    // Nobody can hold these back, so no mask that is read ever shows them.
    for command in [SIGKILL, SIGSTOP] { sigdelset(&all, command) }
    pthread_sigmask(SIG_BLOCK, &all, &mask)
    isOurs = Quiet.standard(all) & ~Quiet.standard(mask) == 0
    if isOurs { return }
    hadBrokenPipe = sigismember(&mask, SIGPIPE) == 1 && Quiet.isBrokenPipePending
  }

  mutating func end() {
    if isOurs { return }
    if !hadBrokenPipe && Quiet.isBrokenPipePending {
      var brokenPipe = sigset_t()
      sigemptyset(&brokenPipe)
      sigaddset(&brokenPipe, SIGPIPE)
      var noTime = timespec()
      sigtimedwait(&brokenPipe, nil, &noTime)
    }
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  /// The signals up to 64, a bit each.
  private static func standard(_ set: sigset_t) -> UInt64 {
    withUnsafeBytes(of: set) { $0.loadUnaligned(as: UInt64.self) }
  }

  private static var isBrokenPipePending: Bool {
    var pending = sigset_t()
    sigpending(&pending)
    return sigismember(&pending, SIGPIPE) == 1
  }
}
