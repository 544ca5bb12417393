// Policies of a configuration, checked as far as that can be done without a database.

import Cryptography
import Governance
import YAML

extension ConfigurationBuilder {
  /// Those of everybody first.
  mutating func policies(
    _ root: SettingsSection, _ identities: ConfiguredIdentities, connections: [String]
  ) -> [PolicyRule] {
    var rules: [PolicyRule] = []
    if let section = root.section("policy") {
      rules.append(PolicyRule(connection: nil, members: nil, policy: policy(section)))
    }
    for section in root.sections("policies") {
      if let value = section.values["connection"], value.text != "*" { checkConnection(value, Set(connections)) }
      let members = section.list("members").map { members in
        Set(members.compactMap { grantee($0, identities, isNarrowing: true) })
      }
      let name = section.text("connection")
      rules.append(PolicyRule(connection: name == "*" ? nil : name, members: members, policy: policy(section)))
    }
    return rules
  }

  private mutating func policy(_ section: SettingsSection) -> Policy {
    var policy = Policy()
    policy.allowSchemas = section.texts("allow_schemas").map { Set($0) }
    policy.denySchemas = Set(section.texts("deny_schemas") ?? [])
    policy.allowTables = section.texts("allow_tables").map { Set($0) }
    policy.denyTables = Set(section.texts("deny_tables") ?? [])
    policy.hashKey = section.text("hash_key").map(Self.key)
    policy.limits.rows = section.integer("max_rows_per_query")
    policy.limits.bytes = section.size("max_bytes_per_query").map { Int($0) }
    policy.limits.perMinute = section.integer("max_queries_per_minute")
    policy.limits.perHour = section.integer("max_queries_per_hour")
    policy.limits.concurrent = section.integer("max_concurrent_calls")
    policy.limits.ceilings.cost = section.integer("max_cost").map { Double($0) }
    policy.limits.ceilings.scannedRows = section.integer("max_full_scan_rows")
    for (name, place, value) in section.map("tables") {
      checkTable(name, at: place)
      guard case .section(let rule) = value.content else { continue }
      policy.tables[name] = tableRule(rule, hasKey: section.written.contains("hash_key"))
    }
    for key in ["allow_tables", "deny_tables"] {
      for value in section.list(key) ?? [] { checkTable(value.text ?? "", at: value.place) }
    }
    if let key = section.values["hash_key"], key.isWritten { writtenSecret = writtenSecret ?? key.place }
    return policy
  }

  /// `table`, `schema.table` or `schema.*`.
  private mutating func checkTable(_ name: String, at place: YAMLPlace) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }), parts[0] != "*" else {
      problems.error(
        "a table is named TABLE, SCHEMA.TABLE or SCHEMA.*", at: place, "Leave quotation marks and databases out")
      return
    }
  }

  private mutating func tableRule(_ section: SettingsSection, hasKey: Bool) -> TableRule {
    var rule = TableRule()
    rule.allowColumns = section.texts("allow_columns").map { Set($0) }
    rule.denyColumns = Set(section.texts("deny_columns") ?? [])
    for (column, place, value) in section.map("mask_columns") { add(.constant(value.text ?? ""), column, place, &rule) }
    for (column, place, value) in section.map("mask") {
      do throws(PolicyFailure) {
        let mask = try Mask(reading: value.text ?? "")
        if mask == .hash && !hasKey {
          problems.error("hash needs a key", at: value.place, "Set hash_key in the same policy")
        }
        add(mask, column, place, &rule)
      } catch {
        let word = String((value.text ?? "").prefix { $0.isLetter })
        let near = Mask.words.contains(word) ? nil : nearest(to: word, among: Mask.words).map { "Did you mean \($0)?" }
        problems.error(error.message, at: value.place, near ?? error.advice)
      }
    }
    if let filter = section.text("row_filter") {
      do throws(PolicyFailure) { try PolicyText.check(filter: filter) } catch {
        problems.error("row_filter: \(error.message)", at: section.place("row_filter"), error.advice)
      }
      rule.rowFilter = filter
    }
    return rule
  }

  private mutating func add(_ mask: Mask, _ column: String, _ place: YAMLPlace, _ rule: inout TableRule) {
    if rule.masks.updateValue(mask, forKey: column) != nil {
      problems.error("there are two masks of one column", at: place, "Take one of them away")
    }
    if rule.denyColumns.contains(column) {
      problems.error("a column that is denied has a mask", at: place, "Take one of the two away")
    }
  }

  /// As PostgreSQL reads bytes: whatever the secret is made of, its digest is of hexadecimal digits.
  private static func key(_ secret: String) -> String {
    let digits = Array("0123456789abcdef")
    return "\\x" + sha256(Array(secret.utf8)).map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
  }
}
