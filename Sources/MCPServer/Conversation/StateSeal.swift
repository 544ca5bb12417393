// What a modern client carries from one round of a call to the next, so that nobody but us can read or make it.

internal import Cryptography
internal import FoundationEssentials
internal import Governance
internal import JSON

/// What stands in `requestState`.
struct CarriedState: Sendable, Equatable {
  /// What was asked, by key: the method.
  var questions: [String: String]
  /// The service's own part.
  var state: JSONValue?
}

/// What a state is good for: one caller's one call. A state that is shown with another call does not open.
struct StateBinding: Sendable {
  var principal: Principal
  var method: String
  /// Of the tool or the prompt.
  var name: String
  var arguments: JSONObject

  /// The additional data of the seal: members in order of their names, since a client may send them in another order.
  var context: [UInt8] {
    let person: JSONValue = principal.onBehalfOf.map { .string($0) } ?? .null
    let parts: [JSONValue] = [
      "request state 1", .string(principal.name), person, .string(method), .string(name), .object(arguments).sorted,
    ]
    return sha256(JSONValue.array(parts).bytes())
  }
}

extension JSONValue {
  fileprivate var sorted: JSONValue {
    switch self {
    case .object(let object):
      let members = object.entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      return .object(JSONObject(members.map { (key: $0.key, value: $0.value.sorted) }))
    case .array(let elements): return .array(elements.map(\.sorted))
    default: return self
    }
  }
}

/// Seals by AES-256-GCM and forgets nothing by itself: a state opens as often as it is shown, until it expires.
struct StateSeal: Sendable {
  let key: SealingKey
  let lifetime: Duration
  /// Seconds since 1970.
  var now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }

  private static let prefix = "v1."
  private static let longest = 1_048_576

  func seal(_ carried: CarriedState, for binding: StateBinding) -> String {
    let (expiry, overflow) = now().addingReportingOverflow(lifetime.components.seconds)
    let questions = carried.questions.sorted { $0.key < $1.key }.map {
      (key: $0.key, value: JSONValue.string($0.value))
    }
    var plain: JSONObject = [
      "expires": .integer(overflow ? .max : expiry), "questions": .object(JSONObject(questions)),
    ]
    if let state = carried.state { plain["state"] = state }
    let sealed = key.seal(JSONValue.object(plain).bytes(), context: binding.context)
    return Self.prefix + Base64.forURLs.encode(sealed)
  }

  /// - Throws: one error whatever is wrong, so that nothing can be learned by trying.
  func open(_ value: JSONValue, for binding: StateBinding) throws(ProtocolError) -> CarriedState {
    guard let text = value.string, text.utf8.count <= Self.longest, text.hasPrefix(Self.prefix),
      let sealed = Base64.forURLs.decode(String(text.dropFirst(Self.prefix.count))),
      let plain = key.open(sealed, context: binding.context), let content = try? JSONValue(parsing: plain),
      let expiry = content["expires"]?.integer, now() < expiry
    else {
      throw .invalidParameters("Invalid or expired requestState", data: ["reason": "invalid_request_state"])
    }
    let questions = content["questions"]?.object?.entries ?? []
    return CarriedState(
      questions: Dictionary(questions.map { ($0.key, $0.value.string ?? "") }) { first, _ in first },
      state: content["state"])
  }
}
