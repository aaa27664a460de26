// What every exported function does the same way: refuse a forked child, check pointers and lengths, turn a Swift
// failure into a status and a filled t2i_error. Unsafe pointers from the host end here.

import CRT
import CSys
import CT2I
import Core
import JSONCodec
import Platform

/// Runs the body of an exported function. `.ok` and the other outcomes above zero are returned, not thrown.
func answering(
  _ error: UnsafeMutablePointer<t2i_error>?, _ body: () throws(Failure) -> Status
) -> t2i_status {
  if let error, error.pointee.struct_size < UInt32(MemoryLayout<t2i_error>.size) {
    return Status.structSize.rawValue
  }
  do throws(Failure) {
    if crt_forked() != 0 { throw Refusal.forked }
    let status = try body()
    error?.settle(status)
    return status.rawValue
  } catch let failure {
    error?.fill(failure)
    return failure.status.rawValue
  }
}

/// The same for a body whose only outcome is success.
func doing(
  _ error: UnsafeMutablePointer<t2i_error>?, _ body: () throws(Failure) -> Void
) -> t2i_status {
  answering(error) { () throws(Failure) -> Status in
    try body()
    return .ok
  }
}

enum Refusal {
  static var forked: Failure {
    Failure(.forked, "this process was forked after the library was used; open clients after the fork")
  }

  @inline(never)
  static func null(_ name: StaticString) -> Failure {
    Failure(.argument, at: name, "\(name) must not be NULL")
  }

  @inline(never)
  static func size(_ name: StaticString, _ given: UInt32, _ needed: Int) -> Failure {
    Failure(
      .structSize, at: name,
      given < UInt32(needed)
        ? "\(name)->struct_size is \(given), must be at least \(needed); start from its _INIT macro"
        : "\(name)->struct_size is \(given), which no version has; start from its _INIT macro")
  }
}

extension UnsafeMutablePointer<t2i_error> {
  /// What a call that went well leaves: its status, and nothing of an earlier failure. Without a Failure, which would be
  /// an allocation for each call.
  func settle(_ status: Status) {
    pointee.status = status.rawValue
    pointee.flags = 0
    pointee.http_status = 0
    pointee.retry_after_ms = 0
    pointee.sys_code = 0
    pointee.where.0 = 0
    pointee.message.0 = 0
  }

  /// Everything after struct_size is written; text that does not fit is cut between two characters.
  func fill(_ failure: Failure) {
    pointee.status = failure.status.rawValue
    pointee.flags = flags(of: failure)
    pointee.http_status = failure.http
    pointee.retry_after_ms = failure.retryAfterMilliseconds
    pointee.sys_code = failure.systemCode
    withUnsafeMutableBytes(of: &pointee.where) { copy(failure.location, to: $0) }
    withUnsafeMutableBytes(of: &pointee.message) { copy(failure.message, to: $0) }
  }
}

func flags(of failure: Failure) -> UInt32 {
  (failure.retryable ? UInt32(T2I_ERR_RETRYABLE) : 0)
    | (failure.maySpend ? UInt32(T2I_ERR_MAY_HAVE_SPENT) : 0)
}

/// NUL-terminated, and never half a character.
func copy(_ text: String, to room: UnsafeMutableRawBufferPointer) {
  text.lend { text in
    var count = min(text.count, room.count - 1)
    // A byte of the form 10xxxxxx goes on with a character that began before it.
    while count > 0 && count < text.count && text[count] & 0xC0 == 0x80 { count -= 1 }
    room.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[..<count]))
    room[count] = 0
  }
}

// MARK: What comes in

/// The bytes behind (pointer, length). A length of T2I_NTS arrives as -1 and means that a NUL ends the text.
func text(
  _ start: UnsafePointer<CChar>?, _ length: Int, _ name: StaticString
) throws(Failure) -> UnsafeRawBufferPointer {
  guard let start else { throw Refusal.null(name) }
  guard length >= -1 else {
    throw Failure(
      .limit, at: name, "the length of \(name) is beyond what memory can hold; pass its bytes or T2I_NTS"
    )
  }
  let count = length == -1 ? strlen(start) : length
  guard count > 0 else { throw Failure(.argument, at: name, "\(name) is empty; its length is 0") }
  return UnsafeRawBufferPointer(start: start, count: count)
}

/// A path: bytes for the system, but none of them NUL.
func path(_ start: UnsafePointer<CChar>?, _ length: Int, _ name: StaticString) throws(Failure) -> String {
  let bytes = try text(start, length, name)
  for byte in bytes where byte == 0 {
    throw Failure(.argument, at: name, "\(name) has a NUL byte inside; end it there or remove it")
  }
  if let fault = UTF8Check.firstFault(in: bytes) {
    throw Failure(.utf8, at: name, "\(name) is not UTF-8 at byte \(fault)")
  }
  return String(utf8: bytes)
}

