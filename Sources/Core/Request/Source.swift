// Where a reference picture is: with the service already, somewhere on the web, or here and yet to be uploaded.

package enum Source: Equatable, Sendable {
  /// https://…, which the service fetches itself.
  case web(String)
  /// runway://…, uploaded before.
  case hosted(String)
  /// data:image/…, the bytes inside the request.
  case inline(String)
  /// A plain path on this machine, from "path" or file:///.
  case file(String)
  /// The bytes handed over beside the request under this number.
  case blob(Int)

  /// The service cannot reach it: it has to be uploaded first.
  package var isLocal: Bool {
    switch self {
    case .file, .blob: true
    case .web, .hosted, .inline: false
    }
  }
}

/// A picture the request refers to.
package final class Reference: Sendable {
  package let source: Source
  package let tag: String?
  package let subject: String?
  /// Of a local picture, where somebody looked at its pixels.
  package let light: PictureLight?

  init(source: Source, tag: String?, subject: String?, light: PictureLight?) {
    self.light = light
    self.source = source
    self.tag = tag
    self.subject = subject
  }
}

/// Bounds on the length of each form of URI.
struct URILimits: Sendable {
  let web: ClosedRange<Int>
  let hosted: ClosedRange<Int>
  let inline: ClosedRange<Int>

  static func read(_ cursor: Cursor?) -> URILimits {
    URILimits(
      web: range(cursor?["httpsUrl"], 2048), hosted: range(cursor?["runwayUri"], 5000),
      inline: range(cursor?["dataUri"], 5_242_880))
  }

  private static func range(_ cursor: Cursor?, _ usual: Int) -> ClosedRange<Int> {
    let least = cursor?.count("minLength") ?? 13
    let most = cursor?.count("maxLength") ?? max(least, usual)
    if least > most { cursor?.fault("has minLength above maxLength") }
    return least...max(least, most)
  }
}

/// What is wrong with one value, before it is known where the value stands.
final class Fault: Error {
  let message: Sentence
  let allowed: JSON?
  let nearest: String?

  @inline(never)
  init(_ message: Sentence, allowed: JSON? = nil, nearest: String? = nil) {
    self.message = message
    self.allowed = allowed
    self.nearest = nearest
  }
}

/// Reads the URI of a reference by syntax alone: nothing is opened, resolved or fetched.
struct SourceReader {
  let limits: URILimits
  let rules: CheckRules

  static let forms: JSON = ["https://", "runway://", "data:image/", "file:///", "blob:"]

  func read(uri: String) throws(Fault) -> Source {
    if uri.begins(with: "https://") { return .web(try checkedWeb(uri)) }
    if uri.begins(with: "runway://") {
      try checkLength(uri, limits.hosted, "a runway:// URI")
      try checkPrintable(uri)
      return .hosted(uri)
    }
    if uri.begins(with: "data:") { return .inline(try checkedInline(uri)) }
    if uri.begins(with: "blob:") { return .blob(try blobNumber(uri)) }
    if uri.begins(with: "file:") { return try read(path: try decodedPath(uri)) }
    if uri.begins(with: "http://") {
      throw Fault("http:// is refused, the service fetches https:// only", allowed: Self.forms)
    }
    throw Fault(
      "\(uri.quoted) is no URI the service knows; for a file on this machine use the key path",
      allowed: Self.forms)
  }

  func read(path: String) throws(Fault) -> Source {
    guard rules.localReferences else {
      throw Fault("files of this machine are switched off (localReferences); send a URI or a blob")
    }
    // The longest path Linux opens.
    guard !path.isEmpty, path.byteCount < 4096 else {
      throw Fault("a path must have 1 to 4095 bytes, has \(path.byteCount)")
    }
    return .file(path)
  }

  private func checkLength(_ uri: String, _ range: ClosedRange<Int>, _ what: StaticString) throws(Fault) {
    let length = uri.utf16Length
    guard range.contains(length) else {
      throw Fault(
        "\(what) must have \(range.lowerBound) to \(range.upperBound) characters, has \(length)",
        allowed: .bounds(range.lowerBound, range.upperBound))
    }
  }

