// Forms for 2025-06-18, the first version that had them, with fewer kinds of fields than those after it.

internal import JSON

extension InputRequired.Question {
  /// The parameters as that version has them: without a mode, without defaults except of yes and no, and with the titles
  /// of choices beside their values. Nil: it asks for several choices at once, for which there was no field.
  /// https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation#requested-schema
  var parametersOfJune2025: JSONObject? {
    guard method == "elicitation/create" else { return parameters }
    var older = parameters
    older["mode"] = nil
    guard var schema = older["requestedSchema"]?.object else { return isURL ? nil : older }
    var fields = JSONObject()
    for (name, field) in schema["properties"]?.object?.entries ?? [] {
      guard let field = field.object.flatMap(Self.fieldOfJune2025) else { return nil }
      fields[name] = .object(field)
    }
    schema["properties"] = .object(fields)
    older["requestedSchema"] = .object(schema)
    return older
  }

  private static func fieldOfJune2025(_ field: JSONObject) -> JSONObject? {
    guard field["type"] != "array" else { return nil }
    var older = field
    if field["type"] != "boolean" { older["default"] = nil }
    guard let choices = field["oneOf"]?.array else { return older }
    older["oneOf"] = nil
    older["enum"] = .array(choices.compactMap { $0["const"] })
    older["enumNames"] = .array(choices.compactMap { $0["title"] })
    return older
  }
}
