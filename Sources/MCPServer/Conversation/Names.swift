// Names that cannot be guessed.

internal import Cryptography

/// Base 32 of random bits, five a digit.
func unguessableName(digits: Int) -> String {
  let bytes = randomBytes(digits)
  return String(unsafeUninitializedCapacity: digits) { text in
    for (place, byte) in bytes.enumerated() {
      let value = byte & 31
      text[place] = value < 26 ? UInt8(ascii: "a") + value : UInt8(ascii: "2") + value - 26
    }
    return digits
  }
}
