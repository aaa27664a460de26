// One multi handle of libcurl: which sockets it wants to hear of, and when it wants to be called though none is ready.

internal import CCurl
internal import CSys
internal import Core
internal import Platform

final class Multi {
  let handle: UnsafeMutableRawPointer
  /// When libcurl wants to be called although nothing happened.
  private(set) var due = Instant.never
  private let descriptor: Int32
  /// Goes into each event, to tell whose socket it is.
  private let tag: UInt32
  private var timerCalls: UInt64 = 0
  /// What the epoll descriptor has; a few tens at most.
  private var watched: [Int32] = []
  private var isOpen = true

  /// Its sockets are watched by the epoll `descriptor`. Nil when there is no memory.
  init?(watchedBy descriptor: Int32, tag: UInt32, connections: Int) {
    guard let handle = cc_multi_init() else { return nil }
    self.handle = handle
    self.descriptor = descriptor
    self.tag = tag
    if !listen() || !limit(to: connections) { return nil }
  }

  deinit { close() }

  /// Closes every connection. No easy handle may be left in it.
  func close() {
    guard isOpen else { return }
    isOpen = false
    keepSignals()
    curl_multi_cleanup(handle)
  }

  /// While it closes, libcurl does with signals as the last handle it was given says. Given none, it takes SIGPIPE from
  /// the whole process for a moment, which also loses one that the host has waiting.
  private func keepSignals() {
    guard let example = curl_easy_init() else { return }
    if cc_set_long(example, CURLOPT_NOSIGNAL, 1) == CURLE_OK
      && curl_multi_add_handle(handle, example) == CURLM_OK
    {
      curl_multi_remove_handle(handle, example)
    }
    curl_easy_cleanup(example)
  }

  /// Lets libcurl work on a socket of its own that is ready.
  func serve(_ socket: Int32, _ ready: Int32) {
    var running: Int32 = 0
    curl_multi_socket_action(handle, socket, ready, &running)
  }

  /// Calls libcurl because its time has come.
  func ring() {
    let calls = timerCalls
    var running: Int32 = 0
    curl_multi_socket_action(handle, CURL_SOCKET_TIMEOUT, 0, &running)
    guard timerCalls == calls else { return }
    // By its own clock, which stands still in sleep, it is not time yet; then it does not set its timer again.
    var milliseconds = 0
    curl_multi_timeout(handle, &milliseconds)
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
    for limit in limits where cc_multi_set_long(handle, limit, connections) != CURLM_OK { return false }
    return cc_multi_set_long(handle, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)) == CURLM_OK
  }

  // This object outlives its multi handle, which is the only one to call these.
  private func listen() -> Bool {
    let me = Unmanaged.passUnretained(self).toOpaque()
    let onSocket = cc_multi_on_socket(
      handle,
      { _, socket, what, multi, _ in
        guard let multi else { return -1 }
        return Unmanaged<Multi>.fromOpaque(multi).takeUnretainedValue().watch(socket, for: what)
      }, me)
    let onTimer = cc_multi_on_timer(
      handle,
      { _, milliseconds, multi in
        guard let multi else { return -1 }
        Unmanaged<Multi>.fromOpaque(multi).takeUnretainedValue().setTimer(milliseconds)
        return 0
      }, me)
    return onSocket == CURLM_OK && onTimer == CURLM_OK
  }

  private func watch(_ socket: Int32, for what: Int32) -> Int32 {
    var event = epoll_event()
    event.data.u64 = UInt64(tag) << 32 | UInt64(UInt32(bitPattern: socket))
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
