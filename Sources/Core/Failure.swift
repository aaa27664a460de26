// Why something could not be done, in the words a host sees. `Status` mirrors the numbers of include/t2i.h, which
// Core may not import; a test compares the two.

/// The class of an outcome. 0 is done, above 0 a normal outcome that is not the last, below 0 an error.
package struct Status: RawRepresentable, Equatable, Hashable, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let ok = Status(rawValue: 0)
  package static let pending = Status(rawValue: 1)
  package static let timeout = Status(rawValue: 2)
  package static let woken = Status(rawValue: 3)
  package static let empty = Status(rawValue: 4)
  package static let more = Status(rawValue: 5)

  // Misuse.
  package static let argument = Status(rawValue: -1)
  package static let handle = Status(rawValue: -2)
  package static let structSize = Status(rawValue: -3)
  package static let utf8 = Status(rawValue: -4)
  package static let json = Status(rawValue: -5)
  package static let limit = Status(rawValue: -6)
  package static let reentrant = Status(rawValue: -7)
  package static let forked = Status(rawValue: -8)
  package static let closed = Status(rawValue: -9)
  package static let unsupported = Status(rawValue: -10)
  package static let busy = Status(rawValue: -11)
  package static let state = Status(rawValue: -12)

  // This machine.
  package static let noMemory = Status(rawValue: -20)
  package static let io = Status(rawValue: -21)
  package static let exists = Status(rawValue: -22)
  package static let noSpace = Status(rawValue: -23)
  package static let journal = Status(rawValue: -24)

  // The wire.
  package static let network = Status(rawValue: -40)
  package static let tls = Status(rawValue: -41)
  package static let dns = Status(rawValue: -42)
  package static let http = Status(rawValue: -43)
  package static let protocolError = Status(rawValue: -44)

  // The service.
  package static let auth = Status(rawValue: -60)
  package static let quota = Status(rawValue: -61)
  package static let rate = Status(rawValue: -62)
  package static let credits = Status(rawValue: -63)
  package static let rejected = Status(rawValue: -64)
  package static let moderated = Status(rawValue: -65)
  package static let failed = Status(rawValue: -66)
  package static let expired = Status(rawValue: -67)
  package static let gone = Status(rawValue: -68)

  // Policy of this library.
  package static let budget = Status(rawValue: -80)
  package static let cancelled = Status(rawValue: -81)
  package static let deadline = Status(rawValue: -82)
  package static let ambiguous = Status(rawValue: -83)
  package static let shutdown = Status(rawValue: -84)
  package static let internalError = Status(rawValue: -99)
}

/// The one error type: what a call could not do, or how a task ended that did not succeed.
///
/// It is one pointer wide: every `try` between a fault and the boundary moves it, and moving eight fields would be a
/// fifth of the library's code.
package struct Failure: Error, Equatable, Sendable {
  private struct Parts: Sendable {
    var status: Status
    var location: String
    var message: String
    var retryable = false
    var maySpend = false
    var http: Int32 = 0
    var retryAfterMilliseconds: Int64 = 0
    var systemCode: Int64 = 0
    var serviceCode = ""
  }

  private final class Box: Sendable {
    let parts: Parts
    init(_ parts: Parts) { self.parts = parts }
  }

  private var box: Box

  private var parts: Parts {
    @inline(never) get { box.parts }
    @inline(never) set { box = Box(newValue) }
  }

  // No default for the place: it would be a call of its own at each of two hundred places.
  @inline(never)
  package init(_ status: Status, _ message: Sentence) { self.init(status, place: "", message.text) }

  @inline(never)
  package init(_ status: Status, at location: StaticString, _ message: Sentence) {
    self.init(status, place: String(location), message.text)
  }

  @_disfavoredOverload @inline(never)
  package init(_ status: Status, at location: String, _ message: Sentence) {
    self.init(status, place: location, message.text)
  }

  /// For a message that is a string already. Generic, so that the compiler takes every literal for a `Sentence`.
  @_disfavoredOverload
  package init<Text: StringProtocol>(_ status: Status, at location: StaticString, _ message: Text) {
    self.init(status, place: String(location), String(message))
  }

  @inline(never)
  private init(_ status: Status, place: String, _ message: String) {
    box = Box(Parts(status: status, location: place, message: message))
  }

  package var status: Status {
    get { box.parts.status }
    set { parts.status = newValue }
  }

  /// A JSON pointer ("/ratio") or the name of a parameter ("out"); empty when the failure has no place.
  package var location: String {
    get { box.parts.location }
    set { parts.location = newValue }
  }

  /// A sentence that names the fix.
  package var message: String {
    get { box.parts.message }
    set { parts.message = newValue }
  }

  /// Worth asking again later, unchanged.
  package var retryable: Bool {
    get { box.parts.retryable }
    set { parts.retryable = newValue }
  }

  /// Money may have been spent; asking again may spend it twice.
  package var maySpend: Bool {
    get { box.parts.maySpend }
    set { parts.maySpend = newValue }
  }

  /// The answer's status code, 0 when there was none.
  package var http: Int32 {
    get { box.parts.http }
    set { parts.http = newValue }
  }

  /// When the service would like to be asked again, 0 when it did not say.
  package var retryAfterMilliseconds: Int64 {
    get { box.parts.retryAfterMilliseconds }
    set { parts.retryAfterMilliseconds = newValue }
  }

  /// errno, or the code of the library that failed; 0 when there was none.
  package var systemCode: Int64 {
    get { box.parts.systemCode }
    set { parts.systemCode = newValue }
  }

  /// The service's own code for a failed task, such as "SAFETY.INPUT.TEXT"; empty when there was none.
  package var serviceCode: String {
    get { box.parts.serviceCode }
    set { parts.serviceCode = newValue }
  }

  package static func == (left: Failure, right: Failure) -> Bool {
    if left.box === right.box { return true }
    let (a, b) = (left.box.parts, right.box.parts)
    return a.status == b.status && a.location.equals(b.location) && a.message.equals(b.message)
      && a.retryable == b.retryable && a.maySpend == b.maySpend && a.http == b.http
      && a.retryAfterMilliseconds == b.retryAfterMilliseconds && a.systemCode == b.systemCode
      && a.serviceCode.equals(b.serviceCode)
  }
}
