// One request on its way and its answer as it arrives. Its easy handle serves many requests, one after the other.

internal import CCurl
internal import CSys
internal import Core
internal import Platform

/// A request, who asked, and until when.
final class Exchange {
  let request: HTTPRequest
  let ticket: Ticket
  let deadline: Instant

  init(_ request: HTTPRequest, _ ticket: Ticket, deadline: Instant) {
    self.request = request
    self.ticket = ticket
    self.deadline = deadline
  }
}

final class Transfer {
  static let redirectsMax = 3
  /// An output from which nothing came, or a form of which nothing left, for so long is begun again.
  static let idleLimitSeconds = 30
  /// libcurl's 16 KB cost ten percent more time for each megabyte.
  static let fetchBufferBytes = 64 << 10

  let handle: EasyHandle
  /// Whom its handle speaks to. libcurl refuses some options once a handle was used, so it serves one purpose.
  let purpose: HTTPRequest.Purpose
  private(set) var exchange: Exchange?
  private(set) var answer = IncomingAnswer()
  /// libcurl was about to send the request. It asks just before, after the connection, the tunnel and TLS stand, so
  /// while this is false not one byte of the request was handed to send.
  private(set) var mayHaveSent = false
  /// Why a connection was not made or not used.
  private(set) var refusal: Target.Refusal?
  private(set) var target: Target?
  /// A URL that had this target and was found to be in order.
  private var origin = ""
  private let settings: Transport.Settings
  /// As libcurl wants them, for `listed`. Looks are all alike, so most requests find their headers here.
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var listed: HTTPRequest?
  private var method: HTTPRequest.Method?
  private var redirects = 0
  private var form: FormData?

  init?(
    _ purpose: HTTPRequest.Purpose, _ common: EasyHandle.Common, _ settings: Transport.Settings
  ) {
    guard let handle = EasyHandle(common) else { return nil }
    self.handle = handle
    self.purpose = purpose
    self.settings = settings
    keepRules()
    listen()
    if handle.takeFault() != CURLE_OK { return nil }
  }

  deinit { curl_slist_free_all(headers) }

  /// Makes the handle ready to be added. Throws what makes the request impossible.
  func prepare(_ exchange: Exchange) throws(Target.Refusal) {
    self.exchange = exchange
    (mayHaveSent, redirects) = (false, 0)
    try aim(at: exchange.request.url)
    try setHeaders(exchange.request)
    if let form = exchange.request.form { try setForm(form) } else { setMethod(exchange.request) }
    guard headers != nil, handle.takeFault() == CURLE_OK else {
      throw Target.Refusal(reason: .memory, detail: "no memory for a request")
    }
  }

  /// The answer sends us on. Throws when we do not go there.
  func follow(_ url: String) throws(Target.Refusal) {
    redirects += 1
    guard redirects <= Transfer.redirectsMax else {
      throw Target.Refusal(
        reason: .forbidden,
        detail: String(
          sentence: "\(target?.host ?? "") is the end of more than \(Transfer.redirectsMax) redirects"))
    }
    try aim(at: url)
    guard handle.takeFault() == CURLE_OK else {
      throw Target.Refusal(reason: .memory, detail: "no memory for a request")
    }
  }

  /// Forgets the request and its answer. The headers stay for the next one; the key in them lives as long as its client.
  func finish() {
    if form != nil {
      // Before the form goes, which the handle would go on pointing at.
      handle.set(CURLOPT_MIMEPOST, nil)
      form = nil
    } else if exchange?.request.method == .post {
      handle.set(CURLOPT_COPYPOSTFIELDS, nil)
    }
    exchange = nil
    answer = IncomingAnswer()
  }

  /// What came of the body; nil when there is no memory even for an empty one.
  func takeBody() -> Buffer? { answer.takeBody() }

  private func aim(at url: String) throws(Target.Refusal) {
    answer = IncomingAnswer()
    refusal = nil
    handle.forgetWords()
    handle.set(CURLOPT_URL, url)
    if !purpose.isForeign && Target.haveSameOrigin(url, origin) { return }
    origin = ""
    let target = try Target(url, for: purpose, under: settings)
    self.target = target
    handle.set(CURLOPT_PROTOCOLS_STR, target.isEncrypted ? "https" : "http")
    handle.set(CURLOPT_PROXY, target.isThroughProxy ? settings.proxy : "")
    origin = url
  }

  private func setHeaders(_ request: HTTPRequest) throws(Target.Refusal) {
    if let listed, HeaderList.isSame(request, listed) { return }
    try HeaderList.check(request)
    let list = HeaderList.make(request)
    handle.note(cc_set_headers(handle.easy, list))
    curl_slist_free_all(headers)
    headers = list
    listed = list == nil ? nil : request
  }

