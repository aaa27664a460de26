// The service as a client was told of it: where it is, with which key, and how long to wait for it. Checked here once, so
// that nothing after this has to ask whether a key may travel to that address.

package import Core

package final class Service: Sendable {
  /// Scheme, host and perhaps a path, without a slash at the end: "/v1/…" follows.
  let base: String
  package let key: Secret
  /// The account the key belongs to, as far as anybody need know: the first 8 bytes of the key's SHA-256, in hex.
  package let account: String
  /// Then outputs may be on loopback too.
  package let isLoopback: Bool
  let limits: Limits
  /// As the service's documents describe a key; others are sent all the same.
  let keyLooksUsual: Bool

  package static let defaultBase = "https://api.dev.runwayml.com"
  private static let maxBaseBytes = 2048
  private static let maxKeyBytes = 1024

  /// `base` nil is the service's public address. `timeoutMilliseconds` is what the config says for one call, nil if it
  /// says nothing; `maxPictureBytes` bounds each picture.
  ///
  /// Fails with `argument` for an address it may not speak to, and with `auth` for what cannot be a key. Neither
  /// sentence quotes what it was given.
  package init(
    base: String?, key: String, timeoutMilliseconds: Int64? = nil,
    maxPictureBytes: Int = Limits.maxPictureBytes
  ) throws(Failure) {
    let (checked, isLoopback) = try Service.check(base: base ?? Service.defaultBase)
    try Service.check(key: key)
    self.base = checked
    self.key = Secret(key)
    account = Service.account(of: self.key)
    self.isLoopback = isLoopback
    keyLooksUsual = Service.looksUsual(key)
    limits = Limits(timeoutMilliseconds, isLoopback: isLoopback, maxPictureBytes: maxPictureBytes)
  }

  /// The same service, with a key that was checked.
  init(_ old: Service, key: Secret) {
    (base, isLoopback, limits) = (old.base, old.isLoopback, old.limits)
    self.key = key
    account = Service.account(of: key)
    keyLooksUsual = key.lend { Service.looksUsual(String(utf8: UnsafeRawBufferPointer($0))) }
  }

  private static func check(base: String) throws(Failure) -> (String, isLoopback: Bool) {
    let address: Address
    do throws(Address.Fault) {
      address = try Address(base, upTo: maxBaseBytes)
    } catch {
      throw refusal("\(error.sentence)")
    }
    guard !address.hasQuery, !address.hasFragment else {
      throw refusal("has a query or a fragment; end it with the path")
    }
    if !address.isSecure && !address.isLoopback {
      if address.host.is("localhost") {
        throw refusal("is http to a name, and a name can point anywhere; write http://127.0.0.1 or [::1]")
      }
      throw refusal("is http, which would show the key to everyone on the way; write https://")
    }
    var (kept, path) = (base.bytes, address.path.bytes)
    while path.last == UInt8(ascii: "/") {
      path = path.dropLast()
      kept = kept.dropLast()
    }
    if String(path.suffix(3)).is("/v1") {
      throw refusal("ends in /v1, which is part of each call's path; leave it out")
    }
    return (String(kept), address.isLoopback)
  }

  private static func refusal(_ what: Sentence) -> Failure {
    Failure(
      .argument, at: "/baseUrl",
      "baseUrl (or RUNWAYML_BASE_URL) \(what): https://, or http:// to 127.0.0.1 or [::1], such as \(defaultBase)"
    )
  }

  /// Fails with `auth` for what cannot be a key.
  package static func check(key: String) throws(Failure) {
    guard key.byteCount > 0 else {
      throw Failure(
        .auth, at: "/apiKey", "there is no key; set RUNWAYML_API_SECRET or apiKey to a key of your account")
    }
    guard key.byteCount <= maxKeyBytes, key.bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Failure(
        .auth, at: "/apiKey",
        """
        the key in RUNWAYML_API_SECRET or apiKey cannot be one: a key has 1 to \(maxKeyBytes) printable ASCII \
        characters and no space or line break; copy it again
        """)
    }
  }

  private static func account(of key: Secret) -> String {
    var hash = SHA256()
    key.lend { hash.update(UnsafeRawBufferPointer($0)) }
    return String(hash.finish().bytes.prefix(16))
  }

  /// "key_" and 128 hex digits in lower case.
  private static func looksUsual(_ key: String) -> Bool {
    key.begins(with: "key_") && key.byteCount == 132
      && key.bytes.dropFirst(4).allSatisfy {
        $0.isDigit || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
      }
  }
}

/// How much time and memory one call may take.
package struct Limits: Sendable {
  /// The paid POST, which may be waited for longer than anything else: giving up on it loses its answer.
  let paid: Span
  let look: Span
  let fetch: Span
  /// What the config says for one call; the limit of an upload depends on its size.
  private let asked: Span
  /// Of one answer of the API. Pictures have their own.
  let answerBytes: Int
  let pictureBytes: Int
  /// A megabyte of brackets would cost a hundred times its size once read.
  static let answerValues = 8192

  static let paidSeconds: Int64 = 180
  static let leastPaidSeconds: Int64 = 60
  static let lookSeconds: Int64 = 60
  static let maxAnswerBytes = 1 << 20
  package static let maxPictureBytes = 256 << 20

  /// Every call has a total deadline. A picture has a minute to begin with and a second for each started megabyte that
  /// it may have.
  init(_ timeoutMilliseconds: Int64?, isLoopback: Bool, maxPictureBytes: Int) {
    let asked = Span.milliseconds(timeoutMilliseconds ?? .max)
    self.asked = asked
    let pictureBytes = max(1, maxPictureBytes)
    // A short timeout of a real service's submit would only make answers ambiguous that were on their way.
    let least = isLoopback ? Span.zero : .seconds(Limits.leastPaidSeconds)
    paid = min(.seconds(Limits.paidSeconds), max(least, asked))
    look = min(.seconds(Limits.lookSeconds), asked)
    fetch = min(.seconds(Limits.lookSeconds + Int64(((pictureBytes - 1) >> 20) + 1)), asked)
    answerBytes = Limits.maxAnswerBytes
    self.pictureBytes = pictureBytes
  }

  /// A minute, and eight seconds for each started megabyte: a line that sends one megabit a second keeps it.
  func store(bytes: Int) -> Span {
    min(.seconds(Limits.lookSeconds + Int64(((bytes - 1) >> 20) + 1) * 8), asked)
  }
}