  private func checkPrintable(_ uri: String) throws(Fault) {
    for byte in uri.bytes where byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "\\") {
      throw Fault(
        "a URI has no spaces, control characters or backslashes; write them percent-encoded, such as %20")
    }
  }

  // MARK: https

  private func checkedWeb(_ uri: String) throws(Fault) -> String {
    try checkLength(uri, limits.web, "an https:// URI")
    try checkPrintable(uri)
    let ends = "/?#".bytes
    let authority = uri.bytes.dropFirst(8).prefix { !ends.contains($0) }
    guard !authority.contains(UInt8(ascii: "@")) else {
      throw Fault("a user name in a URI is refused: the service would be shown the password")
    }
    let host = String(authority.prefix { $0 != UInt8(ascii: ":") }).asciiLowercase
    guard !host.isEmpty, !isAddress(host) else {
      throw Fault("the service fetches from domain names only, not from addresses such as 192.0.2.1")
    }
    guard
      rules.allowedReferenceHosts.isEmpty
        || rules.allowedReferenceHosts.contains(where: { matches(host, $0) })
    else {
      throw Fault(
        "the host \(host.quoted) is not in allowedReferenceHosts",
        allowed: .strings(Array(rules.allowedReferenceHosts.prefix(64))))
    }
    return uri
  }

  /// By the rule of the URL standard: a host whose last label is a number is an IPv4 address, however it is written.
  private func isAddress(_ host: String) -> Bool {
    if host.begins(with: "[") { return true }
    var last: [UInt8] = []
    for byte in host.bytes.last == UInt8(ascii: ".") ? host.bytes.dropLast() : host.bytes {
      if byte == UInt8(ascii: ".") { last = [] } else { last.append(byte) }
    }
    return last.isEmpty || last.allSatisfy { $0.isDigit } || last[...].begins(with: "0x")
  }

  /// A name, or *.example.com for every host below it. `host` is in lower case.
  private func matches(_ host: String, _ pattern: String) -> Bool {
    let pattern = pattern.asciiLowercase
    guard pattern.begins(with: "*.") else { return host.equals(pattern) }
    let ending = pattern.bytes.dropFirst()
    return host.byteCount > ending.count && host.bytes.suffix(ending.count) == ending
  }

  // MARK: data

  private func checkedInline(_ uri: String) throws(Fault) -> String {
    guard limits.inline.contains(uri.byteCount) else {
      throw Fault(
        "a data URI must have at most \(limits.inline.upperBound) characters, has \(uri.byteCount); pass it as path or blob and it is uploaded",
        allowed: .bounds(limits.inline.lowerBound, limits.inline.upperBound))
    }
    let bytes = uri.bytes
    let type = bytes.dropFirst(5).prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") }
    try checkType(String(type).asciiLowercase)
    let rest = bytes[type.endIndex...]
    guard rest.begins(with: ";base64,") else {
      throw Fault("a data URI reads data:image/png;base64,… and nothing else")
    }
    try checkBase64(rest.dropFirst(8))
    return uri
  }

  private func checkType(_ type: String) throws(Fault) {
    let types = ["image/jpeg", "image/png", "image/webp"]
    let allowed = JSON.strings(types)
    if types.includes(type) { return }
    if type.is("image/gif") {
      throw Fault("GIF is refused by the service; send JPEG, PNG or WebP", allowed: allowed)
    }
    throw Fault(
      "a data URI must hold JPEG, PNG or WebP, not \(type.quoted)", allowed: allowed,
      nearest: Nearest.word(to: type, among: types))
  }

  private func checkBase64(_ payload: ArraySlice<UInt8>) throws(Fault) {
    let digits = payload.prefix {
      $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/")
    }
    let padding = payload.count - digits.count
    guard padding <= 2, payload.suffix(padding).allSatisfy({ $0 == UInt8(ascii: "=") }) else {
      throw Fault("the data URI is not base64 from its comma to its end")
    }
    guard !digits.isEmpty, padding == 0 ? digits.count % 4 != 1 : payload.count % 4 == 0 else {
      throw Fault("the data URI's base64 is cut short")
    }
  }

  // MARK: here

  private func blobNumber(_ uri: String) throws(Fault) -> Int {
    let digits = uri.bytes.dropFirst(5)
    var number = 0
    for digit in digits.prefix(7) {
      number = number * 10 + Int(digit.isDigit ? digit - UInt8(ascii: "0") : 0)
    }
    guard !digits.isEmpty, digits.count <= 6, digits.allSatisfy({ $0.isDigit }) else {
      throw Fault("\(uri.quoted) must be blob: and a number, such as blob:0")
    }
    guard number < rules.blobCount else {
      let verb: StaticString = rules.blobCount == 1 ? "was" : "were"
      let given: Sentence =
        rules.blobCount == 0 ? "no blobs were" : "only \(counted(rules.blobCount, "blob")) \(verb)"
      throw Fault("blob:\(number) does not exist, \(given) passed beside the request")
    }
    return number
  }

  /// The path of file:///…, percent-decoded.
  private func decodedPath(_ uri: String) throws(Fault) -> String {
    guard uri.begins(with: "file:///") else {
      throw Fault("a file URI has three slashes and no host, such as file:///home/me/cat.png")
    }
    var bytes: [UInt8] = []
    var rest = uri.bytes.dropFirst(7)
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") {
        throw Fault("a file URI has no ? and no #; as part of a name write %3F and %23")
      }
      if byte != UInt8(ascii: "%") {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit, high | low != 0 else {
        throw Fault("a percent sign in a file URI must begin a code such as %20, and none may be %00")
      }
      bytes.append(high << 4 | low)
    }
    let path = String(bytes[...])
    // Repaired text would be the path of another file.
    guard path.bytes == bytes[...] else {
      throw Fault("the path of a file URI must be UTF-8 once decoded")
    }
    return path
  }
}
