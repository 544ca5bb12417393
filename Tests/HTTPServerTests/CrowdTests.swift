// Many clients at once, and many servers one after the other.

import HTTPServer
import Testing

@Suite struct CrowdTests {
  @Test func fiveHundredClientsAreAnswered() async throws {
    let server = try startServer { request in
      await Task.yield()
      return text(request.path)
    }
    let port = server.port
    try await offPool {
      let clients = try (0..<500).map { _ in try RawClient(port) }
      for round in 0..<4 {
        for (number, client) in clients.enumerated() { client.request("POST", "/\(round)-\(number)", body: "x") }
        for (number, client) in clients.enumerated() { try #expect(client.answer().text == "/\(round)-\(number)") }
      }
    }
    #expect(server.statistics.requests == 2_000)
    #expect(await becomes { server.statistics.openConnections == 0 })
  }

  /// The library's epoll loop forgets connections when a multiple of 128 is ready in one thread at once.
  @Test(arguments: [256, 512])
  func thoseReadyAtTheSameMomentAreAllServed(count: Int) async throws {
    let gate = Gate()
    let server = try startServer { _ in
      await gate.pass()
      return text("ok")
    }
    let port = server.port
    try await offPool {
      let clients = try (0..<count).map { _ in try RawClient(port) }
      for client in clients { client.request() }
      while server.statistics.running < count { pauseBriefly() }
      gate.open()
      for client in clients { try #expect(client.answer().text == "ok") }
      for _ in 0..<3 {
        for client in clients { client.request() }
        for client in clients { try #expect(client.answer().text == "ok") }
      }
    }
  }

  @Test func fiftyServersLeaveNothingBehind() async throws {
    func round() async throws {
      let server = try startServer { request in
        request.path == "/s" ? .streamed(status: 200, headers: [], pieces: Outbox(limit: 9).pieces) : text("ok")
      }
      let port = server.port
      let clients = try await offPool {
        let clients = try ["/", "/s"].map { path in
          let client = try RawClient(port)
          client.request("GET", path)
          _ = try client.head()
          return Kept(client)
        }
        return clients
      }
      await server.drain(within: .zero)
      for client in clients { client.close() }
    }
    try await round()
    #expect(await becomes { openDescriptors() == nil || (openDescriptors() ?? 0) > 0 })
    try await Task.sleep(for: .milliseconds(20))
    let before = openDescriptors()
    for _ in 0..<50 { try await round() }
    #expect(await becomes { openDescriptors() == before })
  }

  /// Not drained, only let go of.
  @Test func aServerThatIsForgottenStops() async throws {
    var port: UInt16 = 0
    let ended = Gate()
    let client: Kept
    do {
      let server = try startServer { _ in
        .streamed(status: 200, headers: [], pieces: Outbox(limit: 9) { ended.open() }.pieces)
      }
      port = server.port
      let number = port
      client = try await offPool {
        let client = try RawClient(number)
        client.request()
        _ = try client.head()
        return Kept(client)
      }
      #expect(server.statistics.openStreams == 1)
    }
    #expect(await becomes { ended.isOpen })
    let number = port
    try await offPool {
      #expect(client.client.isClosed())
      #expect((try? RawClient(number)) == nil)
    }
  }
}
