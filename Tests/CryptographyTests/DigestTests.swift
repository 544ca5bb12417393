// Digests against FIPS 180-2's examples.

import Cryptography
import Testing

@Suite struct DigestTests {
  @Test func theStandardsExamplesHold() {
    let digest = sha256(Array("abc".utf8)).map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
    #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
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
