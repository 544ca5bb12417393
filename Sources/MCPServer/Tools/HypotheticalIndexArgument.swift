// Hypothetical indexes as callers write them: statements, or objects with a table and columns.

import Governance
import JSON

enum HypotheticalIndexArgument {
  private static let most = 64

  /// `CREATE INDEX` statements; HypoPG parses them as values.
  static func statements(_ values: [JSONValue]) throws(ToolFailure) -> [String] {
    guard values.count <= most else { throw ToolFailure("bad_arguments", "At most \(most) hypothetical indexes") }
    return try values.map { value throws(ToolFailure) in
      if let text = value.string { text } else { try statement(value) }
    }
  }

  private static func statement(_ value: JSONValue) throws(ToolFailure) -> String {
    let columns = value["columns"]?.array?.compactMap(\.string) ?? []
    guard let table = value["table"]?.string, !columns.isEmpty, columns.count == value["columns"]?.array?.count else {
      throw ToolFailure(
        "bad_arguments", "A hypothetical index has a table and columns",
        hint: "For instance {\"table\": \"orders\", \"columns\": [\"customer_id\"], \"using\": \"btree\"}.")
    }
    let path = table.split(separator: ".").map { quotedName(String($0)) }.joined(separator: ".")
    let keys = columns.map { isPlain($0) ? quotedName($0) : $0 }.joined(separator: ", ")
    return "CREATE INDEX ON \(path) USING \(quotedName(value["using"]?.string ?? "btree")) (\(keys))"
  }

  /// A column, and no expression such as `lower(email)`.
  private static func isPlain(_ name: String) -> Bool {
    name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }
}
