// Pictures that a host brings to the service by itself, ahead of any task. Who waits in slices asks once, and a failure
// is tried again as a task's would be.

package import Core
import Platform

extension Engine {
  /// The URI of the picture once it is with the service; nil and `.timeout` while it is on its way, which goes on.
  package func deliver(_ parcel: Parcel, until deadline: Instant) throws(Failure) -> Waited<String> {
    while true {
      let delivery = join(parcel)
      if let again = delivery.rest, again > Clock.now {
        let status = try wait(until: min(deadline, again)) { false }
        if status == .woken || Clock.now < again { return Waited(value: nil, status: status) }
      }
      if delivery.begin() { ask(delivery) }
      let status = try wait(until: deadline) { delivery.answer != nil }
      switch delivery.answer {
      case nil: return Waited(value: nil, status: status)
      case .arrived(let uri): return Waited(value: uri, status: .ok)
      case .failed(let failure):
        if delivery.rest(after: failure) { continue }
        // Told once: who asks again after a failure wants another try.
        deliveries.withLock { $0.removeAll { $0 === delivery } }
        throw failure
      }
    }
  }

  private func join(_ parcel: Parcel) -> Delivery {
    deliveries.withLock { deliveries in
      deliveries.removeAll { $0.isStale }
      for delivery in deliveries where delivery.parcel.sha256.equals(parcel.sha256) { return delivery }
      let new = Delivery(parcel)
      deliveries.append(new)
      return new
    }
  }

  private func ask(_ delivery: Delivery) {
    mailbox.drop(
      .upload(delivery.parcel) { [bell] answer in
        delivery.end(answer)
        bell.ring()
      })
  }
}

/// One picture on its way, whoever waits for it.
final class Delivery: Sendable {
  private enum Stage: Sendable {
    case resting(until: Instant)
    case asked
    case ended(UploadAnswer, at: Instant)
  }

  private struct State: Sendable {
    var stage = Stage.resting(until: .zero)
    var attempt = 0
    var random = Random(seed: systemSeed())
  }

  let parcel: Parcel
  private let state = Locked(State())

  init(_ parcel: Parcel) { self.parcel = parcel }

  /// Until when it rests between two attempts.
  var rest: Instant? {
    state.withLock { if case .resting(let until) = $0.stage { until } else { nil } }
  }

  var answer: UploadAnswer? {
    state.withLock { if case .ended(let answer, _) = $0.stage { answer } else { nil } }
  }

  /// Nobody has come for the answer, or everybody has.
  var isStale: Bool {
    state.withLock {
      if case .ended(_, let at) = $0.stage { Clock.now > at + Inquiry.freshness } else { false }
    }
  }

  /// True for the one who is to ask.
  func begin() -> Bool {
    state.withLock { state in
      guard case .resting = state.stage else { return false }
      state.stage = .asked
      return true
    }
  }

  func end(_ answer: UploadAnswer) { state.withLock { $0.stage = .ended(answer, at: Clock.now) } }

  /// False when another attempt would be one too many, or as futile.
  func rest(after failure: Failure) -> Bool {
    state.withLock { state in
      guard case .ended = state.stage else { return true }
      guard failure.retryable, state.attempt < Policies.uploadRetries else { return false }
      let pause = Policies.backOff(
        after: state.attempt, asked: failure.retryAfterMilliseconds, random: &state.random)
      state.attempt += 1
      state.stage = .resting(until: Clock.now + pause)
      return true
    }
  }
}
