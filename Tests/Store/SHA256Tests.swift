// The examples of FIPS 180-4, and the lengths around the edges of a block.

import Core
import Testing

@Suite struct SHA256Tests {
  private func digest(_ bytes: [UInt8], piece: Int = .max) -> String {
    var sha = SHA256()
    var start = 0
    repeat {
      let end = piece < bytes.count - start ? start + piece : bytes.count
      bytes[start..<end].withUnsafeBytes { sha.update($0) }
      start = end
    } while start < bytes.count
    return sha.finish()
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func theStandardsExamplesHold(message: String, expected: String) {
    #expect(digest(Array(message.utf8)) == expected)
  }

  @Test func aMillionTimesTheLetterAHolds() {
    let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(digest([UInt8](repeating: 0x61, count: 1_000_000)) == expected)
  }

  @Test func everyLengthAndEveryPieceGiveTheSameDigest() {
    let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
    var all = SHA256()
    for length in 0...bytes.count {
      let whole = digest(Array(bytes[..<length]))
      for piece in [1, 3, 55, 56, 63, 64, 65, 127, 128] {
        #expect(
          digest(Array(bytes[..<length]), piece: piece) == whole, "length \(length), pieces of \(piece)")
      }
      Array(whole.utf8).withUnsafeBytes { all.update($0) }
    }
    // The digest of all these digests, computed once by another implementation.
    #expect(all.finish() == "e7b239674ad544550c90f62f8854a25efb963cda921c9c7c65a0f5b646da8b7e")
  }

  @Test func finishingDoesNotEndTheMessage() {
    var sha = SHA256()
    Array("ab".utf8).withUnsafeBytes { sha.update($0) }
    #expect(sha.finish() == digest(Array("ab".utf8)))
    Array("c".utf8).withUnsafeBytes { sha.update($0) }
    #expect(sha.finish() == digest(Array("abc".utf8)))
  }

  @Test func anEmptyPieceWithoutAnAddressIsNothing() {
    var sha = SHA256()
    sha.update(UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(sha.finish() == digest([]))
  }
}
