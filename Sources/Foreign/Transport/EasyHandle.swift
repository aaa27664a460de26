// One easy handle of libcurl and the rules that hold for every request it will ever make. What differs from request to
// request is Transfer's.

internal import CCurl
internal import CSys
internal import Core

/// An easy handle that is cleaned up with its last reference.
final class EasyHandle {
  /// Resolving, connecting, the proxy's tunnel and TLS together.
  static let connectLimitMilliseconds = 30_000

  let easy: UnsafeMutableRawPointer
  /// libcurl's own words about what went wrong; it writes them here.
  private let words: UnsafeMutablePointer<CChar>
  /// Of the last option that could not be set.
  private var fault = CURLE_OK

  /// Nil when there is no memory, or libcurl was built without something that is no option for us.
  init?(_ common: Common) {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = easy
    words = .allocate(capacity: Int(CURL_ERROR_SIZE))
    words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    keepRules(common)
    if fault != CURLE_OK { return nil }
  }

  deinit {
    curl_easy_cleanup(easy)
    words.deallocate()
  }

  /// What every handle of a transport has in common.
  struct Common {
    let share: UnsafeMutableRawPointer
    let caFile: String?
  }

  private func keepRules(_ common: Common) {
    set(CURLOPT_ERRORBUFFER, pointer: words)
    set(CURLOPT_SHARE, pointer: common.share)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    set(CURLOPT_CONNECTTIMEOUT_MS, EasyHandle.connectLimitMilliseconds)
    set(CURLOPT_TCP_NODELAY, 1)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_USERAGENT, "libt2i/1.0.0")

    // The environment was read when the client was opened, or not at all.
    set(CURLOPT_PROXY, "")
    set(CURLOPT_NOPROXY, "")
    set(CURLOPT_PROXYAUTH, CC_AUTH_BASIC)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)

    set(CURLOPT_PROTOCOLS_STR, "https")
    set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_MAXREDIRS, 0)
    set(CURLOPT_HTTP09_ALLOWED, 0)
    // As it comes: a few bytes that unpack to gigabytes are not our picture.
    set(CURLOPT_ACCEPT_ENCODING, nil)
    set(CURLOPT_HTTP_CONTENT_DECODING, 0)

    set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    if let file = common.caFile {
      // With a folder beside the file, libcurl 7.88 reads the whole file again for every connection: 22 to 35 ms.
      set(CURLOPT_CAINFO, file)
      set(CURLOPT_CAPATH, nil)
      set(CURLOPT_PROXY_CAINFO, file)
      set(CURLOPT_PROXY_CAPATH, nil)
    }
  }

  func set(_ option: CURLoption, _ value: Int) { note(cc_set_long(easy, option, value)) }

  func set(_ option: CURLoption, _ text: String?) {
    guard let text else { return note(cc_set_text(easy, option, nil)) }
    note(withText(text) { cc_set_text(easy, option, $0) })
  }

  func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) {
    note(cc_set_pointer(easy, option, pointer))
  }

  func note(_ code: CURLcode) {
    if code != CURLE_OK { fault = code }
  }

  /// Whether every option since the last time was accepted.
  func takeFault() -> CURLcode {
    defer { fault = CURLE_OK }
    return fault
  }

  func forgetWords() { words[0] = 0 }

  /// What libcurl says about a code: what happened this time, or what the code means.
  func explanation(of code: CURLcode) -> String {
    let text: UnsafePointer<CChar>? = words[0] == 0 ? curl_easy_strerror(code) : UnsafePointer(words)
    guard let text else { return "" }
    var printable: [UInt8] = []
    for byte in UnsafeRawBufferPointer(start: text, count: strlen(text)) {
      printable.append(byte >= 0x20 && byte < 0x7F ? byte : UInt8(ascii: "?"))
    }
    return String(printable[...])
  }
}
