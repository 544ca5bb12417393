// The HTTP+SSE pair of 2024-11-05: a stream that carries all answers, and an address to post messages to.
// https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse

import Governance
import HTTPServer
import JSON

extension HTTPTransport {
  func openPair(_ request: Request, from caller: Caller) async -> Answer {
    guard Acceptance(request.values(of: "Accept")).takesEvents else {
      return .whole(.text("Not acceptable: the answer is text/event-stream", status: 406))
    }
    guard let conversation = await pairs.open(for: caller) else {
      return .whole(.refusal("Too many sessions", status: 503))
    }
    let (server, pairs, pulse, silence) = (server, pairs, pulse, limits.silence)
    let log = conversation.streams.announcements(budget, frames: 0) { log in
      let channel = Channel(answersCancelled: false) { await log.append($0) }
      _ = await server.announce(in: conversation, over: channel, for: caller)
    }
    guard let reader = log.attach() else { return .empty(500) }
    let beat = pulse.add(every: silence) { log.ping(ifSilentFor: silence) }
    let address = "event: endpoint\r\ndata: \(Self.pairMessages)/?session_id=\(conversation.id)\r\n\r\n"
    let reading = Reading(log, as: reader, first: Array(address.utf8)) {
      pulse.remove(beat)
      // The conversation is this stream.
      Task { _ = await pairs.end(conversation.id, for: caller) }
    }
    return .events(reading.pieces)
  }

  func postToPair(_ request: Request, from caller: Caller) async -> Answer {
    guard let id = request.queryValue("session_id") else {
      return .whole(.refusal("session_id is missing in the query", status: 400))
    }
    guard let conversation = await pairs.find(id, for: caller), let log = conversation.streams.log(0) else {
      return .whole(.refusal("Session not found", status: 404))
    }
    switch server.open(request.body) {
    case .refused(let reply): return Self.answer(reply)
    case .opened(let message):
      conversation.expect(message)
      let channel = Channel(answersCancelled: false) { await log.append($0) }
      let server = server
      let work = Task {
        let reply = await server.handle(message, from: caller, in: conversation, over: channel)
        switch reply {
        case .answer(let bytes, _): await log.append(bytes)
        case .large(let segments, _): await log.append(segments)
        case .accepted, .dropped: break
        }
      }
      // What changes the conversation is done before the next message is taken.
      if !message.isRequest || message.era == .handshake { await work.value }
      return .whole(.text("Accepted", status: 202))
    }
  }
}
