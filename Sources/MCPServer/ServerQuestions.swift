// Asking a legacy client while its call waits: requests of ours on its own stream.

internal import JSON

/// Why there is no answer to work with.
struct Unanswered: Error {
  var reason: String
}

extension Server {
  /// What keeps this client from being asked, in words for its model; nil: it can be asked.
  func reasonNotToAsk(_ needed: InputRequired, _ scope: RequestScope) -> String? {
    let names = Set(needed.questions.map(\.method)).sorted().joined(separator: ", ")
    guard scope.conversation != nil, scope.outlet.isOpen else {
      return "This needs an answer of the client (\(names)), which cannot be asked over this connection."
    }
    let isKnown = scope.version.hasElicitation || !needed.questions.contains { $0.method == "elicitation/create" }
    guard isKnown, needed.undeclared(in: scope.capabilities) == nil else {
      return "This needs an answer of the client (\(names)), which has not declared that it can give one."
    }
    guard needed.questions.allSatisfy({ parameters(of: $0, for: scope.version) != nil }) else {
      return "This needs an answer of the client (\(names)), which version \(scope.version.rawValue) cannot ask for."
    }
    return nil
  }

  /// Nil: the version has no words for this question.
  private func parameters(of question: InputRequired.Question, for version: ProtocolVersion) -> JSONObject? {
    version.hasElicitationModes ? question.parameters : question.parametersOfJune2025
  }

  /// All questions of one round, one after the other: a person can answer only one at a time.
  func ask(_ needed: InputRequired, _ scope: RequestScope) async throws(Unanswered) -> [String: JSONValue] {
    var answers: [String: JSONValue] = [:]
    for question in needed.questions {
      let answer = await ask(question, scope)
      switch answer?.result {
      case .some(let result) where isAnswer(result, to: question.method): answers[question.key] = result
      // Silence, an error and nonsense are all the same: nobody has agreed to anything.
      case _ where question.method == "elicitation/create": answers[question.key] = ["action": "cancel"]
      default: throw Unanswered(reason: "The client did not answer \(question.method).")
      }
    }
    return answers
  }

  private func ask(_ question: InputRequired.Question, _ scope: RequestScope) async -> ClientAnswer? {
    guard let conversation = scope.conversation, var parameters = parameters(of: question, for: scope.version) else {
      return nil
    }
    if question.isURL, parameters["elicitationId"] == nil {
      parameters["elicitationId"] = .string(unguessableName(digits: 16))
    }
    var sent: Int64?
    let answer = await conversation.ask(patience: limits.questionPatience) { number in
      sent = number
      await scope.outlet.send(Outgoing.request(number, question.method, parameters))
    }
    if answer == nil, let sent {
      await scope.outlet.send(
        Outgoing.notification(
          "notifications/cancelled", ["requestId": .integer(sent), "reason": "no answer in time"]))
    }
    return answer
  }
}
