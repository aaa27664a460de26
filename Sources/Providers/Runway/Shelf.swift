// What this process has uploaded, and is uploading just now: no file goes to the service twice in a day, whichever task
// or client asks. The one thing that clients share, so everything stands behind a lock.

package import Core
import Platform

/// How an upload that somebody waits for goes on.
package enum UploadNews: Sendable {
  case sent(permille: Int)
  case arrived(uri: String)
  case setBack(Setback)
}

package final class Shelf: Sendable {
  /// A file under an account: content, account, address of the service.
  package struct Label: Sendable {
    private let text: String

    package init(_ sha256: String, of service: Service) {
      text = String(sentence: "\(sha256) \(service.account) \(service.base)")
    }

    func equals(_ other: Label) -> Bool { text.equals(other.text) }
  }

  /// Who waits, and how to tell it. Told from any thread, never from within a call of its own.
  package final class Waiter: Sendable {
    let ticket: Ticket
    /// Tells the clients of a process apart.
    let client: UInt64
    let tell: @Sendable (UploadNews) -> Void

    package init(_ ticket: Ticket, client: UInt64, tell: @escaping @Sendable (UploadNews) -> Void) {
      self.ticket = ticket
      self.client = client
      self.tell = tell
    }
  }

  package enum Answer: Sendable {
    case here(uri: String)
    /// Somebody is at it; news will come.
    case underway
    /// Nobody is; the asker begins, and owes `arrived` or `failed`.
    case begin
  }

  private final class Item {
    let label: Label
    /// Of the client that is uploading it.
    var owner: UInt64
    var uri: String?
    var until = Instant.never
    var waiters: [Waiter] = []

    init(_ label: Label, owner: UInt64) {
      self.label = label
      self.owner = owner
    }
  }

  /// The service keeps a file for 24 hours. A task that begins with it must still find it when its turn comes.
  package static let lifetime = Span.seconds(23 * 3600)
  /// Beyond it the oldest is forgotten, which costs an upload and no more.
  static let itemsMax = 4096

  package static let shared = Shelf()

  private let items = Locked<[Item]>([])

  package init() {}

  package func ask(_ label: Label, _ waiter: Waiter, now: Instant) -> Answer {
    items.withLock { items in
      items.removeAll { $0.until <= now }
      if let item = items.first(where: { $0.label.equals(label) }) {
        if let uri = item.uri { return .here(uri: uri) }
        item.waiters.append(waiter)
        return .underway
      }
      if items.count >= Shelf.itemsMax, let oldest = items.firstIndex(where: { $0.uri != nil }) {
        items.remove(at: oldest)
      }
      let item = Item(label, owner: waiter.client)
      item.waiters = [waiter]
      items.append(item)
      return .begin
    }
  }

  /// Something uploaded before, by this process or another. `age` is how long ago.
  package func remember(_ label: Label, uri: String, age: Span, now: Instant) {
    guard age < Shelf.lifetime, age >= .zero else { return }
    items.withLock { items in
      guard !items.contains(where: { $0.label.equals(label) }) else { return }
      let item = Item(label, owner: 0)
      (item.uri, item.until) = (uri, now + Span(nanoseconds: Shelf.lifetime.nanoseconds - age.nanoseconds))
      items.append(item)
    }
  }

  // MARK: By who is uploading

  func tell(_ label: Label, sent permille: Int) {
    for waiter in waiters(of: label) { waiter.tell(.sent(permille: permille)) }
  }

  func arrived(_ label: Label, uri: String, now: Instant) {
    let told = items.withLock { items in
      guard let item = items.first(where: { $0.label.equals(label) && $0.uri == nil }) else {
        return [Waiter]()
      }
      defer { item.waiters = [] }
      (item.uri, item.until) = (uri, now + Shelf.lifetime)
      return item.waiters
    }
    for waiter in told { waiter.tell(.arrived(uri: uri)) }
  }

  /// Whoever waits is set back, and asks again when it will.
  func failed(_ label: Label, _ setback: Setback) {
    // In one go: who came in between would wait for ever.
    let told = items.withLock { items in
      guard let index = items.firstIndex(where: { $0.label.equals(label) && $0.uri == nil }) else {
        return [Waiter]()
      }
      return items.remove(at: index).waiters
    }
    for waiter in told { waiter.tell(.setBack(setback)) }
  }

  private func waiters(of label: Label) -> [Waiter] {
    items.withLock { items in
      items.first { $0.label.equals(label) && $0.uri == nil }?.waiters ?? []
    }
  }

  // MARK: By who waits

  /// Nobody waits with this ticket any more. The label, if it was the last and the upload is the same client's: it may stop.
  func leave(_ ticket: Ticket, client: UInt64) -> Label? {
    items.withLock { items in
      for (index, item) in items.enumerated() where item.uri == nil {
        let before = item.waiters.count
        item.waiters.removeAll { $0.ticket == ticket && $0.client == client }
        guard item.waiters.count < before, item.waiters.isEmpty, item.owner == client else { continue }
        items.remove(at: index)
        return item.label
      }
      return nil
    }
  }

  /// The service does not know this URI any more.
  func forget(_ uri: String) { items.withLock { items in items.removeAll { $0.uri.equals(uri) } } }
}
