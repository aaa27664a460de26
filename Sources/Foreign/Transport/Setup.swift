// What must be in order before the first request: libcurl itself, whom to trust, and the proxy.

internal import CCurl
internal import CSys
internal import Core
internal import Platform

struct Setup {
  let sockets: SocketSet
  let common: EasyHandle.Common

  /// Where the systems keep what they trust, the likeliest first.
  private static func bundle() -> String? {
    let places: [StaticString] = [
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    ]
    for place in places where canRead(String(place)) { return String(place) }
    return nil
  }

  private static func canRead(_ path: String) -> Bool { (try? File.open(reading: path)) != nil }

  static func make(_ settings: Transport.Settings) throws(Failure) -> Setup {
    try checkLibrary()
    if let proxy = settings.proxy { try check(proxy: proxy) }
    if let file = settings.caFile, !canRead(file) {
      throw Failure(.io, at: "/caFile", "caFile: \(file) cannot be read; name a file of certificates in PEM")
    }
    guard let share = curl_share_init() else { throw noMemory() }
    let common = EasyHandle.Common(share: share, caFile: settings.caFile ?? bundle())
    guard cc_share_tls_sessions(share) == CURLSHE_OK,
      let sockets = SocketSet(connections: max(1, settings.maxConnections)),
      EasyHandle(common) != nil
    else {
      curl_share_cleanup(share)
      throw noMemory()
    }
    return Setup(sockets: sockets, common: common)
  }

  private static func noMemory() -> Failure {
    Failure(.noMemory, "libcurl could not be set up: no memory or no descriptor is left")
  }

  private static func checkLibrary() throws(Failure) {
    guard cc_global_init() == CURLE_OK, let info = cc_version_info() else { throw noMemory() }
    let needed = CURL_VERSION_SSL | CURL_VERSION_ASYNCHDNS
    guard info.pointee.version_num >= CC_VERSION_MIN, info.pointee.features & needed == needed else {
      let version = info.pointee.version.map {
        String(utf8: UnsafeRawBufferPointer(start: $0, count: strlen($0)))
      }
      throw Failure(
        .unsupported,
        "libcurl \(version ?? "") is installed; 7.87 or newer with TLS and a threaded resolver is needed")
    }
  }

  /// The value may hold a password, so it is not repeated.
  private static func check(proxy: String) throws(Failure) {
    guard let parser = curl_url() else { throw noMemory() }
    defer { curl_url_cleanup(parser) }
    let flags = UInt32(CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME)
    var scheme: UnsafeMutablePointer<CChar>?
    guard withText(proxy, { curl_url_set(parser, CURLUPART_URL, $0, flags) }) == CURLUE_OK,
      curl_url_get(parser, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK, let scheme
    else { throw notAProxy() }
    defer { curl_free(scheme) }
    let name = String(utf8: UnsafeRawBufferPointer(start: scheme, count: strlen(scheme)))
    let known: [StaticString] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
    for scheme in known where name.is(scheme) { return }
    throw notAProxy()
  }

  private static func notAProxy() -> Failure {
    Failure(.argument, at: "/proxy", "proxy: write http://host:port, https://… or socks5h://…")
  }
}
