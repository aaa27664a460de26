// What a file must be before it may be a reference: the service would take it, find out later, and the task would fail.

extension PictureHeader {
  /// So much of a file says what it is, but for a photograph with a megabyte of notes in front.
  package static let referenceHeadBytes = 256 << 10

  /// The most that fits in a data URI, whose whole text may have 5,242,880 characters.
  package static let maxInlineBytes = 3_932_000

  /// What a reference of `size` bytes is, by its first ones. `name` is for the sentence.
  ///
  /// Fails with `argument`: not the size or not the kind of picture that the service takes.
  package static func ofReference(
    _ head: UnsafeRawBufferPointer, size: Int, name: String, isInline: Bool
  ) throws(Failure) -> PictureHeader {
    try checkSize(size, name, isInline)
    let kind = String(head.prefix(4).map { $0 }[...])
    if kind.is("GIF8") {
      throw Failure(.argument, "\(name) is a GIF, which the service refuses; send JPEG, PNG or WebP")
    }
    if let header = read(head, of: size) {
      if header.mime.utf8Start[6] != UInt8(ascii: "s") { return header }
      throw Failure(.argument, "\(name) is an SVG, which the service refuses; send JPEG, PNG or WebP")
    }
    guard let mime = magic(head) else {
      throw Failure(.argument, "\(name) is no JPEG, PNG or WebP by its first bytes, whatever it is called")
    }
    // The frame of a JPEG may stand behind pages of notes; then the service will see.
    guard mime.utf8Start[6] == UInt8(ascii: "j"), head.count < size else {
      throw Failure(.argument, "\(name) begins like a picture and is cut short or damaged; save it again")
    }
    return PictureHeader(mime, 0, 0)
  }

  private static func checkSize(_ size: Int, _ name: String, _ isInline: Bool) throws(Failure) {
    let most = isInline ? maxInlineBytes : Parcel.maxBytes
    guard size < Parcel.minBytes || size > most else { return }
    let range: Sentence =
      isInline
      ? "\(Parcel.minBytes) bytes to \(maxInlineBytes) bytes; without inline it is uploaded"
      : "\(Parcel.minBytes) bytes to 200 MB"
    let found: Sentence = size == 0 ? "is empty" : "has \(counted(size, "byte"))"
    throw Failure(.argument, "\(name) \(found); a reference has \(range)")
  }

  private static func magic(_ head: UnsafeRawBufferPointer) -> StaticString? {
    let peek = Peek(head)
    if peek.has([0xFF, 0xD8, 0xFF], at: 0) { return "image/jpeg" }
    if peek.has([0x89, 0x50, 0x4E, 0x47], at: 0) { return "image/png" }
    return peek.has("RIFF", at: 0) && peek.has("WEBP", at: 8) ? "image/webp" : nil
  }
}
