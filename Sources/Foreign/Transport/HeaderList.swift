// The headers of a request as libcurl wants them. A value with a line break in it would be a header, or a request, of
// somebody else's making; so every value is looked at before libcurl sees it.

internal import CCurl
internal import Core

enum HeaderList {
  static func check(_ request: HTTPRequest) throws(Target.Refusal) {
    for header in request.headers {
      var isClean = true
      header.value.lend { isClean = HeaderList.isClean($0) }
      if !isClean { throw refusal(header.name) }
    }
    if let key = request.key, !key.lend({ isClean($0) && !$0.isEmpty }) { throw refusal("authorization") }
  }

  /// Whether two requests have the same headers, the key included.
  static func isSame(_ request: HTTPRequest, _ other: HTTPRequest) -> Bool {
    guard request.key === other.key, request.headers.count == other.headers.count else { return false }
    for (header, twin) in zip(request.headers, other.headers) {
      // A name that is written in two places is two names here, which costs a list and nothing else.
      if header.name.utf8Start != twin.name.utf8Start || !header.value.equals(twin.value) { return false }
    }
    return true
  }

  /// Nil when there is no memory for it.
  static func make(_ request: HTTPRequest) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for header in request.headers {
      var line: [UInt8] = []
      line.append(
        contentsOf: UnsafeBufferPointer(start: header.name.utf8Start, count: header.name.utf8CodeUnitCount))
      // libcurl takes "name:" as a wish to leave the header out, and "name;" for one without a value.
      line.append(header.value.isEmpty ? UInt8(ascii: ";") : UInt8(ascii: ":"))
      if !header.value.isEmpty { line.append(UInt8(ascii: " ")) }
      header.value.lend { line.append(contentsOf: $0) }
      line.append(0)
      guard append(line, to: &list) else { return nil }
    }
    if let key = request.key {
      var line = Array(String("Authorization: Bearer ").bytes)
      key.lend { line.append(contentsOf: $0) }
      line.append(0)
      guard append(line, to: &list) else { return nil }
    }
    // Else libcurl waits for a 100 before a long body, and sends all again after a 417.
    return append(Array(String("Expect:\0").bytes), to: &list) ? list : nil
  }

  /// `line` ends with a zero.
  private static func append(_ line: [UInt8], to list: inout UnsafeMutablePointer<curl_slist>?) -> Bool {
    let longer = line.withUnsafeBytes {
      curl_slist_append(list, $0.baseAddress?.assumingMemoryBound(to: CChar.self))
    }
    guard let longer else {
      curl_slist_free_all(list)
      list = nil
      return false
    }
    list = longer
    return true
  }

  private static func isClean(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    for byte in value where byte < 0x20 || byte == 0x7F { return false }
    return true
  }

  private static func refusal(_ name: StaticString) -> Target.Refusal {
    Target.Refusal(
      reason: .malformed,
      detail: String(sentence: "the value of the header \(name) is empty or has a control character"))
  }
}
