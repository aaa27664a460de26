// library: what this copy is, and its end.

import CRT
import CSys
public import CT2I
import CTable
import Core
import Platform
import Sketch

@implementation @_cdecl("t2i_get_api")
public func t2i_get_api(_ want_version: UInt32) -> UnsafePointer<t2i_api>? {
  // The same major version, and at least that minor one.
  let (wanted, own) = (want_version >> 12, t2i_version() >> 12)
  guard wanted >> 12 == own >> 12, wanted <= own else { return nil }
  return ctable()?.assumingMemoryBound(to: t2i_api.self)
}

@implementation @_cdecl("t2i_version")
public func t2i_version() -> UInt32 {
  UInt32(T2I_VERSION_MAJOR << 24 | T2I_VERSION_MINOR << 12 | T2I_VERSION_PATCH)
}

@implementation @_cdecl("t2i_build_info")
public func t2i_build_info() -> UnsafePointer<CChar>? { pointer(Features.buildInfo) }

@implementation @_cdecl("t2i_has")
public func t2i_has(_ feature: UnsafePointer<CChar>?) -> t2i_status {
  guard let feature else { return Status.argument.rawValue }
  return
    (Features.has(UnsafeRawBufferPointer(start: feature, count: strlen(feature))) ? Status.ok : .unsupported)
    .rawValue
}

@implementation @_cdecl("t2i_status_name")
public func t2i_status_name(_ s: t2i_status) -> UnsafePointer<CChar>? { pointer(Status(rawValue: s).name) }

@implementation @_cdecl("t2i_free")
public func t2i_free(_ p: UnsafeMutableRawPointer?) { free(p) }

@implementation @_cdecl("t2i_shutdown")
public func t2i_shutdown(
  _ timeout_ms: Int64, _ leaks_json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ len: UnsafeMutablePointer<Int>?
) -> t2i_status {
  answering(nil) { () throws(Failure) -> Status in
    let deadline = try deadline(timeout_ms)
    // Before anything is closed: whoever asks for the leaks must be able to hear of them.
    guard (leaks_json == nil) == (len == nil) else { throw Refusal.null(len == nil ? "len" : "leaks_json") }
    let leaks = Clients.shutDown(until: deadline)
    if leaks_json != nil { try give(.array(leaks), leaks_json, len) }
    return leaks.isEmpty ? .ok : .timeout
  }
}

/// A StaticString made of a literal is NUL-terminated in the library's own memory.
private func pointer(_ text: StaticString) -> UnsafePointer<CChar>? {
  UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

private enum Features {
  #if hasFeature(Embedded)
    static var buildInfo: StaticString {
      "libt2i 1.0.0; Embedded Swift; providers: sketch, runway; formats: png, rgba; catalogue: 2026-08-08"
    }
  #else
    static var buildInfo: StaticString {
      "libt2i 1.0.0; Swift with its runtime; providers: sketch, runway; formats: png, rgba; catalogue: 2026-08-08"
    }
  #endif

  static func has(_ feature: UnsafeRawBufferPointer) -> Bool {
    for known: StaticString in ["sketch", "runway", "png", "rgba", "threads", "pump"] {
      let isSame = known.withUTF8Buffer { $0.elementsEqual(feature) }
      if isSame { return true }
    }
    for (name, format) in [
      ("encode-jpeg", .jpeg), ("encode-webp", .webp),
    ] as [(StaticString, PictureFormat)] {
      let isAsked = name.withUTF8Buffer { $0.elementsEqual(feature) }
      if isAsked { return format.isWritable }
    }
    return Decoders.has(feature)
  }
}
