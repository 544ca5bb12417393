// Requests in every form that is allowed, and their answers.

import HTTPServer
import Testing

@Suite struct AnsweringTests {
  @Test func aRequestReachesTheHandlerAndItsAnswerTheClient() async throws {
    let seen = Record<Request>()
    let server = try startServer { request in
      seen.add(request)
      return .whole(
        Response(
          status: 201, headers: [Header("X-One", "1"), Header("X-One", "2"), Header("Content-Length", "9")],
          body: Array("done".utf8)))
    }
    let port = server.port
    let answer = try await offPool {
      let client = try RawClient(port)
      client.request("POST", "/a%20b/%C3%A4?x=%20&y", "X-Two:  a b \t\r\nx-two: c\r\n", body: "{}")
      return try client.answer()
    }
    #expect(answer.status == 201)
    #expect(answer.text == "done")
    #expect(answer.headers.filter { $0.name == "X-One" }.map(\.value) == ["1", "2"])
    // The server counts itself.
    #expect(answer.headers.filter { $0.name == "Content-Length" }.map(\.value) == ["4"])
    let request = try #require(seen.all.first)
    #expect(request.method == "POST")
    #expect(request.path == "/a b/ä")
    #expect(request.query == "x=%20&y")
    #expect(request.values(of: "X-Two") == ["a b", "c"])
    #expect(request.headers.map(\.name) == ["Host", "X-Two", "x-two", "Content-Length"])
    #expect(request.body == Array("{}".utf8))
    #expect(request.peer == "127.0.0.1")
  }

  @Test func aConnectionIsUsedAgain() async throws {
    let server = try startServer(handler: echo)
    let port = server.port
    let answers = try await offPool {
      let client = try RawClient(port)
      return try (1...50).map { number in
        client.request("POST", "/\(number)", body: String(repeating: "x", count: number * 100))
        return try client.answer().text
      }
    }
    #expect(answers.count == 50)
    #expect(answers[49].hasPrefix("POST /50 ?"))
    #expect(answers[49].hasSuffix(String(repeating: "x", count: 5_000)))
    #expect(server.statistics.connections == 1)
    #expect(server.statistics.requests == 50)
  }

  @Test func requestsSentAtOnceAreAnsweredInTheirOrder() async throws {
    let server = try startServer { request in
      // The first takes longest.
      try? await Task.sleep(for: .milliseconds(request.path == "/1" ? 50 : 1))
      return text(request.path + String(decoding: request.body, as: UTF8.self))
    }
    let port = server.port
    let answers = try await offPool {
      let client = try RawClient(port)
      client.send((1...20).map { "POST /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\($0 + 10)" }.joined())
      return try (1...20).map { _ in try client.answer().text }
    }
    #expect(answers == (1...20).map { "/\($0)\($0 + 10)" })
  }

  @Test func aBodyInChunksIsPutTogether() async throws {
    let server = try startServer(handler: echo)
    let port = server.port
    let answer = try await offPool {
      let client = try RawClient(port)
      client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      for piece in ["5;name=value\r\nhel", "lo\r\n", "1\r\n \r\n5\r\nwor", "ld\r\n0\r\n", "Trailer: x\r\n\r\n"] {
        client.send(piece)
        pauseBriefly()
      }
      return try client.answer()
    }
    #expect(answer.text.hasSuffix("hello world"))
  }

