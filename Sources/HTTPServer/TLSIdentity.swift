// Who the server is on TLS: a certificate chain and its private key, tried before they are used.

internal import CMicroHTTPD

package struct TLSIdentity: Sendable {
  /// C strings.
  private let certificate: [CChar]
  private let key: [CChar]

  /// Both in PEM; the chain begins with the server's own certificate. They are tried: that they can be read and belong
  /// together is known afterwards, whether clients trust them is not.
  package init(certificate: [UInt8], key: [UInt8]) throws(HTTPServerError) {
    guard MHD_is_feature_supported(.FEATURE_TLS) == .YES else {
      throw HTTPServerError(
        code: .badIdentity, message: "this libmicrohttpd has no TLS: serve without, behind a proxy that has")
    }
    guard !certificate.contains(0), !key.contains(0) else { throw Self.unusable("this is no PEM text") }
    self.certificate = certificate.map { CChar(bitPattern: $0) } + [0]
    self.key = key.map { CChar(bitPattern: $0) } + [0]
    var words = [CChar](repeating: 0, count: Int(MHD_words_size))
    guard let daemon = MHD_start_daemon_for_trial(refuseAll, self.certificate, self.key, priorities, &words) else {
      throw Self.unusable(String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    MHD_stop_daemon(daemon)
  }

  /// Adds to the options a daemon starts with; what is added holds while `body` runs.
  func add<Result>(to options: inout DaemonOptions, _ body: (inout DaemonOptions) -> Result) -> Result {
    certificate.withUnsafeBufferPointer { certificate in
      key.withUnsafeBufferPointer { key in
        priorities.withCString { priorities in
          options.add(.HTTPS_MEM_CERT, certificate.baseAddress)
          options.add(.HTTPS_MEM_KEY, key.baseAddress)
          options.add(.HTTPS_PRIORITIES, priorities)
          return body(&options)
        }
      }
    }
  }

  private static func unusable(_ words: String) -> HTTPServerError {
    let why = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return HTTPServerError(
      code: .badIdentity,
      message: "TLS certificate and key are not usable\(why.isEmpty ? "" : " (\(why))"): both must be PEM, without a "
        + "passphrase, and belong together")
  }
}

/// TLS 1.2 and 1.3, and no key exchange without forward secrecy.
/// https://gnutls.org/manual/html_node/Priority-Strings.html
private let priorities = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:%SERVER_PRECEDENCE"

private let refuseAll: MHD_AccessHandlerCallback = { _, _, _, _, _, _, _, _ in .NO }
