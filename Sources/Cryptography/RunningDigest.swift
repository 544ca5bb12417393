// SHA-256 of what comes in pieces, by OpenSSL: what is long need not be in memory as a whole.

import COpenSSL

/// A SHA-256 digest under way.
package struct RunningDigest: ~Copyable {
  private let context: OpaquePointer?

  package init() {
    context = EVP_MD_CTX_new()
    precondition(
      context != nil && EVP_DigestInit_ex(context, sha256Algorithm, nil) == 1, "SHA-256 is part of every libcrypto")
  }

  deinit { EVP_MD_CTX_free(context) }

  package mutating func append(_ bytes: [UInt8]) {
    let isDone = EVP_DigestUpdate(context, bytes, bytes.count) == 1
    precondition(isDone, "SHA-256 takes any bytes")
  }

  /// 32 bytes: of all that was appended. Nothing is appended after it.
  package consuming func finished() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    let isDone = EVP_DigestFinal_ex(context, &digest, &length) == 1
    precondition(isDone && length == 32, "SHA-256 is part of every libcrypto")
    return digest
  }
}
