// A PNG file: 8-bit RGB or RGBA, every row through the Paeth filter, zlib at its fastest level and run lengths only: after
// the filter there is little else to find. The generic encoders take four times as long. Strips of rows are deflated each
// by itself, so that several threads can, and joined to one stream; where a strip ends does not depend on who deflates.

import CZlib
internal import Core
internal import Platform

/// Some rows on their way into the file, and the memory that takes.
final class PNGStrip {
  fileprivate let stream: UnsafeMutablePointer<z_stream>
  private let rowBytes: Int
  private let back: Int
  private let lines: Buffer
  fileprivate let packed: Buffer
  fileprivate var packedBytes = 0
  fileprivate var rows = 0..<0
  fileprivate var check: UInt = 1
  fileprivate var isWhole = true

  fileprivate init(rowBytes: Int, back: Int, rows: Int) throws(Failure) {
    self.rowBytes = rowBytes
    self.back = back
    // The row being filtered, the one above it, and what the filter makes of it.
    lines = try Buffer(capacity: 3 * (rowBytes + PNGStrip.gap))
    let raw = (rowBytes + 1) * rows
    // Deflate's worst case is stored blocks.
    packed = try Buffer(capacity: raw + raw / 1000 + 1024)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard cz_deflate_init(stream, 1, -15, Z_RLE) == Z_OK else {
      // Every property has its value, so deinit runs, and zlib ends a stream that never began without harm.
      throw Failure(.noMemory, "no memory for the compressor of a picture")
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  private static let gap = 64

  /// Lines of bytes, apart from each other by room for those that the filter looks back.
  private func line(_ number: Int) -> UnsafeMutablePointer<UInt8> {
    lines.start.assumingMemoryBound(to: UInt8.self) + number * (rowBytes + PNGStrip.gap) + 16
  }

  /// Filters and deflates the rows. `read` writes a row's bytes to where it is told. Any thread, one at a time.
  func encode(_ rows: Range<Int>, isLast: Bool, _ read: (Int, UnsafeMutablePointer<UInt8>) -> Void) {
    self.rows = rows
    deflateReset(stream)
    packedBytes = 0
    check = 1
    isWhole = true
    lines.start.initializeMemory(as: UInt8.self, repeating: 0, count: lines.capacity)
    if rows.lowerBound > 0 { read(rows.lowerBound - 1, line(1)) }
    let filtered = line(2)
    for row in rows {
      let number = row - rows.lowerBound
      let (current, above) = (line(number % 2), line((number + 1) % 2))
      read(row, current)
      filtered[-1] = 4
      PNGStrip.paeth(current, above, filtered, rowBytes, back: back)
      check = adler32(check, filtered - 1, UInt32(truncatingIfNeeded: rowBytes + 1))
      let isEnd = row == rows.upperBound - 1
      deflateLine(filtered - 1, rowBytes + 1, isEnd ? (isLast ? Z_FINISH : Z_SYNC_FLUSH) : Z_NO_FLUSH)
    }
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

  private func deflateLine(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ flush: Int32) {
    let room = packed.capacity - packedBytes
    stream.pointee.next_in = bytes
    stream.pointee.avail_in = UInt32(truncatingIfNeeded: count)
    stream.pointee.next_out = (packed.start + packedBytes).assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(truncatingIfNeeded: room)
    let result = deflate(stream, flush)
    packedBytes += room - Int(stream.pointee.avail_out)
    // Room left over says that all of it was written.
    let isFinished = flush != Z_FINISH || result == Z_STREAM_END
    if result < 0 || !isFinished || stream.pointee.avail_out == 0 { isWhole = false }
  }
}

final class PNGWriter {
  private let width: Int
  private let height: Int
  private let file: Buffer
  private var written = 0
  private let bytesPerPixel: Int
  private let rowBytes: Int
  private var check: UInt = 1
  /// How many rows a strip has; the last may have fewer.
  let stripRows: Int

  private static let stripBytes = 1 << 17

  /// `texts` are (keyword, UTF-8 text) pairs for whoever looks inside the file.
  init(width: Int, height: Int, hasAlpha: Bool, texts: [(keyword: StaticString, text: String)])
    throws(Failure)
  {
    self.width = width
    self.height = height
    bytesPerPixel = hasAlpha ? 4 : 3
    rowBytes = width * bytesPerPixel
    stripRows = min(height, max(1, PNGWriter.stripBytes / (rowBytes + 1)))
    var textBytes = 0
    for (keyword, text) in texts { textBytes += keyword.utf8CodeUnitCount + text.byteCount + 32 }
    let raw = (rowBytes + 1) * height
    // Each strip becomes a chunk with a frame of its own.
    file = try Buffer(capacity: raw + raw / 1000 + (height / stripRows + 1) * 1100 + textBytes + 4096)
    putHeader(texts)
  }

  func strip() throws(Failure) -> PNGStrip {
    try PNGStrip(rowBytes: rowBytes, back: bytesPerPixel, rows: stripRows)
  }

  /// Takes strips in their order, as chunks of picture data.
  func append(_ strip: PNGStrip) throws(Failure) {
    guard strip.isWhole, written + strip.packedBytes + 64 <= file.capacity else {
      throw Failure(.internalError, "a picture grew beyond the room that its file was given")
    }
    beginChunk(0x4944_4154)
    // The frame of zlib's format around all strips: deflate with a window of 32 KiB, its fastest level.
    if strip.rows.lowerBound == 0 {
      put(0x78)
      put(0x01)
    }
    (file.start + written).copyMemory(from: strip.packed.start, byteCount: strip.packedBytes)
    written += strip.packedBytes
    check = adler32_combine(check, strip.check, strip.rows.count * (rowBytes + 1))
    if strip.rows.upperBound == height { put32(Int(check)) }
    endChunk()
  }

  func finish() -> Buffer {
    beginChunk(0x4945_4e44)
    endChunk()
    file.fill(to: written)
    return file
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
