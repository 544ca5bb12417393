// What is sealed comes back only unchanged, under the same key and context.

import Cryptography
import Testing

@Suite struct SealingKeyTests {
  private let context = Array("agent and call".utf8)

  @Test(arguments: [0, 1, 15, 16, 17, 1_000, 100_000])
  func whatWasSealedComesBack(_ count: Int) {
    let key = SealingKey()
    let plain = randomBytes(count)
    let sealed = key.seal(plain, context: context)
    #expect(sealed.count == count + 28)
    #expect(key.open(sealed, context: context) == plain)
    #expect(key.seal(plain, context: context) != sealed)
  }

  @Test func anyChangedBitIsSeen() {
    let key = SealingKey()
    let sealed = key.seal(Array("approve".utf8), context: context)
    for place in sealed.indices {
      for bit in 0..<8 {
        var changed = sealed
        changed[place] ^= 1 << UInt8(bit)
        #expect(key.open(changed, context: context) == nil)
      }
    }
    for count in sealed.indices { #expect(key.open(Array(sealed.prefix(count)), context: context) == nil) }
    #expect(key.open(sealed + [0], context: context) == nil)
    #expect(key.open(sealed, context: []) == nil)
    #expect(SealingKey().open(sealed, context: context) == nil)
  }

  /// Test case 14 of McGrew and Viega's specification of GCM: key and nonce of zeroes, one block of zeroes.
  @Test func theSpecificationsExampleOpens() throws {
    let key = try #require(SealingKey([UInt8](repeating: 0, count: 32)))
    let cipher: [UInt8] = [
      0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18,
    ]
    let tag: [UInt8] = [
      0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
    ]
    let sealed = [UInt8](repeating: 0, count: 12) + cipher + tag
    #expect(key.open(sealed, context: []) == [UInt8](repeating: 0, count: 16))
    #expect(SealingKey([1, 2]) == nil)
  }
}
