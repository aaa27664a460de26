// What the engine is handed. It knows each by this shape alone, so a simulation hands it others.

/// What a provider promises for all its tasks.
package struct Terms: Sendable {
  package enum Rhythm: Sendable {
    /// It answers when asked. No task is looked at more often than once in `floor`.
    case polled(floor: Span)
    /// One `check` is a standing question, answered each time something changes.
    case pushed
  }

  package let rhythm: Rhythm
  /// The work goes on when nobody watches, and can be found again.
  package let survives: Bool

  package init(rhythm: Rhythm, survives: Bool) {
    self.rhythm = rhythm
    self.survives = survives
  }
}

/// Paints, or has someone paint. All calls come from the thread that turns the loop, one at a time.
package protocol Provider: AnyObject {
  var name: String { get }
  var terms: Terms { get }

  /// What is promised of this task, which it may be asked about from now on.
  func admit(_ task: Handle, at price: Price) -> Terms

  /// Nothing is asked about this task any more.
  func forget(_ task: Handle)

  /// Begins an operation and returns at once. The outcome arrives as a `Reply`, now or from any thread later, never
  /// from within this call. `intent` is the task's UUID, the same however often it is submitted; `uploaded` are the URIs
  /// that uploads of this task have got so far.
  func perform(
    _ operation: Operation, of request: Request, intent: String, uploaded: [String], ticket: Ticket,
    now: Instant)

  /// Nobody waits for this ticket's answer.
  func drop(_ ticket: Ticket)

  /// Becomes readable when the provider's share of a turn has something to do, -1 where mail tells. It stays the same
  /// until `stop`.
  var descriptor: Int32 { get }

  /// Asks about the account behind the provider; `tell` is called later, on the thread that turns the loop.
  func account(now: Instant, _ tell: @escaping @Sendable (AccountAnswer) -> Void)

  /// Takes a picture that no task asks for yet; `tell` is called later, from any thread.
  func upload(_ parcel: Parcel, now: Instant, _ tell: @escaping @Sendable (UploadAnswer) -> Void)

  /// Asks for the numbers of the account that a charge moves, a few members; nil where nobody says. `tell` is called on the
  /// thread that turns the loop, now or later.
  func counters(now: Instant, _ tell: @escaping @Sendable (JSON.Object?) -> Void)

  /// Another key from now on, for all that is asked.
  func use(_ key: Secret)

  /// When a picture that was left there will be gone, in Unix milliseconds; 0 where nobody says.
  func expiry(of link: String) -> Int64

  /// Does the provider's share of a turn and says when it wants the next one (`.never`: when something arrives).
  func turn(now: Instant) -> Instant

  /// Stops everything and returns when no thread of the provider is left.
  func stop()
}

package enum AccountAnswer: Sendable {
  case known(JSON)
  case failed(Failure)
}

package enum UploadAnswer: Sendable {
  case arrived(uri: String)
  /// Retryable where another try may fare better.
  case failed(Failure)
}

extension Provider {
  package func use(_ key: Secret) {}

  package func admit(_ task: Handle, at price: Price) -> Terms { terms }

  package func forget(_ task: Handle) {}

  package var descriptor: Int32 { -1 }

  package func expiry(of link: String) -> Int64 { 0 }

  package func counters(now: Instant, _ tell: @escaping @Sendable (JSON.Object?) -> Void) { tell(nil) }

  package func account(now: Instant, _ tell: @escaping @Sendable (AccountAnswer) -> Void) {
    tell(.failed(Failure(.unsupported, at: "c", "this client's provider has no account: it charges nobody")))
  }

  /// For providers that read pictures where they are: a name for it, so that a program needs no other way.
  package func upload(_ parcel: Parcel, now: Instant, _ tell: @escaping @Sendable (UploadAnswer) -> Void) {
    tell(.arrived(uri: String(sentence: "runway://\(name)-\(parcel.sha256)")))
  }
}

/// The outcome of one operation, dropped in the engine's mailbox by a provider.
package struct Reply: Sendable {
  package indirect enum Outcome: Sendable {
    case answer(Answer)
    case setback(Setback)
  }

  package let ticket: Ticket
  package let outcome: Outcome

  package init(_ ticket: Ticket, _ outcome: Outcome) {
    self.ticket = ticket
    self.outcome = outcome
  }
}

/// Write down, then act: the facts of one turn are one transaction.
package protocol Journal: AnyObject {
  /// On return the facts are on disk, but for those of tasks it rules on. Throws when it cannot write; then none is.
  /// Facts of tasks it never accepted, or refused, are dropped in silence.
  func commit(_ entries: [Entry]) throws(Failure) -> [Ruling]

  /// No handle stands for the task any more. What is unfinished of it may be found again. Any thread.
  func release(_ task: Handle)
}

/// Takes records of what happened, to be told later. Any thread.
package protocol Log: AnyObject {
  /// Somebody wants to hear records of this level.
  func hears(_ level: LogRecord.Level) -> Bool
  func note(_ level: LogRecord.Level, _ details: LogDetails)
}

/// Puts finished pictures where the client wants them.
package protocol Album: AnyObject {
  /// Returns the path. Throws when the picture does not lie there whole. `again`: the task is from an earlier life, which
  /// may have kept this picture already, or died while it did; it lies there once.
  func keep(_ picture: Picture, intent: String, output: Int, again: Bool) throws(Failure) -> String
}
