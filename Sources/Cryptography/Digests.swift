// SHA-256, HMAC and comparing secrets, by OpenSSL.

import COpenSSL

/// The SHA-256 digest: 32 bytes.
package func sha256(_ bytes: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  var length: UInt32 = 0
  let isDone = EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil)
  precondition(isDone == 1 && length == 32, "SHA-256 is part of every libcrypto")
  return digest
}

/// HMAC with SHA-256: 32 bytes that nobody makes without the key. https://www.rfc-editor.org/rfc/rfc2104
package func hmacSHA256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  var length: UInt32 = 0
  let isDone = HMAC(EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, &digest, &length) != nil
  precondition(isDone && length == 32, "HMAC with SHA-256 is part of every libcrypto")
  return digest
}

/// Whether two secrets are the same, in a time that does not tell where they differ. Their lengths are no secret.
package func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
