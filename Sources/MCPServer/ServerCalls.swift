// Calling tools and getting prompts, with questions to the client between the rounds of a call.

internal import Governance
internal import JSON

extension Server {
  func callTool(_ scope: RequestScope) async throws(ProtocolError) -> Answered {
    let name = try scope.text("name")
    let arguments = try scope.object("arguments")
    let rounds = Rounds(scope, name: name, arguments: arguments)
    let outcome = try await play(rounds) { context -> Attempt<ToolOutcome> in
      let outcome = await service.call(name, arguments, in: context)
      return if case .inputRequired(let needed) = outcome { .needs(needed) } else { .done(outcome) }
    }
    switch outcome {
    case .asks(let result): return Answered(result)
    case .cannotAsk(let reason): return complete(ToolResult(text: reason, isError: true), scope)
    case .done(.finished(let result)): return complete(result, scope)
    case .done(.missingCapability(let required)):
      guard !scope.version.isModern else { throw .missingCapability(required) }
      let names = required.entries.map(\.key).joined(separator: ", ")
      return complete(
        ToolResult(text: "This tool needs a client with the capability \(names).", isError: true), scope)
    case .done(.unknownTool), .done(.inputRequired):
      let near = nearestName(to: name, among: service.tools(for: scope.caller).map(\.name))
      let hint = near.map { ". Did you mean \($0)?" } ?? ""
      throw .invalidParameters("Unknown tool: \(name.prefix(100))\(hint)")
    }
  }

  private func complete(_ result: ToolResult, _ scope: RequestScope) -> Answered {
    let placeholder = unguessableName(digits: 26)
    let json = identity.complete(Body(result.json(scope.version, rowsAs: placeholder)), scope.version)
    return Answered(json, rows: result.rows.map { (placeholder, $0) })
  }

  func getPrompt(_ scope: RequestScope) async throws(ProtocolError) -> JSONObject {
    let name = try scope.text("name")
    let arguments = try Self.texts(scope.parameters["arguments"], "arguments")
    let rounds = Rounds(scope, name: name, arguments: try scope.object("arguments"))
    let outcome = try await play(rounds) { context -> Attempt<PromptOutcome?> in
      let outcome = await service.prompt(name, arguments, in: context)
      return if case .inputRequired(let needed) = outcome { .needs(needed) } else { .done(outcome) }
    }
    switch outcome {
    case .asks(let result): return result
    case .cannotAsk(let reason): throw .invalidParameters(reason)
    case .done(.finished(let summary, let messages)):
      return identity.complete(Body(promptResult(summary, messages, scope.version)), scope.version)
    case .done(.badArguments(let reason)): throw .invalidParameters(reason)
    case .done(nil), .done(.inputRequired):
      let near = nearestName(to: name, among: service.prompts(for: scope.caller).map(\.name))
      let hint = near.map { ". Did you mean \($0)?" } ?? ""
      throw .invalidParameters("Unknown prompt: \(name.prefix(100))\(hint)")
    }
  }
}

/// What came of asking the service once.
private enum Attempt<Outcome: Sendable>: Sendable {
  case done(Outcome)
  case needs(InputRequired)
}

/// What came of all rounds that can be played now.
private enum Played<Outcome: Sendable>: Sendable {
  case done(Outcome)
  /// Modern: the result that asks the client; it calls again.
  case asks(JSONObject)
  /// Legacy: the client cannot be asked, for this reason.
  case cannotAsk(String)
}

/// A call of which there may be several rounds.
private struct Rounds: Sendable {
  let scope: RequestScope
  let binding: StateBinding

  init(_ scope: RequestScope, name: String, arguments: JSONObject) {
    self.scope = scope
    binding = StateBinding(
      principal: scope.caller.principal, method: scope.request.method, name: name, arguments: arguments)
  }
}

extension Server {
  /// One service for both eras: a modern client calls again with its answers, a legacy one is asked while it waits.
  private func play<Outcome: Sendable>(
    _ rounds: Rounds, _ attempt: (CallContext) async -> Attempt<Outcome>
  ) async throws(ProtocolError) -> Played<Outcome> {
    rounds.scope.version.isModern
      ? try await playOnce(rounds, attempt) : await playThrough(rounds, attempt)
  }

  private func playOnce<Outcome: Sendable>(
    _ rounds: Rounds, _ attempt: (CallContext) async -> Attempt<Outcome>
  ) async throws(ProtocolError) -> Played<Outcome> {
    let scope = rounds.scope
    var carried: CarriedState?
    if let state = scope.parameters["requestState"] { carried = try seal.open(state, for: rounds.binding) }
    let answers = try clientAnswers(scope.parameters["inputResponses"], to: carried?.questions)
    switch await attempt(scope.context(answers: answers, state: carried?.state)) {
    case .done(let outcome): return .done(outcome)
    case .needs(let needed):
      if let missing = needed.undeclared(in: scope.capabilities) { throw .missingCapability(missing) }
      return .asks(asking(needed, rounds))
    }
  }

  private func asking(_ needed: InputRequired, _ rounds: Rounds) -> JSONObject {
    var result: JSONObject = ["resultType": "input_required"]
    if !needed.questions.isEmpty {
      let questions = needed.questions.map { question -> (key: String, value: JSONValue) in
        (question.key, ["method": .string(question.method), "params": .object(question.parameters)])
      }
      result["inputRequests"] = .object(JSONObject(questions))
    }
    let methods = Dictionary(needed.questions.map { ($0.key, $0.method) }) { first, _ in first }
    result["requestState"] = .string(
      seal.seal(CarriedState(questions: methods, state: needed.state), for: rounds.binding))
    result["_meta"] = identity.meta(rounds.scope.version)
    return result
  }

  private func playThrough<Outcome: Sendable>(
    _ rounds: Rounds, _ attempt: (CallContext) async -> Attempt<Outcome>
  ) async -> Played<Outcome> {
    let scope = rounds.scope
    let context = scope.context()
    var answers: [String: JSONValue] = [:]
    var state: JSONValue?
    for _ in 0...limits.rounds {
      var next = context
      next.answers = answers
      next.state = state
      switch await attempt(next) {
      case .done(let outcome): return .done(outcome)
      case .needs(let needed):
        if let reason = reasonNotToAsk(needed, scope) { return .cannotAsk(reason) }
        do throws(Unanswered) {
          answers = try await ask(needed, scope)
        } catch {
          return .cannotAsk(error.reason)
        }
        state = needed.state
      }
    }
    return .cannotAsk("Too many questions: this call was given up after \(limits.rounds) rounds.")
  }
}
