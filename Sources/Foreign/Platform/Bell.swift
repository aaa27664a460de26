// The bell on which any thread waits, alone or beside a descriptor.

package import CRT
import CSys
package import Core

/// A bell rung after a change. Read it, look for the change, and only then wait: a change in between is not missed.
package struct Bell: @unchecked Sendable {
  private let word: UnsafeMutablePointer<crt_bell>
  private let ear: Ear?

  /// A bell in memory that outlives every user, such as a client's slot. Only one with an ear can be waited for beside
  /// a descriptor.
  package init(_ word: UnsafeMutablePointer<crt_bell>, ear: Ear?) {
    self.word = word
    self.ear = ear
  }

  package func read() -> UInt32 { crt_bell_read(word) }
  package func ring() { crt_bell_ring(word, ear?.descriptor ?? -1) }

  /// Returns when the bell has left `seen` or the instant has come; sometimes early.
  package func wait(seen: UInt32, until instant: Instant) {
    let span = Bell.span(until: instant)
    if span != 0 { crt_bell_wait(word, seen, span) }
  }

  /// The same, and also when the descriptor is readable: then it says true.
  package func wait(seen: UInt32, until instant: Instant, or descriptor: Int32) -> Bool {
    guard let ear, descriptor >= 0 else {
      wait(seen: seen, until: instant)
      return false
    }
    return crt_bell_listen(word, seen, ear.descriptor, descriptor, Bell.span(until: instant)) != 0
  }

  /// Nanoseconds, 0 when it has passed, -1 for ever.
  private static func span(until instant: Instant) -> Int64 {
    instant == .never ? -1 : max(0, (instant - Clock.now).nanoseconds)
  }
}

/// The eventfd by which a bell reaches who sleeps in poll.
package final class Ear: Sendable {
  package let descriptor: Int32

  package init() throws(Failure) {
    descriptor = Signpost.aboveStandard(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)))
    guard descriptor >= 0 else { throw Signpost.refused(cs_errno()) }
  }

  deinit { _ = close(descriptor) }
}

/// A bell that owns its memory.
package final class OwnBell: @unchecked Sendable {
  private let word: UnsafeMutablePointer<crt_bell>
  package let bell: Bell

  package init(ear: Ear? = nil) {
    word = .allocate(capacity: 1)
    word.initialize(to: crt_bell())
    bell = Bell(word, ear: ear)
  }

  deinit { word.deallocate() }
}
