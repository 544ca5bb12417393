// Which columns look as if they held what is nobody's business, and what the policies say of them.

package import Database

/// What is worth a look at an agent's policies on a connection.
package struct PolicyCoverage: Sendable {
  /// A column that looks sensitive and is shown as it is stored.
  package struct Clear: Sendable, Equatable {
    package var column: NamedColumn
    /// What it looks like: `an address for mail`.
    package var looksLike: String
  }

  package var clear: [Clear] = []
  /// Names in the policies that nothing in the database has: misspelt, they protect nothing.
  package var unknown: [String] = []
  /// Columns that look sensitive, clear or not.
  package var sensitive = 0

  /// - Parameter policy: nil where nothing is hidden.
  package init(of columns: [NamedColumn], under policy: EffectivePolicy?) {
    for column in columns {
      guard let looksLike = Self.look(of: column) else { continue }
      sensitive += 1
      guard let policy else {
        clear.append(Clear(column: column, looksLike: looksLike))
        continue
      }
      let table = TableName(schema: column.schema, name: column.table)
      let ancestors = column.ancestors.compactMap(Self.table)
      guard policy.admits(table, under: ancestors), policy.rule(of: table, under: ancestors).isClear(column.column)
      else {
        continue
      }
      // A view over what is ruled shows what the policy makes of it, or is refused.
      let isPoliced = column.reads.compactMap(Self.table).contains { read in
        !policy.admits(read, under: []) || !policy.rule(of: read, under: []).isEmpty
      }
      if isPoliced { continue }
      clear.append(Clear(column: column, looksLike: looksLike))
    }
    unknown = policy.map { Self.unknown(in: $0, columns) } ?? []
  }

  /// `schema.table`.
  private static func table(_ name: String) -> TableName? {
    name.firstIndex(of: ".").map {
      TableName(schema: String(name[..<$0]), name: String(name[name.index(after: $0)...]))
    }
  }

  /// Words that a name holds, as parts between underscores and capitals.
  private static let words: [(words: Set<String>, what: String)] = [
    (["email", "mail", "emailaddress"], "a mail address"),
    (["phone", "mobile", "fax", "msisdn", "tel"], "a phone number"),
    (["ssn", "sin", "nin", "nino", "passport", "license", "licence", "taxid", "tax", "vat"], "a number of a person's"),
    (
      ["password", "passwd", "pwd", "secret", "token", "apikey", "hash", "salt", "pin", "otp", "credential"], "a secret"
    ),
    (["birth", "birthday", "birthdate", "dob", "born"], "a day of birth"),
    (["salary", "wage", "income", "bonus"], "what somebody earns"),
    (["iban", "bic", "card", "cvv", "cvc", "pan", "account"], "a means of payment"),
    (
      ["street", "address", "zip", "postcode", "postal", "latitude", "longitude", "lat", "lon"],
      "a place where somebody is"
    ),
    (["ip", "ipaddress", "useragent", "mac"], "a device's address"),
    (["firstname", "lastname", "surname", "fullname", "maiden"], "a name of a person's"),
    (["gender", "religion", "ethnicity", "diagnosis", "health", "medical"], "what is nobody's business"),
  ]

  static func look(of column: NamedColumn) -> String? {
    if column.type == "inet" || column.type == "macaddr" { return "a device's address" }
    var parts: [String] = []
    var part = ""
    var wasLower = false
    for character in column.column {
      if !character.isLetter || (character.isUppercase && wasLower) {
        parts.append(part.lowercased())
        part = ""
      }
      if character.isLetter { part.append(character) }
      wasLower = character.isLowercase
    }
    parts.append(part.lowercased())
    let pairs = zip(parts, parts.dropFirst()).map { $0 + $1 }
    // A key that refers to something holds nothing of it.
    if parts.last == "id", parts.count == 2, parts[0] != "tax" { return nil }
    return words.first { !$0.words.isDisjoint(with: parts + pairs) }?.what
  }

  private static func unknown(in policy: EffectivePolicy, _ columns: [NamedColumn]) -> [String] {
    let tables = Dictionary(grouping: columns) { TableName(schema: $0.schema, name: $0.table) }
    let schemas = Set(columns.map(\.schema))
    func matching(_ name: String) -> [TableName] {
      tables.keys.filter { name == $0.name || name == "\($0.schema).\($0.name)" || name == "\($0.schema).*" }
    }
    var unknown: Set<String> = []
    for layer in policy.layers {
      for schema in (layer.allowSchemas ?? []).union(layer.denySchemas) where !schemas.contains(schema) {
        unknown.insert("schema \(schema)")
      }
      for name in (layer.allowTables ?? []).union(layer.denyTables) where matching(name).isEmpty {
        unknown.insert("table \(name)")
      }
      for (name, rule) in layer.tables {
        let found = matching(name)
        if found.isEmpty { unknown.insert("table \(name)") }
        let there = Set(found.flatMap { tables[$0] ?? [] }.map(\.column))
        let named = (rule.allowColumns ?? []).union(rule.denyColumns).union(rule.masks.keys)
        for column in named where !found.isEmpty && !there.contains(column) {
          unknown.insert("column \(name).\(column)")
        }
      }
    }
    return unknown.sorted()
  }
}
