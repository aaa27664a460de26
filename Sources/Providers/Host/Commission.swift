// A request in the words a provider of the host's is given: what the catalogue accepted, and each picture either on the
// web or in a file.

import Core
import JSONCodec
import Platform

struct Commission {
  private let request: Request
  /// nil while the request is only looked at: what came along as bytes stays where it is.
  private let spool: Spool?
  private var parcels: ArraySlice<Parcel>

  init(_ request: Request, spool: Spool?) {
    self.request = request
    self.spool = spool
    parcels = request.parcels[...]
  }

  mutating func text() throws(Failure) -> any Bytes {
    var body = request.body
    if !request.references.isEmpty {
      var images: [JSON] = []
      for (index, reference) in request.references.enumerated() {
        let place = Pointer.root / "referenceImages" / index / "uri"
        var image = JSON.Object()
        switch try placed(reference.source, place) {
        case .path(let path): image.add("path", text: path)
        case .uri(let uri): image.add("uri", text: uri)
        }
        image.add("tag", text: reference.tag)
        image.add("subject", text: reference.subject)
        images.append(.object(image))
      }
      body["referenceImages"] = .array(images)
    }
    if let mask = request.mask {
      switch try placed(mask, Pointer.root / "maskUri") {
      case .path(let path):
        body["maskUri"] = nil
        body["maskPath"] = .string(path)
      case .uri(let uri): body["maskUri"] = .string(uri)
      }
    }
    return try JSONCodec.encode(.object(body))
  }

  private enum Place {
    case uri(String)
    case path(String)
  }

  private mutating func placed(_ source: Source, _ place: Pointer) throws(Failure) -> Place {
    switch source {
    case .web(let uri): return .uri(uri)
    case .hosted:
      throw Failure(
        .argument, at: place.text,
        "a runway:// URI means something to Runway alone; name the picture by https://, path or blob")
    case .inline(let uri):
      guard let spool else { return .uri(uri) }
      return .path(try Commission.decoded(uri, place, spool))
    case .file(let path):
      guard let parcel = parcels.popFirst(), case .file(_, let root?) = parcel.content else {
        return .path(path)
      }
      return .path(path.begins(with: "/") ? path : String(sentence: "\(root)/\(path)"))
    case .blob:
      guard let spool, let parcel = parcels.popFirst(), case .memory(let bytes) = parcel.content else {
        return .uri(source.text)
      }
      return .path(try spool.keep(bytes.memory, ending: Commission.ending(of: String(parcel.mime))))
    }
  }

  /// The bytes of a data URI. That it is base64 was checked.
  private static func decoded(_ uri: String, _ place: Pointer, _ spool: Spool) throws(Failure) -> String {
    let text = uri.bytes
    let start = (text.firstIndex(of: UInt8(ascii: ",")) ?? text.endIndex - 1) + 1
    let bytes = try Buffer(capacity: (text.endIndex - start) / 4 * 3 + 3)
    let room = UnsafeMutableRawBufferPointer(start: bytes.start, count: bytes.capacity)
    var (group, digits, count) = (0, 0, 0)
    for digit in text[start...] {
      guard let value = value(digit) else { break }
      group = (group << 6 | value) & 0xFF_FFFF
      digits += 1
      if digits % 4 == 1 { continue }
      // The second digit of four ends the first byte, with four bits left over, and so on.
      room[count] = UInt8(truncatingIfNeeded: group >> (6 - 2 * ((digits + 3) % 4)))
      count += 1
    }
    bytes.fill(to: count)
    guard let header = PictureHeader.read(bytes.memory) else {
      throw Failure(.argument, at: place.text, "the data URI holds no PNG, JPEG or WebP")
    }
    return try spool.keep(bytes.memory, ending: ending(of: String(header.mime)))
  }

  private static func value(_ digit: UInt8) -> Int? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(digit) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(digit) - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit) + 4
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }

  private static func ending(of mime: String) -> StaticString {
    if mime.is("image/jpeg") { return ".jpg" }
    return mime.is("image/webp") ? ".webp" : ".png"
  }
}
