// Tools and their results as each version of the protocol has them.

internal import JSON

extension ToolDescription {
  func json(_ version: ProtocolVersion) -> JSONValue {
    var tool: JSONObject = ["name": .string(name)]
    if version.hasStructure { tool["title"] = .string(title) }
    tool["description"] = .string(summary)
    tool["inputSchema"] = .object(input)
    if version.hasStructure, let output { tool["outputSchema"] = .object(output) }
    if version.hasToolHints {
      var annotations: JSONObject = [
        "readOnlyHint": .bool(hints.isReadOnly), "destructiveHint": .bool(hints.isDestructive),
        "idempotentHint": .bool(hints.isIdempotent), "openWorldHint": .bool(hints.isOpenWorld),
      ]
      // Where the tool has no title of its own.
      if !version.hasStructure { annotations["title"] = .string(title) }
      tool["annotations"] = .object(annotations)
    }
    return .object(tool)
  }
}

extension ToolResult {
  /// - Parameter placeholder: stands where rows belong that are put in later.
  func json(_ version: ProtocolVersion, rowsAs placeholder: String = "") -> JSONObject {
    var result: JSONObject = ["content": .array(content.map { contentBlock($0, version) })]
    // Some clients check it against the output schema even where there is an error.
    if version.hasStructure, !isError, var structured {
      if rows != nil { structured["rows"] = .string(placeholder) }
      result["structuredContent"] = .object(structured)
    }
    result["isError"] = .bool(isError)
    return result
  }
}

/// A content block as this version knows it; a kind that it does not know becomes a text.
func contentBlock(_ block: JSONValue, _ version: ProtocolVersion) -> JSONValue {
  guard !version.hasStructure, var object = block.object else { return block }
  switch object["type"]?.string {
  case "resource_link":
    let uri = object["uri"]?.string ?? ""
    let title = object["title"]?.string ?? object["name"]?.string
    return ["type": "text", "text": .string(title.map { "\($0): \(uri)" } ?? uri)]
  case "audio" where !version.hasAudio:
    return ["type": "text", "text": .string("[audio, \(object["mimeType"]?.string ?? "of unknown type")]")]
  default: break
  }
  object["_meta"] = nil
  if var resource = object["resource"]?.object {
    resource["_meta"] = nil
    object["resource"] = .object(resource)
  }
  if var annotations = object["annotations"]?.object {
    annotations["lastModified"] = nil
    object["annotations"] = .object(annotations)
  }
  return .object(object)
}
