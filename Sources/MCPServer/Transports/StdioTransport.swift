// The protocol over standard input and output: one message a line, requests side by side, one writer.

package import Governance
internal import Synchronization

/// Serves one process's client until its input ends.
package struct StdioTransport: Sendable {
  private let server: Server
  private let caller: @Sendable () -> Caller?
  private let input: Int32
  private let output: Int32
  private let longest: Int
  /// How long calls that were cancelled at the end of the input are waited for: their records are being kept.
  private let farewell: Duration
  /// How long calls may still run, uncancelled, when the input has ended: for those who pipe a few lines in.
  private let afterglow: Duration

  /// - Parameters:
  ///   - caller: asked for each message, since a reload may change what the local agent may do; nil: there is none any
  ///     more, and requests are refused.
  ///   - longest: of a line, in bytes.
  package init(
    server: Server, caller: @escaping @Sendable () -> Caller?, input: Int32 = 0, output: Int32 = 1,
    longest: Int = 10 * 1_024 * 1_024, farewell: Duration = .seconds(2),
    afterglow: Duration = .milliseconds(750)
  ) {
    self.server = server
    self.caller = caller
    self.input = input
    self.output = output
    self.longest = longest
    self.farewell = farewell
    self.afterglow = afterglow
  }

  /// Returns soon after the input has ended, the output has lost its reader, or the task is cancelled. What still runs is
  /// cancelled then.
  package func run() async {
    let conversation = Conversation()
    let reader = LineReader(descriptor: input, longest: longest)
    let writer = LineWriter(descriptor: output, patience: farewell) { !reader.hasEnded }
    let out = Output(writer: writer, reader: reader)
    let announcing = Task { _ = await server.announce(in: conversation, over: out.channel) }
    let open = OpenCalls()
    await withTaskCancellationHandler {
      for await line in reader.lines() {
        await take(line, conversation, out, open)
        reader.took(line)
      }
      await open.wait(below: 1, atMost: afterglow)
    } onCancel: {
      reader.stop()
      conversation.end()
    }
    announcing.cancel()
    conversation.end()
    await open.wait(below: 1, atMost: farewell)
  }

  private static let manyCalls = 256

  private func refuse(_ message: OpenedMessage, _ output: Output) async {
    let error = ProtocolError(
      .invalidRequest, "Invalid request: there is no local agent any more, or its access has ended")
    for id in message.requestIDs { await output.answer(Reply(error.response(to: id))) }
  }

  /// Requests go into tasks of their own. What changes the conversation is done in its place among the lines.
  private func take(_ line: ReadLine, _ conversation: Conversation, _ output: Output, _ open: OpenCalls) async {
    guard case .line(let bytes) = line else {
      let error = ProtocolError(.parse, "Parse error: a message is at most \(longest) bytes long")
      return await output.answer(Reply(error.response(to: nil)))
    }
    switch server.open(bytes) {
    case .refused(let reply): await output.answer(reply)
    case .opened(let message):
      guard let caller = caller() else { return await refuse(message, output) }
      guard message.isRequest, message.era != .handshake else {
        return await output.answer(
          await server.handle(message, from: caller, in: conversation, over: output.channel))
      }
      conversation.expect(message)
      // Quick calls are taken as fast as they are answered. Slow ones must not keep the line of their cancellation out.
      await open.wait(below: Self.manyCalls, atMost: .milliseconds(20))
      open.begin()
      // Up to its first wait it runs here.
      Task.immediate {
        await output.answer(await server.handle(message, from: caller, in: conversation, over: output.channel))
        open.end()
      }
    }
  }
}

/// The way out: one writer, and the reader that stops when nobody reads what is written.
private struct Output: Sendable {
  let writer: LineWriter
  let reader: LineReader

  var channel: Channel { Channel(answersCancelled: false) { await write(Segments([.bytes($0)])) } }

  func answer(_ reply: Reply) async {
    switch reply {
    case .answer(let bytes, _): await write(Segments([.bytes(bytes)]))
    case .large(let segments, _): await write(segments)
    case .accepted, .dropped: break
    }
  }

  private func write(_ message: Segments) async {
    await writer.write(message)
    if await writer.isBroken { reader.stop() }
  }
}

/// How many calls have not been answered yet. One task waits at a time.
private final class OpenCalls: Sendable {
  private struct State {
    var count = 0
    var waiting: (below: Int, continuation: CheckedContinuation<Void, Never>)?
  }

  private let state = Mutex(State())

  func begin() { state.withLock { $0.count += 1 } }

  func end() {
    let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.count -= 1
      guard let waiting = state.waiting, state.count < waiting.below else { return nil }
      state.waiting = nil
      return waiting.continuation
    }
    waiting?.resume()
  }

  /// Until there are fewer than this, or for this long.
  func wait(below limit: Int, atMost patience: Duration) async {
    guard state.withLock({ $0.count >= limit }) else { return }
    let clock = Task {
      do { try await sleepShortly(for: patience) } catch { return }
      giveUp()
    }
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        guard state.count >= limit else { return true }
        state.waiting = (limit, continuation)
        return false
      }
      if isDone { continuation.resume() }
    }
    clock.cancel()
  }

  private func giveUp() {
    let waiting = state.withLock { state in
      defer { state.waiting = nil }
      return state.waiting?.continuation
    }
    waiting?.resume()
  }
}
