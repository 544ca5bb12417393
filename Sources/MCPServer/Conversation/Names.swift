// Names that cannot be guessed.

internal import Cryptography

/// Base 32 of random bits, five a digit.
func unguessableName(digits: Int) -> String {
  let text = randomBytes(digits).map { byte in
    let value = byte & 31
    return value < 26 ? UInt8(ascii: "a") + value : UInt8(ascii: "2") + value - 26
  }
  return String(decoding: text, as: UTF8.self)
}
