// The local pictures of one request, looked at before anything is paid: opened, measured, told by their first bytes,
// and hashed where they will be sent.

package import Core
import Platform

/// One request's. Blobs are read while the host lends them, and copied.
package final class LocalPictures: Inspector {
  private let root: String?
  private let blobs: [UnsafeRawBufferPointer]?
  private let isSending: Bool
  private let see: Seeing?

  /// Looks at the pixels of a whole file; nil where it cannot.
  package typealias Seeing = (UnsafeRawBufferPointer, _ mime: StaticString) -> PictureLight?

  /// Files beyond it are not decoded, only sent.
  private static let seenBytesMax = 64 << 20

  /// `root` is the folder that files must lie below. `blobs` is nil where they are not known yet. `isSending`: what is
  /// looked at will be sent, so it is hashed, and kept where it is not a file.
  package init(
    root: String?, blobs: [UnsafeRawBufferPointer]?, isSending: Bool, see: Seeing? = nil
  ) {
    self.see = see
    self.root = root
    self.blobs = blobs
    self.isSending = isSending
  }

  package func inspect(_ source: Source, at place: String, isInline: Bool) throws(Failure) -> Parcel? {
    switch source {
    case .file(let path): return try file(path, at: place, isInline: isInline)
    case .blob(let number):
      guard let blobs, number < blobs.count else { return nil }
      return try memory(blobs[number], called: source.text, at: place, isInline: isInline)
    case .web, .hosted, .inline: return nil
    }
  }

  /// Bytes of the host's. They are copied.
  private func memory(
    _ bytes: UnsafeRawBufferPointer, called name: String, at place: String, isInline: Bool
  ) throws(Failure) -> Parcel {
    let shown = Parcel.baseName(name)
    let header = try PictureHeader.ofReference(bytes, size: bytes.count, name: shown, isInline: isInline)
    let copy = try Buffer(capacity: isSending ? bytes.count : 0)
    if isSending, let start = bytes.baseAddress {
      copy.start.copyMemory(from: start, byteCount: bytes.count)
      copy.fill(to: bytes.count)
    }
    return Parcel(
      .memory(copy), called: name, at: place, header, size: bytes.count, sha256: isSending ? hash(copy) : "",
      light: see?(bytes, header.mime),
      isInline: isInline)
  }

  private func hash(_ bytes: Buffer) -> String {
    var hash = SHA256()
    hash.update(bytes.memory)
    return hash.finish()
  }

  // MARK: Without a request

  /// A file that the host itself brings.
  package static func parcel(path: String) throws(Failure) -> Parcel {
    try placed("name") { () throws(Failure) in
      try LocalPictures(root: nil, blobs: nil, isSending: true).file(path, at: "name", isInline: false)
    }
  }

  package static func parcel(
    _ bytes: UnsafeRawBufferPointer, called name: String
  ) throws(Failure) -> Parcel {
    try placed("data") { () throws(Failure) in
      try LocalPictures(root: nil, blobs: nil, isSending: true).memory(
        bytes, called: name, at: "data", isInline: false)
    }
  }

  private static func placed(
    _ place: StaticString, _ look: () throws(Failure) -> Parcel
  ) throws(Failure) -> Parcel {
    do throws(Failure) { return try look() } catch {
      var failure = error
      failure.location = String(place)
      throw failure
    }
  }

  // MARK: Files

  private func file(_ path: String, at place: String, isInline: Bool) throws(Failure) -> Parcel {
    let open = try OpenPicture(path, root)
    let head = try open.head()
    let header = try PictureHeader.ofReference(
      head.memory, size: open.facts.size, name: open.name, isInline: isInline)
    if let see {
      let whole = try open.facts.size <= LocalPictures.seenBytesMax ? open.whole(after: head) : head
      return Parcel(
        .file(path: path, root: root), called: path, at: place, header, size: open.facts.size, sha256: "",
        light: see(whole.memory, header.mime), isInline: isInline)
    }
    guard isInline else {
      return Parcel(
        .file(path: path, root: root), called: path, at: place, header, size: open.facts.size,
        sha256: isSending ? try open.hash(after: head) : "")
    }
    let whole = try isSending ? open.whole(after: head) : head
    return Parcel(
      .memory(whole), called: path, at: place, header, size: open.facts.size, sha256: hash(whole),
      isInline: true)
  }

  package func dataURI(_ parcel: Parcel) throws(Failure) -> String {
    guard isSending, case .memory(let bytes) = parcel.content else { return "" }
    return String(sentence: "data:\(parcel.mime);base64,\(Base64.text(of: bytes.memory))")
  }
}

