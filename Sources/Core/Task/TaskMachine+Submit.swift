// Before the service has the task: waiting for a place, uploading references, the paid submit.

extension TaskMachine {
  @inline(never)
  mutating func started(_ queued: Phase.Queued) -> [Effect] {
    guard queued.notBefore == nil else { return [] }
    return uploads > 0 && !queued.hasUploaded
      ? askUpload(Phase.Uploading(reference: 0, submits: queued.attempt))
      : submit(attempt: queued.attempt)
  }

  @inline(never)
  mutating func backOffEnded(_ queued: Phase.Queued, _ now: Instant) -> [Effect] {
    guard let notBefore = queued.notBefore, notBefore <= now else { return [] }
    phase = .queued(Phase.Queued(attempt: queued.attempt, hasUploaded: queued.hasUploaded))
    wake = nil
    return [.ready]
  }

  // MARK: Uploads

  mutating func askUpload(_ upload: Phase.Uploading) -> [Effect] {
    var asking = upload
    let ticket = ticket()
    asking.ticket = ticket
    phase = .uploading(asking)
    wake = nil
    return [.ask(.upload(reference: upload.reference), ticket)]
  }

  @inline(never)
  mutating func uploaded(_ upload: Phase.Uploading, _ uri: String) -> [Effect] {
    uris.append(uri)
    let fact = recorded(.uploaded(reference: upload.reference, uri: uri))
    let next = upload.reference + 1
    guard next < uploads else { return fact + submit(attempt: upload.submits) }
    return fact
      + askUpload(
        Phase.Uploading(reference: next, permille: next * 1000 / uploads, submits: upload.submits))
  }

  @inline(never)
  mutating func uploading(_ upload: Phase.Uploading, _ permille: Int) -> [Effect] {
    var further = upload
    further.permille = (upload.reference * 1000 + permille) / uploads
    phase = .uploading(further)
    return []
  }

  /// The service no longer has what it was given. Once that is put right; a second time it is the answer.
  mutating func uploadAgain(_ submit: Phase.Submitting) -> [Effect] {
    hasUploadedAgain = true
    uris = []
    return askUpload(Phase.Uploading(reference: 0, submits: submit.attempt))
  }

  /// An upload costs nothing, so it may be repeated even where it may have arrived.
  @inline(never)
  mutating func uploadSetBack(
    _ upload: Phase.Uploading, _ setback: Setback, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    let mayRepeat = setback.kind != .refused || setback.failure.retryable
    guard mayRepeat, upload.attempt < Policies.uploadRetries else { return end(.failed, setback.failure) }
    var resting = upload
    resting.ticket = nil
    resting.attempt += 1
    resting.permille = upload.reference * 1000 / uploads
    phase = .uploading(resting)
    wake = now + pause(upload.attempt, setback, &random)
    return []
  }

  @inline(never)
  mutating func resumeUpload(_ upload: Phase.Uploading) -> [Effect] {
    upload.ticket == nil ? askUpload(upload) : []
  }

  // MARK: The paid submit

  mutating func submit(attempt: Int) -> [Effect] {
    let ticket = ticket()
    phase = .submitting(Phase.Submitting(ticket: ticket, attempt: attempt))
    wake = nil
    return [.record(.submitting(attempt: attempt)), .ask(.submit, ticket)]
  }

  /// The paid call is never aborted; what was asked meanwhile is done when its answer is here. Leaving outlasts a
  /// cancel, because nobody would be there to see the cancel through.
  @inline(never)
  mutating func remember(_ submit: Phase.Submitting, _ how: Cancellation) -> [Effect] {
    if case .leave = submit.afterwards { return [] }
    var waiting = submit
    waiting.afterwards = how == .remote ? .cancel : .leave(Sentences.leftOnRequest)
    phase = .submitting(waiting)
    return []
  }

  @inline(never)
  mutating func remember(_ submit: Phase.Submitting, leaving why: Failure) -> [Effect] {
    if case .leave = submit.afterwards { return [] }
    var waiting = submit
    waiting.afterwards = .leave(why)
    phase = .submitting(waiting)
    return []
  }

  mutating func accepted(
    _ submit: Phase.Submitting, _ token: String, _ estimate: Int64?, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    self.token = token
    if let estimate { reserved = max(reserved, estimate) }
    let fact = token.isEmpty ? [] : recorded(.submitted(token: token, millicredits: estimate))
    let remote = Phase.Remote(token: token)
    switch submit.afterwards {
    case .watch: return fact + watch(remote, now, &random)
    case .cancel: return fact + cancel(remote)
    case .leave(let why): return fact + leave(nil, why)
    }
  }

  mutating func submitSetBack(
    _ submit: Phase.Submitting, _ setback: Setback, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    switch setback.kind {
    case .mayHaveArrived:
      let failure = Sentences.ambiguous(setback.failure)
      return recorded(.ambiguous) + end(.ambiguous, failure, unanswered: submit.ticket)
    case .neverArrived:
      return recorded(.unsent) + submitAgain(submit, setback, now, &random)
    case .refused:
      let fact = recorded(.refused(setback.failure.status))
      if setback.linkDied, uploads > 0, !hasUploadedAgain, case .watch = submit.afterwards {
        return fact + uploadAgain(submit)
      }
      guard setback.failure.retryable else { return fact + end(.failed, setback.failure) }
      return fact + submitAgain(submit, setback, now, &random)
    }
  }

  /// Only for a submit that surely did not count.
  mutating func submitAgain(
    _ submit: Phase.Submitting, _ setback: Setback, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    switch submit.afterwards {
    case .cancel: return end(.cancelled, Sentences.cancelledBeforeSending)
    case .leave(let why) where why.status == .deadline: return end(.failed, Sentences.deadlineBeforeSending)
    case .leave(let why) where why.status == .cancelled:
      return end(.cancelled, Sentences.cancelledBeforeSending)
    case .leave(let why): return leaveUnsent(why)
    case .watch: break
    }
    guard submit.attempt < Policies.submitRetries else { return end(.failed, setback.failure) }
    let notBefore = now + pause(submit.attempt, setback, &random)
    phase = .queued(
      Phase.Queued(attempt: submit.attempt + 1, notBefore: notBefore, hasUploaded: true))
    wake = notBefore
    return []
  }

  /// The one exception to stale tickets: the money may have been spent, so the answer is worth a line.
  @inline(never)
  mutating func settled(_ ended: Phase.Ended, _ token: String) -> [Effect] {
    self.token = token
    phase = .ended(Phase.Ended(state: ended.state, failure: ended.failure))
    return recorded(.settled(token: token))
  }

  @inline(never)
  func pause(_ attempt: Int, _ setback: Setback, _ random: inout Random) -> Span {
    Policies.backOff(after: attempt, asked: setback.failure.retryAfterMilliseconds, random: &random)
  }
}
