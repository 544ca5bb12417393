// One POST to /mcp: which conversation it belongs to, and whether its answer is one body or a stream.

import Governance
import HTTPServer
import JSON

extension HTTPTransport {
  func post(_ request: Request, from caller: Caller) async -> Answer {
    let headers = RoutingHeaders(
      version: request.values(of: "MCP-Protocol-Version"), method: request.values(of: "Mcp-Method"),
      name: request.values(of: "Mcp-Name"))
    switch server.open(request.body, headers: headers) {
    case .refused(let reply): return Self.answer(reply)
    case .opened(let message):
      switch message.era {
      case .modern: return await modern(message, request, caller)
      case .handshake: return await handshake(message, request, caller)
      case .legacy: return await legacy(message, request, caller)
      }
    }
  }

  static func answer(_ reply: Reply, _ more: [Header] = []) -> Answer {
    switch reply {
    case .accepted: .empty(202, more)
    case .answer(let bytes, let status): .json(bytes, status: status, more)
    case .large(let segments, let status): .json(segments, status: status, more)
    // Its client is gone.
    case .dropped: .empty(202, more)
    }
  }

  private static let modernVersion = Header("MCP-Protocol-Version", ProtocolVersion.july2026.rawValue)

  private func modern(_ message: OpenedMessage, _ request: Request, _ caller: Caller) async -> Answer {
    guard message.isRequest else {
      return Self.answer(await server.handle(message, from: caller, in: nil, over: Self.mute))
    }
    let acceptance = Acceptance(request.values(of: "Accept"))
    if message.method == "subscriptions/listen", !acceptance.takesEvents {
      return .whole(.text("Not acceptable: subscriptions/listen answers text/event-stream", status: 406))
    }
    let late = LateStream { EventLog() }
    // Whoever takes nothing else has a stream, however quick the answer is.
    if acceptance.takesEvents, !acceptance.takesJSON { late.commit() }
    let channel = Channel(
      isOpen: acceptance.takesEvents, trace: request.values(of: "traceparent").first, answersCancelled: true
    ) { await late.send($0) }
    let work = Task {
      late.finish(await server.handle(message, from: caller, in: nil, over: channel))
    }
    return await follow(late, acceptance, [Self.modernVersion]) { work.cancel() }
  }

  /// For what is owed no answer.
  static let mute = Channel(isOpen: false, answersCancelled: true) { _ in }

  /// Waits until it is known what the answer is.
  /// - Parameter onLeave: what to do when the client goes away before the answer has ended.
  private func follow(
    _ late: LateStream, _ acceptance: Acceptance, _ headers: [Header], primed: Bool = false,
    onLeave: @escaping @Sendable () -> Void
  ) async -> Answer {
    let beat = acceptance.takesEvents ? pulse.add(every: limits.silence) { late.commit() } : nil
    let decision = await withTaskCancellationHandler {
      await late.decision()
    } onCancel: {
      onLeave()
    }
    if let beat { pulse.remove(beat) }
    switch decision {
    case .whole(let reply): return Self.answer(reply, headers)
    case .stream(let log): return .events(stream(log, primed: primed, onLeave: onLeave), headers)
    }
  }

  /// A log as the pieces of an answer, with comments while it is silent.
  func stream(
    _ log: EventLog, after number: Int = 0, primed: Bool = false, onLeave: @escaping @Sendable () -> Void = {}
  ) -> AsyncStream<[UInt8]> {
    guard let reader = log.attach(after: number) else { return AsyncStream { $0.finish() } }
    let silence = limits.silence
    let beat = pulse.add(every: silence) { log.ping(ifSilentFor: silence) }
    let pulse = pulse
    return Reading(log, as: reader, first: primed ? log.priming(after: number) : nil) {
      pulse.remove(beat)
      if !log.isFinished { onLeave() }
    }.pieces
  }
}

// MARK: - The legacy era

