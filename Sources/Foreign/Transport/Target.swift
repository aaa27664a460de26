// Where a request goes: what its URL says, read by the parser that libcurl itself will use, and whether it may go there.

internal import CCurl
internal import CSys
internal import Core

/// A URL that its purpose allows.
struct Target {
  /// As libcurl spells it: lower case, IPv4 in four decimal numbers, IPv6 in brackets.
  let host: String
  let isEncrypted: Bool
  /// Nil where the host is a name.
  let literal: AddressKind?
  let isThroughProxy: Bool

  var isLoopback: Bool {
    if case .loopback? = literal { true } else { false }
  }

  /// Why a request must not be made; nothing of it has left the machine.
  struct Refusal: Error {
    let reason: Loss.Reason
    let detail: String
  }

  init(_ url: String, for purpose: HTTPRequest.Purpose, under settings: Transport.Settings) throws(Refusal) {
    let parts = try Target.parts(of: url)
    host = parts.host
    isEncrypted = parts.isEncrypted
    literal = Target.address(in: parts.host)
    let stays = if case .loopback? = literal { settings.allowsLoopback } else { false }
    // A request in clear text never leaves this machine, and a proxy is outside it.
    isThroughProxy =
      settings.proxy != nil && !stays && !ProxyExceptions.include(host, in: settings.noProxy ?? "")
    guard isEncrypted || stays else {
      throw refuse("http is only for a literal loopback address such as 127.0.0.1; use https")
    }
    if purpose.isForeign { try checkForeign(settings) }
  }

  /// What can be said of a host that the service named before anything is resolved. A name's addresses are looked at on connecting.
  private func checkForeign(_ settings: Transport.Settings) throws(Refusal) {
    switch literal {
    case .refused(let what)?: throw refuse("is \(what)")
    case .loopback?:
      if !settings.allowsLoopback {
        throw refuse("is a loopback address; pictures come from and go to public ones")
      }
    case .open?:
      // The proxy would connect, so nobody here could see where.
      if isThroughProxy { throw refuse("is an address, and behind a proxy only names are spoken to") }
    case nil:
      if isThroughProxy && !HostPattern.match(host, settings.allowedOutputHosts) {
        throw refuse("is not in allowedOutputHosts, which names the hosts of pictures behind a proxy")
      }
    }
  }

  private func refuse(_ why: Sentence) -> Refusal {
    Refusal(reason: .forbidden, detail: String(sentence: "\(host) \(why)"))
  }

  /// Whether two URLs are the same up to the slash that begins their paths, so that what holds for one's host holds for
  /// the other's. To take a URL apart costs as much as a fifth of asking for it.
  static func haveSameOrigin(_ url: String, _ other: String) -> Bool {
    var isSame = false
    url.lend { url in
      other.lend { other in
        var slashes = 0
        for (byte, twin) in zip(url, other) {
          if byte != twin { return }
          if byte == UInt8(ascii: "/") { slashes += 1 }
          isSame = slashes == 3
          if isSame { return }
        }
      }
    }
    return isSame
  }

  private static func parts(of url: String) throws(Refusal) -> (host: String, isEncrypted: Bool) {
    guard let parser = curl_url() else { throw Refusal(reason: .memory, detail: "no memory for a URL") }
    defer { curl_url_cleanup(parser) }
    guard withText(url, { curl_url_set(parser, CURLUPART_URL, $0, 0) }) == CURLUE_OK,
      let scheme = part(CURLUPART_SCHEME, of: parser), let host = part(CURLUPART_HOST, of: parser),
      !host.isEmpty
    else { throw Refusal(reason: .forbidden, detail: "the URL is none: it must be https://host/…") }
    guard scheme.is("https") || scheme.is("http") else {
      throw Refusal(reason: .forbidden, detail: String(sentence: "\(host): \(scheme) is not https"))
    }
    guard part(CURLUPART_USER, of: parser) == nil, part(CURLUPART_PASSWORD, of: parser) == nil else {
      throw Refusal(reason: .forbidden, detail: String(sentence: "\(host): the URL carries a user name"))
    }
    return (host, scheme.is("https"))
  }

  private static func part(_ part: CURLUPart, of parser: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(parser, part, &text, 0) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(utf8: UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }

  /// The kind of address that a host is, nil when it is a name.
  private static func address(in host: String) -> AddressKind? {
    guard let bytes = IPAddress.bytes(of: host) else { return nil }
    return bytes.withUnsafeBytes { AddressGuard.kind(of: $0) }
  }
}

enum IPAddress {
  /// Four or sixteen bytes in network order, nil for a name. Brackets and a zone are taken off.
  static func bytes(of host: String) -> [UInt8]? {
    var text = host.bytes
    if text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") { text = text.dropFirst().dropLast() }
    for (index, byte) in zip(text.indices, text) where byte == UInt8(ascii: "%") {
      text = text[..<index]
      break
    }
    let digits = text.last == UInt8(ascii: ".") ? text.dropLast() : text
    for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: size)
      let isAddress = withText(String(digits)) { inet_pton(family, $0, &bytes) == 1 }
      if isAddress { return bytes }
    }
    return nil
  }
}

/// Lends a string with the zero that C wants. One with a zero inside ends there, which no URL or header has.
func withText<Result>(_ text: String, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
  var bytes: [UInt8] = []
  text.lend {
    bytes.reserveCapacity($0.count + 1)
    bytes.append(contentsOf: $0)
  }
  bytes.append(0)
  return bytes.withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: CChar.self)) }
}
