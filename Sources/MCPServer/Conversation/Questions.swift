// Questions to the client: what it must have declared to be asked, and what counts as an answer.

internal import JSON

extension InputRequired.Question {
  /// What the client must have declared, as `requiredCapabilities` has it.
  var requiredCapabilities: JSONObject {
    switch method {
    case "elicitation/create": ["elicitation": [isURL ? "url" : "form": [:]]]
    case "sampling/createMessage": ["sampling": parameters["tools"] == nil ? [:] : ["tools": [:]]]
    case "roots/list": ["roots": [:]]
    default: [method: [:]]
    }
  }

  var isURL: Bool { parameters["mode"] == "url" }

  func isDeclared(in capabilities: JSONObject) -> Bool {
    switch method {
    case "elicitation/create":
      guard let declared = capabilities["elicitation"]?.object else { return false }
      // An empty object is how it was said before there were modes, and means forms.
      return declared[isURL ? "url" : "form"] != nil || (!isURL && declared["url"] == nil)
    case "sampling/createMessage":
      guard let declared = capabilities["sampling"]?.object else { return false }
      return parameters["tools"] == nil || declared["tools"] != nil
    case "roots/list": return capabilities["roots"]?.object != nil
    default: return false
    }
  }
}

extension InputRequired {
  /// Why this client cannot be asked all of it; nil when it can.
  func undeclared(in capabilities: JSONObject) -> JSONObject? {
    let missing = questions.filter { !$0.isDeclared(in: capabilities) }
    guard !missing.isEmpty else { return nil }
    return missing.reduce(into: JSONObject()) { all, question in
      for (key, value) in question.requiredCapabilities.entries {
        let known = all[key]?.object?.entries ?? []
        let added = (value.object?.entries ?? []).filter { entry in !known.contains { $0.key == entry.key } }
        all[key] = .object(JSONObject(known + added))
      }
    }
  }
}

/// Whether a client's answer to this method has the shape the protocol gives it.
func isAnswer(_ answer: JSONValue, to method: String) -> Bool {
  guard let object = answer.object else { return false }
  switch method {
  case "elicitation/create":
    let content = object["content"]
    return ["accept", "decline", "cancel"].contains(object["action"]) && (content == nil || content?.object != nil)
  case "sampling/createMessage":
    let content = object["content"]
    return ["user", "assistant"].contains(object["role"]) && (content?.object != nil || content?.array != nil)
      && object["model"]?.string != nil
  case "roots/list":
    return object["roots"]?.array?.allSatisfy { $0["uri"]?.string != nil } ?? false
  default: return true
  }
}

/// `inputResponses` of a repeated request, by key. What was not asked is left out; when it is not known what was asked
/// (no state came along), everything that could be an answer to something stays.
func clientAnswers(
  _ value: JSONValue?, to questions: [String: String]?
) throws(ProtocolError) -> [String: JSONValue] {
  guard let value else { return [:] }
  guard let entries = value.object?.entries, entries.count <= 100 else {
    throw .invalidParameters("inputResponses must be an object of at most 100 answers")
  }
  var answers: [String: JSONValue] = [:]
  for (key, answer) in entries {
    let method = questions.map { $0[key] } ?? (answer["action"] == nil ? "" : "elicitation/create")
    guard let method else { continue }
    guard isAnswer(answer, to: method) else {
      throw .invalidParameters(
        "inputResponses holds an invalid answer", data: ["key": .string(key), "method": .string(method)])
    }
    answers[key] = answer
  }
  return answers
}
