// requests: bringing a picture along, asking for one, finding those asked for before.

public import CT2I
import Core
import Engine
import Platform
import Store

@implementation @_cdecl("t2i_upload")
public func t2i_upload(
  _ c: t2i_client, _ name: UnsafePointer<CChar>?, _ name_len: Int, _ data: UnsafeRawPointer?, _ data_len: Int,
  _ timeout_ms: Int64, _ uri: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ uri_len: UnsafeMutablePointer<Int>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let client = try client(c)
    let name = try path(name, name_len, "name")
    guard let uri else { throw Refusal.null("uri") }
    guard let uri_len else { throw Refusal.null("uri_len") }
    let deadline = try deadline(timeout_ms)
    let waited = try client.engine.deliver(try parcel(name, data, data_len), until: deadline)
    guard let text = waited.value else { return waited.status }
    try give(text, uri, uri_len)
    return .ok
  }
}

private func parcel(_ name: String, _ data: UnsafeRawPointer?, _ length: Int) throws(Failure) -> Parcel {
  guard let data else { return try LocalPictures.parcel(path: name) }
  guard length >= 0 else {
    throw Failure(.limit, at: "data_len", "the length of data is beyond what memory can hold; pass its bytes")
  }
  return try LocalPictures.parcel(UnsafeRawBufferPointer(start: data, count: length), called: name)
}

@implementation @_cdecl("t2i_submit")
public func t2i_submit(
  _ c: t2i_client, _ req: UnsafePointer<CChar>?, _ len: Int, _ opts: UnsafePointer<t2i_submit_opts>?,
  _ out: UnsafeMutablePointer<t2i_task>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let client = try client(c)
    let text = try text(req, len, "req")
    let options = try SubmitOptions(options(opts, "opts"))
    guard let out else { throw Refusal.null("out") }
    out.pointee = try client.submit(text, options).rawValue
  }
}

@implementation @_cdecl("t2i_resume")
public func t2i_resume(
  _ c: t2i_client, _ token: UnsafePointer<CChar>?, _ len: Int, _ opts: UnsafePointer<t2i_submit_opts>?,
  _ out: UnsafeMutablePointer<t2i_task>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let client = try client(c)
    let token = try word(token, len, "token")
    let options = try SubmitOptions(options(opts, "opts"))
    try options.refuseAllButUserAndDeadline()
    guard let out else { throw Refusal.null("out") }
    out.pointee = try client.resume(token, options).rawValue
  }
}

@implementation @_cdecl("t2i_recover")
public func t2i_recover(
  _ c: t2i_client, _ out: UnsafeMutablePointer<t2i_task>?, _ cap: Int, _ count: UnsafeMutablePointer<Int>?,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let client = try client(c)
    let list = try HandleList(out, cap, count)
    try client.studio.requireProvider()
    guard list.hasRoom else {
      list.count(client.ledger.isKept ? try client.ledger.journal?.countRecoverable() ?? 0 : 0)
      return .ok
    }
    let (tasks, hasMore) = try client.recover(atMost: cap)
    list.fill(tasks)
    list.count(tasks.count)
    return hasMore ? .more : .ok
  }
}

@implementation @_cdecl("t2i_settle")
public func t2i_settle(
  _ c: t2i_client, _ t: t2i_task, _ token: UnsafePointer<CChar>?, _ len: Int,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let client = try client(c)
    let token = token == nil ? nil : try word(token, len, "token")
    try client.settle(Handle(rawValue: t), token)
  }
}

/// A short text of the host's, without a NUL.
private func word(
  _ start: UnsafePointer<CChar>?, _ len: Int, _ name: StaticString
) throws(Failure) -> String {
  let word = try path(start, len, name)
  guard word.byteCount <= 255 else {
    throw Failure(.argument, at: name, "\(name) has \(word.byteCount) bytes, must have 1 to 255")
  }
  return word
}

/// t2i_submit_opts, checked.
struct SubmitOptions {
  var user: UInt64 = 0
  var deadline = Instant.never
  var dedupeKey: String?
  /// Read before the call returns.
  var blobs: [UnsafeRawBufferPointer] = []
  /// nil where any price will do.
  private var ceiling: Int64?

  /// A price nobody knows could be any.
  func refuse(_ price: Price) throws(Failure) {
    guard let ceiling else { return }
    guard let cost = price.millicredits else {
      throw Failure(
        .budget, at: "opts.max_millicredits",
        "the price of this request is not known, so it cannot be kept to \(ceiling) millicredits; nothing was sent"
      )
    }
    guard cost <= ceiling else {
      throw Failure(
        .budget, at: "opts.max_millicredits",
        "the request costs \(cost) millicredits, may cost \(ceiling); nothing was sent")
    }
  }

  init(_ given: t2i_submit_opts?) throws(Failure) {
    guard let given else { return }
    user = given.user
    guard given.flags == 0 else {
      throw Failure(.argument, at: "opts.flags", "this version knows no flags; set 0")
    }
    guard given.deadline_ms >= 0 else {
      throw Failure(.argument, at: "opts.deadline_ms", "deadline_ms is negative; 0 means no deadline")
    }
    if given.deadline_ms > 0 { deadline = Clock.now + .milliseconds(given.deadline_ms) }
    guard given.max_millicredits >= 0 else {
      throw Failure(.argument, at: "opts.max_millicredits", "max_millicredits is negative; 0 means no limit")
    }
    if given.max_millicredits > 0 { ceiling = given.max_millicredits }
    dedupeKey = try SubmitOptions.key(given)
    blobs = try SubmitOptions.blobs(given)
  }

  private static func key(_ given: t2i_submit_opts) throws(Failure) -> String? {
    guard given.dedupe_key != nil else {
      guard given.dedupe_key_len == 0 else { throw Refusal.null("opts.dedupe_key") }
      return nil
    }
    let key = try word(given.dedupe_key, given.dedupe_key_len, "opts.dedupe_key")
    return key
  }

  /// For a call that submits nothing.
  func refuseAllButUserAndDeadline() throws(Failure) {
    guard dedupeKey == nil, blobs.isEmpty, ceiling == nil else {
      throw Failure(
        .argument, at: "opts", "a task that exists takes user and deadline_ms only; leave the others 0")
    }
  }

  private static func blobs(_ given: t2i_submit_opts) throws(Failure) -> [UnsafeRawBufferPointer] {
    guard given.blob_count != 0 else { return [] }
    guard given.blob_count > 0, given.blob_count <= blobsMax else {
      throw Failure(.limit, at: "opts.blob_count", "blob_count is \(given.blob_count), at most \(blobsMax)")
    }
    guard let data = given.blob_data else { throw Refusal.null("opts.blob_data") }
    guard let lengths = given.blob_len else { throw Refusal.null("opts.blob_len") }
    var blobs: [UnsafeRawBufferPointer] = []
    for index in 0..<given.blob_count {
      guard let start = data[index] else {
        throw Failure(.argument, at: "opts.blob_data", "blob \(index) is NULL; pass its bytes")
      }
      guard lengths[index] >= 0 else {
        throw Failure(
          .limit, at: "opts.blob_len", "the length of blob \(index) is beyond what memory can hold")
      }
      guard lengths[index] > 0 else {
        throw Failure(.argument, at: "opts.blob_len", "blob \(index) is empty; pass the bytes of a picture")
      }
      blobs.append(UnsafeRawBufferPointer(start: start, count: lengths[index]))
    }
    return blobs
  }

  /// Above the 16 references of the model that takes the most.
  private static let blobsMax = 64
}
