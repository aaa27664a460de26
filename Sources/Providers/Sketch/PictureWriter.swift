// The last step of every picture: rows of RGB bytes become a file of the format that was asked for.

package import Core
import CCodecs
internal import Platform

/// Takes a picture row by row, top down.
protocol PictureWriter: AnyObject {
  /// Where the caller writes the next row's bytes, RGB or, of a cut-out, RGBA, before `encodeRow`.
  var currentRow: UnsafeMutablePointer<UInt8> { get }
  /// Takes what `currentRow` holds.
  func encodeRow() throws(Failure)
  /// The complete file, after the last row.
  func finish() throws(Failure) -> Buffer
}

/// Says to whoever paints, from any thread, that nobody wants the picture any more.
package final class CallOff: Sendable {
  private let state = Locked(false)

  package init() {}

  package func call() { state.withLock { $0 = true } }
  package var isCalled: Bool { state.withLock { $0 } }
}

/// The pixels themselves. Where nothing lets its ground shine through, alpha is 255.
final class PixelWriter: PictureWriter {
  private let width: Int
  private let file: Buffer
  private let row: Buffer
  private var written = 0
  private let hasAlpha: Bool

  init(width: Int, height: Int, hasAlpha: Bool) throws(Failure) {
    self.width = width
    file = try Buffer(capacity: width * height * 4)
    self.hasAlpha = hasAlpha
    row = try Buffer(capacity: width * 4)
  }

  var currentRow: UnsafeMutablePointer<UInt8> { row.start.assumingMemoryBound(to: UInt8.self) }

  @_optimize(speed)
  func encodeRow() {
    precondition(written + width * 4 <= file.capacity)
    var from = currentRow
    var to = (file.start + written).assumingMemoryBound(to: UInt8.self)
    for _ in 0..<width {
      to[0] = from[0]
      to[1] = from[1]
      to[2] = from[2]
      to[3] = hasAlpha ? from[3] : 255
      from += hasAlpha ? 4 : 3
      to += 4
    }
    written += width * 4
  }

  func finish() -> Buffer {
    file.fill(to: written)
    return file
  }
}

/// JPEG and WebP, by the system's codecs. They want the picture whole, so it is gathered first.
final class CodecWriter: PictureWriter {
  private let format: PictureFormat
  private let width: Int
  private let height: Int
  private let comment: String
  private let calledOff: CallOff
  private let pixels: Buffer
  private var nextRow = 0

  init(
    _ format: PictureFormat, width: Int, height: Int, comment: String, calledOff: CallOff
  ) throws(Failure) {
    self.format = format
    self.width = width
    self.height = height
    self.comment = comment
    self.calledOff = calledOff
    pixels = try Buffer(capacity: width * height * 3)
  }

  var currentRow: UnsafeMutablePointer<UInt8> {
    (pixels.start + nextRow * width * 3).assumingMemoryBound(to: UInt8.self)
  }

  func encodeRow() { nextRow += 1 }

  /// TurboJPEG takes about 20 ms for 4 Mpx and cannot be stopped; libwebp takes eight times as long, and asks every few
  /// milliseconds whether to go on.
  func finish() throws(Failure) -> Buffer {
    let codec = Int32(format.codecNumber)
    let (wide, high) = (Int32(clamping: width), Int32(clamping: height))
    let room = ccodecs_encoded_max(codec, wide, high)
    let file = try Buffer(capacity: room)
    let size = ccodecs_encode(
      codec, pixels.start.assumingMemoryBound(to: UInt8.self), wide, high,
      file.start.assumingMemoryBound(to: UInt8.self), room,
      { Unmanaged<CallOff>.fromOpaque($0!).takeUnretainedValue().isCalled ? 1 : 0 },
      Unmanaged.passUnretained(calledOff).toOpaque())
    guard size > 0 else {
      if calledOff.isCalled { throw Failure(.cancelled, "cancelled as asked") }
      throw Failure(
        .failed, "the system's codec could not write the picture as \(format.name); ask for png instead")
    }
    file.fill(to: size)
    return format == .jpeg ? try commented(file) : file
  }

  /// With what the picture is, as a comment behind the first segment, which must come first.
  private func commented(_ jpeg: Buffer) throws(Failure) -> Buffer {
    let bytes = jpeg.memory
    guard bytes.count > 6, bytes[2] == 0xFF, bytes[3] == 0xE0 else { return jpeg }
    let first = 4 + Int(bytes[4]) << 8 + Int(bytes[5])
    guard first <= bytes.count else { return jpeg }
    let length = comment.byteCount + 2
    let whole = try Buffer(capacity: bytes.count + length + 2)
    var out = whole.start
    out.copyMemory(from: jpeg.start, byteCount: first)
    out += first
    for byte in [0xFF, 0xFE, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)] {
      out.storeBytes(of: byte, as: UInt8.self)
      out += 1
    }
    for byte in comment.bytes {
      out.storeBytes(of: byte, as: UInt8.self)
      out += 1
    }
    out.copyMemory(from: jpeg.start + first, byteCount: bytes.count - first)
    whole.fill(to: bytes.count + length + 2)
    return whole
  }
}

extension PictureFormat {
  fileprivate var codecNumber: Int { self == .jpeg ? Int(CCODECS_JPEG) : Int(CCODECS_WEBP) }

  /// Whether this machine can write it. The first question about a codec looks for it.
  package var isWritable: Bool { codec == nil || ccodecs_encodes(Int32(codecNumber)) != 0 }
}
