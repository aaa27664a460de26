// Pictures that a request brings along, as they lie on a disk. What the wire makes of them is Tests/service.

import Core
import Foundation
import Glibc
import Testing

@testable import Store

private func big(_ number: Int, _ size: Int) -> [UInt8] {
  (0..<size).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}

private func png(_ size: Int = 600, width: Int = 64) -> [UInt8] {
  let magic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  let header = magic + big(13, 4) + Array("IHDR".utf8) + big(width, 4) + big(64, 4) + [8, 2, 0, 0, 0]
  return header + [UInt8](repeating: 0, count: size - header.count)
}

/// The frame stands behind so many bytes of notes.
private func jpeg(notes: Int) -> [UInt8] {
  var bytes: [UInt8] = [0xFF, 0xD8]
  var left = notes
  while left > 0 {
    let length = min(left, 60_000)
    bytes += [0xFF, 0xE1] + big(length + 2, 2) + [UInt8](repeating: 0, count: length)
    left -= length
  }
  return bytes + [0xFF, 0xC0] + big(11, 2) + [8] + big(48, 2) + big(640, 2) + [1, 1, 0x11, 0]
    + [UInt8](repeating: 0, count: 600)
}

private func webp(_ size: Int) -> [UInt8] {
  let little: ([UInt8]) -> [UInt8] = { $0.reversed() }
  let start = Array("RIFF".utf8) + little(big(size - 8, 4)) + Array("WEBPVP8X".utf8) + little(big(10, 4))
  let header = start + [0, 0, 0, 0] + little(big(639, 3)) + little(big(479, 3))
  return header + [UInt8](repeating: 0, count: size - header.count)
}

@Suite struct LocalPicturesTests {
  let scratch = Scratch()

  private func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let path = scratch(name)
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  private func look(_ path: String, root: String? = nil, isInline: Bool = false) throws -> Parcel? {
    try LocalPictures(root: root, blobs: nil, isSending: true).inspect(
      .file(path), at: "/x", isInline: isInline)
  }

  @Test func aFileIsKnownByItsFirstBytesAndItsHash() throws {
    let head = PictureHeader.referenceHeadBytes
    let files: [(String, [UInt8], String)] = [
      ("a.png", png(), "image/png 64x64"), ("b.jpg", jpeg(notes: 100), "image/jpeg 640x48"),
      ("c.webp", webp(700), "image/webp 640x480"), ("d.webp", webp(head + 1000), "image/webp 640x480"),
      ("e.png", png(head * 3 + 17), "image/png 64x64"),
      // The frame is further on than anybody reads here.
      ("f.jpg", jpeg(notes: head * 2), "image/jpeg 0x0"),
    ]
    for (name, bytes, what) in files {
      for _ in 0..<2 {
        let parcel = try #require(try look(try write(bytes, name)))
        #expect("\(parcel.mime) \(parcel.width)x\(parcel.height)" == what && parcel.name == name)
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        #expect(parcel.sha256 == hash.finish() && parcel.size == bytes.count, "\(name)")
      }
    }
  }

  @Test func aHashIsNotRememberedForAFileThatChanged() throws {
    var bytes = png()
    let path = try write(bytes, "a.png")
    // As old as a file must be for its hash to be remembered.
    var times = [timespec(tv_sec: 1_700_000_000, tv_nsec: 0), timespec(tv_sec: 1_700_000_000, tv_nsec: 0)]
    utimensat(AT_FDCWD, path, &times, 0)
    let first = try #require(try look(path))
    bytes[599] = 1
    try Data(bytes).write(to: URL(filePath: path))
    #expect(try look(path)?.sha256 != first.sha256)
    times[1].tv_sec += 1
    utimensat(AT_FDCWD, path, &times, 0)
    #expect(try look(path)?.sha256 != first.sha256)
  }

  @Test func sizesHaveBoundsAndInlineOnesAreSmaller() throws {
    for (size, isInline, isTaken) in [
      (511, false, false), (512, false, true), (3_932_000, true, true), (3_932_001, true, false),
      (3_932_001, false, true),
    ] {
      let path = try write(png(size), "a.png")
      let isRefused: Bool
      do {
        _ = try look(path, isInline: isInline)
        isRefused = false
      } catch { isRefused = true }
      #expect(isRefused != isTaken, "\(size)")
    }
  }

  @Test func aDataURIIsTheFile() throws {
    for size in 600...605 {
      let bytes = png(size)
      let parcel = try #require(try look(try write(bytes, "a.png"), isInline: true))
      let uri = try LocalPictures(root: nil, blobs: nil, isSending: true).dataURI(parcel)
      #expect(uri == "data:image/png;base64," + Data(bytes).base64EncodedString())
      // The service's own bound is on the text.
      #expect(
        ("data:image/jpeg;base64,".utf8.count + (PictureHeader.maxInlineBytes + 2) / 3 * 4) <= 5_242_880)
    }
  }

  @Test func nothingLeadsOutOfTheRoot() throws {
    let root = scratch("root")
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    _ = try write(png(), "out.png")
    _ = try write(png(), "root/in.png")
    symlink("../out.png", root + "/link.png")
    symlink("in.png", root + "/alias.png")
    for path in ["in.png", root + "/in.png", root + "//in.png", "./in.png", "alias.png"] {
      #expect(try look(path, root: root) != nil, "\(path)")
    }
    for path in ["../out.png", scratch("out.png"), "link.png", root + "/../out.png", root + "x/in.png"] {
      let failure = #expect(throws: Failure.self) { try look(path, root: root) }
      #expect(failure?.message.contains("referenceRoot") == true, "\(path)")
    }
  }

  @Test func aBlobIsCopied() throws {
    var bytes = png()
    let parcel = try bytes.withUnsafeBytes {
      try LocalPictures(root: nil, blobs: [$0], isSending: true).inspect(.blob(0), at: "/x", isInline: false)
    }
    bytes = []
    guard case .memory(let copy)? = parcel?.content else {
      Issue.record("a blob is held in memory")
      return
    }
    #expect(Array(copy.memory) == png())
    #expect(
      try LocalPictures(root: nil, blobs: nil, isSending: true).inspect(.blob(0), at: "/x", isInline: false)
        === nil)
  }
}
