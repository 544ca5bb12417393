// The fixtures of the protocol's official conformance suite, in place of the product: `serve --conformance`.

package import Governance
package import JSON

/// Touches no database. https://github.com/modelcontextprotocol/conformance
package struct ConformanceService: Service {
  private let fixtures: [ConformanceFixture]

  /// - Parameter announcements: the server's, for the fixtures that change a list.
  package init(announcements: Announcements) {
    fixtures =
      contentFixtures + noticeFixtures + questionFixtures + roundFixtures + changeFixtures(announcements)
  }

  package func instructions(for caller: Caller) -> String { "Fixtures for testing clients and this server." }

  package func tools(for caller: Caller) -> [ToolDescription] { fixtures.map(\.description) }

  package func call(_ tool: String, _ arguments: JSONObject, in context: CallContext) async -> ToolOutcome {
    guard let fixture = fixtures.first(where: { $0.name == tool }) else { return .unknownTool }
    return await fixture.run(arguments, context)
  }

  package func resources(for caller: Caller) async -> [ResourceDescription] { conformanceResources }

  package func resourceTemplates(for caller: Caller) -> [ResourceTemplate] { conformanceTemplates }

  package func read(_ uri: String, in context: CallContext) async -> [ResourceContents]? {
    conformanceContents(of: uri)
  }

  package func prompts(for caller: Caller) -> [PromptDescription] { conformancePrompts }

  package func prompt(_ name: String, _ arguments: [String: String], in context: CallContext) async -> PromptOutcome? {
    conformancePrompt(name, arguments, context)
  }

  package func completions(for request: CompletionRequest, in context: CallContext) async -> [String] {
    let known = ["paris", "park", "party"]
    return request.value.isEmpty ? known : known.filter { $0.hasPrefix(request.value) }
  }
}

/// One tool of the suite.
struct ConformanceFixture: Sendable {
  let name: String
  let summary: String
  var input: JSONObject = ["type": "object", "properties": [:]]
  var output: JSONObject?
  let run: @Sendable (_ arguments: JSONObject, _ context: CallContext) async -> ToolOutcome

  var description: ToolDescription {
    ToolDescription(
      name: name, title: name, summary: summary, input: input, output: output,
      hints: ToolHints(isReadOnly: true, isIdempotent: true))
  }
}

extension ToolOutcome {
  static func text(_ text: String) -> ToolOutcome { .finished(ToolResult(text: text)) }

  static func ask(_ questions: InputRequired.Question..., state: JSONValue? = nil) -> ToolOutcome {
    .inputRequired(InputRequired(questions: questions, state: state))
  }
}
