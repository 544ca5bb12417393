// Clients that take their time: with headers, with a body, with an answer.

import HTTPServer
import Testing

@Suite struct SlowClientTests {
  @Test func whoSendsNothingIsLetGo() async throws {
    let server = try startServer({ $0.idleTimeout = .seconds(1) }, handler: echo)
    let port = server.port
    try await offPool {
      let silent = try RawClient(port)
      let halfway = try RawClient(port)
      halfway.send("GET / HTTP/1.1\r\nHo")
      let idle = try RawClient(port)
      idle.request()
      _ = try idle.answer()
      for client in [silent, halfway, idle] { #expect(client.isClosed(within: 15_000)) }
    }
    #expect(await becomes { server.statistics.openConnections == 0 })
  }

  /// Each byte counts as activity; the request as a whole has its time.
  @Test(arguments: ["", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"])
  func whoTricklesIsLetGo(head: String) async throws {
    let server = try startServer({ $0.requestTime = .milliseconds(300) }, handler: echo)
    let port = server.port
    let time = try await offPool {
      let client = try RawClient(port)
      client.send(head)
      return try ContinuousClock().measure {
        for _ in 0..<1_000 {
          client.send("G")
          if client.isClosed(within: 10) { return }
        }
        throw ClientFailure(description: "still there")
      }
    }
    #expect(time > .milliseconds(250))
    #expect(time < .seconds(8))
    #expect(await becomes { server.statistics.refusedByLimits == 1 })
  }

  @Test func aHandlerAndASilentStreamMayTakeLonger() async throws {
    let outbox = Outbox(limit: 1_000)
    let server = try startServer({
      $0.idleTimeout = .seconds(1)
      $0.requestTime = .milliseconds(200)
    }) { request in
      if request.path == "/stream" { return .streamed(status: 200, headers: [], pieces: outbox.pieces) }
      try? await Task.sleep(for: .milliseconds(1_600))
      return text("late")
    }
    let port = server.port
    let (late, chunk) = try await offPool {
      let client = try RawClient(port)
      client.request()
      let listener = try RawClient(port)
      listener.request("GET", "/stream")
      _ = try listener.head()
      let late = try client.answer()
      outbox.put(Array("event".utf8))
      return (late, try listener.chunk())
    }
    #expect(late.text == "late")
    #expect(chunk == Array("event".utf8))
  }

  @Test func whoTakesNothingLosesTheStream() async throws {
    let ended = Gate()
    let pulled = Record<Int>()
    let server = try startServer({ $0.idleTimeout = .seconds(1) }) { _ in
      let pieces = AsyncStream {
        pulled.add(1)
        return [UInt8](repeating: 65, count: 64 << 10)
      } onCancel: {
        ended.open()
      }
      return .streamed(status: 200, headers: [], pieces: pieces)
    }
    let port = server.port
    let client = try await offPool {
      let client = try RawClient(port, receiveBuffer: 4_096)
      client.request()
      _ = try client.head()
      return Kept(client)
    }
    // What is pulled is what fits on the way, and one piece: the system keeps a bounded part, too.
    #expect(await becomes { ended.isOpen })
    #expect(pulled.count < 100)
    #expect(await becomes { server.statistics.openStreams == 0 })
    #expect(server.statistics.departed == 1)
    client.close()
  }

  @Test func whatASlowReaderLeavesIsBounded() async throws {
    let ended = Record<Bool>()
    let outbox = Outbox(limit: 1 << 20) { ended.add(true) }
    let server = try startServer { _ in .streamed(status: 200, headers: [], pieces: outbox.pieces) }
    let port = server.port
    let client = try await offPool {
      let client = try RawClient(port, receiveBuffer: 4_096)
      client.request()
      _ = try client.head()
      return Kept(client)
    }
    let event = [UInt8](repeating: 65, count: 10_000)
    var count = 0
    while outbox.put(event), count < 10_000 {
      count += 1
      if count.isMultiple(of: 50) { try await Task.sleep(for: .milliseconds(1)) }
    }
    #expect((100..<1_000).contains(count))
    #expect(outbox.isOver)
    #expect(ended.count == 1)
    #expect(!outbox.put([65]))
    client.close()
    #expect(await becomes { server.statistics.openStreams == 0 })
  }
}
