// libcurl's sockets in one epoll descriptor of our own, so that whoever owns the thread can wait for one number, and
// its timers as one instant of our clock.

internal import CCurl
internal import CSys
internal import Core
internal import Platform

/// Two multi handles and what they wait for. What is paid for has one of its own: once a host has answered in HTTP/1.1,
/// libcurl 7.88 gives every further question of the same multi handle a connection, although the host speaks HTTP/2.
final class SocketSet {
  private static let eventsMax = 64
  private static let payingTag: UInt32 = 1

  let descriptor: Int32
  private let asking: Multi
  private let paying: Multi
  private let events: UnsafeMutablePointer<epoll_event>
  private var isOpen = true

  /// `connections` for questions and pictures together, and as many for what is paid for, which are never kept.
  init?(connections: Int) {
    let descriptor = Signpost.aboveStandard(epoll_create1(Int32(EPOLL_CLOEXEC)))
    guard descriptor >= 0,
      let asking = Multi(watchedBy: descriptor, tag: 0, connections: connections),
      let paying = Multi(watchedBy: descriptor, tag: SocketSet.payingTag, connections: connections)
    else {
      if descriptor >= 0 { _ = CSys.close(descriptor) }
      return nil
    }
    self.descriptor = descriptor
    self.asking = asking
    self.paying = paying
    events = .allocate(capacity: SocketSet.eventsMax)
    events.initialize(repeating: epoll_event(), count: SocketSet.eventsMax)
  }

  deinit {
    close()
    events.deallocate()
  }

  /// Closes every connection and the descriptor. No transfer may be left in it.
  func close() {
    guard isOpen else { return }
    isOpen = false
    asking.close()
    paying.close()
    _ = CSys.close(descriptor)
  }

  /// When libcurl wants to be called although nothing happened.
  var due: Instant { min(asking.due, paying.due) }

  private func multi(for transfer: Transfer) -> Multi { transfer.purpose == .pay ? paying : asking }

  func add(_ transfer: Transfer) -> Bool {
    curl_multi_add_handle(multi(for: transfer).handle, transfer.handle.easy) == CURLM_OK
  }

  func remove(_ transfer: Transfer) {
    curl_multi_remove_handle(multi(for: transfer).handle, transfer.handle.easy)
  }

  /// A transfer that has ended and how, nil when there is none.
  func nextEnded() -> (transfer: Transfer, code: CURLcode)? {
    var code = CURLE_OK
    guard let easy = cc_next_ended(paying.handle, &code) ?? cc_next_ended(asking.handle, &code) else {
      return nil
    }
    return Transfer.of(easy).map { ($0, code) }
  }

  /// Lets libcurl work on every socket that is ready, and returns when none was left or a good many were served.
  func serve() {
    let count = epoll_wait(descriptor, events, Int32(SocketSet.eventsMax), 0)
    guard count > 0 else { return }
    for index in 0..<Int(count) {
      let event = events[index]
      var ready: Int32 = 0
      if event.events & UInt32(EPOLLIN.rawValue) != 0 { ready |= CURL_CSELECT_IN }
      if event.events & UInt32(EPOLLOUT.rawValue) != 0 { ready |= CURL_CSELECT_OUT }
      if event.events & UInt32(EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { ready |= CURL_CSELECT_ERR }
      let isPaid = event.data.u64 >> 32 == UInt64(SocketSet.payingTag)
      (isPaid ? paying : asking).serve(Int32(truncatingIfNeeded: event.data.u64), ready)
    }
  }

  /// Calls libcurl where its time has come.
  func ring(_ now: Instant) {
    if paying.due <= now { paying.ring() }
    if asking.due <= now { asking.ring() }
  }
}