/// A file that may become a reference, open for the first time.
private struct OpenPicture {
  private static let sliceBytes = 64 << 10

  let name: String
  let facts: File.Facts
  private let file: File

  init(_ path: String, _ root: String?) throws(Failure) {
    let name = Parcel.baseName(path)
    self.name = name
    let file = try OpenPicture.asking(name) { () throws(Errno) in try File.open(reading: path, beneath: root)
    }
    self.file = file
    facts = try OpenPicture.asking(name) { () throws(Errno) in try file.facts() }
    guard facts.isRegular else {
      let kind: StaticString = facts.isFolder ? "a folder" : "a pipe, a socket or a device"
      throw Failure(.argument, "\(name) is \(kind), not a file; name a picture")
    }
  }

  /// The first bytes; all of a small file.
  func head() throws(Failure) -> Buffer {
    let size = min(facts.size, PictureHeader.referenceHeadBytes)
    return try read(into: try Buffer(capacity: size), size)
  }

  func whole(after head: Buffer) throws(Failure) -> Buffer {
    let whole = try Buffer(capacity: facts.size)
    whole.start.copyMemory(from: head.start, byteCount: head.count)
    whole.fill(to: head.count)
    return try read(into: whole, facts.size - head.count)
  }

  /// Of the whole file, in slices, whatever its size.
  func hash(after head: Buffer) throws(Failure) -> String {
    if let known = KnownHashes.hash(of: facts) { return known }
    var hash = SHA256()
    hash.update(head.memory)
    var left = facts.size - head.count
    let slice = try Buffer(capacity: min(left, OpenPicture.sliceBytes))
    while left > 0 {
      slice.fill(to: 0)
      hash.update(try read(into: slice, min(left, slice.capacity)).memory)
      left -= slice.count
    }
    let text = hash.finish()
    KnownHashes.keep(text, of: facts)
    return text
  }

  private func read(into buffer: Buffer, _ size: Int) throws(Failure) -> Buffer {
    let room = UnsafeMutableRawBufferPointer(start: buffer.start + buffer.count, count: size)
    let count = try OpenPicture.asking(name) { () throws(Errno) in try file.read(into: room) }
    guard count == size else {
      throw Failure(.io, "\(name) became shorter while it was read; wait until it is written")
    }
    buffer.fill(to: buffer.count + count)
    return buffer
  }

  private static func asking<Answer>(
    _ name: String, _ ask: () throws(Errno) -> Answer
  ) throws(Failure) -> Answer {
    do throws(Errno) { return try ask() } catch { throw error.failure(reading: name) }
  }
}

/// Hashes of files that were read whole a moment ago: a hundred tasks with one picture read it once, and who waits in
/// slices too. What is sent is hashed again on its way.
private enum KnownHashes {
  private static let most = 16
  /// A file that changed so lately may change again without its time showing it.
  private static let settled: Int64 = 2_000_000_000

  private static let known = Locked<[(facts: File.Facts, hash: String)]>([])

  static func hash(of facts: File.Facts) -> String? {
    known.withLock { known in
      for entry in known where entry.facts == facts { return entry.hash }
      return nil
    }
  }

  static func keep(_ hash: String, of facts: File.Facts) {
    guard Clock.unixMilliseconds &* 1_000_000 &- facts.changed > settled else { return }
    known.withLock { known in
      if known.count == most { known.removeFirst() }
      known.append((facts, hash))
    }
  }
}

enum Base64 {
  private static let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  static func text(of bytes: UnsafeRawBufferPointer) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let left = min(3, bytes.count - index)
      var group = 0
      for offset in 0..<3 { group = group << 8 | (offset < left ? Int(bytes[index + offset]) : 0) }
      for place in 0..<4 {
        let digit = digits.utf8Start[group >> (18 - 6 * place) & 63]
        text.append(place <= left ? digit : UInt8(ascii: "="))
      }
      index += 3
    }
    return String(text[...])
  }
}
