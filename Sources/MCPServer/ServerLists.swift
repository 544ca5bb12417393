// What there is and what it says: tools, resources, prompts, completions.

internal import JSON

extension Server {
  /// Lists follow the caller's grants, whose change is announced.
  private static let listMilliseconds = 300_000

  func tools(_ scope: RequestScope) throws(ProtocolError) -> Body {
    let all = service.tools(for: scope.caller).map { $0.json(scope.version) }
    // One page: many clients read no second one.
    return try page(all, "tools", scope, size: .max)
  }

  func resources(_ scope: RequestScope) async throws(ProtocolError) -> Body {
    let all = await service.resources(for: scope.caller).map { $0.json(scope.version) }
    return try page(all, "resources", scope)
  }

  func templates(_ scope: RequestScope) throws(ProtocolError) -> Body {
    let all = service.resourceTemplates(for: scope.caller).map { $0.json(scope.version) }
    return try page(all, "resourceTemplates", scope)
  }

  func prompts(_ scope: RequestScope) throws(ProtocolError) -> Body {
    try page(service.prompts(for: scope.caller).map { $0.json(scope.version) }, "prompts", scope)
  }

  private func page(
    _ all: [JSONValue], _ key: String, _ scope: RequestScope, size: Int? = nil
  ) throws(ProtocolError) -> Body {
    try Page(of: all, from: scope.parameters["cursor"], size: size ?? limits.page)
      .body(key, freshForMilliseconds: Self.listMilliseconds)
  }

  func readResource(_ scope: RequestScope) async throws(ProtocolError) -> Body {
    let uri = try scope.text("uri")
    guard let contents = await service.read(uri, in: scope.context()), !contents.isEmpty else {
      let code: ProtocolError.Code = scope.version.isModern ? .invalidParameters : .resourceNotFound
      throw ProtocolError(code, "Unknown resource: \(uri.prefix(200))", data: ["uri": .string(uri)])
    }
    return Body(
      ["contents": .array(contents.map(\.json))],
      freshForMilliseconds: contents.map(\.freshMilliseconds).min() ?? 0)
  }

  func complete(_ scope: RequestScope) async throws(ProtocolError) -> Body {
    let reference = try scope.object("ref")
    let subject: CompletionRequest.Subject
    switch (reference["type"]?.string, reference["name"]?.string, reference["uri"]?.string) {
    case ("ref/prompt", let name?, _): subject = .prompt(name)
    case ("ref/resource", _, let uri?): subject = .resourceTemplate(uri)
    default: throw .invalidParameters("ref must be a ref/prompt with a name or a ref/resource with a uri")
    }
    let argument = try scope.object("argument")
    guard let name = argument["name"]?.string, let value = argument["value"]?.string else {
      throw .invalidParameters("argument must have a name and a value")
    }
    let context = try scope.object("context")
    let others = try Self.texts(context["arguments"], "context.arguments")
    let request = CompletionRequest(subject: subject, argument: name, value: value, others: others)
    return Body(completionResult(await service.completions(for: request, in: scope.context())))
  }

  /// An object of texts, or nothing.
  static func texts(_ value: JSONValue?, _ name: String) throws(ProtocolError) -> [String: String] {
    guard let value else { return [:] }
    var texts: [String: String] = [:]
    for (key, member) in value.object?.entries ?? [] {
      guard let text = member.string else { throw .invalidParameters("\(name).\(key.prefix(100)) must be a string") }
      texts[key] = text
    }
    guard value.object != nil else { throw .invalidParameters("\(name) must be an object") }
    return texts
  }
}