  @Test func aClientThatAsksFirstIsToldToGoOn() async throws {
    let server = try startServer(admit: { $0.path == "/no" ? Response(status: 403) : nil }, handler: echo)
    let port = server.port
    let (first, second, third) = try await offPool {
      let client = try RawClient(port)
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
      let first = try client.head()
      client.send("ok")
      let second = try client.answer()
      client.send("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
      return (first, second, try client.answer())
    }
    #expect(first.status == 100)
    #expect(second.text.hasSuffix("ok"))
    #expect(third.status == 403)
  }

  @Test func everyMethodReachesTheHandler() async throws {
    let server = try startServer { request in text("\(request.method) \(request.path)") }
    let port = server.port
    let answers = try await offPool {
      let client = try RawClient(port)
      return try ["OPTIONS *", "PATCH /", "DELETE /", "TRACE /", "BREW /pot", "GET http://other:1/x?y"].map { words in
        client.send("\(words) HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.answer().text
      }
    }
    #expect(answers == ["OPTIONS *", "PATCH /", "DELETE /", "TRACE /", "BREW /pot", "GET /x"])
  }

  @Test func headHasTheHeadersAndNoBody() async throws {
    let server = try startServer { request in
      if request.path == "/whole" { return text("body") }
      return .streamed(
        status: request.path == "/none" ? 204 : 200, headers: [Header("X", "y")], pieces: AsyncStream { nil })
    }
    let port = server.port
    let (whole, streamed, none, after) = try await offPool {
      let client = try RawClient(port)
      client.request("HEAD", "/whole")
      let whole = try client.answer(hasBody: false)
      client.request("HEAD", "/stream")
      let streamed = try client.answer(hasBody: false)
      client.request("GET", "/none")
      let none = try client.answer()
      client.request("GET", "/whole")
      return (whole, streamed, none, try client.answer())
    }
    #expect(whole["Content-Length"] == "4")
    #expect(streamed["X"] == "y")
    #expect(none.status == 204)
    // Nothing was left on the connection.
    #expect(after.text == "body")
    #expect(await becomes { server.statistics.openStreams == 0 })
  }

  @Test func oldClientsAreUnderstood() async throws {
    let server = try startServer { request in
      if request.path == "/stream" {
        return .streamed(
          status: 200, headers: [],
          pieces: AsyncStream {
            for piece in ["a", "b"] { $0.yield(Array(piece.utf8)) }; $0.finish()
          })
      }
      return text("old")
    }
    let port = server.port
    let (whole, streamed) = try await offPool {
      let client = try RawClient(port)
      client.send("GET / HTTP/1.0\r\n\r\n")
      let whole = try client.answer()
      #expect(client.isClosed())
      let other = try RawClient(port)
      other.send("GET /stream HTTP/1.0\r\n\r\n")
      return (whole, try other.answer())
    }
    #expect(whole.text == "old")
    // No chunks for them: the connection ends with the body.
    #expect(streamed["Transfer-Encoding"] == nil)
    #expect(streamed.text == "ab")
  }

  @Test func anAnswerThatCannotBeSentIsAnError() async throws {
    let server = try startServer { request in
      switch request.path {
      case "/split": .whole(Response(status: 200, headers: [Header("X", "a\r\nSet-Cookie: b")]))
      case "/name": .whole(Response(status: 200, headers: [Header("X y", "a")]))
      case "/status": .whole(Response(status: 99))
      case "/stream": .streamed(status: 42, headers: [], pieces: AsyncStream { [65] })
      default: .whole(Response(status: 200, headers: [Header("Empty", "")], body: [65]))
      }
    }
    let port = server.port
    let statuses = try await offPool {
      try ["/split", "/name", "/status", "/stream", "/"].map { path in
        let client = try RawClient(port)
        client.request("GET", path)
        return try client.answer().status
      }
    }
    #expect(statuses == [500, 500, 500, 500, 200])
    #expect(await becomes { server.statistics.openStreams == 0 })
  }

  @Test func aLargeAnswerArrivesWhole() async throws {
    let body = Array(repeating: [UInt8](0...250), count: 20_000).flatMap { $0 }
    let server = try startServer { _ in .whole(Response(status: 200, body: body)) }
    let port = server.port
    let answer = try await offPool {
      let client = try RawClient(port, receiveBuffer: 16_384)
      client.request()
      return try client.answer()
    }
    let isSame = answer.body == body
    #expect(isSame)
  }
}
