// `subscriptions/listen`: a request that is answered when nobody listens any more, and speaks until then.

internal import Governance
internal import JSON

/// What a listener wants to hear of.
private struct SubscriptionFilter: Sendable {
  var lists: Set<Change> = []
  var resources: [String] = []

  private static let names: [(key: String, change: Change)] = [
    ("toolsListChanged", .tools), ("promptsListChanged", .prompts), ("resourcesListChanged", .resources),
  ]

  init(_ wanted: JSONValue?, limit: Int) throws(ProtocolError) {
    guard let wanted = wanted?.object else { throw .invalidParameters("notifications must be an object") }
    for (key, change) in Self.names {
      switch wanted[key] {
      case nil, .bool(false): break
      case .bool(true): lists.insert(change)
      default: throw .invalidParameters("notifications.\(key) must be true or false")
      }
    }
    guard let uris = wanted["resourceSubscriptions"] else { return }
    guard let elements = uris.array, elements.count <= limit else {
      throw .invalidParameters("notifications.resourceSubscriptions must be an array of at most \(limit) URIs")
    }
    for element in elements {
      guard let uri = element.string else {
        throw .invalidParameters("notifications.resourceSubscriptions must hold strings")
      }
      if !resources.contains(uri) { resources.append(uri) }
    }
  }

  /// Without what the caller may not hear of: that is not acknowledged either.
  func honouring(_ isAllowed: (String) -> Bool) -> SubscriptionFilter {
    var copy = self
    copy.resources = resources.filter(isAllowed)
    return copy
  }

  func wants(_ change: Change) -> Bool {
    if case .resource(let uri) = change { resources.contains(uri) } else { lists.contains(change) }
  }

  /// What is honoured, as it was asked for.
  var json: JSONValue {
    var honoured = JSONObject()
    for (key, change) in Self.names where lists.contains(change) { honoured[key] = true }
    if !resources.isEmpty { honoured["resourceSubscriptions"] = .array(resources.map { .string($0) }) }
    return .object(honoured)
  }
}

extension Server {
  func listen(_ scope: RequestScope) async throws(ProtocolError) -> JSONObject {
    let filter = try SubscriptionFilter(scope.parameters["notifications"], limit: limits.subscribedResources)
      .honouring { service.mayHear(of: $0, scope.caller) }
    guard scope.outlet.isOpen else {
      throw ProtocolError(.invalidRequest, "Invalid request: subscriptions/listen needs an event stream")
    }
    guard
      let number = await announcements.join(
        limit: limits.streams, for: scope.caller.principal, { filter.wants($0) })
    else {
      throw ProtocolError(.internal, "Too many subscriptions")
    }
    let id = scope.request.id
    let meta: JSONValue = [MetaKey.subscriptionID: id.json]
    await scope.outlet.send(
      Outgoing.notification(
        "notifications/subscriptions/acknowledged", ["_meta": meta, "notifications": filter.json]))
    while let change = await announcements.next(for: number) {
      await scope.outlet.send(Outgoing.notification(change, subscription: id))
    }
    await announcements.leave(number)
    return ["resultType": "complete", "_meta": meta]
  }
}
