// AES-256-GCM by OpenSSL: what leaves the process and must come back unread and unchanged.

import COpenSSL

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A key that seals bytes and binds them to a context. https://csrc.nist.gov/pubs/sp/800/38/d/final
package struct SealingKey: Sendable {
  private static let nonceCount = 12
  private static let tagCount = 16

  private let key: [UInt8]

  /// A random key, for as long as the process lives.
  package init() { key = randomBytes(32) }

  /// - Parameter bytes: 32 of them; nil otherwise.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    key = bytes
  }

  /// Nonce, ciphertext and tag. The nonce is random: good for 2³² messages under one key.
  package func seal(_ plain: [UInt8], context: [UInt8]) -> [UInt8] {
    let nonce = randomBytes(Self.nonceCount)
    let sealed = encrypt(plain, nonce, context)
    precondition(sealed != nil, "AES-256-GCM is part of every libcrypto")
    return nonce + (sealed ?? [])
  }

  /// What was sealed under the same context; nil after any change of one or the other.
  package func open(_ sealed: [UInt8], context: [UInt8]) -> [UInt8]? {
    guard sealed.count >= Self.nonceCount + Self.tagCount else { return nil }
    let nonce = Array(sealed.prefix(Self.nonceCount))
    let body = Array(sealed.dropFirst(Self.nonceCount).dropLast(Self.tagCount))
    return decrypt(body, nonce, context, tag: Array(sealed.suffix(Self.tagCount)))
  }

  private func encrypt(_ plain: [UInt8], _ nonce: [UInt8], _ context: [UInt8]) -> [UInt8]? {
    guard let cipher = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(cipher) }
    var output = [UInt8](repeating: 0, count: plain.count)
    var tag = [UInt8](repeating: 0, count: Self.tagCount)
    var count: Int32 = 0
    var last: [UInt8] = [0]
    guard EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1,
      EVP_EncryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1,
      EVP_EncryptUpdate(cipher, &output, &count, plain, Int32(plain.count)) == 1,
      EVP_EncryptFinal_ex(cipher, &last, &count) == 1,
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagCount), &tag) == 1
    else { return nil }
    return output + tag
  }

  private func decrypt(_ body: [UInt8], _ nonce: [UInt8], _ context: [UInt8], tag: [UInt8]) -> [UInt8]? {
    guard let cipher = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(cipher) }
    var output = [UInt8](repeating: 0, count: body.count)
    var tag = tag
    var count: Int32 = 0
    var last: [UInt8] = [0]
    guard EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1,
      EVP_DecryptUpdate(cipher, nil, &count, context, Int32(context.count)) == 1,
      EVP_DecryptUpdate(cipher, &output, &count, body, Int32(body.count)) == 1,
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagCount), &tag) == 1,
      EVP_DecryptFinal_ex(cipher, &last, &count) == 1
    else { return nil }
    return output
  }
}

/// From the system's generator.
package func randomBytes(_ count: Int) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
    // The most that are given at once.
    for start in stride(from: 0, to: count, by: 256) {
      let isDone = getentropy(bytes.baseAddress.map { $0 + start }, min(256, count - start)) == 0
      precondition(isDone, "a system without random numbers can keep no secret")
    }
    filled = count
  }
}
