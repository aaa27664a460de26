// After the service has the task: watching it, cancelling it, fetching its pictures.

extension TaskMachine {
  /// A standing question where the provider answers by itself, a rest before the first look where it must be asked.
  mutating func watch(_ remote: Phase.Remote, _ now: Instant, _ random: inout Random) -> [Effect] {
    switch terms.rhythm {
    case .pushed: return look(remote)
    case .polled: return restLook(remote, now, &random)
    }
  }

  /// What the task is called at its service, said late by a provider that tells by itself.
  @inline(never)
  mutating func named(_ remote: Phase.Remote, _ token: String, _ estimate: Int64?) -> [Effect] {
    guard case .pushed = terms.rhythm, !token.isEmpty else { return [] }
    var known = remote
    known.token = token
    phase = .remote(known)
    self.token = token
    if let estimate { reserved = max(reserved, estimate) }
    return recorded(.submitted(token: token, millicredits: estimate))
  }

  mutating func look(_ remote: Phase.Remote) -> [Effect] {
    guard remote.ticket == nil else { return [] }
    var asking = remote
    let ticket = ticket()
    asking.ticket = ticket
    phase = .remote(asking)
    wake = nil
    let operation: Operation =
      remote.errand == .cancel ? .cancel(token: remote.token) : .check(token: remote.token)
    return [.ask(operation, ticket)]
  }

  @inline(never)
  mutating func restLook(_ remote: Phase.Remote, _ now: Instant, _ random: inout Random) -> [Effect] {
    var resting = remote
    resting.ticket = nil
    phase = .remote(resting)
    let rested = endOfRest(now, &random)
    let trouble = remote.setbacks + remote.misses
    wake =
      trouble == 0
      ? rested : max(rested, now + Policies.backOff(after: trouble, asked: 0, random: &random))
    return []
  }

  private func endOfRest(_ now: Instant, _ random: inout Random) -> Instant {
    let floor: Span = if case .polled(let floor) = terms.rhythm { floor } else { .zero }
    return Policies.endOfRest(from: now, floor: floor, random: &random)
  }

  mutating func looked(
    _ remote: Phase.Remote, _ look: Look, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    var seen = remote
    seen.setbacks = 0
    seen.misses = 0
    seen.missedSince = nil
    seen.oversized = 0
    switch look {
    case .pending: seen.sight = .pending
    case .throttled: seen.sight = .throttled
    case .running(let permille): seen.sight = .running(permille: permille)
    case .unknown: break
    case .oversized(let failure):
      seen.oversized = remote.oversized + 1
      if seen.oversized >= Policies.oversizedUntilFailed { return end(.failed, failure) }
    case .succeeded(let links, let millicredits):
      spent = millicredits ?? spent
      return beginFetch(Phase.Fetching(token: remote.token, links: links))
    case .failed(let failure, let millicredits):
      spent = millicredits ?? spent
      return end(.failed, failure)
    case .cancelled(let millicredits):
      spent = millicredits ?? spent
      return end(.cancelled, Sentences.cancelledByService)
    }
    return goOn(seen, now, &random)
  }

  /// Not final: look again later, or, when a cancel waited for this look, say it now.
  private mutating func goOn(_ seen: Phase.Remote, _ now: Instant, _ random: inout Random) -> [Effect] {
    if seen.errand == .lookBeforeCancel {
      var cancelling = seen
      cancelling.errand = .cancel
      cancelling.ticket = nil
      return recorded(.cancelling) + look(cancelling)
    }
    if case .pushed = terms.rhythm {
      phase = .remote(seen)
      return []
    }
    return restLook(seen, now, &random)
  }

  @inline(never)
  mutating func missed(_ remote: Phase.Remote, _ now: Instant, _ random: inout Random) -> [Effect] {
    // After our own cancel "no such task" is the answer we hoped for.
    if remote.errand == .cancel { return cancelled(remote) }
    var missing = remote
    missing.misses += 1
    let since = remote.missedSince ?? now
    missing.missedSince = since
    if missing.misses >= Policies.missesUntilGone && now - since >= Policies.missesSpread {
      return end(.failed, Sentences.gone)
    }
    return restLook(missing, now, &random)
  }

  /// A setback of one look is never the end of the task.
  @inline(never)
  mutating func lookSetBack(
    _ remote: Phase.Remote, _ setback: Setback, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    var waiting = remote
    waiting.setbacks += 1
    let effects = restLook(waiting, now, &random)
    // A key that is refused is refused again; a person has to change it.
    if setback.failure.status == .auth, let asked = wake {
      wake = max(asked, now + Policies.restAfterRefusedKey)
    }
    return effects
  }

  /// It rests no longer than a task does that nothing is wrong with.
  @inline(never)
  mutating func keyChanged(_ remote: Phase.Remote, _ now: Instant, _ random: inout Random) -> [Effect] {
    guard remote.setbacks > 0, remote.ticket == nil, let asked = wake else { return [] }
    var waiting = remote
    waiting.setbacks = 0
    phase = .remote(waiting)
    wake = min(asked, endOfRest(now, &random))
    return []
  }

