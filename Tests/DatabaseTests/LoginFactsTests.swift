// What a login may do, as a real server tells it: a plain login, a superuser, and one with everything wrong.

import Database
import Support
import Testing

@Suite(.needsServer) struct LoginFactsTests {
  /// A database with a login of its own, dropped afterwards.
  private func withLogin(
    _ attributes: String = "", schema: (_ role: String) -> String = { _ in "" },
    _ body: (LoginFacts, _ role: String, ServerInfo) async throws -> Void
  ) async throws {
    let role = "login_\(UInt32.random(in: 0 ... .max))"
    let cluster = try ScratchCluster.shared()
    _ = try cluster.run("CREATE ROLE \(role) LOGIN \(attributes)")
    try await withDatabase(schema: schema(role)) { url in
      let admin = try await Session.open(ConnectionTarget(url: url))
      let database = admin.server.database
      await admin.close()
      let session = try await Session.open(ConnectionTarget(url: cluster.url(database: database, role: role)))
      let facts = try await session.loginFacts()
      await session.close()
      try await body(facts, role, session.server)
      _ = try cluster.run("DROP OWNED BY \(role)", in: database)
    }
    _ = try cluster.run("DROP ROLE \(role)")
  }

  @Test func aPlainLogin() async throws {
    try await withLogin { facts, role, server in
      let login = facts.login
      #expect(login.role == role && login.sessionRole == role && login.versionNumber == server.versionNumber)
      #expect(!login.isSuperuser && !login.mayCreateRoles && !login.mayCreateDatabases && !login.mayReplicate)
      #expect(!login.bypassesRowSecurity && !login.ownsDatabase && !login.isInRecovery && login.isLocal)
      #expect(login.databasePrivileges == ["TEMPORARY"] && login.publicVolatileFunctions == 0)
      #expect(facts.roles.isEmpty && facts.unseen.isEmpty && facts.storedSettings.isEmpty)
      #expect(facts.objects(.relation).isEmpty && facts.objects(.definer).isEmpty && facts.objects(.server).isEmpty)
      #expect(facts.setting("default_transaction_read_only") == "off")
      #expect(facts.objects(.largeObject).count == 3)
    }
  }

  @Test func everythingThatIsWrongWithOne() async throws {
    let schema = { (role: String) in
      """
      CREATE TABLE public.mine (a int);
      ALTER TABLE public.mine OWNER TO \(role);
      CREATE TABLE public.shared (a int, b int);
      GRANT UPDATE (b), TRUNCATE ON public.shared TO \(role);
      CREATE TABLE public.kept (a int);
      GRANT CREATE ON SCHEMA public TO \(role);
      CREATE FUNCTION public.loose() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
      CREATE FUNCTION public.tight() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
      REVOKE EXECUTE ON FUNCTION public.tight() FROM PUBLIC;
      CREATE FUNCTION public.fixed() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
      CREATE FUNCTION public.strong(text) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      GRANT pg_read_server_files TO \(role);
      ALTER ROLE \(role) SET work_mem = '1GB';
      ALTER ROLE \(role) SET my.secret = 'hunter2';
      GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) TO \(role);
      """
    }
    try await withLogin("CREATEDB BYPASSRLS NOINHERIT", schema: schema) { facts, _, _ in
      #expect(facts.login.mayCreateDatabases && facts.login.bypassesRowSecurity)
      // loose() and strong(text): PUBLIC may call both.
      #expect(facts.login.publicVolatileFunctions == 2)
      #expect(facts.roles.map(\.name) == ["pg_read_server_files"] && facts.roles.first?.isInherited == false)
      let relations = facts.objects(.relation)
      #expect(relations.map(\.name) == ["public.mine", "public.shared"])
      #expect(relations[0].isOwned && relations[1].privileges == ["UPDATE", "TRUNCATE"])
      #expect(facts.objects(.schema).first { $0.name == "public" }?.privileges.contains("CREATE") == true)
      #expect(facts.objects(.definer).map(\.name) == ["public.strong(text)"])
      #expect(facts.objects(.granted).map(\.name) == ["pg_catalog.pg_ls_dir(text)"])
      #expect(
        facts.storedSettings == [
          LoginFacts.StoredSetting(.role, "my.secret", ""), LoginFacts.StoredSetting(.role, "work_mem", "1GB"),
        ])
      #expect(facts.unseen.isEmpty)
    }
  }

  @Test func settingsOfTheDatabaseAndExtensionsThatReachOut() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute("CREATE SCHEMA \"Odd\"")
      let available: [Int] = try await session.rows(
        "SELECT count(*) FROM pg_available_extensions WHERE name = 'pageinspect'")
      if available == [1] { try await session.execute("CREATE EXTENSION pageinspect SCHEMA \"Odd\"") }
      _ = try ScratchCluster.shared().run("ALTER DATABASE \(session.server.database) SET statement_timeout = '5s'")
      let facts = try await session.loginFacts()
      #expect(facts.login.isSuperuser && facts.login.role == "postgres")
      #expect(facts.storedSettings.contains(LoginFacts.StoredSetting(.database, "statement_timeout", "5s")))
      let names = facts.extensions.map(\.name)
      #expect(names.contains("pageinspect") == (available == [1]))
      if case .installed(let schema, let version) = session.server.hypopg {
        #expect(facts.extensions.contains(LoginFacts.Extension("hypopg", schema: schema, version: version)))
      }
      #expect(!names.contains("pg_stat_statements") && !names.contains("plpgsql") && facts.unseen.isEmpty)
      await session.close()
    }
  }
}
