// The stdio transport over pipes of this process: lines, bounds, order, and the end.

import Governance
import JSON
import Support
import Synchronization
import Testing

@testable import MCPServer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A transport with both of its pipes.
private final class Line: Sendable {
  private let input: Int32
  private let output: Int32
  private let running: Task<Void, Never>
  private let heard: Task<[UInt8], any Error>?

  /// - Parameter isRead: whether somebody reads what the transport writes.
  init(
    _ server: Server, longest: Int = 10_000, farewell: Duration = .seconds(2),
    afterglow: Duration = .milliseconds(250), isRead: Bool = true,
    caller: @escaping @Sendable () -> Caller? = { Peer.anyone }
  ) throws {
    signal(SIGPIPE, SIG_IGN)
    var (incoming, outgoing): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    guard pipe(&incoming) == 0, pipe(&outgoing) == 0 else { throw Outbox.Unheard() }
    let (reading, writing, output) = (incoming[0], outgoing[1], outgoing[0])
    (self.input, self.output) = (incoming[1], output)
    let transport = StdioTransport(
      server: server, caller: caller, input: reading, output: writing, longest: longest, farewell: farewell,
      afterglow: afterglow)
    running = Task {
      await transport.run()
      close(reading)
      close(writing)
    }
    heard = isRead ? Task { try await onOwnThread { readAll(output) } } : nil
  }

  deinit { close(output) }

  func say(_ text: String, newline: String = "\n") {
    var rest = Array((text + newline).utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      guard count > 0 else {
        Issue.record("the transport does not read")
        return
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Closes the input and waits until the transport has left.
  /// - Returns: what was read.
  func end() async throws -> [JSONValue] {
    close(input)
    await running.value
    let bytes = try await heard?.value ?? []
    return try bytes.split(separator: 0x0a).map { try JSONValue(parsing: Array($0)) }
  }

  func cancel() async {
    running.cancel()
    await running.value
    close(input)
    _ = try? await heard?.value
  }
}

private func readAll(_ descriptor: Int32) -> [UInt8] {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65_536)
  while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
  return bytes
}

@Suite(.timeLimit(.minutes(1))) struct StdioTests {
  @Test func withoutALocalAgentRequestsAreRefused() async throws {
    let line = try Line(Peer().server, caller: { nil })
    line.say(legacy("ping", id: "7"))
    line.say(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
    let heard = try await line.end()
    #expect(heard.count == 1 && heard.first?["id"] == 7 && heard.first?["error"]?["code"] == -32600)
  }

  @Test func whatIsPipedInIsAnswered() async throws {
    let line = try Line(Peer().server)
    line.say(legacy("ping", id: "1"))
    line.say("  \r")
    line.say("rubbish")
    line.say(modern("tools/list", id: "2") + "\r")
    // The last line may lack its end.
    line.say(modern("server/discover", id: "3"), newline: "")
    let heard = try await line.end()
    #expect(heard.count == 4)
    #expect(Set(heard.compactMap { $0["id"]?.integer }) == [1, 2, 3])
    #expect(heard.contains { $0["id"] == nil && $0["error"]?["code"] == -32700 })
  }

  @Test func theHandshakeTakesItsPlaceAmongTheLines() async throws {
    let line = try Line(Peer().server, afterglow: .seconds(20))
    for number in 0..<20 {
      line.say(legacy("initialize", #"{"protocolVersion":"2025-06-18","capabilities":{}}"#, id: "\(number)"))
      line.say(legacy("tools/call", #"{"name":"test_slow","arguments":{"seconds":60}}"#, id: "\"s\(number)\""))
      line.say(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"s\#(number)"}}"#)
      line.say(legacy("tools/list", id: "\"t\(number)\""))
    }
    let before = ContinuousClock.now
    let heard = try await line.end()
    #expect(heard.count == 40 && heard.allSatisfy { $0["result"] != nil })
    // Nothing was left to wait for: each of the calls was cancelled, however early its cancellation came.
    #expect(ContinuousClock.now - before < .seconds(10))
  }

  @Test func linesAreBounded() async throws {
    let line = try Line(Peer().server, longest: 1_000)
    line.say(String(repeating: "x", count: 60_000))
    line.say(legacy("ping", id: "1"))
    line.say(legacy("ping", #"{"pad":"\#(String(repeating: "x", count: 900))"}"#, id: "2"))
    let heard = try await line.end()
    #expect(heard.map { $0["error"]?["code"]?.integer }.filter { $0 != nil } == [-32700])
    #expect(Set(heard.compactMap { $0["id"]?.integer }) == [1, 2])
  }

  @Test func linesAreSplitWhereverTheyArrive() {
    let text = Array("{\"a\":1}\n\n \r\n12345678901\n{}\nrest".utf8)
    for size in 1...text.count {
      var splitter = LineSplitter(longest: 10)
      var lines: [ReadLine] = []
      for start in stride(from: 0, to: text.count, by: size) {
        lines += splitter.take(text[start..<min(start + size, text.count)])
      }
      if let line = splitter.rest() { lines.append(line) }
      let seen = lines.map { line in
        if case .line(let bytes) = line { String(decoding: bytes, as: UTF8.self) } else { "…" }
      }
      #expect(seen == [#"{"a":1}"#, "…", "{}", "rest"], "in pieces of \(size)")
    }
  }

  @Test func theEndCancelsAndDoesNotWaitForTheStubborn() async throws {
    let service = PatientService()
    let line = try Line(Peer(service).server)
    line.say(modern("tools/call", #""name":"wait""#))
    let before = ContinuousClock.now
    #expect(try await line.end().isEmpty)
    #expect(ContinuousClock.now - before < .seconds(10))
    #expect(service.ended.load(ordering: .relaxed) == 1)
  }

  @Test func aStopEndsIt() async throws {
    let line = try Line(Peer(PatientService()).server)
    line.say(modern("tools/call", #""name":"wait""#))
    let before = ContinuousClock.now
    await line.cancel()
    #expect(ContinuousClock.now - before < .seconds(10))
  }

  /// A megabyte fills the pipe many times over.
  @Test func largeAnswersAreWrittenWhole() async throws {
    let line = try Line(Peer().server, longest: 2_000_000, afterglow: .seconds(20))
    let text = String(repeating: "ü", count: 400_000)
    for number in 1...3 {
      line.say(
        modern("tools/call", #""name":"json_schema_2020_12_tool","arguments":{"name":"\#(text)"}"#, id: "\(number)"))
    }
    let heard = try await line.end()
    #expect(heard.count == 3)
    #expect(heard.allSatisfy { $0["result"]?["content"]?[0]?["text"]?.string?.contains(text) == true })
  }

  /// Its input has ended, so it is gone as far as anybody can tell.
  @Test func aClientThatNeverReadsIsGivenUp() async throws {
    let line = try Line(Peer().server, farewell: .milliseconds(200), isRead: false)
    line.say(legacy("initialize", #"{"protocolVersion":"2025-06-18","capabilities":{}}"#, id: "0"))
    for number in 1...100 { line.say(legacy("tools/list", id: "\(number)")) }
    line.say(legacy("initialize", #"{"protocolVersion":"2025-06-18","capabilities":{}}"#, id: "0"))
    let before = ContinuousClock.now
    _ = try await line.end()
    #expect(ContinuousClock.now - before < .seconds(10))
  }
}
