// Resources and prompts of the conformance suite.

import JSON

let conformanceResources: [ResourceDescription] = [
  resource("test://static-text", "static-text", "text/plain"),
  resource("test://static-binary", "static-binary", "image/png"),
  resource("test://watched-resource", "watched-resource", "text/plain"),
]

private func resource(_ uri: String, _ name: String, _ mimeType: String) -> ResourceDescription {
  ResourceDescription(
    uri: uri, name: name, title: name, summary: "A fixture.", mimeType: mimeType, freshMilliseconds: 1_000)
}

let conformanceTemplates = [
  ResourceTemplate(
    template: "test://template/{id}/data", name: "template-data", title: "Template data", summary: "A fixture.",
    mimeType: "application/json")
]

func conformanceContents(of uri: String) -> [ResourceContents]? {
  let (mimeType, body): (String, ResourceContents.Body)
  switch uri {
  case "test://static-text":
    (mimeType, body) = ("text/plain", .text("This is the content of the static text resource."))
  case "test://static-binary": (mimeType, body) = ("image/png", .blob(conformanceImage))
  case "test://watched-resource": (mimeType, body) = ("text/plain", .text("Watched resource content"))
  case _ where uri.hasPrefix("test://template/") && uri.hasSuffix("/data"):
    let id = uri.dropFirst("test://template/".count).dropLast("/data".count)
    guard !id.isEmpty, !id.contains("/") else { return nil }
    let data: JSONValue = ["id": .string(String(id)), "templateTest": true, "data": .string("Data for ID: \(id)")]
    (mimeType, body) = ("application/json", .text(data.text()))
  default: return nil
  }
  return [ResourceContents(uri: uri, mimeType: mimeType, body: body, freshMilliseconds: 1_000)]
}

let conformancePrompts: [PromptDescription] = [
  prompt("test_simple_prompt"), prompt("test_prompt_with_arguments", "arg1", "arg2"),
  prompt("test_prompt_with_embedded_resource", "resourceUri"), prompt("test_prompt_with_image"),
  prompt("test_input_required_result_prompt"),
]

private func prompt(_ name: String, _ arguments: String...) -> PromptDescription {
  PromptDescription(
    name: name, title: name, summary: "A fixture.",
    arguments: arguments.map { PromptDescription.Argument(name: $0, summary: "A fixture.", isRequired: true) })
}

func conformancePrompt(_ name: String, _ arguments: [String: String], _ context: CallContext) -> PromptOutcome? {
  guard let known = conformancePrompts.first(where: { $0.name == name }) else { return nil }
  if let missing = known.arguments.first(where: { arguments[$0.name] == nil }) {
    return .badArguments("Missing argument \(missing.name)")
  }
  switch name {
  case "test_simple_prompt": return messages(text("This is a simple prompt for testing."))
  case "test_prompt_with_arguments":
    let (first, second) = (arguments["arg1"] ?? "", arguments["arg2"] ?? "")
    return messages(text("Prompt with arguments: arg1='\(first)', arg2='\(second)'"))
  case "test_prompt_with_embedded_resource":
    return messages(
      [
        "type": "resource",
        "resource": [
          "uri": .string(arguments["resourceUri"] ?? ""), "mimeType": "text/plain",
          "text": "Embedded resource content for testing.",
        ],
      ], text("Please process the embedded resource above."))
  case "test_prompt_with_image":
    return messages(
      ["type": "image", "data": .string(conformanceImage), "mimeType": "image/png"],
      text("Please analyze the image above."))
  default:
    guard let answer = context.answers["user_context"] else {
      let question = form(
        "user_context", "What context should the prompt use?", ["context": ["type": "string"]], required: ["context"])
      return .inputRequired(InputRequired(questions: [question]))
    }
    return messages(text("Prompt with context: \(answer["content"]?["context"]?.string ?? "none")"))
  }
}

private func text(_ text: String) -> JSONValue { ["type": "text", "text": .string(text)] }

private func messages(_ contents: JSONValue...) -> PromptOutcome {
  .finished(summary: "A fixture.", messages: contents.map { ["role": "user", "content": $0] })
}
