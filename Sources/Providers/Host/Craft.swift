// What a provider of the host's can do: its functions, as Boundary wraps them. They are called with no lock held, so
// that they may call the library in their turn.

package import Core

package struct Craft: Sendable {
  package typealias Check = @Sendable (any Bytes) throws(Failure) -> Price
  package typealias Start = @Sendable (Handle, any Bytes) throws(Failure) -> Void
  package typealias Resume = @Sendable (Handle, String) throws(Failure) -> Void

  /// Throws why it refuses a request that the catalogue accepted. Any thread, several at once.
  let check: Check?
  // The others are called by the thread that turns the loop, one at a time.
  let start: Start
  let resume: Resume?
  let cancel: @Sendable (Handle) -> Void
  /// Once, after the last call.
  let release: @Sendable () -> Void

  package init(
    check: Check?, start: @escaping Start, resume: Resume?, cancel: @escaping @Sendable (Handle) -> Void,
    release: @escaping @Sendable () -> Void
  ) {
    self.check = check
    self.start = start
    self.resume = resume
    self.cancel = cancel
    self.release = release
  }
}
