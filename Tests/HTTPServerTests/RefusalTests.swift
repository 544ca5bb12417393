// What is too large, too much, malformed, or not admitted, and that it costs nobody else anything.

import HTTPServer
import Testing

@Suite struct RefusalTests {
  @Test func aBodyThatIsTooLargeIsRefusedBeforeItIsSent() async throws {
    let seen = Record<Int>()
    let server = try startServer({ $0.body = 1_000 }) { request in
      seen.add(request.body.count)
      return text("ok")
    }
    let port = server.port
    let (exact, tooLarge, chunked) = try await offPool {
      let client = try RawClient(port)
      client.request("POST", body: String(repeating: "x", count: 1_000))
      let exact = try client.answer()
      // Nothing of the body has been sent.
      client.request("POST", "/", "Content-Length: 1001\r\n")
      let tooLarge = try client.answer()
      #expect(client.isClosed())
      let other = try RawClient(port)
      other.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3E8\r\n")
      other.send(String(repeating: "x", count: 1_000))
      other.send("\r\n1\r\nx")
      // There could be more, and it is refused nevertheless.
      let chunked = try other.answer()
      #expect(other.isClosed())
      return (exact, tooLarge, chunked)
    }
    #expect(exact.status == 200)
    #expect(tooLarge.status == 413)
    #expect(chunked.status == 413)
    #expect(seen.all == [1_000])
    #expect(server.statistics.refusedByLimits == 2)
  }

  /// The client sends all and reads then, as most programs do: the answer must not be lost over what nobody read.
  @Test func whoIsRefusedWhileSendingCanReadWhy() async throws {
    let server = try startServer(
      admit: { $0.path == "/no" ? Response(status: 401, body: Array("who?".utf8)) : nil }, { $0.body = 10_000 },
      handler: echo)
    let port = server.port
    for head in ["/no HTTP/1.1\r\nContent-Length: 3000000", "/ HTTP/1.1\r\nTransfer-Encoding: chunked"] {
      let answer = try await offPool {
        let client = try RawClient(port)
        client.send("POST \(head)\r\nHost: a\r\n\r\n2DC6C0\r\n")
        client.send([UInt8](repeating: 65, count: 3_000_000 - 8))
        return try client.answer()
      }
      #expect(answer.status == (head.hasPrefix("/no") ? 401 : 413))
      #expect(!answer.body.isEmpty)
    }
  }

  @Test func allBodiesTogetherAreBounded() async throws {
    let gate = Gate()
    let server = try startServer({ $0.allBodies = 15_000 }) { request in
      await gate.pass()
      return text("\(request.body.count)")
    }
    let port = server.port
    let (refused, first, last) = try await offPool {
      let body = String(repeating: "x", count: 10_000)
      let client = try RawClient(port)
      client.request("POST", body: body)
      while server.statistics.running < 1 { pauseBriefly() }
      let other = try RawClient(port)
      other.request("POST", body: body)
      let refused = try other.answer()
      gate.open()
      let first = try client.answer()
      let last = try RawClient(port)
      last.request("POST", body: body)
      return (refused, first, try last.answer())
    }
    #expect(refused.status == 503)
    #expect(first.text == "10000")
    #expect(last.text == "10000")
  }