  // MARK: Cancel

  mutating func cancel(_ remote: Phase.Remote) -> [Effect] {
    guard remote.errand == .watch else { return [] }
    var cancelling = remote
    cancelling.ticket = nil
    if case .pushed = terms.rhythm {
      // Had it finished, the standing question would have said so: there is nothing to look at first.
      cancelling.errand = .cancel
      return drop(remote.ticket) + recorded(.cancelling) + look(cancelling)
    }
    cancelling.errand = .lookBeforeCancel
    // A look under way answers as well as a new one would, and the poll floor is kept.
    guard remote.ticket == nil else {
      cancelling.ticket = remote.ticket
      phase = .remote(cancelling)
      return []
    }
    phase = .remote(cancelling)
    return wake == nil ? look(cancelling) : []
  }

  /// The cancel did not leave, because its fact is not on disk; it is tried again after the next look.
  @inline(never)
  mutating func cancelUnrecorded(
    _ remote: Phase.Remote, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    guard remote.errand == .cancel else { return [] }
    var waiting = remote
    waiting.errand = .lookBeforeCancel
    waiting.setbacks += 1
    return restLook(waiting, now, &random)
  }

  @inline(never)
  mutating func cancelled(_ remote: Phase.Remote) -> [Effect] {
    guard remote.errand == .cancel else { return [] }
    guard terms.survives else { return end(.cancelled, Sentences.cancelled) }
    if case .running = remote.sight { return end(.cancelled, Sentences.cancelledAtWork) }
    return end(.cancelled, Sentences.cancelledInTime)
  }

  // MARK: Fetch

  private mutating func beginFetch(_ fetch: Phase.Fetching) -> [Effect] {
    guard !fetch.links.isEmpty else { return endUnfetched(Sentences.noLinks) }
    guard leavesPictures else {
      var rest = fetch
      rest.output = placed
      return placed < fetch.links.count ? askFetch(rest) : end(.succeeded, nil, outputs: fetch.links.count)
    }
    let effects = end(.succeeded, nil, outputs: fetch.links.count)
    phase = .ended(Phase.Ended(state: .succeeded, failure: nil, links: fetch.links))
    return effects
  }

  private mutating func askFetch(_ fetch: Phase.Fetching) -> [Effect] {
    var asking = fetch
    let ticket = ticket()
    asking.ticket = ticket
    phase = .fetching(asking)
    wake = nil
    switch fetch.stage {
    case .freshLinks: return [.ask(.check(token: fetch.token), ticket)]
    case .download:
      let link = fetch.links[fetch.output]
      return [.ask(.fetch(token: fetch.token, output: fetch.output, link: link), ticket)]
    }
  }

  @inline(never)
  mutating func fetched(_ fetch: Phase.Fetching, _ picture: Picture) -> [Effect] {
    let fact = recorded(.fetched(output: fetch.output, Filed(picture)))
    var next = fetch
    next.output += 1
    next.attempt = 0
    guard next.output < fetch.links.count else {
      return fact + end(.succeeded, nil, outputs: fetch.links.count)
    }
    return fact + askFetch(next)
  }

  /// The task was read again for links that live.
  mutating func looked(
    _ fetch: Phase.Fetching, _ look: Look, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    guard case .succeeded(let links, _) = look, links.count == fetch.links.count else {
      return fetchSetBack(fetch, Setback(.refused, Sentences.noLinks, linkDied: true), now, &random)
    }
    var fresh = fetch
    fresh.links = links
    fresh.stage = .download
    return askFetch(fresh)
  }

  mutating func fetchSetBack(
    _ fetch: Phase.Fetching, _ setback: Setback, _ now: Instant, _ random: inout Random
  ) -> [Effect] {
    var resting = fetch
    resting.ticket = nil
    resting.attempt += 1
    if setback.linkDied {
      resting.stage = .freshLinks
      resting.refreshes += 1
    }
    // A setback of one look is waited out; what has limits is the download.
    let isLook = fetch.stage == .freshLinks && !setback.linkDied
    let mayRepeat = setback.kind != .refused || setback.failure.retryable || setback.linkDied
    let isWithinLimits =
      resting.attempt <= Policies.fetchRetries && resting.refreshes <= Policies.linkRefreshes
    guard isLook || (mayRepeat && isWithinLimits) else { return endUnfetched(setback.failure) }
    phase = .fetching(resting)
    let pause = pause(fetch.attempt, setback, &random)
    wake = resting.stage == .freshLinks ? max(now + pause, endOfRest(now, &random)) : now + pause
    return []
  }

  @inline(never)
  mutating func resumeFetch(_ fetch: Phase.Fetching) -> [Effect] {
    fetch.ticket == nil ? askFetch(fetch) : []
  }

  /// The picture is paid for and still there; only we could not get it.
  private mutating func endUnfetched(_ cause: Failure) -> [Effect] {
    var failure = cause
    failure.retryable = true
    failure.maySpend = terms.survives
    return end(.failed, failure)
  }
}
