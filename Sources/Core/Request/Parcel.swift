// A local picture as it was checked. What is sent must still be it, so its size and its hash travel with the request.

/// One file, or one piece of the host's memory, that goes to the service before the request that names it.
package final class Parcel: Sendable {
  package enum Content: Sendable {
    /// Opened again when it is sent; below `root`, where there is one.
    case file(path: String, root: String?)
    /// A copy of what the host handed over.
    case memory(any Bytes)
  }

  /// What the service takes, in bytes.
  package static let minBytes = 512
  package static let maxBytes = 200 << 20
  /// As long as a name may be for the service.
  static let maxNameBytes = 255

  /// Where the request names it, "/referenceImages/0/path"; what a failure points at.
  package let place: String
  /// Its name without the folders, with the ending of what it is.
  package let name: String
  package let mime: StaticString
  package let width: Int
  package let height: Int
  package let size: Int
  /// Empty where nobody asked for it.
  package let sha256: String
  package let content: Content
  /// For a painter in this process; nil where nobody could look at the pixels, or nobody asked.
  package let light: PictureLight?
  /// Goes inside the request instead of before it.
  package let isInline: Bool

  /// `path` is what the picture is called, folders and all.
  package init(
    _ content: Content, called path: String, at place: String, _ header: PictureHeader, size: Int,
    sha256: String, light: PictureLight? = nil, isInline: Bool = false
  ) {
    self.content = content
    self.place = place
    name = Parcel.name(path, header.mime)
    mime = header.mime
    (width, height) = (header.width, header.height)
    self.size = size
    self.sha256 = sha256
    self.light = light
    self.isInline = isInline
  }

  /// The base name as the service wants it: no character that a header or a form would have to escape, at most 255
  /// bytes, and an ending that says the truth.
  private static func name(_ path: String, _ mime: StaticString) -> String {
    let endings = endings(of: mime)
    var bytes: [UInt8] = []
    for byte in baseName(path).bytes {
      let isOdd = byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
      bytes.append(isOdd ? UInt8(ascii: "_") : byte)
    }
    if bytes.count <= maxNameBytes, has(bytes[...], oneOf: endings) { return String(bytes[...]) }
    var kept = bytes.prefix(maxNameBytes - 5)
    while let last = kept.last, kept.count < bytes.count, last & 0x80 != 0 { kept = kept.dropLast() }
    return String(sentence: "\(kept.isEmpty ? "picture" : String(kept))\(endings[0])")
  }

  /// A path without its folders, which are nobody's business but the host's.
  package static func baseName(_ path: String) -> String {
    let bytes = path.bytes
    let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? bytes.startIndex
    return String(bytes[start...])
  }

  /// Its name in a sentence, which has room for other things too.
  package var shownName: String {
    if name.byteCount <= 64 { return name }
    return String(sentence: "…\(String(name.bytes.suffix(60).drop { $0 & 0xC0 == 0x80 }))")
  }

  private static func endings(of mime: StaticString) -> [StaticString] {
    switch mime.utf8Start[6] {
    case UInt8(ascii: "j"): [".jpg", ".jpeg"]
    case UInt8(ascii: "p"): [".png"]
    default: [".webp"]
    }
  }

  private static func has(_ name: ArraySlice<UInt8>, oneOf endings: [StaticString]) -> Bool {
    for ending in endings where name.count > ending.utf8CodeUnitCount {
      if String(name.suffix(ending.utf8CodeUnitCount)).asciiLowercase.is(ending) { return true }
    }
    return false
  }
}

/// Looks at local pictures while a request is checked, on the caller's thread.
package protocol Inspector: AnyObject {
  /// Reads as much of the picture as it takes to know what it is, and all of it where it will be sent.
  ///
  /// nil where it is not here to be looked at. Throws why it cannot be a reference, in a sentence without the place.
  func inspect(_ source: Source, at place: String, isInline: Bool) throws(Failure) -> Parcel?

  /// The picture as a data URI.
  func dataURI(_ parcel: Parcel) throws(Failure) -> String
}
