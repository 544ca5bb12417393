// Clients that leave before they have their answer.

import HTTPServer
import Testing

@Suite struct DepartureTests {
  @Test func aHandlerIsCancelledWhenItsClientLeaves() async throws {
    let cancelled = Record<ContinuousClock.Instant>()
    let server = try startServer { _ in
      await withTaskCancellationHandler {
        try? await Task.sleep(for: .seconds(20))
      } onCancel: {
        cancelled.add(.now)
      }
      return text("for nobody")
    }
    let port = server.port
    let left = try await offPool {
      let client = try RawClient(port)
      client.request("POST", body: "{}")
      while server.statistics.running == 0 { pauseBriefly() }
      client.close()
      return ContinuousClock.now
    }
    #expect(await becomes { cancelled.count == 1 })
    let time = try #require(cancelled.all.first)
    #expect(time - left < .seconds(5))
    #expect(await becomes { server.statistics.openConnections == 0 && server.statistics.running == 0 })
    #expect(server.statistics.departed == 1)
  }

  /// Documented: who sends no more is gone.
  @Test func endingToSendIsLeaving() async throws {
    let server = try startServer { request in
      try? await Task.sleep(for: .milliseconds(request.path == "/long" ? 20_000 : 0))
      return text("\(Task.isCancelled)")
    }
    let port = server.port
    try await offPool {
      let client = try RawClient(port)
      client.request("GET", "/long")
      while server.statistics.running == 0 { pauseBriefly() }
      client.endSending()
      #expect(client.isClosed(within: 10_000))
    }
    #expect(server.statistics.departed == 1)
  }

  /// Descriptors are used again at once: the hang-up of one client must not hit the next.
  @Test func anotherClientOnTheSameDescriptorIsLeftAlone() async throws {
    let server = try startServer { request in
      if request.path == "/leave" {
        try? await Task.sleep(for: .seconds(20))
      } else {
        try? await Task.sleep(for: .milliseconds(2))
      }
      return text("\(Task.isCancelled)")
    }
    let port = server.port
    try await offPool {
      for _ in 0..<100 {
        let leaving = try RawClient(port)
        leaving.request("GET", "/leave")
        let staying = try RawClient(port)
        staying.request()
        leaving.close()
        let next = try RawClient(port)
        next.request()
        try #expect(staying.answer().text == "false")
        try #expect(next.answer().text == "false")
        next.request()
        try #expect(next.answer().text == "false")
      }
    }
    #expect(await becomes { server.statistics.openConnections == 0 && server.statistics.running == 0 })
    #expect(server.statistics.departed == 100)
  }

  @Test func aClientThatLeavesBetweenRequestsIsNoDeparture() async throws {
    let server = try startServer(handler: echo)
    let port = server.port
    try await offPool {
      for _ in 0..<20 {
        let client = try RawClient(port)
        client.request()
        _ = try client.answer()
        client.request()
        _ = try client.answer()
        client.close()
      }
      let halfway = try RawClient(port)
      halfway.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n123")
      halfway.close()
    }
    #expect(await becomes { server.statistics.openConnections == 0 })
    #expect(server.statistics.departed == 0)
  }
}
