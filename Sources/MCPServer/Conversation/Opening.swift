// Which era a message belongs to, decided for each message by itself, before anything is done about it.

internal import JSON

/// What to say to one message.
package enum Reply: Sendable, Equatable {
  /// A notification, or the client's answer to a question: HTTP says 202 with an empty body, stdio says nothing.
  case accepted
  /// The answer (or the array of answers to a batch). The status is HTTP's as long as it has sent none; once an event
  /// stream has begun, the answer is its last event.
  case answer([UInt8], status: Int)
  /// The same, too large to be held: sent piece by piece.
  case large(Segments, status: Int)
  /// The request was cancelled: nothing more may be sent for it.
  case dropped

  init(_ response: JSONObject, status: Int = 200) {
    self = .answer(JSONValue.object(response).bytes(), status: status)
  }
}

/// A message after `Server.open`.
package enum Opening: Sendable {
  /// Not to be dispatched: answer with this.
  case refused(Reply)
  case opened(OpenedMessage)
}

/// A message that has its place in an era, and whose envelope, `_meta` and routing headers are in order.
package struct OpenedMessage: Sendable {
  package enum Era: Sendable {
    /// Stands for itself. `Mcp-Session-Id` and `Last-Event-ID` mean nothing.
    case modern
    /// The legacy handshake: over HTTP it begins a new session.
    case handshake
    /// Belongs to the session of its `Mcp-Session-Id`, or to the stdio process.
    case legacy
  }

  package var era: Era
  /// Whether it is owed an answer. What is not is answered with `.accepted` at once.
  package var isRequest: Bool
  /// For legacy messages over HTTP without a session: the version to serve them in.
  package var versionWithoutSession: ProtocolVersion
  var content: Content

  enum Content: Sendable {
    case modern(ClientRequest, RequestClaims)
    case legacy(ClientRequest)
    case notification(ClientNotification)
    case answer(ClientAnswer)
    case batch([Result<Incoming, Malformed>])
  }

  var requestIDs: [RequestID] {
    switch content {
    case .modern(let request, _), .legacy(let request): [request.id]
    case .notification, .answer: []
    case .batch(let elements):
      elements.compactMap { element in if case .success(.request(let request)) = element { request.id } else { nil } }
    }
  }

  /// For logs and metrics: the method, `batch`, or `answer`. Foreign text.
  package var method: String {
    switch content {
    case .modern(let request, _), .legacy(let request): request.method
    case .notification(let notification): notification.method
    case .answer: "answer"
    case .batch: "batch"
    }
  }
}

extension Opening {
  /// Pure. The checks stand in the order that makes the answers those of the official SDKs.
  /// - Parameter headers: nil on transports without them.
  init(_ bytes: [UInt8], headers: RoutingHeaders?) {
    do throws(Malformed) {
      self = .opened(try OpenedMessage(try Document(bytes), headers))
    } catch {
      // Legacy sessions get errors under 200, but a message refused here has not got as far as a session.
      self = .refused(Reply(error.error.response(to: error.id), status: error.error.status))
    }
  }
}

extension OpenedMessage {
  fileprivate init(_ document: Document, _ headers: RoutingHeaders?) throws(Malformed) {
    let header = headers?.onlyVersion
    let isModernHeader = header.map { ProtocolVersion.legacy($0) == nil } ?? false
    versionWithoutSession = header.flatMap(ProtocolVersion.legacy) ?? .withoutHeader
    switch document {
    case .batch(let elements):
      guard !isModernHeader else { throw Self.invalid("this version has no batches") }
      era = .legacy
      isRequest = true
      content = .batch(elements)
    case .single(.answer(let answer)):
      guard !isModernHeader else { throw Self.invalid("the server has asked nothing") }
      era = .legacy
      isRequest = false
      content = .answer(answer)
    case .single(.notification(let notification)):
      let claims = notification.parameters["_meta"]?.object?[MetaKey.protocolVersion] != nil
      era = claims || isModernHeader ? .modern : .legacy
      isRequest = false
      content = .notification(notification)
    case .single(.request(let request)):
      isRequest = true
      do throws(ProtocolError) {
        (era, content) = try Self.place(request, headers)
      } catch {
        throw Malformed(error: error, id: request.id)
      }
    }
  }

  private static func invalid(_ reason: String) -> Malformed {
    Malformed(error: ProtocolError(.invalidRequest, "Invalid request: \(reason)"), id: nil)
  }

  private static func place(
    _ request: ClientRequest, _ headers: RoutingHeaders?
  ) throws(ProtocolError) -> (Era, Content) {
    let meta = request.meta
    if meta?[MetaKey.protocolVersion] != nil { return (.modern, try modern(request, headers)) }
    try headers?.refuseDuplicates()
    let header = headers?.onlyVersion
    let version = header.flatMap(ProtocolVersion.init)
    if request.method == "initialize" {
      // A modern client does not shake hands; clients that try both send this one without the header.
      if version?.isModern == true { throw .methodNotFound(request.method) }
      return (.handshake, .legacy(request))
    }
    if let header, version?.isModern != false {
      guard version != nil else { throw .unsupportedVersion(header) }
      // Says modern in the header and nothing in the body: the body's reader knows what is missing.
      return (.modern, .modern(request, try RequestClaims(meta)))
    }
    return (.legacy, .legacy(request))
  }

  private static func modern(_ request: ClientRequest, _ headers: RoutingHeaders?) throws(ProtocolError) -> Content {
    try headers?.refuseDuplicates()
    let claims = try RequestClaims(request.meta)
    try headers?.check(request, version: claims.version)
    guard let version = ProtocolVersion(rawValue: claims.version), version.isModern else {
      throw .unsupportedVersion(claims.version)
    }
    return .modern(request, claims)
  }
}
