// The bytes of one answer while they arrive, and the limits they have to keep.

internal import Core
internal import Platform

struct IncomingAnswer {
  /// Far more than any service sends, in lines and in bytes, interim answers and trailers included.
  static let headersMax = 256
  static let headerBytesMax = 64 << 10
  /// A longer value of a header we read is no value we understand.
  static let headerValueMax = 1024
  /// A promise of length is believed up to here; beyond it room grows with what comes.
  private static let trustedLength = 1 << 20

  private(set) var headers = HTTPAnswerHeaders()
  /// The empty line after the headers has come. libcurl takes an answer that ends before it for a whole one.
  private(set) var hasAllHeaders = false
  private(set) var isTooLarge = false
  private(set) var hasNoMemory = false
  private var headerCount = 0
  private var headerBytes = 0
  private var body: Buffer?

  /// False when the line is one too many.
  mutating func add(header line: UnsafeRawBufferPointer, keepsDate: Bool) -> Bool {
    headerCount += 1
    headerBytes += line.count
    guard headerCount <= IncomingAnswer.headersMax, headerBytes <= IncomingAnswer.headerBytesMax else {
      isTooLarge = true
      return false
    }
    // An interim answer such as 103 has headers of its own.
    if IncomingAnswer.hasName("http/", line) { (headers, hasAllHeaders) = (HTTPAnswerHeaders(), false) }
    if line.count <= 2 { hasAllHeaders = true }
    note(line)
    if keepsDate, let value = IncomingAnswer.value(of: "date:", line) { headers.date = value }
    return true
  }

  /// Most headers are nobody's business here, and their first letter says so.
  private mutating func note(_ line: UnsafeRawBufferPointer) {
    guard let first = line.first else { return }
    switch first | 0x20 {
    case UInt8(ascii: "r"):
      if let value = IncomingAnswer.value(of: "retry-after:", line) { headers.retryAfter = value }
      if let value = IncomingAnswer.value(of: "retry-after-ms:", line) { headers.retryAfterMs = value }
    case UInt8(ascii: "x"):
      if let value = IncomingAnswer.value(of: "x-should-retry:", line) { headers.shouldRetry = value }
    case UInt8(ascii: "a"):
      if let value = IncomingAnswer.value(of: "apigw-requestid:", line) { headers.requestID = value }
    default: break
    }
  }

  /// False when the bytes are more than `limit` in all, or there is no memory for them. `length` is what the answer
  /// promised, below 0 when it did not.
  mutating func add(body bytes: UnsafeRawBufferPointer, length: Int, limit: Int) -> Bool {
    let held = body?.count ?? 0
    guard bytes.count <= limit - held else {
      isTooLarge = true
      return false
    }
    guard let room = room(for: held + bytes.count, length: length, limit: limit) else {
      hasNoMemory = true
      return false
    }
    if let source = bytes.baseAddress { (room.start + held).copyMemory(from: source, byteCount: bytes.count) }
    room.fill(to: held + bytes.count)
    return true
  }

  private mutating func room(for count: Int, length: Int, limit: Int) -> Buffer? {
    if let body {
      if count <= body.capacity { return body }
      return body.grow(to: max(count, min(limit, body.capacity * 2))) ? body : nil
    }
    let promised = min(length, IncomingAnswer.trustedLength, limit)
    body = try? Buffer(capacity: max(count, promised))
    return body
  }

  /// The body, whole; nil when there is no memory even for an empty one.
  mutating func takeBody() -> Buffer? {
    let taken = body ?? (try? Buffer(capacity: 0))
    body = nil
    if let taken, taken.capacity - taken.count > taken.count / 4 { taken.trim() }
    return taken
  }

  private static func value(of name: StaticString, _ line: UnsafeRawBufferPointer) -> String? {
    guard hasName(name, line) else { return nil }
    var value = line[name.utf8CodeUnitCount...]
    while let first = value.first, first <= UInt8(ascii: " ") { value = value.dropFirst() }
    while let last = value.last, last <= UInt8(ascii: " ") { value = value.dropLast() }
    guard value.count <= headerValueMax else { return nil }
    return String(utf8: UnsafeRawBufferPointer(rebasing: value))
  }

  /// `name` is in lower case; the line need not be.
  private static func hasName(_ name: StaticString, _ line: UnsafeRawBufferPointer) -> Bool {
    guard line.count >= name.utf8CodeUnitCount else { return false }
    for index in 0..<name.utf8CodeUnitCount {
      let byte = line[index]
      let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
      if (isUpper ? byte | 0x20 : byte) != name.utf8Start[index] { return false }
    }
    return true
  }
}
