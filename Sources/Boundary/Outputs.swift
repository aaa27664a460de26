// outputs: the pictures.

import CSys
public import CT2I
import Core
import Engine
import Platform
import Store

@implementation @_cdecl("t2i_output_get")
public func t2i_output_get(
  _ c: t2i_client, _ t: t2i_task, _ i: UInt32, _ out: UnsafeMutablePointer<t2i_output_info>?,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let engine = try client(c).engine
    let out = try room(out, "out")
    guard let picture = try engine.outputNow(Int(i), of: Handle(rawValue: t)) else { return .pending }
    out.fill(picture)
    return picture.isHere ? .ok : .pending
  }
}

@implementation @_cdecl("t2i_output_read")
public func t2i_output_read(
  _ c: t2i_client, _ t: t2i_task, _ i: UInt32, _ timeout_ms: Int64,
  _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ len: UnsafeMutablePointer<Int>?,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let client = try client(c)
    guard let data else { throw Refusal.null("data") }
    guard let len else { throw Refusal.null("len") }
    let deadline = try deadline(timeout_ms)
    let waited = try client.engine.output(Int(i), of: Handle(rawValue: t), until: deadline)
    guard let picture = waited.value else { return waited.status }
    let source = try bytes(of: picture)
    let memory = source.memory
    guard let copy = malloc(max(1, memory.count)) else {
      throw Failure(.noMemory, "no memory for \(memory.count) bytes; close tasks you no longer need")
    }
    if let start = memory.baseAddress { memcpy(copy, start, memory.count) }
    data.pointee = copy
    len.pointee = memory.count
    client.handedOut(picture, Handle(rawValue: t), Int(i))
    return .ok
  }
}

@implementation @_cdecl("t2i_output_save")
public func t2i_output_save(
  _ c: t2i_client, _ t: t2i_task, _ i: UInt32, _ path: UnsafePointer<CChar>?, _ path_len: Int,
  _ flags: UInt32,
  _ timeout_ms: Int64, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let client = try client(c)
    let path = try Boundary.path(path, path_len, "path")
    let known = UInt32(T2I_SAVE_REPLACE | T2I_SAVE_NOSYNC)
    guard flags & ~known == 0 else {
      throw Failure(.argument, at: "flags", "flags may be T2I_SAVE_REPLACE and T2I_SAVE_NOSYNC, is \(flags)")
    }
    let deadline = try deadline(timeout_ms)
    let waited = try client.engine.output(Int(i), of: Handle(rawValue: t), until: deadline)
    guard let picture = waited.value else { return waited.status }
    let source = try bytes(of: picture)
    try Store.Outputs.save(
      source.memory, to: path, replace: flags & UInt32(T2I_SAVE_REPLACE) != 0,
      sync: flags & UInt32(T2I_SAVE_NOSYNC) == 0)
    client.handedOut(picture, Handle(rawValue: t), Int(i))
    return .ok
  }
}

/// From memory, or from the client's folder where the picture lies.
private func bytes(of picture: Picture) throws(Failure) -> any Bytes {
  if let bytes = picture.bytes { return bytes }
  return try Reading.picture(picture.path ?? "", size: picture.size)
}

extension UnsafeMutablePointer<t2i_output_info> {
  func fill(_ picture: Picture) {
    pointee.status = (picture.isHere ? Status.ok : .pending).rawValue
    pointee.width = UInt32(picture.width)
    pointee.height = UInt32(picture.height)
    pointee.bytes_total = UInt64(picture.size)
    pointee.bytes_have = picture.isHere ? UInt64(picture.size) : 0
    pointee.expires_unix_ms = picture.isHere ? 0 : picture.expires
    withUnsafeMutableBytes(of: &pointee.mime) { copy(picture.mime, to: $0) }
  }
}