/// From a timeout to the instant it ends at. T2I_FOREVER saturates to never.
func deadline(_ timeout: Int64, _ name: StaticString = "timeout_ms") throws(Failure) -> Instant {
  guard timeout >= 0 else {
    throw Failure(
      .argument, at: name, "\(name) is negative; 0 does not wait, T2I_FOREVER waits for ever")
  }
  return Clock.now + .milliseconds(timeout)
}

/// A structure the library fills. Its size must reach to the end of what this version knows.
func room<Structure>(
  _ out: UnsafeMutablePointer<Structure>?, _ name: StaticString
) throws(Failure) -> UnsafeMutablePointer<Structure> {
  guard let out else { throw Refusal.null(name) }
  let (given, known) = (structSize(out), MemoryLayout<Structure>.size)
  guard given >= UInt32(known) else { throw Refusal.size(name, given, known) }
  return out
}

/// Options the host gives. A structure that is larger than ours comes from a newer header; what it says beyond our
/// end must be zero, because we could not do it.
func options<Structure>(
  _ given: UnsafePointer<Structure>?, _ name: StaticString
) throws(Failure) -> Structure? {
  guard let given else { return nil }
  try checkOptions(given, known: MemoryLayout<Structure>.size, name)
  return given.pointee
}

@inline(never)
private func checkOptions(_ given: UnsafeRawPointer, known: Int, _ name: StaticString) throws(Failure) {
  let size = structSize(given)
  guard size >= UInt32(known) && size <= optionsBytesMax else { throw Refusal.size(name, size, known) }
  for offset in known..<Int(size) where given.load(fromByteOffset: offset, as: UInt8.self) != 0 {
    throw Failure(
      .unsupported, at: name,
      "\(name) asks for something newer than this library, version 1.0.0; update it")
  }
}

/// No structure of this ABI will ever be larger.
private let optionsBytesMax: UInt32 = 4096

/// Every structure of the ABI begins with its size.
private func structSize(_ structure: UnsafeRawPointer) -> UInt32 {
  structure.loadUnaligned(as: UInt32.self)
}

// MARK: What goes out

/// Gives a text to the host, who frees it with t2i_free.
func give(
  _ text: String, _ room: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
  _ length: UnsafeMutablePointer<Int>
) throws(Failure) {
  let count = text.byteCount
  guard let copy = malloc(count + 1) else { throw Failure(.noMemory, "no memory for \(count) bytes") }
  Boundary.copy(text, to: UnsafeMutableRawBufferPointer(start: copy, count: count + 1))
  room.pointee = copy.assumingMemoryBound(to: CChar.self)
  length.pointee = count
}

/// A host's room for handles, and for their number. With room for none they are only counted.
struct HandleList {
  private let room: UnsafeMutablePointer<t2i_task>?
  private let capacity: Int
  private let number: UnsafeMutablePointer<Int>

  init(
    _ out: UnsafeMutablePointer<t2i_task>?, _ cap: Int, _ count: UnsafeMutablePointer<Int>?
  ) throws(Failure) {
    guard let count else { throw Refusal.null("count") }
    guard cap >= 0 else { throw Failure(.limit, at: "cap", "cap is beyond what memory can hold") }
    guard out != nil || cap == 0 else { throw Refusal.null("out") }
    (room, capacity, number) = (out, cap, count)
  }

  var hasRoom: Bool { capacity > 0 }

  /// As many as there is room for.
  func fill(_ tasks: [Handle]) {
    for index in 0..<min(tasks.count, capacity) { room?[index] = tasks[index].rawValue }
  }

  func count(_ count: Int) { number.pointee = count }
}

/// Gives a document to the host, who frees it with t2i_free.
func give(
  _ value: JSON, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ length: UnsafeMutablePointer<Int>?,
  _ names: (json: StaticString, length: StaticString) = ("json", "len")
) throws(Failure) {
  guard let json else { throw Refusal.null(names.json) }
  guard let length else { throw Refusal.null(names.length) }
  let document = try JSONCodec.encode(value)
  length.pointee = document.count
  json.pointee = document.giveAway()
}

/// The same for a plain word.
func give(
  word: String, _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ length: UnsafeMutablePointer<Int>?, _ names: (text: StaticString, length: StaticString)
) throws(Failure) {
  guard let text else { throw Refusal.null(names.text) }
  guard let length else { throw Refusal.null(names.length) }
  guard let copy = malloc(word.byteCount + 1) else {
    throw Failure(.noMemory, "no memory for \(word.byteCount) bytes")
  }
  word.lend { bytes in
    if let start = bytes.baseAddress { memcpy(copy, start, bytes.count) }
    copy.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
  }
  text.pointee = copy.assumingMemoryBound(to: CChar.self)
  length.pointee = word.byteCount
}
