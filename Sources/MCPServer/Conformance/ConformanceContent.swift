// Fixtures that answer at once: each kind of content, an error, and notices along the way.

import JSON

/// One red pixel.
let conformanceImage =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
/// A WAV header and no sound.
private let audio = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA="

let contentFixtures: [ConformanceFixture] = [
  ConformanceFixture(name: "test_simple_text", summary: "Answers with a text.") { _, _ in
    .text("This is a simple text response for testing.")
  },
  ConformanceFixture(name: "test_image_content", summary: "Answers with an image.") { _, _ in
    .finished(ToolResult(content: [image]))
  },
  ConformanceFixture(name: "test_audio_content", summary: "Answers with a sound.") { _, _ in
    .finished(ToolResult(content: [["type": "audio", "data": .string(audio), "mimeType": "audio/wav"]]))
  },
  ConformanceFixture(name: "test_embedded_resource", summary: "Answers with a resource.") { _, _ in
    .finished(
      ToolResult(content: [
        embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")
      ]))
  },
  ConformanceFixture(name: "test_multiple_content_types", summary: "Answers with several kinds of content.") { _, _ in
    .finished(
      ToolResult(content: [
        ["type": "text", "text": "Multiple content types test:"], image,
        embedded("test://mixed-content-resource", "application/json", #"{"test":"data","value":123}"#),
      ]))
  },
  ConformanceFixture(name: "test_resource_link", summary: "Answers with a link to a resource.") { _, _ in
    .finished(
      ToolResult(content: [
        ["type": "resource_link", "uri": "test://static-text", "name": "static-text", "title": "Static text"]
      ]))
  },
  ConformanceFixture(
    name: "test_structured_content", summary: "Adds two numbers, as structured content.",
    input: [
      "type": "object", "properties": ["a": ["type": "integer"], "b": ["type": "integer"]], "required": ["a", "b"],
    ],
    output: ["type": "object", "properties": ["sum": ["type": "integer"]], "required": ["sum"]]
  ) { arguments, _ in
    guard let a = arguments["a"]?.integer, let b = arguments["b"]?.integer else {
      return .finished(ToolResult(text: "a and b must be integers", isError: true))
    }
    let sum: JSONObject = ["sum": .integer(a.addingReportingOverflow(b).partialValue)]
    return .finished(ToolResult(text: JSONValue.object(sum).text(), structured: sum))
  },
  ConformanceFixture(name: "test_error_handling", summary: "Fails.") { _, _ in
    .finished(ToolResult(text: "This tool intentionally returns an error for testing", isError: true))
  },
  ConformanceFixture(name: "json_schema_2020_12_tool", summary: "Has a rich input schema.", input: richSchema) {
    arguments, _ in .text("JSON Schema 2020-12 tool called with: \(JSONValue.object(arguments).text())")
  },
]

let noticeFixtures: [ConformanceFixture] = [
  ConformanceFixture(name: "test_tool_with_logging", summary: "Logs three times.") { _, context in
    for message in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
      await context.notify(.log(level: .info, logger: nil, data: .string(message)))
      guard await pause(50) else { return .text("Cancelled") }
    }
    return .text("Tool with logging executed successfully")
  },
  ConformanceFixture(name: "test_tool_with_progress", summary: "Reports progress three times.") { _, context in
    for progress in [0.0, 50, 100] {
      await context.notify(.progress(progress, total: 100, message: "Completed step \(Int(progress)) of 100"))
      guard await pause(50) else { return .text("Cancelled") }
    }
    return .text("Tool with progress executed successfully")
  },
  ConformanceFixture(name: "test_logging_tool", summary: "Logs once.") { _, context in
    await context.notify(.log(level: .info, logger: "conformance", data: "This log is for those who asked for it"))
    return .text("Logged")
  },
  ConformanceFixture(
    name: "test_slow", summary: "Sleeps, with progress ten times a second.",
    input: ["type": "object", "properties": ["seconds": ["type": "number", "default": 1]]]
  ) { arguments, context in
    let steps = min(max(arguments["seconds"]?.double ?? 1, 0), 600) * 10
    var step = 0.0
    while step < steps {
      await context.notify(.progress(step, total: steps, message: nil))
      guard await pause(100) else { return .text("Cancelled") }
      step += 1
    }
    return .text("Slept")
  },
]

func changeFixtures(_ announcements: Announcements) -> [ConformanceFixture] {
  [
    ConformanceFixture(name: "test_trigger_tool_change", summary: "Announces a change of the tool list.") { _, _ in
      await announcements.publish(.tools)
      return .text("Tool list change announced")
    },
    ConformanceFixture(name: "test_trigger_prompt_change", summary: "Announces a change of the prompts.") { _, _ in
      await announcements.publish(.prompts)
      return .text("Prompt list change announced")
    },
    ConformanceFixture(name: "test_trigger_resource_update", summary: "Announces a change of the watched resource.") {
      _, _ in
      await announcements.publish(.resource("test://watched-resource"))
      return .text("Resource update announced")
    },
  ]
}

private let image: JSONValue = ["type": "image", "data": .string(conformanceImage), "mimeType": "image/png"]

private func embedded(_ uri: String, _ mimeType: String, _ text: String) -> JSONValue {
  ["type": "resource", "resource": ["uri": .string(uri), "mimeType": .string(mimeType), "text": .string(text)]]
}

/// False when the call was cancelled meanwhile.
private func pause(_ milliseconds: Int) async -> Bool {
  do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return false }
  return true
}

private let richSchema: JSONObject = [
  "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
  "$defs": [
    "address": [
      "$anchor": "addressDef", "type": "object",
      "properties": ["street": ["type": "string"], "city": ["type": "string"]],
    ]
  ],
  "properties": [
    "name": ["type": "string"], "address": ["$ref": "#/$defs/address"],
    "contactMethod": ["type": "string", "enum": ["phone", "email"]], "phone": ["type": "string"],
    "email": ["type": "string"],
  ],
  "allOf": [["anyOf": [["required": ["phone"]], ["required": ["email"]]]]],
  "if": ["properties": ["contactMethod": ["const": "phone"]], "required": ["contactMethod"]],
  "then": ["required": ["phone"]], "else": ["required": ["email"]], "additionalProperties": false,
]
