// Fixtures that ask the client once: elicitation in all its forms, sampling, and a capability that must be there.

import JSON

let questionFixtures: [ConformanceFixture] = [
  ConformanceFixture(
    name: "test_sampling", summary: "Has the client's model answer a prompt.",
    input: ["type": "object", "properties": ["prompt": ["type": "string"]], "required": ["prompt"]]
  ) { arguments, context in
    guard let answer = context.answers["sample"] else {
      return .ask(sampling("sample", arguments["prompt"]?.string ?? "", tokens: 100))
    }
    return .text("LLM response: \(answer["content"]?["text"]?.string ?? "no text")")
  },
  ConformanceFixture(
    name: "test_elicitation", summary: "Asks for a name and an address.",
    input: ["type": "object", "properties": ["message": ["type": "string"]], "required": ["message"]]
  ) { arguments, context in
    filledIn(
      arguments["message"]?.string ?? "Please answer",
      ["username": ["type": "string", "description": "Your name"], "email": ["type": "string", "format": "email"]],
      required: ["username", "email"], context)
  },
  ConformanceFixture(name: "test_elicitation_sep1034_defaults", summary: "Asks with default values.") { _, context in
    filledIn(
      "Please review and update the form fields with defaults",
      [
        "name": ["type": "string", "description": "User name", "default": "John Doe"],
        "age": ["type": "integer", "description": "User age", "default": 30],
        "score": ["type": "number", "description": "User score", "default": 95.5],
        "status": [
          "type": "string", "description": "User status", "enum": ["active", "inactive", "pending"],
          "default": "active",
        ],
        "verified": ["type": "boolean", "description": "Verification status", "default": true],
      ], required: [], context)
  },
  ConformanceFixture(name: "test_elicitation_sep1330_enums", summary: "Asks with every kind of choice.") { _, context in
    filledIn("Please select options from the enum fields", choices, required: [], context)
  },
  ConformanceFixture(
    name: "test_streaming_elicitation", summary: "Asks within its result where it can; never by a request of its own."
  ) { _, context in
    if case .inputRequired(let needed) = filledIn("A value?", nameField, required: ["name"], context),
      needed.undeclared(in: context.capabilities) == nil
    {
      return .inputRequired(needed)
    }
    await context.notify(.progress(50, total: 100, message: "half"))
    return .text("Streamed")
  },
  ConformanceFixture(name: "test_missing_capability", summary: "Needs sampling.") { _, context in
    context.capabilities["sampling"]?.object == nil
      ? .missingCapability(["sampling": [:]]) : .text("Sampling is declared")
  },
]

let nameField: JSONObject = ["name": ["type": "string"]]

private let choices: JSONObject = [
  "untitledSingle": ["type": "string", "enum": ["option1", "option2", "option3"]],
  "titledSingle": [
    "type": "string",
    "oneOf": [
      ["const": "value1", "title": "First Option"], ["const": "value2", "title": "Second Option"],
      ["const": "value3", "title": "Third Option"],
    ],
  ],
  "legacyEnum": [
    "type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["Option One", "Option Two", "Option Three"],
  ],
  "untitledMulti": ["type": "array", "items": ["type": "string", "enum": ["option1", "option2", "option3"]]],
  "titledMulti": [
    "type": "array",
    "items": [
      "anyOf": [
        ["const": "value1", "title": "First Choice"], ["const": "value2", "title": "Second Choice"],
        ["const": "value3", "title": "Third Choice"],
      ]
    ],
  ],
]

private func filledIn(
  _ message: String, _ properties: JSONObject, required: [String], _ context: CallContext
) -> ToolOutcome {
  guard let answer = context.answers["answer"] else {
    return .ask(form("answer", message, properties, required: required))
  }
  let content = answer["content"].map { $0.text() } ?? "{}"
  return .text("Elicitation completed: action=\(answer["action"]?.string ?? ""), content=\(content)")
}

func form(
  _ key: String, _ message: String, _ properties: JSONObject, required: [String]
) -> InputRequired.Question {
  InputRequired.Question(
    key: key, method: "elicitation/create",
    parameters: [
      "mode": "form", "message": .string(message),
      "requestedSchema": [
        "type": "object", "properties": .object(properties), "required": .array(required.map { .string($0) }),
      ],
    ])
}

func sampling(_ key: String, _ prompt: String, tokens: Int64) -> InputRequired.Question {
  InputRequired.Question(
    key: key, method: "sampling/createMessage",
    parameters: [
      "messages": [["role": "user", "content": ["type": "text", "text": .string(prompt)]]],
      "maxTokens": .integer(tokens),
    ])
}
