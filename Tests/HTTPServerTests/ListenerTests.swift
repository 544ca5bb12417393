// Where a server listens, and why it cannot.

import HTTPServer
import Testing

@Suite struct ListenerTests {
  private func start(_ host: String, _ port: UInt16 = 0) throws -> HTTPServer {
    try HTTPServer.start(host: host, port: port) { request in text(request.peer) }
  }

  private func ask(_ host: String, _ port: UInt16) async throws -> String {
    try await offPool {
      let client = try RawClient(port, host: host)
      client.request()
      return try client.answer().text
    }
  }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "::1"), ("::", "::1"),
    // The peer is the same, whichever way it came in.
    ("::", "127.0.0.1"),
  ])
  func aServerListensWhereItIsTold(host: String, asked: String) async throws {
    let server: HTTPServer
    do {
      server = try start(host)
    } catch  where host.contains(":") && !hasIPv6 {
      return
    }
    #expect(server.port > 0)
    #expect(try await ask(asked, server.port) == asked)
  }

  private var hasIPv6: Bool { (try? start("::1")) != nil }

  @Test func aPortIsTakenOnce() throws {
    let server = try start("127.0.0.1")
    let error = #expect(throws: HTTPServerError.self) { try start("127.0.0.1", server.port) }
    #expect(error?.code == .addressInUse)
    #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
  }

  @Test func aPortCanBeTakenAgain() async throws {
    let server = try start("127.0.0.1")
    let port = server.port
    #expect(try await ask("127.0.0.1", port) == "127.0.0.1")
    await server.drain(within: .zero)
    let next = try start("127.0.0.1", port)
    #expect(try await ask("127.0.0.1", next.port) == "127.0.0.1")
  }

  @Test(arguments: [
    ("192.0.2.1", HTTPServerError.Code.addressNotAvailable), ("no.such.host.invalid", .unknownHost), ("", .unknownHost),
  ])
  func anAddressThatIsNoneIsSaid(host: String, code: HTTPServerError.Code) throws {
    let error = #expect(throws: HTTPServerError.self) { try start(host) }
    #expect(error?.code == code)
  }
}
