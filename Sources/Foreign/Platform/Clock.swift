// The clocks of this machine.

import CSys
package import Core

package enum Clock {
  /// Goes on while the machine sleeps, so a deadline stays a deadline.
  package static var now: Instant {
    @inline(never) get {
      var time = timespec()
      clock_gettime(CLOCK_BOOTTIME, &time)
      return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
  }

  /// For people and for `created_unix_ms`; it may jump.
  package static var unixMilliseconds: Int64 {
    @inline(never) get {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec / 1_000_000)
    }
  }

  /// Processors this process may run on, at least 1.
  package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
