// `pgadvisor doctor` on a live server: a sick login, its findings, the cure as printed, and the good grade after it.

import JSON
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

private let program: String = {
  let beside = CommandLine.arguments.first.map { path in
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/pgadvisor"
  }
  let candidates = [variable("PGADVISOR_PROGRAM"), beside, packageFile(".build/debug/pgadvisor")].compactMap { $0 }
  return candidates.first { access($0, X_OK) == 0 } ?? "pgadvisor"
}()

/// A database with everything wrong, and the roles that go with it.
private struct SickDatabase {
  let cluster: ScratchCluster
  let name: String
  var login: String { "\(name)_login" }
  var group: String { "\(name)_group" }
  var fresh: String { "\(name)_fresh" }

  init() throws {
    cluster = try ScratchCluster.shared()
    name = "doctor_\(UInt32.random(in: 0 ... .max))"
    try cluster.run("CREATE DATABASE \(name)")
    try cluster.run(
      """
      CREATE ROLE \(group);
      CREATE ROLE \(login) LOGIN BYPASSRLS CREATEDB
        IN ROLE \(group), pg_signal_backend, pg_read_server_files, pg_monitor;
      """)
    let script = try #require(contents(of: packageFile("Fixtures/doctor/sick.sql")))
    try run(filled(script))
  }

  func drop() {
    _ = try? run("DROP OWNED BY \(login), \(group)")
    _ = try? run("DROP OWNED BY \(fresh)")
    _ = try? cluster.run("DROP DATABASE \(name) WITH (FORCE)")
    for role in [login, group, fresh] { _ = try? cluster.run("DROP ROLE IF EXISTS \(role)") }
  }

  @discardableResult
  func run(_ script: String) throws -> String { try cluster.run(script, in: name) }

  func doctor(as role: String, _ options: String...) throws -> CommandOutput {
    try runCommand([program, "doctor", cluster.url(database: name, role: role), "--role", fresh] + options)
  }

  func filled(_ text: String) -> String { replaced(replaced(text, "{login}", login), "{group}", group) }

  /// Without the names of this run.
  func neutral(_ text: String) -> String {
    let neutral = [(login, "{login}"), (group, "{group}"), (fresh, "{fresh}"), (name, "{database}")]
      .reduce(text) { replaced($0, $1.0, $1.1) }
    // What other databases the server has is none of these tests' business.
    return neutral.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("  objects in ") }
      .joined(separator: "\n")
  }

  private func replaced(_ text: String, _ old: String, _ new: String) -> String {
    text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
  }
}

private func majorVersion() throws -> Int {
  Int(try ScratchCluster.shared().run("SELECT current_setting('server_version_num')::int / 10000").dropLast()) ?? 0
}

@Suite(.needsServer, .serialized) struct DoctorTests {
  /// Findings that do not depend on what else is on the server.
  private static let expected: Set<String> = [
    "member-read-server-files", "bypass-row-security", "create-databases", "member-signal-backend", "owns-tables",
    "may-write", "create-in-schema", "foreign-servers", "temporary-tables", "reserved-functions", "dblink",
    "untrusted-code", "security-definer", "member-monitor", "anonymous-code", "read-write-by-default",
    "no-statement-timeout", "no-temporary-file-limit",
  ]

  private func findings(_ output: CommandOutput) throws -> Set<String> {
    let found = try JSONValue(parsing: output.text)["findings"]?.array ?? []
    return Set(found.compactMap { $0["id"]?.string })
  }

  @Test func aSickLoginIsSeenAndThePrintedRoleIsWell() throws {
    let sick = try SickDatabase()
    defer { sick.drop() }
    let seen = try sick.doctor(as: sick.login, "--json")
    #expect(seen.status == 1)
    #expect(try Self.expected.subtracting(findings(seen)).isEmpty)
    let posture = try JSONValue(parsing: seen.text)
    #expect(posture["grade"]?.string == "F")
    // The remedies are SQL that runs, one by one, as a superuser.
    let remedies = (posture["findings"]?.array ?? []).flatMap { $0["remedy"]?.array ?? [] }.compactMap(\.string)
    let harmless = remedies.filter { $0.hasPrefix("REVOKE") && !$0.contains("LANGUAGE") }
    #expect(harmless.count > 20)
    // The role that was printed for the login: what it is, may read, and may not do.
    let cure = (posture["cure"]?.array ?? []).compactMap(\.string).joined(separator: "\n")
    try sick.run(cure)
    let well = try sick.doctor(as: sick.fresh, "--json")
    #expect(well.status == 0, "\(well.text)")
    #expect(try JSONValue(parsing: well.text)["grade"]?.string == "A")
    try sick.run("BEGIN; \(harmless.joined(separator: "\n")) ROLLBACK;")
    for (statement, state) in Self.attempts {
      let output = try runCommand(
        [
          sick.cluster.psql, "-X", "-q", "-A", "-t", "-v", "VERBOSITY=sqlstate", "-d",
          sick.cluster.url(database: sick.name, role: sick.fresh), "-f", "-",
        ], input: statement)
      #expect(state.map { output.text.contains($0) } ?? output.text.isEmpty, "\(statement): \(output.text)")
    }
  }

