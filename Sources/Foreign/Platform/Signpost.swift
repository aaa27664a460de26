// The one descriptor a host can put into its own poll, select, epoll or event loop.

import CSys
package import Core

/// Readable while it is raised or its alarm has gone off; level-triggered. Descriptors are close-on-exec and at
/// least 3.
package final class Signpost: @unchecked Sendable {
  /// What the host polls.
  package let descriptor: Int32
  /// What `raise` writes to; a signal handler may too.
  package let flag: Int32
  private let alarm: Int32

  package init() throws(Failure) {
    descriptor = Signpost.aboveStandard(epoll_create1(Int32(EPOLL_CLOEXEC)))
    flag = Signpost.aboveStandard(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)))
    alarm = Signpost.aboveStandard(timerfd_create(CLOCK_BOOTTIME, Int32(TFD_CLOEXEC | TFD_NONBLOCK)))
    let error = cs_errno()
    guard descriptor >= 0, flag >= 0, alarm >= 0, watch(flag), watch(alarm) else {
      close()
      var failure = Failure(
        .io, "the system gave no descriptor (errno \(error)); close others or raise RLIMIT_NOFILE")
      failure.systemCode = Int64(error)
      throw failure
    }
  }

  package func raise() {
    var one: UInt64 = 1
    _ = write(flag, &one, 8)
  }

  package func lower() {
    var count: UInt64 = 0
    _ = read(flag, &count, 8)
    _ = read(alarm, &count, 8)
  }

  /// `.never` turns the alarm off.
  package func setAlarm(_ instant: Instant) {
    var time = itimerspec()
    if instant != .never {
      // A time of zero would turn the alarm off; one nanosecond after boot has passed just as well.
      let nanoseconds = max(1, instant.nanoseconds)
      time.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
      time.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
    }
    timerfd_settime(alarm, Int32(TFD_TIMER_ABSTIME), &time, nil)
  }

  package func close() {
    Signpost.close(descriptor)
    Signpost.close(flag)
    Signpost.close(alarm)
  }

  private static func close(_ opened: Int32) {
    if opened >= 0 { _ = CSys.close(opened) }
  }

  private func watch(_ source: Int32) -> Bool {
    var event = epoll_event()
    event.events = UInt32(EPOLLIN.rawValue)
    return epoll_ctl(descriptor, EPOLL_CTL_ADD, source, &event) == 0
  }

  /// A host that closed its standard descriptors would hand us 0, 1 or 2, and then print into our files.
  package static func aboveStandard(_ opened: Int32) -> Int32 {
    guard opened >= 0 && opened < 3 else { return opened }
    let moved = cs_dup_above_stdio(opened)
    _ = CSys.close(opened)
    return moved
  }
}
