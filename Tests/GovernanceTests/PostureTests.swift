// Postures judged from given facts: what each fact costs, and the SQL that comes out.

import JSON
import Support
import Testing

@testable import Database
@testable import Governance

@Suite struct PostureTests {
  /// A login that reads and nothing else.
  static let clean: LoginFacts = {
    var facts = LoginFacts(
      login: LoginFacts.Login(
        versionNumber: 170_002, database: "shop", role: "reader", sessionRole: "reader", isSuperuser: false,
        mayCreateRoles: false, mayCreateDatabases: false, mayReplicate: false, bypassesRowSecurity: false,
        ownsDatabase: false, databasePrivileges: [], publicDatabasePrivileges: [], usesTLS: true, isLocal: false,
        policyTables: 0))
    facts.settings = [
      ("default_transaction_read_only", "on"), ("row_security", "on"), ("ssl", "on"), ("statement_timeout", "30000ms"),
      ("temp_file_limit", "1048576kB"),
    ].map { LoginFacts.Setting(name: $0, value: $1) }
    facts.objects = [LoginFacts.Object(.schema, "app", privileges: ["USAGE"], detail: "relations")]
    return facts
  }()

  private static func with(_ change: (inout LoginFacts) -> Void) -> LoginFacts {
    var facts = clean
    change(&facts)
    return facts
  }

  private static func with(_ object: LoginFacts.Object) -> LoginFacts { with { $0.objects.append(object) } }

  private static func with(role name: String, superuser: Bool = false) -> LoginFacts {
    with {
      $0.roles.append(
        LoginFacts.ReachableRole(
          name: name, isInherited: true, isSuperuser: superuser, mayCreateRoles: false, mayReplicate: false,
          bypassesRowSecurity: false))
    }
  }

  private static func with(setting name: String, _ value: String) -> LoginFacts {
    with { facts in
      for place in facts.settings.indices where facts.settings[place].name == name {
        facts.settings[place].value = value
      }
    }
  }

  private static func judged(_ facts: LoginFacts) -> Posture { Posture(judging: facts, newRole: "fresh") }

  /// Each fact alone: which finding it makes, and what is left of an A.
  static let single: [(LoginFacts, finding: String, Posture.Grade)] = [
    (with { $0.login.isSuperuser = true }, "superuser", .f),
    (with { $0.login.mayReplicate = true }, "replication", .f),
    (with { $0.login.mayCreateRoles = true }, "create-roles", .f),
    (with { $0.login.sessionRole = "boss" }, "session-role", .f),
    (with(role: "boss", superuser: true), "superuser", .f),
    (with(role: "pg_execute_server_program"), "member-execute-server-program", .f),
    (with(role: "pg_write_server_files"), "member-write-server-files", .f),
    (with(role: "pg_read_server_files"), "member-read-server-files", .f),
    (with(role: "pg_create_subscription"), "member-create-subscription", .f),
    (with(role: "pg_write_all_data"), "member-write-all-data", .d), (with(role: "pg_maintain"), "member-maintain", .d),
    (with(role: "pg_signal_backend"), "member-signal-backend", .c),
    (with(role: "pg_checkpoint"), "member-checkpoint", .c), (with(role: "pg_monitor"), "member-monitor", .a),
    (with { $0.login.bypassesRowSecurity = true }, "bypass-row-security", .c),
    (with { $0.login.mayCreateDatabases = true }, "create-databases", .c),
    (with { $0.login.ownsDatabase = true }, "owns-database", .d),
    (with { $0.login.databasePrivileges = ["CREATE"] }, "create-in-database", .c),
    (with { $0.login.databasePrivileges = ["TEMPORARY"] }, "temporary-tables", .b),
    (with(LoginFacts.Object(.relation, "app.t", isOwned: true)), "owns-tables", .d),
    (with(LoginFacts.Object(.relation, "app.t", privileges: ["INSERT"])), "may-write", .d),
    (with(LoginFacts.Object(.foreignTable, "app.t", privileges: ["INSERT"])), "may-write", .d),
    (with(LoginFacts.Object(.schema, "app2", privileges: ["CREATE"])), "create-in-schema", .c),
    (with(LoginFacts.Object(.server, "far", privileges: ["USAGE"])), "foreign-servers", .c),
    (with(LoginFacts.Object(.granted, "pg_catalog.pg_read_file(text)")), "reserved-functions", .c),
    (with(LoginFacts.Object(.network, "public.dblink(text)")), "dblink", .c),
    (with(LoginFacts.Object(.untrusted, "app.f()")), "untrusted-code", .c),
    (with(LoginFacts.Object(.definer, "app.f()")), "security-definer", .b),
    (with(LoginFacts.Object(.language, "plpgsql", isPublic: true, detail: "trusted")), "anonymous-code", .a),
    (with(LoginFacts.Object(.language, "plpython3u", detail: "untrusted")), "untrusted-language", .a),
    (with(setting: "default_transaction_read_only", "off"), "read-write-by-default", .a),
    (with(setting: "row_security", "off"), "row-security-off", .a),
    (with(setting: "statement_timeout", "0ms"), "no-statement-timeout", .a),
    (with(setting: "temp_file_limit", "-1kB"), "no-temporary-file-limit", .a),
    (with { $0.login.usesTLS = false }, "no-tls", .a),
  ]

