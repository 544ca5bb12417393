// Which service runs a server: judged by planted marks, on a live server too, and what follows for remedies.

import Database
import HealthChecks
import Support
import Testing

@Suite struct PlatformJudgingTests {
  @Test(arguments: [
    (PlatformMarks(), Platform.selfManaged), (PlatformMarks(roles: ["rds_superuser"]), .rds),
    (PlatformMarks(roles: ["rdsadmin", "rds_superuser"]), .rds), (PlatformMarks(settings: ["rds.extensions"]), .rds),
    (PlatformMarks(roles: ["rdsadmin", "rds_superuser"], functions: ["aurora_version"]), .aurora),
    (PlatformMarks(roles: ["cloudsqlsuperuser"]), .cloudSQL),
    (PlatformMarks(settings: ["cloudsql.iam_authentication"]), .cloudSQL),
    (PlatformMarks(roles: ["azure_pg_admin"]), .azure), (PlatformMarks(settings: ["azure.extensions"]), .azure),
    (PlatformMarks(roles: ["supabase_admin"]), .supabase), (PlatformMarks(roles: ["neon_superuser"]), .neon),
    (PlatformMarks(extensions: ["neon"]), .neon), (PlatformMarks(settings: ["neon.timeline_id"]), .neon),
  ])
  func eachIsKnownByItsMarks(marks: PlatformMarks, platform: Platform) {
    #expect(Platform(marks, asSuperuser: false) == platform)
  }

  /// A dump of roles brings the customers' role along, and no service makes a customer superuser.
  @Test func aRoleThatWasRestoredDecidesNothing() {
    for role in ["rds_superuser", "cloudsqlsuperuser", "azure_pg_admin", "neon_superuser"] {
      #expect(Platform(PlatformMarks(roles: [role]), asSuperuser: true) == .selfManaged)
    }
    #expect(Platform(PlatformMarks(roles: ["rdsadmin"]), asSuperuser: true) == .rds)
  }
}

@Suite(.needsServer) struct PlatformTests {
  private func result(
    _ ids: [String], in database: String, as role: String?, on cluster: ScratchCluster
  ) async throws -> Checkup.Result {
    let session = try await Session.open(ConnectionTarget(url: cluster.url(database: database, role: role)))
    let result = try await Checkup(allChecks.filter { ids.contains($0.id) }).run(on: session)
    await session.close()
    return result
  }

  /// Settings with a service's own prefix, for one database each; a login that is no superuser looks.
  @Test(arguments: [
    ("rds.extensions", Platform.rds, "aws rds modify-db-parameter-group"),
    ("cloudsql.iam_authentication", .cloudSQL, "gcloud sql instances patch"),
    ("azure.extensions", .azure, "az postgres flexible-server parameter set"),
    ("neon.timeline_id", .neon, "ask its support"),
  ])
  func settingsWithAPrefixGiveItAway(setting: String, platform: Platform, command: String) async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int)") { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      let role = "customer_\(UInt32.random(in: 0 ... .max))"
      let cluster = try ScratchCluster.shared()
      _ = try await onOwnThread {
        try cluster.run("CREATE ROLE \(role) LOGIN; ALTER DATABASE \(database) SET \(setting) = 'on'")
      }
      let ids = ["autovacuum-disabled", "md5-passwords", "bloated-tables", "dangerous-settings", "archiver-failing"]
      let found = try await result(ids, in: database, as: role, on: cluster)
      _ = try await onOwnThread { try cluster.run("DROP ROLE \(role)") }
      #expect(found.surroundings.platform == platform)
      // The tests' cluster has no autovacuum.
      let remedies = found.findings.flatMap(\.remedies).map(\.sql)
      #expect(
        remedies.contains { $0.hasPrefix("-- ") && $0.contains(command) && $0.contains("autovacuum") }, "\(remedies)")
      #expect(!remedies.contains { $0.contains("ALTER SYSTEM") })
      func reason(_ id: String) -> String {
        if case .notLookedAt(let reason) = found.outcomes.first(where: { $0.id == id })?.status { reason } else { "" }
      }
      #expect(reason("md5-passwords").contains("\(platform.rawValue) makes nobody one"))
      #expect(reason("bloated-tables").contains("GRANT SELECT ON ALL TABLES IN SCHEMA … TO \(role);"))
      // Where storage is the service's own, PostgreSQL's settings for it mean nothing, and neither does its archiver.
      #expect(found.findings.contains { $0.object.name == "fsync" } == (platform != .neon))
      #expect(reason("archiver-failing").contains("in its storage") == (platform == .neon))
      #expect(found.outcomes.contains { $0.id == "dangerous-settings" && !$0.omissions.isEmpty } == (platform == .neon))
    }
  }

  @Test func ownersOfAServiceGiveItAway() async throws {
    let cluster = try await onOwnThread { try ScratchCluster.start(ScratchCluster.Options()) }
    for (role, platform) in [
      ("rdsadmin", Platform.rds), ("cloudsqladmin", .cloudSQL), ("azuresu", .azure), ("supabase_admin", .supabase),
      ("cloud_admin", .neon),
    ] {
      _ = try await onOwnThread { try cluster.run("CREATE ROLE \(role) SUPERUSER") }
      #expect(try await result([], in: "postgres", as: nil, on: cluster).surroundings.platform == platform)
      _ = try await onOwnThread { try cluster.run("DROP ROLE \(role)") }
    }
    _ = try await onOwnThread {
      try cluster.run("CREATE FUNCTION pg_catalog.aurora_version() RETURNS text LANGUAGE sql AS 'SELECT ''15.4'''")
    }
    let aurora = try await result(["standby-lag", "checksum-failures"], in: "postgres", as: nil, on: cluster)
    #expect(aurora.surroundings.platform == .aurora)
    #expect(
      aurora.outcomes.allSatisfy {
        if case .notLookedAt(let reason) = $0.status { reason.contains("storage") } else { false }
      })
    try await onOwnThread { try cluster.control("stop") }
  }
}
