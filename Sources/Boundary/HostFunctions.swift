// The functions of a provider of the host's, called with what C wants and answered in what Swift wants.

import CSys
import CT2I
import Core
import Host
import JSONCodec
import Platform

/// A host's functions and their argument. The host promises that they may be called as t2i.h says.
struct Functions: @unchecked Sendable {
  let given: t2i_provider

  init(_ given: t2i_provider) { self.given = given }

  /// Calls one of them with an error record to fill in.
  fileprivate func call(
    _ what: StaticString, _ function: (UnsafeMutablePointer<t2i_error>) -> t2i_status
  ) throws(Failure) {
    var told = t2i_error()
    told.struct_size = UInt32(MemoryLayout<t2i_error>.size)
    let status = function(&told)
    if status < 0 { throw Failure(status, told, what) }
  }
}

extension Craft {
  init(_ functions: Functions) throws(Failure) {
    guard functions.given.start != nil else { throw Refusal.null("p.start") }
    var check: Check?
    if functions.given.check != nil {
      check = { (request: any Bytes) throws(Failure) -> Price in try functions.price(request) }
    }
    var resume: Resume?
    if functions.given.resume != nil {
      resume = { (job: Handle, token: String) throws(Failure) -> Void in try functions.resume(job, token) }
    }
    let start: Start = { (job: Handle, request: any Bytes) throws(Failure) -> Void in
      try functions.start(job, request)
    }
    self.init(
      check: check, start: start, resume: resume,
      cancel: { functions.given.cancel?(functions.given.`self`, $0.rawValue) },
      release: { functions.given.release?(functions.given.`self`) })
  }
}

extension Functions {
  fileprivate func price(_ request: any Bytes) throws(Failure) -> Price {
    var millicredits: Int64 = 0
    try call("check") { told in
      request.lendText { text, count in given.check?(given.`self`, text, count, &millicredits, told) ?? 0 }
    }
    if millicredits == -1 { return .unknown }
    guard (0...HostJob.maxMillicredits).contains(millicredits) else {
      throw Failure(
        .failed, at: "/provider",
        "the provider's check says a price of \(millicredits) millicredits, which is none")
    }
    return Price(millicredits: millicredits, certainty: .known)
  }

  fileprivate func start(_ job: Handle, _ request: any Bytes) throws(Failure) {
    try call("start") { told in
      request.lendText { text, count in given.start?(given.`self`, job.rawValue, text, count, told) ?? 0 }
    }
  }

  fileprivate func resume(_ job: Handle, _ token: String) throws(Failure) {
    var bytes = Array(token.bytes)
    bytes.append(0)
    try call("resume") { told in
      bytes.withUnsafeBytes { bytes in
        bytes.withMemoryRebound(to: CChar.self) { text in
          given.resume?(given.`self`, job.rawValue, text.baseAddress, text.count - 1, told) ?? 0
        }
      }
    }
  }
}

extension Bytes {
  /// JSON that was encoded ends with a NUL, which its length does not count.
  fileprivate func lendText(_ body: (UnsafePointer<CChar>?, Int) -> t2i_status) -> t2i_status {
    memory.withMemoryRebound(to: CChar.self) { body($0.baseAddress, $0.count) }
  }
}

extension Failure {
  /// What a function of the host's said when it refused. Its record may hold anything.
  fileprivate init(_ status: t2i_status, _ told: t2i_error, _ what: StaticString) {
    var (place, message) = (told.where, told.message)
    let sentence = withUnsafeBytes(of: &message) { Failure.text($0) }
    let isKnown = (-99..<0).contains(status)
    self.init(
      isKnown ? Status(rawValue: status) : .failed,
      sentence.map { Sentence($0) } ?? "the provider's \(what) refused, and did not say why")
    location = withUnsafeBytes(of: &place) { Failure.text($0) } ?? ""
    retryable = told.flags & UInt32(T2I_ERR_RETRYABLE) != 0
    maySpend = told.flags & UInt32(T2I_ERR_MAY_HAVE_SPENT) != 0
    http = told.http_status
    retryAfterMilliseconds = max(0, told.retry_after_ms)
    systemCode = told.sys_code
  }

  /// Up to its NUL or the end of its room; nil when it is empty.
  private static func text(_ room: UnsafeRawBufferPointer) -> String? {
    let count = room.firstIndex(of: 0) ?? room.count
    return count == 0 ? nil : String(utf8: UnsafeRawBufferPointer(rebasing: room[..<count]))
  }
}

/// {"message","millicredits"}: how a job ended, in the host's words.
struct FinishDetail {
  var message: Sentence?
  var millicredits: Int64?

  static func read(_ start: UnsafePointer<CChar>?, _ length: Int) throws(Failure) -> FinishDetail {
    var detail = FinishDetail()
    guard start != nil else { return detail }
    let document = try text(start, length, "detail")
    guard document.count <= maxBytes else {
      throw Failure(.limit, at: "detail", "detail has \(document.count) bytes, at most \(maxBytes)")
    }
    guard case .object(let object) = try JSONCodec.decode(document, what: "detail") else {
      throw Failure(.argument, at: "detail", "detail must be an object")
    }
    for member in object.members {
      if member.key.is("message"), let message = member.value.string {
        detail.message = Sentence(message)
      } else if member.key.is("millicredits"), let millicredits = member.value.integer,
        (0...HostJob.maxMillicredits).contains(millicredits)
      {
        detail.millicredits = millicredits
      } else {
        throw Failure(
          .argument, at: "detail",
          "detail has \"message\", a string, and \"millicredits\", an integer from 0 on, and nothing else")
      }
    }
    return detail
  }

  private static let maxBytes = 4096
}
