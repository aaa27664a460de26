// Time and chance are handed in, never asked for, so that a day can pass in a test in a millisecond.

/// A point on a clock that only goes forward (CLOCK_BOOTTIME in the product), in nanoseconds.
package struct Instant: Comparable, Hashable, Sendable {
  package let nanoseconds: Int64
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Saturates: an instant beyond the end of the clock is its end, "never".
  package static func + (instant: Instant, span: Span) -> Instant {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(span.nanoseconds)
    return Instant(nanoseconds: overflow ? .max : sum)
  }

  package static func - (later: Instant, earlier: Instant) -> Span {
    let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return Span(nanoseconds: overflow ? .max : difference)
  }

  package static let never = Instant(nanoseconds: .max)
  package static let zero = Instant(nanoseconds: 0)
}

/// A length of time.
package struct Span: Comparable, Hashable, Sendable {
  package let nanoseconds: Int64
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Saturates at about 292 years.
  package static func milliseconds(_ count: Int64) -> Span {
    let (product, overflow) = count.multipliedReportingOverflow(by: 1_000_000)
    return Span(nanoseconds: overflow ? (count < 0 ? .min : .max) : product)
  }

  package static func seconds(_ count: Int64) -> Span { milliseconds(count.multipliedSaturating(by: 1000)) }

  package static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Rounded up, so that a wait of this many milliseconds is never too short.
  package var millisecondsRoundedUp: Int64 {
    nanoseconds <= 0 ? 0 : (nanoseconds - 1) / 1_000_000 + 1
  }

  package static let zero = Span(nanoseconds: 0)
}

extension Int64 {
  package func multipliedSaturating(by other: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
  }
}

/// Chance from a seed: SplitMix64 (Steele, Lea and Flood, 2014). The same seed gives the same row everywhere.
package struct Random: Sendable {
  private var state: UInt64
  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Evenly in 0 ..< bound; 0 when the bound is 0. The bias of the remainder is below 2^-32 for our small bounds.
  package mutating func below(_ bound: UInt64) -> UInt64 { bound == 0 ? 0 : next() % bound }

  /// Evenly in 0 ... span.
  package mutating func upTo(_ span: Span) -> Span {
    Span(nanoseconds: Int64(below(UInt64(max(0, span.nanoseconds)) + 1)))
  }
}
