// Resources, templates, prompts and completions as each version of the protocol has them, and their pages.

internal import JSON

extension ResourceDescription {
  func json(_ version: ProtocolVersion) -> JSONValue {
    var resource: JSONObject = ["uri": .string(uri), "name": .string(name)]
    if version.hasStructure { resource["title"] = .string(title) }
    resource["description"] = .string(summary)
    resource["mimeType"] = .string(mimeType)
    return .object(resource)
  }
}

extension ResourceTemplate {
  func json(_ version: ProtocolVersion) -> JSONValue {
    var resource: JSONObject = ["uriTemplate": .string(template), "name": .string(name)]
    if version.hasStructure { resource["title"] = .string(title) }
    resource["description"] = .string(summary)
    resource["mimeType"] = .string(mimeType)
    return .object(resource)
  }
}

extension ResourceContents {
  var json: JSONValue {
    switch body {
    case .text(let text): ["uri": .string(uri), "mimeType": .string(mimeType), "text": .string(text)]
    case .blob(let base64): ["uri": .string(uri), "mimeType": .string(mimeType), "blob": .string(base64)]
    }
  }
}

extension PromptDescription {
  func json(_ version: ProtocolVersion) -> JSONValue {
    var prompt: JSONObject = ["name": .string(name)]
    if version.hasStructure { prompt["title"] = .string(title) }
    prompt["description"] = .string(summary)
    let known = arguments.map { argument -> JSONValue in
      [
        "name": .string(argument.name), "description": .string(argument.summary),
        "required": .bool(argument.isRequired),
      ]
    }
    if !known.isEmpty { prompt["arguments"] = .array(known) }
    return .object(prompt)
  }
}

/// A prompt's result.
func promptResult(_ summary: String, _ messages: [JSONValue], _ version: ProtocolVersion) -> JSONObject {
  let encoded = messages.map { message -> JSONValue in
    guard var object = message.object, let content = object["content"] else { return message }
    object["content"] = contentBlock(content, version)
    return .object(object)
  }
  return ["description": .string(summary), "messages": .array(encoded)]
}

func completionResult(_ values: [String]) -> JSONObject {
  let most = 100
  return [
    "completion": [
      "values": .array(values.prefix(most).map { .string($0) }), "total": .integer(Int64(values.count)),
      "hasMore": .bool(values.count > most),
    ]
  ]
}

/// One page of a list.
struct Page: Sendable {
  var elements: [JSONValue]
  /// For `nextCursor`.
  var next: String?

  /// - Parameter cursor: as sent; one that we have not given out is an error.
  init(of all: [JSONValue], from cursor: JSONValue?, size: Int) throws(ProtocolError) {
    var start = 0
    if let cursor {
      guard let text = cursor.string, text.hasPrefix("from "), let number = Int(text.dropFirst(5)), number > 0,
        number < all.count, number % size == 0
      else { throw .invalidParameters("Invalid cursor") }
      start = number
    }
    let end = all.count - start > size ? start + size : all.count
    elements = Array(all[start..<end])
    next = end < all.count ? "from \(end)" : nil
  }

  func body(_ key: String, freshForMilliseconds milliseconds: Int) -> Body {
    var members: JSONObject = [key: .array(elements)]
    if let next { members["nextCursor"] = .string(next) }
    return Body(members, freshForMilliseconds: milliseconds)
  }
}
