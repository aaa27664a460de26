// A PNG file, written a few rows at a time: 8-bit RGB or RGBA, every row through the Paeth filter, zlib at its
// fastest level and run lengths only: after the filter there is little else to find. The generic encoders
// take four times as long.

import CZlib
internal import Core
internal import Platform

final class PNGWriter: PictureWriter {
  private let width: Int
  private let height: Int
  private let stream: UnsafeMutablePointer<z_stream>
  private let rowBytes: Int
  private let lines: Buffer
  private let file: Buffer
  private var written = 0
  private var nextRow = 0

  private let bytesPerPixel: Int
  private static let chunkFrame = 12

  /// `texts` are (keyword, UTF-8 text) pairs for whoever looks inside the file.
  init(width: Int, height: Int, hasAlpha: Bool, texts: [(keyword: StaticString, text: String)])
    throws(Failure)
  {
    self.width = width
    self.height = height
    bytesPerPixel = hasAlpha ? 4 : 3
    rowBytes = width * bytesPerPixel
    // One row of zeroes above the picture, the last row, and the row being filtered with its filter's number.
    lines = try Buffer(capacity: 3 * rowBytes + 3 * 64)
    var textBytes = 0
    for (keyword, text) in texts { textBytes += keyword.utf8CodeUnitCount + text.byteCount + 32 }
    let raw = (rowBytes + 1) * height
    // Deflate's worst case is stored blocks; each band becomes a chunk with a frame of its own.
    file = try Buffer(capacity: raw + raw / 1000 + height * 32 + textBytes + 4096)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard cz_deflate_init(stream, 1, 15, Z_RLE) == Z_OK else {
      // Every property has its value, so deinit runs, and zlib ends a stream that never began without harm.
      throw Failure(.noMemory, "no memory for the compressor of a picture")
    }
    let start = lines.start.assumingMemoryBound(to: UInt8.self)
    start.initialize(repeating: 0, count: lines.capacity)
    putHeader(texts)
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  var currentRow: UnsafeMutablePointer<UInt8> { line(nextRow % 2) }

  @_optimize(speed)
  func encodeRow() throws(Failure) {
    let current = line(nextRow % 2)
    let above = line((nextRow + 1) % 2)
    let filtered = line(2) + 1
    filtered[-1] = 4
    PNGWriter.paeth(current, above, filtered, rowBytes, back: bytesPerPixel)
    nextRow += 1
    try deflateLine(filtered - 1, rowBytes + 1, nextRow == height ? Z_FINISH : Z_NO_FLUSH)
  }

  // A band is a chunk of picture data.
  func beginBand() { beginChunk(0x4944_4154) }
  func endBand() { endChunk() }

  func finish() -> Buffer {
    beginChunk(0x4945_4e44)
    endChunk()
    file.fill(to: written)
    return file
  }

  // MARK: Rows

  /// Three rows of bytes, apart from each other by room for the three bytes that the filter looks back.
  private func line(_ number: Int) -> UnsafeMutablePointer<UInt8> {
    lines.start.assumingMemoryBound(to: UInt8.self) + number * (rowBytes + 64) + 16
  }

  @_optimize(speed)
  private static func paeth(
    _ current: UnsafeMutablePointer<UInt8>, _ above: UnsafeMutablePointer<UInt8>,
    _ out: UnsafeMutablePointer<UInt8>, _ count: Int, back: Int
  ) {
    // The bytes before a row are never written, so the pixel left of the first one is 0 as the format wants.
    for index in 0..<count {
      let a = Int16(current[index - back])
      let b = Int16(above[index])
      let c = Int16(above[index - back])
      let towardsA = abs(b &- c)
      let towardsB = abs(a &- c)
      let towardsC = abs(a &+ b &- c &- c)
      let best = towardsA <= towardsB && towardsA <= towardsC ? a : (towardsB <= towardsC ? b : c)
      out[index] = current[index] &- UInt8(truncatingIfNeeded: best)
    }
  }

  private func deflateLine(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ flush: Int32) throws(Failure)
  {
    stream.pointee.next_in = bytes
    stream.pointee.avail_in = UInt32(truncatingIfNeeded: count)
    repeat {
      let room = min(file.capacity - written, 1 << 30)
      stream.pointee.next_out = (file.start + written).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(truncatingIfNeeded: room)
      let result = deflate(stream, flush)
      written += room - Int(stream.pointee.avail_out)
      if result == Z_STREAM_END { return }
      guard result == Z_OK, stream.pointee.avail_out > 0 else {
        throw Failure(.internalError, "a picture grew beyond the room that its file was given")
      }
    } while stream.pointee.avail_in > 0 || flush == Z_FINISH
  }

  // MARK: Chunks

  private var chunkStart = 0

  private func putHeader(_ texts: [(keyword: StaticString, text: String)]) {
    for byte in [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as [UInt8] { put(byte) }
    beginChunk(0x4948_4452)
    put32(width)
    put32(height)
    for byte in [8, bytesPerPixel == 4 ? 6 : 2, 0, 0, 0] as [UInt8] { put(byte) }
    endChunk()
    for (keyword, text) in texts { putText(keyword, text) }
  }

  /// An iTXt chunk: a keyword, and text in UTF-8 without compression, language or translated keyword.
  private func putText(_ keyword: StaticString, _ text: String) {
    beginChunk(0x6954_5874)
    keyword.withUTF8Buffer { for byte in $0 { put(byte) } }
    for _ in 0..<5 { put(0) }
    for byte in text.bytes where byte != 0 { put(byte) }
    endChunk()
  }

  private func beginChunk(_ name: UInt32) {
    chunkStart = written
    put32(0)
    put32(Int(name))
  }

  private func endChunk() {
    let bytes = file.start.assumingMemoryBound(to: UInt8.self)
    let length = written - chunkStart - 8
    let check = crc32(0, bytes + chunkStart + 4, UInt32(truncatingIfNeeded: length + 4))
    put32(Int(check))
    let end = written
    written = chunkStart
    put32(length)
    written = end
  }

  private func put(_ byte: UInt8) {
    precondition(written < file.capacity)
    file.start.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
    written += 1
  }

  private func put32(_ value: Int) {
    for shift in [24, 16, 8, 0] { put(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
