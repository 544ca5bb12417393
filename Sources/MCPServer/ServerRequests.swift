// From a request to its answer: what runs, what is cancelled, which method does it.

internal import Governance
internal import JSON

extension Server {
  static func refusal(_ reason: String) -> Reply {
    Reply(ProtocolError(.invalidRequest, "Invalid request: \(reason)").response(to: nil), status: 400)
  }

  /// - Parameter claims: nil in the legacy era.
  func answer(_ request: ClientRequest, _ claims: RequestClaims?, _ around: Surroundings) async -> Reply {
    let isModern = claims != nil
    guard let conversation = around.conversation else {
      let reply = await respond(request, claims, around)
      return Task.isCancelled ? .dropped : reply
    }
    switch await conversation.run(request.id, limit: limits.running, { await respond(request, claims, around) }) {
    case .finished(let reply): return reply
    case .refused(let error): return Self.reply(error, to: request.id, isModern: isModern)
    case .cancelled:
      guard !isModern, around.channel.answersCancelled else { return .dropped }
      return Self.reply(ProtocolError(.cancelled, "Request cancelled"), to: request.id, isModern: false)
    }
  }

  /// Legacy errors travel under 200: there a 404 means that the session is gone.
  private static func reply(_ error: ProtocolError, to id: RequestID, isModern: Bool) -> Reply {
    Reply(error.response(to: id), status: isModern ? error.status : 200)
  }

  private func respond(_ request: ClientRequest, _ claims: RequestClaims?, _ around: Surroundings) async -> Reply {
    do throws(ProtocolError) {
      let scope = try RequestScope(
        request, claims, from: around.caller, in: around.conversation, withoutSession: around.version,
        over: around.channel)
      return try await result(scope).reply(to: request.id)
    } catch {
      return Self.reply(error, to: request.id, isModern: claims != nil)
    }
  }

  /// Whatever becomes of the request, nothing is said about it afterwards.
  private func result(_ scope: RequestScope) async throws(ProtocolError) -> Answered {
    let outcome = await withTaskCancellationHandler { () async -> Result<Answered, ProtocolError> in
      do throws(ProtocolError) { return .success(try await dispatch(scope)) } catch { return .failure(error) }
    } onCancel: {
      scope.outlet.close()
    }
    scope.outlet.close()
    return try outcome.get()
  }

  func take(_ notification: ClientNotification, _ conversation: Conversation?) {
    // The others (initialized, progress, roots/list_changed) change nothing here.
    guard notification.method == "notifications/cancelled", let conversation,
      let id = RequestID(notification.parameters["requestId"])
    else { return }
    conversation.cancel(id)
  }

  /// Requests run side by side; the answers stand in the order of the requests.
  func answer(_ batch: [Result<Incoming, Malformed>], _ around: Surroundings) async -> Reply {
    let answers = await withTaskGroup(of: (Int, Segments?).self) { group in
      for (place, element) in batch.enumerated() {
        switch element {
        case .success(.notification(let notification)): take(notification, around.conversation)
        case .success(.answer(let answer)): around.conversation?.settle(answer)
        case .success(.request(let request)):
          group.addTask { (place, Self.segments(await answerInBatch(request, around))) }
        case .failure(let malformed):
          group.addTask { (place, Self.segments(Reply(malformed.error.response(to: malformed.id)))) }
        }
      }
      return await group.reduce(into: [Int: Segments]()) { all, next in all[next.0] = next.1 }
    }
    guard !answers.isEmpty else { return .accepted }
    var all = Segments()
    for (place, answer) in answers.sorted(by: { $0.key < $1.key }).map(\.value).enumerated() {
      all.append([UInt8(ascii: place == 0 ? "[" : ",")])
      all.append(answer)
    }
    all.append([UInt8(ascii: "]")])
    return all.reply
  }

  private func answerInBatch(_ request: ClientRequest, _ around: Surroundings) async -> Reply {
    guard request.method != "initialize", request.meta?[MetaKey.protocolVersion] == nil else {
      let error = ProtocolError(.invalidRequest, "Invalid request: this cannot stand in a batch")
      return Self.reply(error, to: request.id, isModern: false)
    }
    return await answer(request, nil, around)
  }

  private static func segments(_ reply: Reply) -> Segments? {
    switch reply {
    case .answer(let bytes, _): Segments([.bytes(bytes)])
    case .large(let segments, _): segments
    case .accepted, .dropped: nil
    }
  }
}

// MARK: - Methods

extension Server {
  private func dispatch(_ scope: RequestScope) async throws(ProtocolError) -> Answered {
    if !scope.version.isModern, let result = try legacyResult(scope) { return Answered(result) }
    let body: Body
    switch scope.request.method {
    case "tools/list": body = try tools(scope)
    case "tools/call": return try await callTool(scope)
    case "resources/list": body = try await resources(scope)
    case "resources/templates/list": body = try templates(scope)
    case "resources/read": body = try await readResource(scope)
    case "prompts/list": body = try prompts(scope)
    case "prompts/get": return Answered(try await getPrompt(scope))
    case "completion/complete": body = try await complete(scope)
    case "server/discover" where scope.version.isModern: body = discover(scope)
    case "subscriptions/listen" where scope.version.isModern: return Answered(try await listen(scope))
    default: throw .methodNotFound(scope.request.method)
    }
    return Answered(identity.complete(body, scope.version))
  }

  /// Methods that both eras have.
  private static let common: Set<String> = [
    "tools/list", "tools/call", "resources/list", "resources/templates/list", "resources/read", "prompts/list",
    "prompts/get", "completion/complete",
  ]
  private static let legacyInSession: Set<String> = [
    "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
  ]

  /// What only the legacy era has, and what it refuses; nil: a method of both eras.
  private func legacyResult(_ scope: RequestScope) throws(ProtocolError) -> JSONObject? {
    let method = scope.request.method
    switch method {
    case "initialize": return try initialize(scope)
    case "ping": return [:]
    case _ where !Self.common.contains(method) && !Self.legacyInSession.contains(method):
      throw .methodNotFound(method)
    default: break
    }
    guard let conversation = scope.conversation else {
      // Without a session there is nothing to subscribe with.
      guard Self.common.contains(method) else { throw .methodNotFound(method) }
      return nil
    }
    guard conversation.version != nil else {
      throw .invalidParameters("Received \(method) before the session was initialized")
    }
    switch method {
    case "logging/setLevel":
      guard let level = scope.parameters["level"]?.string.flatMap(LogLevel.init) else {
        throw .invalidParameters("level must be one of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      conversation.logLevel = level
      return [:]
    case "resources/subscribe":
      let uri = try scope.text("uri")
      guard service.mayHear(of: uri, scope.caller) else {
        throw ProtocolError(.resourceNotFound, "Unknown resource: \(uri.prefix(200))", data: ["uri": .string(uri)])
      }
      guard conversation.subscribe(to: uri, limit: limits.subscribedResources) else {
        throw .invalidParameters("At most \(limits.subscribedResources) resources can be subscribed to")
      }
      return [:]
    case "resources/unsubscribe":
      conversation.unsubscribe(from: try scope.text("uri"))
      return [:]
    default: return nil
    }
  }
}
