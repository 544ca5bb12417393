// What the protocol serves, whatever the era: the seam between the protocol and the product.

package import Governance
package import JSON

/// Tools, resources and prompts behind the protocol. The protocol's part knows nothing of PostgreSQL; this part knows
/// nothing of JSON-RPC, eras and transports.
package protocol Service: Sendable {
  /// For `server/discover` and `initialize`: what an agent should know first, under 2,000 characters.
  func instructions(for caller: Caller) -> String
  /// In a fixed order; exactly those that the caller's grants unlock somewhere.
  func tools(for caller: Caller) -> [ToolDescription]
  func call(_ tool: String, _ arguments: JSONObject, in context: CallContext) async -> ToolOutcome
  func resources(for caller: Caller) async -> [ResourceDescription]
  func resourceTemplates(for caller: Caller) -> [ResourceTemplate]
  /// - Returns: nil when there is no such resource for this caller.
  func read(_ uri: String, in context: CallContext) async -> [ResourceContents]?
  func prompts(for caller: Caller) -> [PromptDescription]
  /// - Returns: nil when there is no such prompt for this caller.
  func prompt(_ name: String, _ arguments: [String: String], in context: CallContext) async -> PromptOutcome?
  /// Values for one argument of a prompt or one variable of a resource template, at most 100.
  func completions(for request: CompletionRequest, in context: CallContext) async -> [String]
  /// Whether this caller may be told that a resource reads differently now.
  func mayHear(of uri: String, _ caller: Caller) -> Bool
  /// Ends what goes on although nobody waits for it.
  func close() async
}

extension Service {
  package func mayHear(of uri: String, _ caller: Caller) -> Bool { true }
  package func close() async {}
}

/// One call: who, with what client, and how to reach it while the call runs. A call is cancelled by cancelling its task.
package struct CallContext: Sendable {
  package var caller: Caller
  /// Unguessable and unique; stands in the audit and in pg_stat_activity.
  package var callID: String
  /// Name and version the client gave for itself.
  package var client: String?
  /// The protocol's version of this call.
  package var protocolVersion: String
  /// What the client has declared: on this request (modern), or when it initialized (legacy).
  package var capabilities: JSONObject
  /// The legacy session, or nil.
  package var session: String?
  /// `traceparent` as sent, when it is well-formed.
  package var trace: String?
  /// The client's answers to what an earlier `.inputRequired` asked, by key.
  package var answers: [String: JSONValue]
  /// What that earlier outcome wanted back; unsealed, so it is what was said then.
  package var state: JSONValue?
  /// To the client, if it wants to hear.
  package var notify: @Sendable (CallNotice) async -> Void
  /// The client has given a progress token: without one nothing is told of progress.
  package var wantsProgress: Bool

  package init(
    caller: Caller, callID: String, client: String? = nil, protocolVersion: String, capabilities: JSONObject = [:],
    session: String? = nil, trace: String? = nil, answers: [String: JSONValue] = [:], state: JSONValue? = nil,
    notify: @escaping @Sendable (CallNotice) async -> Void = { _ in }, wantsProgress: Bool = false
  ) {
    self.caller = caller
    self.callID = callID
    self.client = client
    self.protocolVersion = protocolVersion
    self.capabilities = capabilities
    self.session = session
    self.trace = trace
    self.answers = answers
    self.state = state
    self.notify = notify
    self.wantsProgress = wantsProgress
  }
}

/// Said while a call runs.
package enum CallNotice: Sendable {
  /// How far it is; `total` when that is known.
  case progress(Double, total: Double?, message: String?)
  case log(level: LogLevel, logger: String?, data: JSONValue)
}

/// RFC 5424's levels, least first.
package enum LogLevel: String, Sendable, CaseIterable {
  case debug, info, notice, warning, error, critical, alert, emergency
}

/// What came of a tool call.
package enum ToolOutcome: Sendable {
  case finished(ToolResult)
  /// The client is asked first (elicitation, sampling, roots), and calls again with the answers.
  case inputRequired(InputRequired)
  /// The caller sees no such tool.
  case unknownTool
  /// The client has not declared what this tool needs: for instance `{"sampling": {}}`.
  case missingCapability(JSONObject)
}

/// A tool's answer, or its failure as the model sees it.
package struct ToolResult: Sendable, Equatable {
  /// Content blocks as the protocol has them: `{"type": "text", "text": …}`, `resource_link`, `image`.
  package var content: [JSONValue]
  /// As the tool's output schema says; nil for failures.
  package var structured: JSONObject?
  package var isError: Bool
  /// The structured content's member `rows`, where it stands outside of memory.
  package var rows: SpooledPage?
  /// What a person may be asked first.
  var asks: InputRequired?

  package init(
    content: [JSONValue], structured: JSONObject? = nil, isError: Bool = false, rows: SpooledPage? = nil
  ) {
    self.content = content
    self.structured = structured
    self.isError = isError
    self.rows = rows
  }

  package init(text: String, structured: JSONObject? = nil, isError: Bool = false) {
    self.init(content: [["type": "text", "text": .string(text)]], structured: structured, isError: isError)
  }
}

