// The shapes that answers are made of, as JSON Schema.

import JSON

enum ToolOutput {
  static let text: JSONValue = ["type": "string"]
  static let number: JSONValue = ["type": "integer"]
  static let flag: JSONValue = ["type": "boolean"]
  static let object: JSONValue = ["type": "object"]
  static let objects: JSONValue = ["type": "array", "items": ["type": "object"]]
  static let texts: JSONValue = ["type": "array", "items": ["type": "string"]]
}
