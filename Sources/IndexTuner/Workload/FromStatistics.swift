// Workloads from pg_stat_statements: what the server really ran.

package import Database

/// Statements recorded by the server, with the time each took.
package struct FromStatistics: Sendable {
  package init() {}

  /// Weight is total execution time, that is calls × mean time.
  package func statements(in statistics: StatementStatistics) -> [FoundStatement] {
    statistics.statements.map { recorded in
      FoundStatement(
        text: recorded.text, origin: .statistics(role: recorded.role), milliseconds: recorded.totalMilliseconds,
        calls: recorded.calls, rows: recorded.rows,
        searchPath: recorded.searchPath.flatMap { Self.schemas(in: $0, role: recorded.role) })
    }
  }

  /// A `search_path` setting as a list: quotes taken off, unquoted names folded, `$user` replaced by the role.
  package static func schemas(in setting: String, role: String?) -> [String]? {
    var schemas: [String] = []
    var rest = Array(setting)[...]
    while !rest.isEmpty {
      while rest.first?.isWhitespace == true || rest.first == "," { rest.removeFirst() }
      guard let first = rest.first else { break }
      var name = ""
      if first == "\"" {
        rest.removeFirst()
        while let character = rest.popFirst() {
          // Two quotes in a row stand for one.
          if character == "\"" {
            guard rest.first == "\"" else { break }
            rest.removeFirst()
          }
          name.append(character)
        }
      } else {
        while let character = rest.first, character != ",", !character.isWhitespace {
          name.append(contentsOf: character.lowercased())
          rest.removeFirst()
        }
      }
      let schema = name == "$user" ? role : name
      if let schema, !schema.isEmpty { schemas.append(schema) }
    }
    return schemas.isEmpty ? nil : schemas
  }
}