  @Test func whoOnlyReadsHasNoFinding() {
    let posture = Self.judged(Self.clean)
    #expect(posture.grade == .a && posture.findings.isEmpty, "\(posture.findings)")
    #expect(!posture.cure.isEmpty)
  }

  @Test(arguments: single.indices)
  func eachFactHasItsPrice(number: Int) throws {
    let (facts, id, grade) = Self.single[number]
    let posture = Self.judged(facts)
    #expect(posture.findings.map(\.id) == [id])
    #expect(posture.grade == grade)
    let finding = try #require(posture.findings.first)
    #expect(!finding.seen.isEmpty && !finding.remedy.isEmpty)
  }

  @Test func everyCheckHasItsFact() {
    let found = Set(Self.single.map(\.finding)).union(["large-objects"])
    let quiet: Set = ["member-read-all-data", "member-read-all-settings", "member-read-all-stats"]
    #expect(
      Set(allPostureChecks.map(\.id)).subtracting(found).subtracting(quiet) == ["member-signal-autovacuum-worker"])
  }

  @Test func severitiesAndGradesFitTogether() {
    #expect(Set(allPostureChecks.map(\.id)).count == allPostureChecks.count)
    for check in allPostureChecks {
      #expect(check.id.allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber }, "\(check.id)")
      switch check.severity {
      case .info: #expect(check.grade == .a, "\(check.id)")
      case .warning: #expect([.b, .c, .d].contains(check.grade), "\(check.id)")
      case .critical: #expect(check.grade == .f, "\(check.id)")
      }
    }
  }

  /// A mapping alone is no way to a server, and neither is a table without one.
  @Test func aForeignTableNeedsAMapping() {
    let server = LoginFacts.Object(.server, "far", privileges: ["MAPPING"])
    let table = LoginFacts.Object(.foreignTable, "app.t", privileges: ["SELECT"], detail: "far")
    func ids(_ objects: LoginFacts.Object...) -> [String] {
      Self.judged(Self.with { $0.objects += objects }).findings.map(\.id)
    }
    #expect(ids(server) == [])
    #expect(ids(table) == [])
    #expect(ids(server, table) == ["foreign-servers"])
    #expect(ids(LoginFacts.Object(.server, "other", privileges: ["MAPPING"]), table) == [])
  }

  @Test func ofASuperuserSingleObjectsSayNothing() {
    let posture = Self.judged(
      Self.with {
        $0.login.isSuperuser = true
        $0.objects.append(LoginFacts.Object(.relation, "app.t", privileges: ["INSERT"], isPublic: true))
      })
    #expect(posture.findings.map(\.id) == ["superuser"])
    #expect(posture.unseen.contains { $0.reason == "a superuser passes every check" })
    // The role that is to come would have what PUBLIC has.
    #expect(posture.cure.contains { $0.hasPrefix("REVOKE INSERT, UPDATE, DELETE") && $0.contains("app.t FROM PUBLIC") })
  }

  @Test func namesAreQuoted() {
    let facts = Self.with {
      $0.login.role = "odd\"; DROP"
      $0.login.sessionRole = "odd\"; DROP"
      $0.login.database = "My Shop"
      $0.login.mayCreateDatabases = true
      $0.login.publicDatabasePrivileges = ["TEMPORARY"]
    }
    let posture = Posture(judging: facts, newRole: "Reader \"x\"")
    #expect(posture.findings.first?.remedy == ["ALTER ROLE \"odd\"\"; DROP\" NOCREATEDB;"])
    #expect(posture.cure.contains("REVOKE TEMPORARY ON DATABASE \"My Shop\" FROM PUBLIC;"))
    #expect(posture.cure.contains("GRANT SELECT ON ALL TABLES IN SCHEMA app TO \"Reader \"\"x\"\"\";"))
  }

  @Test func longListsAreCut() throws {
    let facts = Self.with { facts in
      facts.objects += (1...40).map { LoginFacts.Object(.relation, "app.t\($0)", privileges: ["DELETE"], total: 40) }
    }
    let finding = try #require(Self.judged(facts).findings.first)
    #expect(finding.seen.hasPrefix("40 relations: app.t1 (DELETE), ") && finding.seen.hasSuffix(" and 35 more"))
    #expect(finding.remedy.count == 11 && finding.remedy.last == "-- and 30 more like these")
  }

  /// More rights never make a better grade, and the same facts give the same bytes.
  @Test func moreRightsAreNeverBetter() async {
    await withSeededRandom { random in
      for _ in 0..<200 {
        var facts = Self.clean
        var last = Posture.Grade.a
        for _ in 0..<6 {
          guard let (added, _, _) = Self.single.randomElement(using: &random) else { return }
          facts.objects += added.objects.filter { !facts.objects.contains($0) }
          facts.roles += added.roles.filter { !facts.roles.contains($0) }
          let posture = Self.judged(facts)
          #expect(posture.grade >= last, "\(random)")
          #expect(posture.json.bytes() == Self.judged(facts).json.bytes())
          last = posture.grade
        }
      }
    }
  }
}
