// One request with everything that its answer depends on.

internal import Governance
internal import JSON

struct RequestScope: Sendable {
  let request: ClientRequest
  let caller: Caller
  let version: ProtocolVersion
  /// Name and version of the client.
  let client: String?
  let capabilities: JSONObject
  /// Nil: modern over HTTP, and legacy without a session.
  let conversation: Conversation?
  let outlet: Outlet
  let trace: String?

  /// - Parameter claims: nil in the legacy era.
  init(
    _ request: ClientRequest, _ claims: RequestClaims?, from caller: Caller, in conversation: Conversation?,
    withoutSession version: ProtocolVersion, over channel: Channel
  ) throws(ProtocolError) {
    let agreement = claims == nil ? conversation?.agreement : nil
    self.request = request
    self.caller = caller
    self.version = claims == nil ? agreement?.version ?? version : .july2026
    client = claims == nil ? agreement?.client : claims?.client
    capabilities = claims?.capabilities ?? agreement?.capabilities ?? [:]
    self.conversation = conversation
    let level = claims?.logLevel
    outlet = Outlet(
      channel, token: try progressToken(request.meta), version: self.version,
      leastLevel: { claims == nil ? conversation?.logLevel : level })
    trace = wellFormedTrace(request.meta?["traceparent"]?.string) ?? wellFormedTrace(channel.trace)
  }

  /// What the service sees of it.
  func context(answers: [String: JSONValue] = [:], state: JSONValue? = nil) -> CallContext {
    CallContext(
      caller: caller, callID: unguessableName(digits: 16), client: client, protocolVersion: version.rawValue,
      capabilities: capabilities, session: version.isModern ? nil : conversation?.id, trace: trace, answers: answers,
      state: state, notify: { [outlet] notice in await outlet.tell(notice) }, wantsProgress: outlet.wantsProgress)
  }

  var parameters: JSONObject { request.parameters }

  /// A parameter that must be a text.
  func text(_ name: String) throws(ProtocolError) -> String {
    guard let text = parameters[name]?.string else { throw .invalidParameters("\(name) must be a string") }
    return text
  }

  /// A parameter that must be an object where it is given.
  func object(_ name: String) throws(ProtocolError) -> JSONObject {
    guard let value = parameters[name] else { return [:] }
    guard let object = value.object else { throw .invalidParameters("\(name) must be an object") }
    return object
  }
}
