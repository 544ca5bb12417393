// What the server sends: answers, notifications, and in the legacy era requests of its own.

internal import JSON

/// One message, ready to be written.
enum Outgoing {
  static func result(_ result: JSONObject, to id: RequestID) -> JSONObject {
    ["jsonrpc": "2.0", "id": id.json, "result": .object(result)]
  }

  static func notification(_ method: String, _ parameters: JSONObject? = nil) -> JSONObject {
    var message: JSONObject = ["jsonrpc": "2.0", "method": .string(method)]
    if let parameters { message["params"] = .object(parameters) }
    return message
  }

  static func request(_ number: Int64, _ method: String, _ parameters: JSONObject) -> JSONObject {
    ["jsonrpc": "2.0", "id": .integer(number), "method": .string(method), "params": .object(parameters)]
  }

  /// What clients are told of a change. Modern ones read in `_meta` which subscription it belongs to.
  static func notification(_ change: Change, subscription: RequestID? = nil) -> JSONObject {
    var parameters = JSONObject()
    if let subscription { parameters["_meta"] = [MetaKey.subscriptionID: subscription.json] }
    switch change {
    case .tools: return notification("notifications/tools/list_changed", subscription == nil ? nil : parameters)
    case .prompts: return notification("notifications/prompts/list_changed", subscription == nil ? nil : parameters)
    case .resources: return notification("notifications/resources/list_changed", subscription == nil ? nil : parameters)
    case .resource(let uri):
      parameters["uri"] = .string(uri)
      return notification("notifications/resources/updated", parameters)
    }
  }
}

/// How long a client may keep a result, and whether it may share it.
struct Freshness: Sendable, Equatable {
  var milliseconds: Int
  /// What depends on the caller or is read from a database is nobody else's.
  static let scope = "private"
}

/// A finished result before its version is known to it.
struct Body: Sendable {
  var members: JSONObject
  /// For results that the modern era wants it of, and for no others.
  var freshness: Freshness?

  init(_ members: JSONObject, freshForMilliseconds milliseconds: Int? = nil) {
    self.members = members
    freshness = milliseconds.map { Freshness(milliseconds: max(0, $0)) }
  }
}

extension ServerIdentity {
  /// The `Implementation` of this version.
  func json(_ version: ProtocolVersion) -> JSONValue {
    version.hasStructure
      ? ["name": .string(name), "title": .string(title), "version": .string(self.version)]
      : ["name": .string(name), "version": .string(self.version)]
  }

  /// A result with what each modern one says beside its content.
  func complete(_ body: Body, _ version: ProtocolVersion) -> JSONObject {
    guard version.isModern else { return body.members }
    var result = body.members
    result["resultType"] = "complete"
    if let freshness = body.freshness {
      result["ttlMs"] = .integer(Int64(freshness.milliseconds))
      result["cacheScope"] = .string(Freshness.scope)
    }
    result["_meta"] = meta(version)
    return result
  }

  func meta(_ version: ProtocolVersion) -> JSONValue { [MetaKey.serverInfo: json(version)] }
}
