// What a real server refuses: passwords, roles, databases, TLS, pg_hba.conf.

import Database
import Support
import Testing

/// One server with passwords and TLS on 127.0.0.1, for all tests of this file.
private enum GuardedServer {
  static let password = "hunter2"
  static let port = freePort() ?? 25_432

  static let cluster: Result<ScratchCluster, any Error> = Result {
    var options = ScratchCluster.Options()
    options.port = port
    options.settings = [
      "ssl = on", "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'",
      // Before 14 the default is md5, which no rule below lets in.
      "password_encryption = 'scram-sha-256'",
    ]
    options.hostAuthentication = """
      local all postgres trust
      local all peered peer
      local all all trust
      host all rejected 127.0.0.1/32 reject
      hostssl all alice 127.0.0.1/32 scram-sha-256
      hostnossl all plain 127.0.0.1/32 scram-sha-256

      """
    options.prepare = makeCertificates
    let cluster = try ScratchCluster.start(options)
    try cluster.run(
      """
      CREATE ROLE alice LOGIN PASSWORD 'hunter2';
      CREATE ROLE plain LOGIN PASSWORD 'hunter2';
      CREATE ROLE rejected LOGIN;
      CREATE ROLE stranger LOGIN;
      CREATE ROLE peered LOGIN;
      CREATE ROLE crowded LOGIN CONNECTION LIMIT 0;
      CREATE ROLE idler NOLOGIN;
      CREATE DATABASE shop;
      CREATE DATABASE private;
      REVOKE CONNECT ON DATABASE private FROM PUBLIC;
      """)
    return cluster
  }

  /// An authority, a certificate for db.example signed by it, and another authority that signed nothing.
  private static func makeCertificates(in directory: String, of cluster: ScratchCluster) throws {
    let script = """
      set -e
      cd '\(directory)'
      openssl req -new -x509 -days 2 -nodes -subj /CN=authority -out ca.crt -keyout ca.key
      openssl req -new -nodes -subj /CN=db.example -out server.csr -keyout server.key
      openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt
      openssl req -new -x509 -days 2 -nodes -subj /CN=stranger -out other.crt -keyout other.key
      chmod 600 server.key
      cp ca.crt other.crt ..
      chmod 755 ..
      chmod 644 ../ca.crt ../other.crt
      """
    let output = try cluster.asServer(["sh", "-c", script])
    guard output.status == 0 else { throw CommandFailure(description: output.text) }
  }
}

@Suite(.needsServer, .enabled(if: executable(named: "openssl") != nil, "skipped: no openssl"), .serialized)
struct RealRefusalTests {
  private func tcp(_ role: String, _ password: String?, _ database: String = "shop", _ rest: String = "") -> String {
    let secret = password.map { ":\($0)" } ?? ""
    return "postgresql://\(role)\(secret)@127.0.0.1:\(GuardedServer.port)/\(database)?passfile=/dev/null\(rest)"
  }