  @Test func headersAreBounded() async throws {
    let server = try startServer({ $0.headerBytes = 4_096 }) { request in text("\(request.headers.count)") }
    let port = server.port
    let statuses = try await offPool {
      try [
        "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 3_900))\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 4_200))\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "a:b\r\n", count: 2_000))\r\n",
        "GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /?\(String(repeating: "a&", count: 1_900)) HTTP/1.1\r\nHost: a\r\n\r\n",
      ].map { request in
        let client = try RawClient(port)
        client.send(request)
        return try client.answer().status
      }
    }
    #expect(statuses == [200, 431, 431, 431, 414, 200])
    #expect(await becomes { server.statistics.openConnections == 0 })
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
    ("GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /%0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /mcp%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /ä HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1}b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked \r\n\r\n0\r\n\r\n", 501),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400),
  ])
  func whatTwoProgramsCouldReadDifferentlyIsRefused(request: String, status: Int) async throws {
    let seen = Record<String>()
    let server = try startServer { request in
      seen.add(request.path)
      return text("ok")
    }
    let port = server.port
    let answer = try await offPool {
      let client = try RawClient(port)
      client.send(request)
      let answer = try client.head()
      #expect(client.isClosed())
      return answer
    }
    #expect(answer.status == status)
    #expect(seen.all.isEmpty)
  }

  @Test func garbageEndsTheConnectionAndNothingElse() async throws {
    let server = try startServer(handler: echo)
    let port = server.port
    var random = SystemRandomNumberGenerator()
    let garbage = (0..<200).map { size in (0..<size * 20).map { _ in UInt8.random(in: 0...255, using: &random) } }
    try await offPool {
      for bytes in garbage + [
        [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01], Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8),
      ] {
        let client = try RawClient(port)
        client.send(bytes)
        client.endSending()
        #expect(client.isClosed())
      }
      let client = try RawClient(port)
      client.request()
      try #expect(client.answer().status == 200)
    }
    #expect(await becomes { server.statistics.openConnections <= 1 })
  }

  @Test func whoIsNotAdmittedIsRefusedBeforeTheBody() async throws {
    let seen = Record<Request>()
    let server = try startServer(
      admit: { request in
        seen.add(request)
        return request.values(of: "Authorization").isEmpty
          ? Response(status: 401, headers: [Header("WWW-Authenticate", "Bearer")], body: Array("who?".utf8)) : nil
      }, handler: echo)
    let port = server.port
    let (withBody, without, then) = try await offPool {
      let client = try RawClient(port)
      client.request("POST", "/a", "Content-Length: 100\r\n")
      let withBody = try client.answer()
      #expect(client.isClosed())
      let other = try RawClient(port)
      other.request("GET", "/b")
      let without = try other.answer()
      // Without a body there is no doubt where the next request begins.
      other.request("GET", "/c", "Authorization: x\r\n")
      return (withBody, without, try other.answer())
    }
    #expect(withBody.status == 401)
    #expect(withBody["WWW-Authenticate"] == "Bearer")
    #expect(without.status == 401)
    #expect(without.text == "who?")
    #expect(then.status == 200)
    #expect(seen.all.map(\.path) == ["/a", "/b", "/c"])
    #expect(seen.all.allSatisfy { $0.body.isEmpty })
    #expect(server.statistics.refusedByAdmission == 2)
  }

  @Test func connectionsAreBounded() async throws {
    let server = try startServer({ $0.connections = 5 }, handler: echo)
    let port = server.port
    let (last, beyond, again) = try await offPool {
      var clients = try (1...5).map { _ in try RawClient(port) }
      for client in clients {
        client.request()
        _ = try client.answer()
      }
      let other = try RawClient(port)
      other.request()
      let beyond = try other.answer()
      #expect(other.isClosed())
      clients[4].request()
      let last = try clients[4].answer()
      clients[0].close()
      clients.removeFirst()
      while server.statistics.openConnections > 4 { pauseBriefly() }
      let next = try RawClient(port)
      next.request()
      return (last, beyond, try next.answer())
    }
    #expect(last.status == 200)
    #expect(beyond.status == 503)
    #expect(beyond["Retry-After"] != nil)
    #expect(again.status == 200)
    #expect(server.statistics.refusedByLimits == 1)
  }

  @Test func connectionsFromOneAddressAreBounded() async throws {
    let server = try startServer({ $0.connectionsPerAddress = 2 }, handler: echo)
    let port = server.port
    let statuses = try await offPool {
      let clients = try (1...3).map { _ in try RawClient(port) }
      return try clients.map { client in
        client.request()
        return try client.answer().status
      }
    }
    #expect(statuses == [200, 200, 503])
  }
}
