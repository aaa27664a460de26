// The forms in which a painter of this library can hand out a picture, as `outputFormat` names them.

package enum PictureFormat: CaseIterable, Sendable {
  case png, jpeg, webp
  /// Pixels as they are: four bytes each, red, green, blue and straight alpha, rows top down and without gaps.
  case rgba

  /// nil for a name of no format.
  package init?(named name: String) {
    for format in PictureFormat.allCases where name.is(format.name) {
      self = format
      return
    }
    return nil
  }

  package var name: StaticString {
    switch self {
    case .png: "png"
    case .jpeg: "jpeg"
    case .webp: "webp"
    case .rgba: "rgba"
    }
  }

  package var mime: StaticString {
    switch self {
    case .png: "image/png"
    case .jpeg: "image/jpeg"
    case .webp: "image/webp"
    case .rgba: "image/x-rgba"
    }
  }

  /// More pixels in a row or column the format, or its codec, cannot hold.
  package var sideMax: Int {
    switch self {
    case .png, .rgba: .max
    case .jpeg: 65500
    case .webp: 16383
    }
  }

  /// The codec it needs, by soname and as Debian packages it; nil for what this library writes by itself.
  package var codec: (library: StaticString, package: StaticString)? {
    switch self {
    case .png, .rgba: nil
    case .jpeg: ("libturbojpeg.so.0", "libturbojpeg0")
    case .webp: ("libwebp.so.7", "libwebp7")
    }
  }
}