  private func setMethod(_ request: HTTPRequest) {
    if request.method == method && method != .post { return }
    method = request.method
    switch request.method {
    case .get, .delete:
      handle.set(CURLOPT_HTTPGET, 1)
      handle.set(CURLOPT_CUSTOMREQUEST, request.method == .delete ? "DELETE" : nil)
    case .post:
      handle.set(CURLOPT_CUSTOMREQUEST, nil)
      handle.set(CURLOPT_POST, 1)
      let body = request.body ?? ""
      handle.note(cc_set_size(handle.easy, CURLOPT_POSTFIELDSIZE_LARGE, body.byteCount))
      handle.set(CURLOPT_COPYPOSTFIELDS, body)
    }
  }

  private func setForm(_ form: Form) throws(Target.Refusal) {
    guard let data = FormData(form, for: handle) else {
      throw Target.Refusal(reason: .memory, detail: "no memory for a form")
    }
    self.form = data
    handle.set(CURLOPT_MIMEPOST, pointer: UnsafeMutableRawPointer(data.mime))
  }

  /// What holds for all requests of one purpose.
  private func keepRules() {
    let isSentOnce = purpose == .pay || purpose == .store
    // HTTP/2 repeats a request of its own accord, and so does a connection that turns out to be dead.
    handle.set(CURLOPT_HTTP_VERSION, isSentOnce ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS)
    handle.set(CURLOPT_FRESH_CONNECT, isSentOnce ? 1 : 0)
    handle.set(CURLOPT_FORBID_REUSE, isSentOnce ? 1 : 0)
    handle.set(CURLOPT_PIPEWAIT, isSentOnce ? 0 : 1)
    handle.set(CURLOPT_BUFFERSIZE, purpose == .fetch ? Transfer.fetchBufferBytes : 16 << 10)
    handle.set(CURLOPT_LOW_SPEED_LIMIT, purpose.isForeign ? 1 : 0)
    handle.set(CURLOPT_LOW_SPEED_TIME, purpose.isForeign ? Transfer.idleLimitSeconds : 0)
  }
}

// What libcurl calls. It does so only from within a turn or a stop, on that thread, while the transfer is held by its
// transport.
extension Transfer {
  private static func from(_ pointer: UnsafeMutableRawPointer?) -> Transfer? {
    pointer.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  static func of(_ easy: UnsafeMutableRawPointer) -> Transfer? { from(cc_get_private(easy)) }

  private func listen() {
    let me = Unmanaged.passUnretained(self).toOpaque()
    for option in [
      CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA,
    ] { handle.set(option, pointer: me) }
    handle.note(
      cc_on_body(handle.easy) { start, size, count, transfer in
        let bytes = UnsafeRawBufferPointer(start: start, count: size * count)
        return Transfer.from(transfer)?.received(body: bytes) == true
          ? bytes.count : Int(CURL_WRITEFUNC_ERROR)
      })
    handle.note(
      cc_on_header(handle.easy) { start, size, count, transfer in
        let line = UnsafeRawBufferPointer(start: start, count: size * count)
        return Transfer.from(transfer)?.received(header: line) == true ? line.count : -1
      })
    handle.note(
      cc_on_open(handle.easy) { transfer, _, address in
        guard let address, Transfer.from(transfer)?.mayConnect(to: address) == true else { return -1 }
        return cc_open_socket(address)
      })
    handle.note(
      cc_on_request(handle.easy) { transfer, address, _, _, _ in
        Transfer.from(transfer)?.maySend(to: address) == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
      })
  }

  private func received(header line: UnsafeRawBufferPointer) -> Bool {
    answer.add(header: line, keepsDate: exchange?.request.keepsDate == true)
  }

  private func received(body bytes: UnsafeRawBufferPointer) -> Bool {
    guard let request = exchange?.request else { return false }
    let length = cc_get_size(handle.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
    return answer.add(body: bytes, length: length, limit: request.answerLimit)
  }

  /// For a new connection: the resolver has spoken.
  private func mayConnect(to address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
    var size = 0
    let bytes = cc_address(address, &size)
    return mayReach(AddressGuard.kind(of: UnsafeRawBufferPointer(start: bytes, count: size)))
  }

  /// For every connection, old ones too, and the last moment before the request is sent.
  private func maySend(to address: UnsafePointer<CChar>?) -> Bool {
    // libcurl begins once more when it believes the server has not seen the request. For money that is a guess.
    if (purpose == .pay || purpose == .store) && mayHaveSent { return false }
    if purpose.isForeign, let address {
      let text = String(utf8: UnsafeRawBufferPointer(start: address, count: strlen(address)))
      let bytes = IPAddress.bytes(of: text) ?? []
      guard bytes.withUnsafeBytes({ mayReach(AddressGuard.kind(of: $0)) }) else { return false }
    }
    mayHaveSent = true
    return true
  }

  private func mayReach(_ kind: AddressKind) -> Bool {
    guard let target, purpose.isForeign, !target.isThroughProxy else { return true }
    switch kind {
    case .open: return true
    case .loopback where settings.allowsLoopback: return true
    case .loopback: refuse(target, "a loopback address")
    case .refused(let what): refuse(target, what)
    }
    return false
  }

  private func refuse(_ target: Target, _ what: StaticString) {
    refusal = Target.Refusal(
      reason: .forbidden,
      detail: String(sentence: "\(target.host) is at \(what); pictures come from and go to public addresses"))
  }
}