/// Questions to the client: `method` is `elicitation/create`, `sampling/createMessage` or `roots/list`.
package struct InputRequired: Sendable, Equatable {
  package struct Question: Sendable, Equatable {
    package var key: String
    package var method: String
    package var parameters: JSONObject

    package init(key: String, method: String, parameters: JSONObject) {
      self.key = key
      self.method = method
      self.parameters = parameters
    }
  }

  package var questions: [Question]
  /// Comes back unchanged and unread: the protocol's part seals it.
  package var state: JSONValue?

  package init(questions: [Question], state: JSONValue? = nil) {
    self.questions = questions
    self.state = state
  }
}

/// A tool as listed.
package struct ToolDescription: Sendable, Equatable {
  package var name: String
  package var title: String
  /// One sentence that says when to use it, and what else must be known.
  package var summary: String
  /// JSON Schemas of 2020-12, of type object, without `$ref`.
  package var input: JSONObject
  package var output: JSONObject?
  package var hints: ToolHints

  package init(
    name: String, title: String, summary: String, input: JSONObject, output: JSONObject?, hints: ToolHints
  ) {
    self.name = name
    self.title = title
    self.summary = summary
    self.input = input
    self.output = output
    self.hints = hints
  }
}

/// The protocol's four hints.
package struct ToolHints: Sendable, Equatable {
  package var isReadOnly: Bool
  package var isDestructive: Bool
  package var isIdempotent: Bool
  package var isOpenWorld: Bool

  package init(isReadOnly: Bool, isDestructive: Bool = false, isIdempotent: Bool = false, isOpenWorld: Bool = false) {
    self.isReadOnly = isReadOnly
    self.isDestructive = isDestructive
    self.isIdempotent = isIdempotent
    self.isOpenWorld = isOpenWorld
  }
}

package struct ResourceDescription: Sendable, Equatable {
  package var uri: String
  package var name: String
  package var title: String
  package var summary: String
  package var mimeType: String
  /// How long a client may keep what it has read.
  package var freshMilliseconds: Int

  package init(
    uri: String, name: String, title: String, summary: String, mimeType: String, freshMilliseconds: Int
  ) {
    self.uri = uri
    self.name = name
    self.title = title
    self.summary = summary
    self.mimeType = mimeType
    self.freshMilliseconds = freshMilliseconds
  }
}

package struct ResourceTemplate: Sendable, Equatable {
  /// RFC 6570, level 1: `pg://{connection}/schema/{schema}`.
  package var template: String
  package var name: String
  package var title: String
  package var summary: String
  package var mimeType: String

  package init(template: String, name: String, title: String, summary: String, mimeType: String) {
    self.template = template
    self.name = name
    self.title = title
    self.summary = summary
    self.mimeType = mimeType
  }
}

package struct ResourceContents: Sendable, Equatable {
  package enum Body: Sendable, Equatable {
    case text(String)
    /// Base64.
    case blob(String)
  }

  package var uri: String
  package var mimeType: String
  package var body: Body
  package var freshMilliseconds: Int

  package init(uri: String, mimeType: String, body: Body, freshMilliseconds: Int = 0) {
    self.uri = uri
    self.mimeType = mimeType
    self.body = body
    self.freshMilliseconds = freshMilliseconds
  }
}

package struct PromptDescription: Sendable, Equatable {
  package struct Argument: Sendable, Equatable {
    package var name: String
    package var summary: String
    package var isRequired: Bool

    package init(name: String, summary: String, isRequired: Bool) {
      self.name = name
      self.summary = summary
      self.isRequired = isRequired
    }
  }

  package var name: String
  package var title: String
  package var summary: String
  package var arguments: [Argument]

  package init(name: String, title: String, summary: String, arguments: [Argument]) {
    self.name = name
    self.title = title
    self.summary = summary
    self.arguments = arguments
  }
}

package enum PromptOutcome: Sendable {
  /// Messages as the protocol has them: `{"role": "user", "content": {…}}`.
  case finished(summary: String, messages: [JSONValue])
  case inputRequired(InputRequired)
  /// A required argument is missing or has a wrong value: what to say.
  case badArguments(String)
}

package struct CompletionRequest: Sendable, Equatable {
  package enum Subject: Sendable, Equatable {
    case prompt(String)
    case resourceTemplate(String)
  }

  package var subject: Subject
  package var argument: String
  /// What has been typed so far.
  package var value: String
  /// The other arguments, as far as they are chosen.
  package var others: [String: String]

  package init(subject: Subject, argument: String, value: String, others: [String: String]) {
    self.subject = subject
    self.argument = argument
    self.value = value
    self.others = others
  }
}
