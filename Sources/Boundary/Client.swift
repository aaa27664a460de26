// client: opening, closing, watching and driving one.

import CRT
public import CT2I
import Core
import Engine
import JSONCodec
import Platform

@implementation @_cdecl("t2i_client_open")
public func t2i_client_open(
  _ config: UnsafePointer<CChar>?, _ len: Int, _ opts: UnsafePointer<t2i_client_opts>?,
  _ out: UnsafeMutablePointer<t2i_client>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let config = try text(config, len, "config")
    let options = try ClientOptions(options(opts, "opts"))
    guard let out else { throw Refusal.null("out") }
    out.pointee = try Clients.open(config, options)
  }
}

@implementation @_cdecl("t2i_client_close")
public func t2i_client_close(
  _ c: t2i_client, _ timeout_ms: Int64, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let why = Failure(.closed, "the client was closed")
    return try Clients.close(c, why, until: try deadline(timeout_ms))
  }
}

@implementation @_cdecl("t2i_client_set")
public func t2i_client_set(
  _ c: t2i_client, _ patch: UnsafePointer<CChar>?, _ len: Int, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let client = try client(c)
    let patch = try JSONCodec.decode(try text(patch, len, "patch"), what: "patch")
    if let closed = client.engine.board.closed { throw closed }
    try client.apply(try client.prepare(patch))
  }
}

@implementation @_cdecl("t2i_client_stats")
public func t2i_client_stats(
  _ c: t2i_client, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ len: UnsafeMutablePointer<Int>?,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    try give(try client(c).statistics, json, len)
  }
}

@implementation @_cdecl("t2i_client_fd")
public func t2i_client_fd(
  _ c: t2i_client, _ out: UnsafeMutablePointer<Int>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let client = try client(c)
    guard let out else { throw Refusal.null("out") }
    out.pointee = Int(try client.engine.descriptor { flag in crt_client_set_descriptor(c, flag) })
  }
}

@implementation @_cdecl("t2i_client_pump")
public func t2i_client_pump(
  _ c: t2i_client, _ max_events: UInt32, _ budget_us: Int64, _ next_ms: UnsafeMutablePointer<Int64>?,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let client = try client(c)
    guard budget_us >= 0 else {
      throw Failure(.argument, at: "budget_us", "budget_us is negative; 0 makes one turn of the loop")
    }
    let budget = Span(nanoseconds: budget_us.multipliedSaturating(by: 1000))
    let pumped = try client.engine.pump(maxEvents: max_events == 0 ? .max : Int(max_events), budget: budget)
    next_ms?.pointee = pumped.hasMore ? 0 : pumped.nextIn.map { $0.millisecondsRoundedUp } ?? -1
    return pumped.hasMore ? .more : .ok
  }
}

@implementation @_cdecl("t2i_client_wake")
public func t2i_client_wake(_ c: t2i_client) -> t2i_status {
  // Nothing but C from here: a signal handler may be calling.
  if crt_forked() != 0 { return t2i_status(T2I_E_FORKED) }
  return t2i_status(crt_client_wake(c) == 0 ? T2I_OK : T2I_E_HANDLE)
}
