// The system's decoders of pictures, for references that the painter may look at.

import CCodecs
import Core

enum Decoders {
  /// "decode-jpeg" and the like, for t2i_has.
  static func has(_ feature: UnsafeRawBufferPointer) -> Bool {
    let names: [(StaticString, Int)] = [
      ("decode-jpeg", CCODECS_JPEG), ("decode-png", CCODECS_PNG), ("decode-webp", CCODECS_WEBP),
    ]
    for (name, format) in names {
      let isAsked = name.withUTF8Buffer { $0.elementsEqual(feature) }
      if isAsked { return ccodecs_has(Int32(format)) != 0 }
    }
    return false
  }

  /// What the painter takes over from a picture of the host's; nil where there is no decoder, or the file is broken.
  static func light(of file: UnsafeRawBufferPointer, _ mime: StaticString) -> PictureLight? {
    let format =
      switch mime.utf8Start[6] {
      case UInt8(ascii: "j"): CCODECS_JPEG
      case UInt8(ascii: "p"): CCODECS_PNG
      default: CCODECS_WEBP
      }
    guard let start = file.baseAddress else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: Int(CCODECS_BYTES), alignment: 1) { view in
      guard let room = view.baseAddress?.assumingMemoryBound(to: UInt8.self),
        ccodecs_view(start, file.count, Int32(format), room) != 0
      else { return nil }
      return PictureLight(view: UnsafeRawBufferPointer(view), count: Int(CCODECS_SIDE))
    }
  }
}
