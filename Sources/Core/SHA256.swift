// Pictures, requests and accounts are told apart by their SHA-256. The library needs no other cryptography of
// its own, so it carries this one function rather than a dependency.

/// SHA-256 as FIPS 180-4 defines it, fed in pieces of any size. Only `finish` allocates, for its text.
package struct SHA256: Sendable {
  private var state = SIMD8<UInt32>(
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
  /// The first `length % 64` of these are the bytes of the block that is not full yet.
  private var pending = InlineArray<64, UInt8>(repeating: 0)
  private var length: UInt64 = 0

  package init() {}

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let held = Int(length & 63)
    length &+= UInt64(bytes.count)
    var taken = 0

    if held > 0 {
      taken = min(64 - held, bytes.count)
      for index in 0..<taken { pending[held + index] = bytes[index] }
      guard held + taken == 64 else { return }
      absorbPending()
    }
    while bytes.count - taken >= 64 {
      absorb(UnsafeRawBufferPointer(rebasing: bytes[taken..<taken + 64]))
      taken += 64
    }
    for index in 0..<bytes.count - taken { pending[index] = bytes[taken + index] }
  }

  /// The digest of all bytes so far, as 64 lower-case hexadecimal digits. It closes a copy: more may follow.
  package func finish() -> String {
    var last = self
    last.close()

    var text: [UInt8] = []
    for index in 0..<8 {
      for shift in stride(from: UInt32(28), through: 0, by: -4) {
        let digit = UInt8((last.state[index] >> shift) & 15)
        text.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      }
    }
    return String(text[...])
  }

  /// Appends a single 1 bit, zeros up to the last eight bytes of a block, and there the length in bits.
  private mutating func close() {
    let bits = length &<< 3
    var next = Int(length & 63)
    pending[next] = 0x80
    next += 1
    if next > 56 {
      while next < 64 { (pending[next], next) = (0, next + 1) }
      absorbPending()
      next = 0
    }
    while next < 56 { (pending[next], next) = (0, next + 1) }
    for index in 0..<8 { pending[56 + index] = UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * index)) }
    absorbPending()
  }

  private mutating func absorbPending() {
    let block = pending
    block.span.withUnsafeBytes { absorb($0) }
  }

  /// One block of 64 bytes: its 16 words stretched to 64, one for each round.
  @_optimize(speed)
  private mutating func absorb(_ block: UnsafeRawBufferPointer) {
    var words = InlineArray<64, UInt32>(repeating: 0)
    for index in 0..<16 {
      words[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
    }
    for index in 16..<64 {
      let (near, far) = (words[index - 2], words[index - 15])
      let small0 = rotated(far, 7) ^ rotated(far, 18) ^ (far >> 3)
      let small1 = rotated(near, 17) ^ rotated(near, 19) ^ (near >> 10)
      words[index] = words[index - 16] &+ small0 &+ words[index - 7] &+ small1
    }

    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in stride(from: 0, to: 64, by: 8) {
      // A round moves every variable one place on. Eight rounds bring each home, so the names move instead.
      stir(a, b, c, &d, e, f, g, &h, roundConstants[index] &+ words[index])
      stir(h, a, b, &c, d, e, f, &g, roundConstants[index + 1] &+ words[index + 1])
      stir(g, h, a, &b, c, d, e, &f, roundConstants[index + 2] &+ words[index + 2])
      stir(f, g, h, &a, b, c, d, &e, roundConstants[index + 3] &+ words[index + 3])
      stir(e, f, g, &h, a, b, c, &d, roundConstants[index + 4] &+ words[index + 4])
      stir(d, e, f, &g, h, a, b, &c, roundConstants[index + 5] &+ words[index + 5])
      stir(c, d, e, &f, g, h, a, &b, roundConstants[index + 6] &+ words[index + 6])
      stir(b, c, d, &e, f, g, h, &a, roundConstants[index + 7] &+ words[index + 7])
    }
    state &+= SIMD8(a, b, c, d, e, f, g, h)
  }
}

/// One round; `word` is the round's constant plus its word of the schedule.
@inline(__always)
private func stir(
  _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32,
  _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32, _ word: UInt32
) {
  let big1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
  let choice = g ^ (e & (f ^ g))
  let first = h &+ big1 &+ choice &+ word
  let big0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
  let majority = (a & b) | (c & (a | b))
  d = d &+ first
  h = first &+ big0 &+ majority
}

@inline(__always)
private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
  (word &>> count) | (word &<< (32 &- count))
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
private let roundConstants: InlineArray<64, UInt32> = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
  0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
  0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
  0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
  0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
  0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
  0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]
