// How a client and the server get to know each other: the handshake of the legacy era, and discovery in the modern one.

internal import JSON

extension Server {
  /// How long clients may keep what they have discovered; a change of grants is announced before.
  private static let introductionMilliseconds = 3_600_000

  func discover(_ scope: RequestScope) -> Body {
    var body: JSONObject = [
      "supportedVersions": .array(ProtocolVersion.modern.map { .string($0.rawValue) }),
      "capabilities": .object(capabilities(scope)),
    ]
    let instructions = service.instructions(for: scope.caller)
    if !instructions.isEmpty { body["instructions"] = .string(instructions) }
    return Body(body, freshForMilliseconds: Self.introductionMilliseconds)
  }

  func initialize(_ scope: RequestScope) throws(ProtocolError) -> JSONObject {
    let requested = try scope.text("protocolVersion")
    // Never a modern version: those are not shaken hands on.
    let version = ProtocolVersion.legacy(requested) ?? .newestLegacy
    let capabilities = try scope.object("capabilities")
    scope.conversation?.agree(
      Conversation.Agreement(
        version: version, capabilities: capabilities, client: clientName(scope.parameters["clientInfo"])))
    var result: JSONObject = [
      "protocolVersion": .string(version.rawValue),
      "capabilities": .object(self.capabilities(scope, agreed: version)), "serverInfo": identity.json(version),
    ]
    let instructions = service.instructions(for: scope.caller)
    if !instructions.isEmpty { result["instructions"] = .string(instructions) }
    return result
  }

  /// Only what is true: without a session nothing can be announced to a legacy client.
  private func capabilities(_ scope: RequestScope, agreed: ProtocolVersion? = nil) -> JSONObject {
    let version = agreed ?? scope.version
    let isHeard = JSONValue.bool(version.isModern || scope.conversation != nil)
    var capabilities = JSONObject()
    if version.hasCompletionCapability { capabilities["completions"] = [:] }
    if isHeard == true { capabilities["logging"] = [:] }
    capabilities["prompts"] = ["listChanged": isHeard]
    capabilities["resources"] = ["subscribe": isHeard, "listChanged": isHeard]
    capabilities["tools"] = ["listChanged": isHeard]
    return capabilities
  }
}
