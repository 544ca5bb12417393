// Names that cannot be guessed.

internal import Cryptography

/// Base 32 of random bits, five a digit.
func unguessableName(digits: Int) -> String {
  let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
  return String(decoding: randomBytes(digits).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
}
