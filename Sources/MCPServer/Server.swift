// The protocol's server, whatever the transport: takes one message, answers it, and speaks meanwhile.

package import Cryptography
package import Governance
internal import JSON

/// Serves a `Service` in both eras at once. A value that any number of transports share.
///
/// A transport does, for each line or body:
///
///     switch server.open(bytes, headers: headers) {
///     case .refused(let reply): …                          // send it
///     case .opened(let message):
///       let conversation = …                               // see `OpenedMessage.era`
///       let reply = await server.handle(message, from: caller, in: conversation, over: channel)
///     }
///
/// Modern messages over HTTP have no conversation (nil). Legacy ones have that of their `Mcp-Session-Id`
/// (`sessions.find`), a handshake that of `sessions.open`, and one without a session id has nil again and is served
/// statelessly. On stdio, and on the HTTP+SSE pair of 2024-11-05, all messages of one client have the same conversation,
/// which the transport makes.
package struct Server: Sendable {
  let service: any Service
  let identity: ServerIdentity
  let seal: StateSeal
  let limits: ServerLimits
  /// What has changed since clients have looked.
  package let announcements: Announcements
  /// The legacy sessions of HTTP.
  package let sessions: Sessions

  package init(
    service: any Service, identity: ServerIdentity, key: SealingKey, announcements: Announcements = Announcements(),
    limits: ServerLimits = ServerLimits()
  ) {
    self.service = service
    self.identity = identity
    self.limits = limits
    self.announcements = announcements
    seal = StateSeal(key: key, lifetime: limits.stateLifetime)
    sessions = Sessions(limit: limits.sessions, idle: limits.sessionIdle)
  }

  /// Ends all streams and legacy sessions, for a graceful stop: listeners get their last answer, what runs in sessions is
  /// cancelled, and so is what goes on by itself.
  package func close() async {
    await announcements.close()
    await sessions.close()
    await service.close()
  }

  /// After a reload: who listens hears that lists may have changed. Sessions and streams of those who may not come any
  /// more end; what they run is still answered.
  package func regimeChanged(knows: @escaping @Sendable (Principal) -> Bool) async {
    await sessions.dismiss { !knows($0) }
    await announcements.dismiss { !knows($0) }
    for change in [Change.tools, .resources, .prompts] { await announcements.publish(change) }
  }

  /// Reads a message and decides its era. Pure and quick: errors found here carry the HTTP status they need.
  /// - Parameter headers: nil on transports without headers.
  package func open(_ bytes: [UInt8], headers: RoutingHeaders? = nil) -> Opening { Opening(bytes, headers: headers) }

  /// Answers one message. Returns when the answer is there; until then `channel.send` may be called any number of times,
  /// each time with one whole JSON-RPC message (progress, log, subscription events, and in legacy conversations requests
  /// to the client). Calls come from several tasks when the service has several that tell something.
  ///
  /// HTTP: commit to an event stream at the first `send`, or after 15 s without one; if this returns earlier, answer JSON
  /// with the reply's status. For modern requests, cancel the task that calls this when the client disconnects. For legacy
  /// ones do not: a disconnect is no cancellation there, and `notifications/cancelled` reaches the request by itself.
  ///
  /// `subscriptions/listen` sends its acknowledgement at once and returns only when its task is cancelled or the server
  /// closes (`announcements.close()`).
  package func handle(
    _ message: OpenedMessage, from caller: Caller, in conversation: Conversation?, over channel: Channel
  ) async -> Reply {
    let surroundings = Surroundings(
      caller: caller, conversation: conversation, version: message.versionWithoutSession, channel: channel)
    switch message.content {
    case .modern(let request, let claims): return await answer(request, claims, surroundings)
    case .legacy(let request): return await answer(request, nil, surroundings)
    case .notification(let notification):
      take(notification, conversation)
      return .accepted
    case .answer(let answer):
      guard let conversation else { return Self.refusal("the server has asked nothing") }
      conversation.settle(answer)
      return .accepted
    case .batch(let elements):
      guard let version = conversation?.version, version.hasBatches else {
        return Self.refusal("this version has no batches")
      }
      return await answer(elements, surroundings)
    }
  }

  /// Sends what concerns no request to a legacy client: list changes, and updates of resources it has subscribed to.
  /// For HTTP's GET stream, the SSE pair, and stdio. Returns when the task is cancelled, the conversation ends or the
  /// server closes.
  /// - Parameter caller: whose stream it is, so that it ends when that one may not come any more; nil on stdio.
  /// - Returns: false at once when another such stream is open (HTTP: 409).
  package func announce(in conversation: Conversation, over channel: Channel, for caller: Caller? = nil) async -> Bool {
    await conversation.stream { [announcements, limits] in
      let number = await announcements.join(limit: limits.streams, for: caller?.principal) { conversation.wants($0) }
      guard let number else { return }
      while let change = await announcements.next(for: number) {
        await channel.send(JSONValue.object(Outgoing.notification(change)).bytes())
      }
      await announcements.leave(number)
    }
  }
}

/// The way back to a client while a message is being answered.
package struct Channel: Sendable {
  /// Whether what is sent before the answer reaches the client: false where the answer will be a single JSON body.
  package var isOpen: Bool
  /// HTTP, for `traceparent` as a header; nil otherwise. `_meta` takes precedence.
  package var trace: String?
  /// Over stdio a cancelled request gets no answer; over HTTP the legacy era ends its stream with an error.
  package var answersCancelled: Bool
  /// Waits until the transport has taken the message: a slow client slows down what is being told.
  package var send: @Sendable (_ message: [UInt8]) async -> Void
  package init(
    isOpen: Bool = true, trace: String? = nil, answersCancelled: Bool,
    send: @escaping @Sendable (_ message: [UInt8]) async -> Void
  ) {
    self.isOpen = isOpen
    self.trace = trace
    self.answersCancelled = answersCancelled
    self.send = send
  }
}

/// Where a message came from.
struct Surroundings: Sendable {
  var caller: Caller
  var conversation: Conversation?
  /// For legacy messages without a session.
  var version: ProtocolVersion
  var channel: Channel
}

/// How the server introduces itself.
package struct ServerIdentity: Sendable, Equatable {
  package var name: String
  package var title: String
  package var version: String

  package init(name: String = "pgadvisor", title: String = "PostgreSQL Advisor", version: String) {
    self.name = name
    self.title = title
    self.version = version
  }
}

/// Every bound of this room's protocol part.
package struct ServerLimits: Sendable {
  /// Requests of one conversation that run at the same time.
  package var running = 1_024
  package var sessions = 10_000
  package var sessionIdle = Duration.seconds(1_800)
  /// Streams of `subscriptions/listen` and of legacy conversations together.
  package var streams = 4_096
  package var subscribedResources = 100
  /// How long what a client carries back and forth stays valid.
  package var stateLifetime = Duration.seconds(600)
  /// One question to a legacy client, and how often one call may ask.
  package var questionPatience = Duration.seconds(600)
  package var rounds = 8
  /// Of resources, templates and prompts in one answer.
  package var page = 1_000

  package init() {}
}
