// The protocol over standard input and output: one message a line, requests side by side, one writer.

package import Governance
internal import Synchronization

/// Serves one process's client until its input ends.
package struct StdioTransport: Sendable {
  private let server: Server
  private let caller: @Sendable () -> Caller
  private let input: Int32
  private let output: Int32
  private let longest: Int
  /// How long calls that were cancelled at the end of the input are waited for: their records are being kept.
  private let farewell: Duration

  /// - Parameters:
  ///   - caller: asked for each message, since a reload may change what the local agent may do.
  ///   - longest: of a line, in bytes.
  package init(
    server: Server, caller: @escaping @Sendable () -> Caller, input: Int32 = 0, output: Int32 = 1,
    longest: Int = 10 * 1_024 * 1_024, farewell: Duration = .seconds(2)
  ) {
    self.server = server
    self.caller = caller
    self.input = input
    self.output = output
    self.longest = longest
    self.farewell = farewell
  }

  /// Returns soon after the input has ended, the output has lost its reader, or the task is cancelled. What still ran is
  /// cancelled then; at the end of the input quick calls are let finish, for the sake of those who pipe a few lines in.
  package func run() async {
    let conversation = Conversation()
    let reader = LineReader(descriptor: input, longest: longest)
    let writer = LineWriter(descriptor: output)
    let channel = Channel(answersCancelled: false) { message in
      await writer.write(message)
      if await writer.isBroken { reader.stop() }
    }
    let announcing = Task { _ = await server.announce(in: conversation, over: channel) }
    let open = OpenCalls()
    await withTaskCancellationHandler {
      for await line in reader.lines() {
        await take(line, conversation, channel, open)
        reader.took(line)
      }
      await open.wait(atMost: Self.afterglow)
    } onCancel: {
      reader.stop()
      conversation.end()
    }
    announcing.cancel()
    conversation.end()
    await open.wait(atMost: farewell)
  }

  private static let afterglow = Duration.milliseconds(250)

  /// Requests go into tasks of their own. What changes the conversation is done in its place among the lines.
  private func take(_ line: ReadLine, _ conversation: Conversation, _ channel: Channel, _ open: OpenCalls) async {
    guard case .line(let bytes) = line else {
      let error = ProtocolError(.parse, "Parse error: a message is at most \(longest) bytes long")
      return await answer(Reply(error.response(to: nil)), channel)
    }
    switch server.open(bytes) {
    case .refused(let reply): await answer(reply, channel)
    case .opened(let message):
      let caller = caller()
      guard message.isRequest, message.era != .handshake else {
        return await answer(await server.handle(message, from: caller, in: conversation, over: channel), channel)
      }
      conversation.expect(message)
      open.begin()
      Task {
        await answer(await server.handle(message, from: caller, in: conversation, over: channel), channel)
        open.end()
      }
    }
  }

  private func answer(_ reply: Reply, _ channel: Channel) async {
    if case .answer(let bytes, _) = reply { await channel.send(bytes) }
  }
}

/// How many calls have not been answered yet.
private final class OpenCalls: Sendable {
  private struct State {
    var count = 0
    var waiting: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func begin() { state.withLock { $0.count += 1 } }

  func end() {
    let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.count -= 1
      return state.count == 0 ? state.waiting.take() : nil
    }
    waiting?.resume()
  }

  /// Until there are none, or for this long.
  func wait(atMost patience: Duration) async {
    let clock = Task {
      do { try await Task.sleep(for: patience) } catch { return }
      state.withLock { $0.waiting.take() }?.resume()
    }
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        guard state.count > 0 else { return true }
        state.waiting = continuation
        return false
      }
      if isDone { continuation.resume() }
    }
    clock.cancel()
  }
}
