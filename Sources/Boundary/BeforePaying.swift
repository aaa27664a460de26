// before paying: what exists, is this request right, and what will it cost.

public import CT2I
import Core
import Engine

@implementation @_cdecl("t2i_models")
public func t2i_models(
  _ c: t2i_client, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ len: UnsafeMutablePointer<Int>?,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let catalogue = c == 0 ? try BuiltIn.catalogue() : try client(c).catalogue
    try give(catalogue.menu, json, len)
  }
}

@implementation @_cdecl("t2i_account")
public func t2i_account(
  _ c: t2i_client, _ timeout_ms: Int64, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ len: UnsafeMutablePointer<Int>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let client = try client(c)
    guard json != nil, len != nil else { throw Refusal.null(json == nil ? "json" : "len") }
    let waited = try client.engine.account(until: try deadline(timeout_ms))
    guard let account = waited.value else { return waited.status }
    try give(account, json, len)
    return .ok
  }
}

@implementation @_cdecl("t2i_check")
public func t2i_check(
  _ c: t2i_client, _ req: UnsafePointer<CChar>?, _ len: Int,
  _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ report_len: UnsafeMutablePointer<Int>?,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let client = try client(c)
    let checked = try client.check(try text(req, len, "req"))
    try give(checked, report, report_len, ("report", "report_len"))
  }
}
