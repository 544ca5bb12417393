// The SQL that creates the role a gate should log in as: it reads this database, and PUBLIC gives it nothing more.

import Database

struct PostureCure {
  private let facts: LoginFacts
  private let role: String
  private let database: String

  init(facts: LoginFacts, role: String) {
    self.facts = facts
    self.role = quotedIdentifier(role)
    database = quotedIdentifier(facts.login.database)
  }

  func statements() -> [String] {
    [
      "-- In database \(database), as a superuser. A password: in psql, \\password \(role)",
      "CREATE ROLE \(role) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 20;",
    ]
      + titled(
        "-- What everybody has, beyond reading. Others lose it too: grant it again to those who need it.", publicRights)
      + ["-- What it reads, also tables that whoever runs this makes later (FOR ROLE names others)."] + reading
      + titled("-- Tables on other servers: reading them runs code there.", withoutForeignTables)
      + ["-- How its sessions begin."] + settings
  }

  private func titled(_ title: String, _ statements: [String]) -> [String] {
    statements.isEmpty ? [] : [title] + statements
  }

  // MARK: - PUBLIC

  private var publicRights: [String] {
    let rights = facts.login.publicDatabasePrivileges
    var statements =
      rights.isEmpty ? [] : ["REVOKE \(rights.joined(separator: ", ")) ON DATABASE \(database) FROM PUBLIC;"]
    statements += of(.schema).map { "REVOKE CREATE ON SCHEMA \($0.name) FROM PUBLIC;" }
    statements += of(.relation).map { object in
      object.detail == "SEQUENCE"
        ? "REVOKE USAGE, UPDATE ON SEQUENCE \(object.name) FROM PUBLIC;"
        : "REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON \(object.name) FROM PUBLIC;"
    }
    statements += of(.foreignTable).map { "REVOKE ALL ON \($0.name) FROM PUBLIC;" }
    statements += of(.server).map { "REVOKE USAGE ON FOREIGN SERVER \($0.name) FROM PUBLIC;" }
    for kind in [LoginFacts.Object.Kind.granted, .network, .untrusted, .definer] {
      statements += of(kind).map { "REVOKE EXECUTE ON ROUTINE \($0.name) FROM PUBLIC;" }
    }
    if LoginFacts.Object.Kind.allCases.contains(where: { isCutShort($0) }) {
      statements.append("-- There are more objects than are listed here: run doctor again as the new role.")
    }
    return statements
  }

  private func isCutShort(_ kind: LoginFacts.Object.Kind) -> Bool {
    let listed = facts.objects(kind)
    return listed.first.map { $0.total > listed.count } ?? false
  }

  /// What PUBLIC may use.
  private func of(_ kind: LoginFacts.Object.Kind) -> [LoginFacts.Object] {
    facts.objects(kind).filter(\.isPublic)
  }

  // MARK: - Reading

  private var reading: [String] {
    var statements = ["GRANT CONNECT ON DATABASE \(database) TO \(role);"]
    for schema in facts.objects(.schema) where schema.detail == "relations" {
      statements.append("GRANT USAGE ON SCHEMA \(schema.name) TO \(role);")
      statements.append("GRANT SELECT ON ALL TABLES IN SCHEMA \(schema.name) TO \(role);")
      statements.append("ALTER DEFAULT PRIVILEGES IN SCHEMA \(schema.name) GRANT SELECT ON TABLES TO \(role);")
    }
    let schemas = facts.objects(.schema)
    if let first = schemas.first, first.total > schemas.count {
      statements.append("-- and the same for \(first.total - schemas.count) more schemas")
    }
    return statements
  }

  private var withoutForeignTables: [String] {
    facts.objects(.foreignTable).map { "REVOKE ALL ON \($0.name) FROM \(role);" }
  }

  // MARK: - Settings

  private var settings: [String] {
    var values = [
      ("default_transaction_read_only", "on"), ("row_security", "on"), ("statement_timeout", "'30s'"),
      ("lock_timeout", "'2s'"), ("idle_in_transaction_session_timeout", "'60s'"), ("temp_file_limit", "'1GB'"),
      ("work_mem", "'32MB'"), ("max_parallel_workers_per_gather", "'2'"),
    ]
    if facts.login.versionNumber >= 170_000 { values.append(("transaction_timeout", "'5min'")) }
    return values.map { "ALTER ROLE \(role) SET \($0) = \($1);" }
  }
}
