// The end in good order: what runs may end, what comes is refused, what does not end is ended.

import HTTPServer
import Testing

@Suite struct DrainTests {
  @Test func whatRunsMayEnd() async throws {
    let server = try startServer { _ in
      try? await Task.sleep(for: .milliseconds(150))
      return text("done \(Task.isCancelled)")
    }
    let port = server.port
    let answer = Task {
      try await offPool {
        let client = try RawClient(port)
        client.request()
        return try client.answer()
      }
    }
    #expect(await becomes { server.statistics.running == 1 })
    let time = await ContinuousClock().measure { await server.drain(within: .seconds(10)) }
    #expect(try await answer.value.text == "done false")
    #expect(time < .seconds(8))
    #expect(server.statistics.openConnections == 0)
  }

  @Test func whatComesIsRefused() async throws {
    let gate = Gate()
    let server = try startServer { _ in
      await gate.pass()
      return text("ok")
    }
    let port = server.port
    let (running, idle) = try await offPool {
      let running = try RawClient(port)
      running.request()
      while server.statistics.running == 0 { pauseBriefly() }
      return (Kept(running), Kept(try RawClient(port)))
    }
    #expect(await becomes { server.statistics.openConnections == 2 })
    let drained = Task { await server.drain(within: .seconds(10)) }
    try await offPool {
      // Nobody listens any more.
      while (try? RawClient(port)) != nil { pauseBriefly() }
      idle.client.request()
      let refused = try idle.client.answer()
      #expect(refused.status == 503)
      #expect(refused["Connection"] == "close")
    }
    gate.open()
    let last = try await offPool { try running.client.answer().text }
    #expect(last == "ok")
    await drained.value
  }

  @Test func whatDoesNotEndIsEnded() async throws {
    let ended = Record<String>()
    let outbox = Outbox(limit: 100) { ended.add("outbox") }
    let server = try startServer { request in
      if request.path == "/stream" { return .streamed(status: 200, headers: [], pieces: outbox.pieces) }
      try? await Task.sleep(for: .seconds(20))
      ended.add("cancelled \(Task.isCancelled)")
      return text("late")
    }
    let port = server.port
    let (running, stream) = try await offPool {
      let running = try RawClient(port)
      running.request()
      let stream = try RawClient(port)
      stream.request("GET", "/stream")
      _ = try stream.head()
      while server.statistics.running == 0 { pauseBriefly() }
      return (Kept(running), Kept(stream))
    }
    outbox.put([65])
    let time = await ContinuousClock().measure { await server.drain(within: .milliseconds(100)) }
    #expect(time > .milliseconds(95))
    #expect(time < .seconds(8))
    try await offPool {
      let refused = try running.client.answer()
      #expect(refused.status == 503)
      // The stream ends as if it were over.
      try #expect(stream.client.chunk() == [65])
      try #expect(stream.client.chunk() == nil)
      #expect(stream.client.isClosed())
    }
    #expect(await becomes { Set(ended.all) == ["outbox", "cancelled true"] })
  }

  @Test func fiveHundredStreamsEndAtOnce() async throws {
    let server = try startServer { _ in
      .streamed(status: 200, headers: [], pieces: Outbox(limit: 100).pieces)
    }
    let port = server.port
    let clients = try await offPool {
      let clients = try (0..<500).map { _ in try RawClient(port) }
      for client in clients { client.request() }
      for client in clients { _ = try client.head() }
      return clients.map(Kept.init)
    }
    let time = await ContinuousClock().measure { await server.drain(within: .zero) }
    #expect(time < .seconds(8))
    try await offPool {
      for client in clients { try #expect(client.client.chunk() == nil) }
    }
    #expect(server.statistics.openStreams == 0)
  }

  @Test func twoWhoDrainWaitForTheSameEnd() async throws {
    let server = try startServer(handler: echo)
    async let first: Void = server.drain(within: .seconds(1))
    async let second: Void = server.drain(within: .seconds(1))
    _ = await (first, second)
    let port = server.port
    try await offPool { #expect((try? RawClient(port)) == nil) }
  }
}
