// providers: the host paints, or has someone paint, and the library does the rest.

import CSys
public import CT2I
import Core
import Host
import Platform

@implementation @_cdecl("t2i_provider_add")
public func t2i_provider_add(
  _ c: t2i_client, _ p: UnsafePointer<t2i_provider>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let studio = try client(c).studio
    guard let given = try options(p, "p") else { throw Refusal.null("p") }
    guard given.flags == 0 else {
      throw Failure(.argument, at: "p.flags", "this version knows no flags; set 0")
    }
    guard let name = given.name else { throw Refusal.null("p.name") }
    let word = String(utf8: UnsafeRawBufferPointer(start: name, count: strnlen(name, 64)))
    try studio.add(try Craft(Functions(given)), called: word)
  }
}

@implementation @_cdecl("t2i_job_progress")
public func t2i_job_progress(
  _ j: t2i_job, _ permille: Int32, _ token: UnsafePointer<CChar>?, _ token_len: Int
) -> t2i_status {
  doing(nil) { () throws(Failure) in
    let job = try JobTable.job(Handle(rawValue: j))
    guard (-1...1000).contains(permille) else {
      throw Failure(
        .argument, at: "permille", "permille is \(permille), must be 0 to 1000, or -1 for unknown")
    }
    let token = token == nil ? nil : try path(token, token_len, "token")
    try job.progress(permille < 0 ? nil : Int(permille), token: token)
  }
}

@implementation @_cdecl("t2i_job_output")
public func t2i_job_output(
  _ j: t2i_job, _ data: UnsafeRawPointer?, _ len: Int, _ mime: UnsafePointer<CChar>?
) -> t2i_status {
  doing(nil) { () throws(Failure) in
    let job = try JobTable.job(Handle(rawValue: j))
    guard let data else { throw Refusal.null("data") }
    guard len > 0 else {
      throw Failure(len < 0 ? .limit : .argument, at: "len", "the length of data is no length of a picture")
    }
    try job.refuse(bytes: len)
    let copy = try Buffer(capacity: len)
    copy.start.copyMemory(from: data, byteCount: len)
    copy.fill(to: len)
    try job.add(try picture(copy, mime))
  }
}

/// What the bytes are, which must be what the host calls them.
private func picture(_ bytes: Buffer, _ mime: UnsafePointer<CChar>?) throws(Failure) -> Picture {
  let named = mime.map { String(utf8: UnsafeRawBufferPointer(start: $0, count: strnlen($0, 64))) }
  if named.is("image/x-rgba") {
    throw Failure(
      .unsupported, at: "mime", "plain pixels say no width and height; give a PNG, which may be uncompressed")
  }
  guard let header = PictureHeader.read(bytes.memory) else {
    throw Failure(.argument, at: "data", "data is no PNG, JPEG, WebP or SVG, or its header is cut short")
  }
  guard named == nil || named.is(header.mime) else {
    throw Failure(.argument, at: "mime", "data is \(header.mime), and mime says something else")
  }
  return try Picture(checking: bytes)
}

@implementation @_cdecl("t2i_job_finish")
public func t2i_job_finish(
  _ j: t2i_job, _ status: t2i_status, _ detail: UnsafePointer<CChar>?, _ len: Int
) -> t2i_status {
  doing(nil) { () throws(Failure) in
    let (handle, detail) = (Handle(rawValue: j), try FinishDetail.read(detail, len))
    let job = try JobTable.job(handle)
    guard (-99...0).contains(status) else {
      throw Failure(.argument, at: "status", "status is \(status), must be T2I_OK or an error, T2I_E_...")
    }
    var failure: Failure?
    if status != 0 {
      failure = Failure(
        Status(rawValue: status), detail.message ?? "the provider ended the task without a word")
    }
    try job.finish(failure, millicredits: detail.millicredits)
    JobTable.close(handle)
  }
}