  /// Kept apart from the URL it takes the place of the URL's own.
  @Test func aSeparatePasswordIsTheOneThatCounts() async throws {
    _ = try await onOwnThread { try GuardedServer.cluster.get() }
    let url = tcp("alice", "wrong")
    let session = try await Session.open(ConnectionTarget(url: url, password: GuardedServer.password))
    await session.close()
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: tcp("alice", GuardedServer.password), password: "ge'heim"))
    }
    #expect(error?.code == .wrongPassword)
  }

  private func refusal(_ url: String) async throws -> DatabaseError? {
    _ = try await onOwnThread { try GuardedServer.cluster.get() }
    let error = await #expect(throws: DatabaseError.self) { try await Session.open(ConnectionTarget(url: url)) }
    #expect(error?.advice?.isEmpty == false)
    #expect(error?.description.contains("hunter2") == false)
    #expect(error?.description.contains("wrong-one") == false)
    #expect(error?.description.contains { $0.isNewline } == false)
    return error
  }

  @Test func connectsWithTLSAndPassword() async throws {
    let cluster = try await onOwnThread { try GuardedServer.cluster.get() }
    for rest in ["", "&sslmode=require", "&sslmode=verify-ca&sslrootcert=\(cluster.directory)/ca.crt"] {
      let session = try await Session.open(ConnectionTarget(url: tcp("alice", GuardedServer.password, "shop", rest)))
      let isEncrypted: [Bool] = try await session.rows("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
      #expect(isEncrypted == [true])
      let task = Task { try await session.execute("SELECT pg_sleep(20)") }
      try await Task.sleep(for: .milliseconds(100))
      task.cancel()
      let error = await #expect(throws: DatabaseError.self) { try await task.value }
      #expect(error?.code == .cancelled)
      await session.close()
    }
  }

  @Test func wrongPassword() async throws {
    for rest in ["", "&sslmode=require"] {
      let error = try await refusal(tcp("alice", "wrong-one", "shop", rest))
      #expect(error?.code == .wrongPassword && error?.sqlState == "28P01")
      #expect(error?.message.hasPrefix("password authentication failed for user \"alice\"") == true)
    }
    #expect(try await refusal(tcp("plain", "wrong-one"))?.code == .wrongPassword)
  }

  @Test func noPassword() async throws {
    let error = try await refusal(tcp("alice", nil))
    #expect(error?.code == .passwordMissing)
  }

  @Test func noSuchRole() async throws {
    let cluster = try await onOwnThread { try GuardedServer.cluster.get() }
    let error = try await refusal(cluster.url(database: "shop", role: "nobody_at_all"))
    #expect(error?.code == .noSuchRole)
    #expect(error?.message.hasPrefix("role \"nobody_at_all\" does not exist") == true)
    #expect(try await refusal(cluster.url(database: "shop", role: "idler"))?.code == .loginNotPermitted)
    #expect(try await refusal(cluster.url(database: "private", role: "stranger"))?.code == .loginNotPermitted)
  }

  @Test func noSuchDatabase() async throws {
    let error = try await refusal(tcp("alice", GuardedServer.password, "nowhere"))
    #expect(error?.code == .noSuchDatabase)
    #expect(error?.message.hasPrefix("database \"nowhere\" does not exist") == true)
  }

  @Test func tooManyConnections() async throws {
    let cluster = try await onOwnThread { try GuardedServer.cluster.get() }
    #expect(try await refusal(cluster.url(database: "shop", role: "crowded"))?.code == .tooManyConnections)
  }

  @Test func refusedByHostAuthentication() async throws {
    #expect(try await refusal(tcp("rejected", nil))?.code == .refusedByHBA)
    #expect(try await refusal(tcp("stranger", nil))?.code == .refusedByHBA)
    let cluster = try await onOwnThread { try GuardedServer.cluster.get() }
    let peer = try await refusal(cluster.url(database: "shop", role: "peered"))
    #expect(peer?.code == .authenticationFailed)
  }

  @Test func tlsRequired() async throws {
    let error = try await refusal(tcp("alice", GuardedServer.password, "shop", "&sslmode=disable"))
    #expect(error?.code == .tlsRequired)
  }

  @Test func tlsNotThere() async throws {
    let cluster = try await onOwnThread { try GuardedServer.cluster.get() }
    try cluster.run("ALTER SYSTEM SET ssl = off")
    try cluster.run("SELECT pg_reload_conf()")
    defer {
      _ = try? cluster.run("ALTER SYSTEM SET ssl = on")
      _ = try? cluster.run("SELECT pg_reload_conf(), pg_sleep(0.3)")
    }
    try await Task.sleep(for: .milliseconds(300))
    let error = try await refusal(tcp("alice", GuardedServer.password, "shop", "&sslmode=require"))
    #expect(error?.code == .tlsUnsupported)
  }

  @Test func certificatesThatDoNotFit() async throws {
    let cluster = try await onOwnThread { try GuardedServer.cluster.get() }
    func verified(_ mode: String, _ authority: String) -> String {
      tcp("alice", GuardedServer.password, "shop", "&sslmode=\(mode)&sslrootcert=\(cluster.directory)/\(authority)")
    }
    #expect(try await refusal(verified("verify-ca", "other.crt"))?.code == .certificateNotTrusted)
    #expect(try await refusal(verified("verify-ca", "missing.crt"))?.code == .certificateNotTrusted)
    let mismatch = try await refusal(verified("verify-full", "ca.crt"))
    #expect(mismatch?.code == .certificateHostMismatch)
    #expect(mismatch?.message.contains("db.example") == true)
  }

  @Test func nobodyListensOnTCP() async throws {
    let error = try await refusal("postgresql://alice:hunter2@127.0.0.1:1/shop")
    #expect(error?.code == .unreachable)
    #expect(error?.message == "no server answers at alice@127.0.0.1:1/shop")
  }
}