extension HTTPTransport {
  private func handshake(_ message: OpenedMessage, _ request: Request, _ caller: Caller) async -> Answer {
    guard let conversation = await server.sessions.open(for: caller) else {
      return .whole(.refusal("Too many sessions", status: 503))
    }
    let reply = await server.handle(message, from: caller, in: conversation, over: Self.mute)
    guard conversation.version != nil else {
      _ = await server.sessions.end(conversation.id, for: caller)
      return Self.answer(reply)
    }
    return Self.answer(reply, [Header("Mcp-Session-Id", conversation.id)])
  }

  /// Nil: the request names no session. `.some(nil)`: it names one that is not the caller's.
  private func session(of request: Request, _ caller: Caller) async -> Conversation?? {
    let ids = request.values(of: "Mcp-Session-Id")
    guard let id = ids.first else { return nil }
    guard ids.count == 1 else { return .some(nil) }
    return .some(await server.sessions.find(id, for: caller))
  }

  private static let lostSession = Answer.whole(.refusal("Session not found", status: 404))

  private func legacy(_ message: OpenedMessage, _ request: Request, _ caller: Caller) async -> Answer {
    let session = await session(of: request, caller)
    if case .some(nil) = session { return Self.lostSession }
    let conversation = session ?? nil
    guard message.isRequest else {
      return Self.answer(await server.handle(message, from: caller, in: conversation, over: Self.mute))
    }
    let acceptance = Acceptance(request.values(of: "Accept"))
    let late = LateStream { [budget, limits] in
      conversation?.streams.open(budget, frames: limits.keptFrames) ?? EventLog()
    }
    // Whoever takes nothing else has a stream, however quick the answer is.
    if acceptance.takesEvents, !acceptance.takesJSON { late.commit() }
    let channel = Channel(
      isOpen: acceptance.takesEvents, trace: request.values(of: "traceparent").first, answersCancelled: true
    ) { await late.send($0) }
    // A client that goes away has cancelled nothing: it may come back for the answer.
    let work = Task {
      late.finish(await server.handle(message, from: caller, in: conversation, over: channel))
    }
    let isPrimed = conversation?.version?.hasPrimedStreams ?? false
    return await follow(late, acceptance, [], primed: isPrimed) { if conversation == nil { work.cancel() } }
  }

  /// The stream of what concerns no request, or a stream that was lost.
  func get(_ request: Request, from caller: Caller) async -> Answer {
    guard let session = await session(of: request, caller) else { return Self.onlyPosts }
    guard let conversation = session else { return Self.lostSession }
    guard Acceptance(request.values(of: "Accept")).takesEvents else {
      return .whole(.text("Not acceptable: the answer is text/event-stream", status: 406))
    }
    let isPrimed = conversation.version?.hasPrimedStreams ?? false
    if let text = request.values(of: "Last-Event-ID").first, !text.isEmpty {
      guard let id = EventID(text), let log = conversation.streams.log(id.stream), log.keeps(after: id.number) else {
        return .whole(.refusal("Unknown Last-Event-ID, or what came after it is not kept any more", status: 400))
      }
      return .events(stream(log, after: id.number, primed: isPrimed))
    }
    let (server, limits) = (server, limits)
    let log = conversation.streams.announcements(budget, frames: limits.keptFrames) { log in
      let channel = Channel(answersCancelled: true) { await log.append($0) }
      _ = await server.announce(in: conversation, over: channel, for: caller)
    }
    guard !log.hasReader else { return .whole(.refusal("This session has a stream already", status: 409)) }
    return .events(stream(log, after: log.lastNumber, primed: isPrimed))
  }

  private static let onlyPosts = Answer.whole(.text("Method not allowed\n", status: 405, [Header("Allow", "POST")]))

  func delete(_ request: Request, from caller: Caller) async -> Answer {
    guard let session = await session(of: request, caller) else { return Self.onlyPosts }
    guard let conversation = session else { return Self.lostSession }
    _ = await server.sessions.end(conversation.id, for: caller)
    return .empty(200)
  }
}
