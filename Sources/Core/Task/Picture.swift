// One finished picture, in memory or on disk.

/// A class, as is whatever stands in long lists or moves between rooms: copying a struct of ten fields unfolds at every
/// place that hands it on.
package final class Picture: Sendable {
  package let mime: String
  package let width: Int
  package let height: Int
  package let sha256: String
  /// In bytes.
  package let size: Int
  /// nil once the picture lies at `path`: what is on disk need not be in memory too.
  package let bytes: (any Bytes)?
  /// Where it lies in the client's folder.
  package let path: String?
  /// Where it came from, signature and all; for hosts that asked for `outputUrls`.
  package let link: String?
  /// When it is no longer where it was left, in Unix milliseconds; 0 where nobody says.
  package let expires: Int64
  /// Words of the prompt a painter used, and those it could not; empty where nobody says.
  package let understood: [String]
  package let ignored: [String]

  /// Its bytes can be had without asking anybody.
  package var isHere: Bool { bytes != nil || path != nil }

  package init(
    mime: String, width: Int, height: Int, sha256: String, bytes: any Bytes, understood: [String] = [],
    ignored: [String] = []
  ) {
    self.mime = mime
    self.width = width
    self.height = height
    self.sha256 = sha256
    self.bytes = bytes
    self.understood = understood
    self.ignored = ignored
    size = bytes.memory.count
    path = nil
    link = nil
    expires = 0
  }

  /// A picture that was left where it is. Nothing else is known of it.
  package init(leftAt link: String, expires: Int64 = 0) {
    self.expires = expires
    (mime, width, height, sha256, size) = ("", 0, 0, "", 0)
    (bytes, path, understood, ignored) = (nil, nil, [], [])
    self.link = link
  }

  /// As a journal knows it: in the client's folder, or at the service, if that still has it.
  package init(_ filed: Filed) {
    mime = filed.mime
    width = filed.width
    height = filed.height
    sha256 = filed.sha256
    size = filed.size
    expires = 0
    path = filed.path
    link = filed.path == nil ? "" : nil
    (bytes, understood, ignored) = (nil, [], [])
  }

  /// The same picture, with where it came from: on disk if there is a path, in memory if it is held, or only known.
  package init(_ picture: Picture, from link: String?, at path: String?, isHeld: Bool) {
    mime = picture.mime
    width = picture.width
    height = picture.height
    sha256 = picture.sha256
    size = picture.size
    understood = picture.understood
    ignored = picture.ignored
    bytes = isHeld ? picture.bytes : nil
    expires = picture.expires
    self.path = path
    self.link = link
  }
}
