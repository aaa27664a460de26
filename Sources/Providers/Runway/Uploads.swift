// The uploads of one client: a place is asked for, the file is sent there, and whoever waits is told. A failure ends
// them; the law of the task asks again, and gets a new place.

import Core
import Platform
import Transport

/// Turned by one thread, the one that turns the loop.
final class Uploads {
  /// One on its way: asking for a place, or sending.
  private final class Upload {
    let parcel: Parcel
    let label: Shelf.Label
    let ticket: Ticket
    var sending: (place: StoragePlace, reader: ParcelReader)?
    /// What was last told, in thousandths.
    var told = 0

    init(_ parcel: Parcel, _ label: Shelf.Label, _ ticket: Ticket) {
      self.parcel = parcel
      self.label = label
      self.ticket = ticket
    }
  }

  /// Progress is told in whole percents.
  private static let step = 10

  private var service: Service
  private let transport: Transport
  private let shelf: Shelf
  /// Tells this client's waiters from those of others.
  private let client: UInt64
  private let nextTicket: () -> Ticket
  private var active: [Upload] = []

  init(
    _ service: Service, _ transport: Transport, _ shelf: Shelf, client: UInt64,
    nextTicket: @escaping () -> Ticket
  ) {
    self.service = service
    self.transport = transport
    self.shelf = shelf
    self.client = client
    self.nextTicket = nextTicket
  }

  func use(_ service: Service) { self.service = service }

  /// `tell` is called later, from any thread, unless the ticket is dropped before.
  func ask(
    _ parcel: Parcel, _ ticket: Ticket, now: Instant, _ tell: @escaping @Sendable (UploadNews) -> Void
  ) {
    let label = Shelf.Label(parcel.sha256, of: service)
    switch shelf.ask(label, Shelf.Waiter(ticket, client: client, tell: tell), now: now) {
    case .here(let uri): tell(.arrived(uri: uri))
    case .underway: return
    case .begin:
      let upload = Upload(parcel, label, nextTicket())
      active.append(upload)
      send(upload, now) { () throws(Failure) in try Wire.place(for: parcel, service) }
    }
  }

  func drop(_ ticket: Ticket) {
    guard let label = shelf.leave(ticket, client: client),
      let index = active.firstIndex(where: { $0.label.equals(label) })
    else { return }
    transport.drop(active.remove(at: index).ticket)
  }

  /// Whether the ticket is of a question to the API, which was shown the key.
  func asksAPI(_ ticket: Ticket) -> Bool { active.contains { $0.ticket == ticket && $0.sending == nil } }

  /// False for the outcome of something else.
  func end(_ ticket: Ticket, _ outcome: Outcome, _ unixSeconds: Int64, _ now: Instant) -> Bool {
    guard let upload = active.first(where: { $0.ticket == ticket }) else { return false }
    if let (place, reader) = upload.sending {
      ended(upload, outcome, place, reader, unixSeconds, now)
    } else {
      begin(upload, outcome, unixSeconds, now)
    }
    return true
  }

  /// Tells how far each has come.
  func tellProgress() {
    for upload in active {
      guard let permille = upload.sending?.reader.permille, permille >= upload.told + Uploads.step else {
        continue
      }
      upload.told = permille
      shelf.tell(upload.label, sent: permille)
    }
  }

  /// Those who wait in other clients begin for themselves.
  func stop() {
    for upload in active {
      var failure = Failure(.closed, "the client that was sending it was closed")
      failure.retryable = true
      fail(upload, UploadSetback(.neverArrived, failure, upload.parcel))
    }
  }

  // MARK: The two requests

  private func begin(_ upload: Upload, _ outcome: Outcome, _ unixSeconds: Int64, _ now: Instant) {
    do throws(UploadSetback) {
      let place = try Wire.place(outcome, for: upload.parcel, service: service, unixSeconds: unixSeconds)
      send(upload, now) { () throws(Failure) in
        let reader = try ParcelReader(upload.parcel)
        upload.sending = (place, reader)
        return try Wire.store(upload.parcel, in: place, cargo: reader, service)
      }
    } catch {
      fail(upload, error)
    }
  }

  private func send(_ upload: Upload, _ now: Instant, _ make: () throws(Failure) -> HTTPRequest) {
    do throws(Failure) {
      transport.send(try make(), ticket: upload.ticket, now: now)
    } catch {
      // Another try would fare no better.
      fail(upload, UploadSetback(.refused, error, upload.parcel))
    }
  }

  private func ended(
    _ upload: Upload, _ outcome: Outcome, _ place: StoragePlace, _ reader: ParcelReader,
    _ unixSeconds: Int64, _ now: Instant
  ) {
    if let failure = reader.failure { return fail(upload, UploadSetback(.refused, failure, upload.parcel)) }
    if let setback = Wire.stored(outcome, upload.parcel, service: service, unixSeconds: unixSeconds) {
      return fail(upload, setback)
    }
    active.removeAll { $0 === upload }
    shelf.arrived(upload.label, uri: place.uri, now: now)
  }

  private func fail(_ upload: Upload, _ why: UploadSetback) {
    active.removeAll { $0 === upload }
    shelf.failed(upload.label, why.setback)
  }
}
