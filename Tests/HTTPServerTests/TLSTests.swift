// The server on TLS, seen by OpenSSL's client.

import HTTPServer
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite(.enabled(if: executable(named: "openssl") != nil, "skipped: no openssl"))
struct TLSTests {
  /// What openssl made, in a directory that goes with it.
  private final class Certificates: Sendable {
    let directory: String
    let certificate: [UInt8]
    let key: [UInt8]

    var certificateFile: String { "\(directory)/certificate.pem" }

    init() throws {
      let words = try requireCommand(["mktemp", "-d"])
      directory = String(words.prefix { $0 != "\n" })
      try requireCommand([
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "\(directory)/key.pem", "-out",
        "\(directory)/certificate.pem",
      ])
      certificate = Array(try requireCommand(["cat", "\(directory)/certificate.pem"]).utf8)
      key = Array(try requireCommand(["cat", "\(directory)/key.pem"]).utf8)
    }

    deinit { _ = try? runCommand(["rm", "-rf", directory]) }

    /// Says `request` to the server, and what it hears until the connection ends.
    func say(_ request: String, to port: UInt16, _ options: [String] = []) async throws -> CommandOutput {
      try await offPool { [certificateFile] in
        try runCommand(
          [
            "timeout", "10", "openssl", "s_client", "-quiet", "-connect", "127.0.0.1:\(port)", "-servername",
            "localhost", "-verify_hostname", "localhost", "-CAfile", certificateFile, "-verify_return_error",
          ] + options, input: request)
      }
    }
  }

  private func withServer(
    _ change: (inout HTTPServerLimits) -> Void = { _ in }, handler: @escaping Handler,
    _ body: (HTTPServer, Certificates) async throws -> Void
  ) async throws {
    let certificates = try await offPool { try Certificates() }
    let identity = try TLSIdentity(certificate: certificates.certificate, key: certificates.key)
    let server = try startServer(tls: identity, change, handler: handler)
    try await body(server, certificates)
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func aRequestIsAnswered(version: String) async throws {
    try await withServer(handler: echo) { server, certificates in
      let output = try await certificates.say(
        """
        GET /first HTTP/1.1\r\nHost: a\r\n\r\n\
        POST /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello
        """, to: server.port, [version])
      #expect(output.text.contains("HTTP/1.1 200 OK"))
      #expect(output.text.contains("GET /first"))
      #expect(output.text.contains("hello"))
    }
  }

  @Test func oldVersionsAndPlainTextAreRefused() async throws {
    try await withServer(handler: echo) { server, certificates in
      let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      let output = try await certificates.say(request, to: server.port, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
      #expect(output.status != 0)
      #expect(!output.text.contains("200 OK"))
      let port = server.port
      try await offPool {
        let client = try RawClient(port)
        client.send(request)
        #expect(client.isClosed())
      }
      #expect(server.statistics.requests == 0)
    }
  }

  @Test func aStreamArrivesAndABodyInChunksIsBounded() async throws {
    let handler: Handler = { _ in
      .streamed(
        status: 200, headers: [],
        pieces: AsyncStream { continuation in
          for number in 1...3 { continuation.yield(Array("event \(number)".utf8)) }
          continuation.finish()
        })
    }
    try await withServer({ $0.body = 10 }, handler: handler) { server, certificates in
      let streamed = try await certificates.say(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", to: server.port)
      #expect(streamed.text.contains("event 1"))
      #expect(streamed.text.contains("event 3"))
      let refused = try await certificates.say(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n1\r\nx\r\n0\r\n\r\n",
        to: server.port)
      #expect(refused.text.contains("413"))
    }
  }

  @Test func aHandlerIsCancelledWhenItsClientLeaves() async throws {
    let cancelled = Gate()
    let handler: Handler = { request in
      // The path of a file for which the client waits before it is ended.
      let sign = request.path
      await withTaskCancellationHandler {
        if let file = fopen(sign, "w") { fclose(file) }
        try? await Task.sleep(for: .seconds(20))
      } onCancel: {
        cancelled.open()
      }
      return text("for nobody")
    }
    try await withServer(handler: handler) { server, certificates in
      let port = server.port
      _ = try await offPool { [directory = certificates.directory] in
        let script = """
          cd \(directory)
          printf 'GET \(directory)/sign HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' > request
          openssl s_client -quiet -connect 127.0.0.1:\(port) < request & client=$!
          for attempt in $(seq 100); do [ -e sign ] && break; sleep 0.05; done
          kill $client
          """
        return try runCommand(["sh", "-c", script])
      }
      #expect(await becomes { cancelled.isOpen })
      #expect(await becomes { server.statistics.openConnections == 0 })
    }
  }

  @Test func whatIsNoIdentityIsSaidAtOnce() async throws {
    let (one, other) = try await offPool { (try Certificates(), try Certificates()) }
    let locked = try await offPool {
      try requireCommand(
        ["openssl", "ec", "-aes128", "-passout", "pass:secret"], input: String(decoding: one.key, as: UTF8.self))
    }
    let cases: [([UInt8], [UInt8])] = [
      (one.certificate, other.key), (one.key, one.certificate), ([], []), (Array("nonsense".utf8), one.key),
      (one.certificate, Array(locked.utf8)), (one.certificate + [0], one.key),
    ]
    for (certificate, key) in cases {
      let error = #expect(throws: HTTPServerError.self) { try TLSIdentity(certificate: certificate, key: key) }
      #expect(error?.code == .badIdentity)
      #expect(error?.message.contains("secret") == false)
      #expect(error?.message.contains("\n") == false)
    }
  }
}
