// SHA-256, HMAC and comparing secrets, by OpenSSL.

import COpenSSL

/// The SHA-256 digest: 32 bytes.
package func sha256(_ bytes: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  var length: UInt32 = 0
  let isDone = EVP_Digest(bytes, bytes.count, &digest, &length, sha256Algorithm, nil)
  precondition(isDone == 1 && length == 32, "SHA-256 is part of every libcrypto")
  return digest
}

/// HMAC with SHA-256: 32 bytes that nobody makes without the key. https://www.rfc-editor.org/rfc/rfc2104
package func hmacSHA256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  var length: UInt32 = 0
  let isDone = HMAC(sha256Algorithm, key, Int32(clamping: key.count), bytes, bytes.count, &digest, &length) != nil
  precondition(isDone && length == 32, "HMAC with SHA-256 is part of every libcrypto")
  return digest
}

/// Found once: by its name OpenSSL looks for it, under a lock, each time it is used.
/// https://docs.openssl.org/3.0/man7/crypto/#performance
var sha256Algorithm: OpaquePointer? { OpaquePointer(bitPattern: sha256Address) }

private let sha256Address = UInt(bitPattern: EVP_MD_fetch(nil, "SHA256", nil))

/// Two digits of base 16 for each byte.
package func hexadecimal(_ bytes: [UInt8]) -> String {
  String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
    for (place, byte) in bytes.enumerated() {
      text[2 * place] = hexadecimalDigit(byte >> 4)
      text[2 * place + 1] = hexadecimalDigit(byte & 15)
    }
    return 2 * bytes.count
  }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

/// Whether two secrets are the same, in a time that does not tell where they differ. Their lengths are no secret.
package func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
