// Answers in pieces: pulled as they are taken, ended in good order, and stopped when nobody listens.

import HTTPServer
import Testing

@Suite struct StreamTests {
  @Test func piecesArriveAsTheyCome() async throws {
    let outbox = Outbox(limit: 1_000)
    let server = try startServer { _ in
      .streamed(status: 202, headers: [Header("Content-Type", "text/event-stream")], pieces: outbox.pieces)
    }
    let port = server.port
    let (head, chunks) = try await offPool {
      let client = try RawClient(port)
      client.request()
      let head = try client.head()
      var chunks: [String] = []
      for number in 1...3 {
        outbox.put(Array("event \(number)\n\n".utf8))
        chunks.append(String(decoding: try client.chunk() ?? [], as: UTF8.self))
      }
      outbox.finish()
      try #expect(client.chunk() == nil)
      client.request("GET", "/again")
      try #expect(client.answer().status == 202)
      return (head, chunks)
    }
    #expect(head.status == 202)
    #expect(head["Content-Type"] == "text/event-stream")
    #expect(head["Transfer-Encoding"] == "chunked")
    #expect(chunks == ["event 1\n\n", "event 2\n\n", "event 3\n\n"])
    #expect(await becomes { server.statistics.openStreams == 0 })
    #expect(server.statistics.departed == 0)
  }

  @Test func aLargeBodyIsPulledPieceByPiece() async throws {
    let pulled = Record<Int>()
    let server = try startServer { _ in
      .streamed(
        status: 200, headers: [],
        pieces: AsyncStream {
          pulled.add(1)
          let number = pulled.count
          return number > 400 ? nil : [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 100_000)
        })
    }
    let port = server.port
    let client = try await offPool {
      let client = try RawClient(port, receiveBuffer: 8_192)
      client.request()
      _ = try client.head()
      return Kept(client)
    }
    try await Task.sleep(for: .milliseconds(100))
    let early = pulled.count
    #expect(early < 60)
    let body = try await offPool {
      var body: [UInt8] = []
      while let chunk = try client.client.chunk() { body += chunk }
      return body
    }
    #expect(body.count == 40_000_000)
    let isWhole = (1...400).allSatisfy { body[$0 * 100_000 - 1] == UInt8(truncatingIfNeeded: $0) }
    #expect(isWhole)
    #expect(pulled.count == 401)
  }

  @Test func whoeverFeedsAStreamHearsThatTheClientHasGone() async throws {
    let gone = Record<String>()
    let server = try startServer { request in
      if request.path == "/buffered" {
        return .streamed(
          status: 200, headers: [],
          pieces: AsyncStream { continuation in
            continuation.yield([65])
            continuation.onTermination = { gone.add("\($0)") }
          })
      }
      return .streamed(status: 200, headers: [], pieces: Outbox(limit: 9) { gone.add("outbox") }.pieces)
    }
    let port = server.port
    for path in ["/buffered", "/outbox"] {
      let before = gone.count
      try await offPool {
        let client = try RawClient(port)
        client.request("GET", path)
        _ = try client.head()
        pauseBriefly()
        client.close()
      }
      #expect(await becomes(within: .seconds(5)) { gone.count > before })
    }
    #expect(gone.all == ["cancelled", "outbox"])
    #expect(await becomes { server.statistics.openConnections == 0 && server.statistics.openStreams == 0 })
    #expect(server.statistics.departed == 2)
  }

  @Test func aStreamForNobodyIsEndedBeforeItBegins() async throws {
    let ended = Gate()
    let gate = Gate()
    let server = try startServer { _ in
      await gate.pass()
      return .streamed(status: 200, headers: [], pieces: Outbox(limit: 9) { ended.open() }.pieces)
    }
    let port = server.port
    try await offPool {
      let client = try RawClient(port)
      client.request()
      while server.statistics.running == 0 { pauseBriefly() }
      client.close()
      while server.statistics.departed == 0 { pauseBriefly() }
    }
    gate.open()
    #expect(await becomes { ended.isOpen })
    #expect(await becomes { server.statistics.openStreams == 0 })
  }

  @Test func aThousandStreamsHearOneEvent() async throws {
    let outboxes = Record<Outbox>()
    let server = try startServer { _ in
      let outbox = Outbox(limit: 1_000)
      outboxes.add(outbox)
      return .streamed(status: 200, headers: [], pieces: outbox.pieces)
    }
    let port = server.port
    try await offPool {
      let clients = try (0..<1_000).map { _ in try RawClient(port) }
      for client in clients { client.request() }
      for client in clients { _ = try client.head() }
      for outbox in outboxes.all { outbox.put(Array("hear".utf8)) }
      for client in clients { try #expect(client.chunk() == Array("hear".utf8)) }
      #expect(server.statistics.openStreams == 1_000)
    }
    #expect(await becomes { server.statistics.openStreams == 0 && server.statistics.openConnections == 0 })
  }
}

/// A client that goes from one thread to the next, and is used on one at a time.
struct Kept: @unchecked Sendable {
  let client: RawClient

  init(_ client: RawClient) { self.client = client }

  func close() { client.close() }
}