  /// What the printed role may do and what not, also once it has left the read-only mode.
  private static let attempts: [(String, state: String?)] = [
    ("SELECT * FROM app.orders", nil), ("TABLE \"Odd \"\"Name\".\"Table; DROP\"", nil), ("TABLE app.totals", nil),
    ("TABLE app.remote", "42501"), ("INSERT INTO public.open VALUES (1)", "25006"),
    ("BEGIN READ WRITE; INSERT INTO public.open VALUES (1)", "42501"),
    ("BEGIN READ WRITE; UPDATE public.open SET b = 1", "42501"),
    ("BEGIN READ WRITE; SELECT nextval('app.numbers')", "42501"),
    ("BEGIN READ WRITE; CREATE TABLE public.mine ()", "42501"), ("BEGIN READ WRITE; CREATE TEMP TABLE t ()", "42501"),
    ("BEGIN READ WRITE; CREATE SCHEMA mine", "42501"), ("SELECT pg_read_file('PG_VERSION')", "42501"),
    ("SELECT app.definer(1, 'x')", "42501"), ("SELECT app.compiled()", "42501"),
    ("SELECT dblink_connect('x')", "42501"),
  ]

  @Test func theRolePrintedForASuperuserIsWellToo() throws {
    let sick = try SickDatabase()
    defer { sick.drop() }
    let seen = try sick.doctor(as: "postgres", "--json")
    #expect(seen.status == 1)
    #expect(try findings(seen).isSuperset(of: ["superuser", "replication", "create-roles"]))
    let cure = (try JSONValue(parsing: seen.text)["cure"]?.array ?? []).compactMap(\.string)
    try sick.run(cure.joined(separator: "\n"))
    let well = try sick.doctor(as: sick.fresh, "--json")
    #expect(well.status == 0, "\(well.text)")
  }

  @Test func theReportIsReadableAndTheSameEveryTime() throws {
    let sick = try SickDatabase()
    defer { sick.drop() }
    let first = try sick.doctor(as: sick.login)
    #expect(try sick.doctor(as: sick.login).text == first.text)
    #expect(try sick.doctor(as: sick.login, "--json").text == sick.doctor(as: sick.login, "--json").text)
    // Other majors have other functions and settings.
    guard try majorVersion() == 15 else { return }
    expectGolden(sick.neutral(first.text), at: "Fixtures/doctor/sick.text")
    let cure = try JSONValue(parsing: sick.doctor(as: sick.login, "--json").text)["cure"]?.array ?? []
    try sick.run(cure.compactMap(\.string).joined(separator: "\n"))
    expectGolden(sick.neutral(try sick.doctor(as: sick.fresh).text), at: "Fixtures/doctor/well.text")
  }

  @Test func whatCannotBeSeenIsSaid() throws {
    let sick = try SickDatabase()
    defer { sick.drop() }
    try sick.run("REVOKE SELECT ON pg_catalog.pg_foreign_server FROM PUBLIC")
    let seen = try sick.doctor(as: sick.login, "--json")
    #expect(seen.status == 1)
    let unseen = try JSONValue(parsing: seen.text)["not_looked_at"]?.array ?? []
    let topics = unseen.filter { $0["reason"]?.string == "permission denied for table pg_foreign_server" }
      .compactMap { $0["topic"]?.string }
    #expect(topics == ["tables", "foreign servers"], "\(unseen)")
    #expect(try !findings(seen).contains("foreign-servers"))
    #expect(try findings(seen).contains("dblink"))
  }

  @Test func whatIsNotThereIsAFailure() throws {
    let result = try runCommand([program, "doctor", "postgresql://127.0.0.1:1/x"])
    #expect(result.status == 2)
    #expect(result.text.split(separator: "\n").count == 1)
    #expect(try runCommand([program, "doctor", "a", "b"]).status == 64)
    #expect(try runCommand([program, "doctor", "--role", ""]).status == 64)
  }
}
