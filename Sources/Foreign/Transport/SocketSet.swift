// libcurl's sockets in one epoll descriptor of our own, so that whoever owns the thread can wait for one number, and
// its timer as an instant of our clock.

internal import CCurl
internal import CSys
internal import Core
internal import Platform

/// A multi handle and what it waits for.
final class SocketSet {
  private static let eventsMax = 64

  let multi: UnsafeMutableRawPointer
  let descriptor: Int32
  /// When libcurl wants to be called although nothing happened.
  private(set) var due = Instant.never
  private let events: UnsafeMutablePointer<epoll_event>
  private var timerCalls: UInt64 = 0
  /// What the epoll descriptor has; a few tens at most.
  private var watched: [Int32] = []
  private var isOpen = true

  init?(connections: Int) {
    guard let multi = curl_multi_init() else { return nil }
    self.multi = multi
    descriptor = Signpost.aboveStandard(epoll_create1(Int32(EPOLL_CLOEXEC)))
    events = .allocate(capacity: SocketSet.eventsMax)
    events.initialize(repeating: epoll_event(), count: SocketSet.eventsMax)
    if descriptor < 0 || !listen() || !limit(to: connections) { return nil }
  }

  deinit {
    close()
    events.deallocate()
  }

  /// Closes every connection and the descriptor. No handle may be left in it.
  func close() {
    guard isOpen else { return }
    isOpen = false
    curl_multi_cleanup(multi)
    if descriptor >= 0 { _ = CSys.close(descriptor) }
  }

  func add(_ handle: EasyHandle) -> Bool { curl_multi_add_handle(multi, handle.easy) == CURLM_OK }
  func remove(_ handle: EasyHandle) { curl_multi_remove_handle(multi, handle.easy) }

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
      var running: Int32 = 0
      curl_multi_socket_action(multi, event.data.fd, ready, &running)
    }
  }

  /// Calls libcurl because its time has come.
  func ring() {
    let calls = timerCalls
    var running: Int32 = 0
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
    guard timerCalls == calls else { return }
    // By its own clock, which stands still in sleep, it is not time yet; then it does not set its timer again.
    var milliseconds = 0
    curl_multi_timeout(multi, &milliseconds)
    setTimer(milliseconds)
  }

  /// Zero is now, not the next millisecond: rounding it up would cost each request more than all its work.
  private func setTimer(_ milliseconds: Int) {
    timerCalls &+= 1
    due =
      milliseconds < 0 ? .never : milliseconds == 0 ? .zero : Clock.now + .milliseconds(Int64(milliseconds))
  }

  private func limit(to connections: Int) -> Bool {
    let limits = [CURLMOPT_MAXCONNECTS, CURLMOPT_MAX_HOST_CONNECTIONS, CURLMOPT_MAX_TOTAL_CONNECTIONS]
    for limit in limits where cc_multi_set_long(multi, limit, connections) != CURLM_OK { return false }
    return cc_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)) == CURLM_OK
  }

  // The set outlives its multi handle, which is the only one to call these.
  private func listen() -> Bool {
    let me = Unmanaged.passUnretained(self).toOpaque()
    let onSocket = cc_multi_on_socket(
      multi,
      { _, socket, what, sockets, _ in
        guard let sockets else { return -1 }
        return Unmanaged<SocketSet>.fromOpaque(sockets).takeUnretainedValue().watch(socket, for: what)
      }, me)
    let onTimer = cc_multi_on_timer(
      multi,
      { _, milliseconds, sockets in
        guard let sockets else { return -1 }
        Unmanaged<SocketSet>.fromOpaque(sockets).takeUnretainedValue().setTimer(milliseconds)
        return 0
      }, me)
    return onSocket == CURLM_OK && onTimer == CURLM_OK
  }

  private func watch(_ socket: Int32, for what: Int32) -> Int32 {
    var event = epoll_event()
    event.data.fd = socket
    if what & CURL_POLL_IN != 0 { event.events |= UInt32(EPOLLIN.rawValue) }
    if what & CURL_POLL_OUT != 0 { event.events |= UInt32(EPOLLOUT.rawValue) }
    if what == CURL_POLL_REMOVE {
      watched.removeAll { $0 == socket }
      epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, &event)
      return 0
    }
    let isKnown = watched.contains(socket)
    if isKnown && epoll_ctl(descriptor, EPOLL_CTL_MOD, socket, &event) == 0 { return 0 }
    if !isKnown { watched.append(socket) }
    return epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event)
  }
}
