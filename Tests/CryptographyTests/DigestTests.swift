// Digests against FIPS 180-2's examples.

import Cryptography
import Testing

@Suite struct DigestTests {
  @Test func theStandardsExamplesHold() {
    #expect(
      hexadecimal(sha256(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(hexadecimal([0, 9, 10, 15, 16, 255]) == "00090a0f10ff" && hexadecimal([]).isEmpty)
  }

  /// Not whether they are random, but whether every one of them was written.
  @Test(arguments: [0, 1, 255, 256, 257, 100_000]) func randomBytesAreAsManyAsWanted(_ count: Int) {
    let draws = (0..<16).map { _ in randomBytes(count) }
    #expect(draws.allSatisfy { $0.count == count })
    #expect((0..<count).allSatisfy { place in draws.contains { $0[place] != 0 } })
  }

  @Test func secretsAreCompared() {
    #expect(isEqualInConstantTime([1, 2, 3], [1, 2, 3]))
    #expect(!isEqualInConstantTime([1, 2, 3], [1, 2, 4]))
    #expect(!isEqualInConstantTime([1, 2, 3], [1, 2]))
    #expect(isEqualInConstantTime([], []))
  }

  @Test func piecesGiveTheDigestOfTheWhole() {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for piece in [1, 63, 64, 65, 4_096, 100_000] {
      var digest = RunningDigest()
      for start in stride(from: 0, to: bytes.count, by: piece) {
        digest.append(Array(bytes[start..<min(start + piece, bytes.count)]))
      }
      #expect(digest.finished() == sha256(bytes), "pieces of \(piece)")
    }
    #expect(RunningDigest().finished() == sha256([]))
  }
}
