// What only a server in a network, or of another release, has: connections in clear text, and versions of long ago.

import Database
import HealthChecks
import Support
import Testing

@Suite(.needsServer) struct NetworkFaultTests {
  /// An address of this machine that is none of loopback's; nil where it has none.
  private func ownAddress() -> String? {
    let words = try? requireCommand(["hostname", "-I"]).split { $0 == " " || $0 == "\n" }.map(String.init)
    return words?.first { $0.split(separator: ".").count == 4 && !$0.hasPrefix("127.") }
  }

  @Test func connectionsInClearText() async throws {
    guard let address = ownAddress(), let port = freePort() else { return }
    var options = ScratchCluster.Options()
    options.port = port
    options.settings = ["listen_addresses = '*'"]
    options.hostAuthentication = "local all all trust\nhost all all 0.0.0.0/0 trust\n"
    options.prepare = { directory, cluster in
      // A folder of its own may have no openssl: the key is made here and handed over.
      let made = try requireCommand([
        "sh", "-c",
        """
        cd "$(mktemp -d)" && openssl req -x509 -new -nodes -days 2 -subj /CN=db.example -out crt -keyout key 2>/dev/null \
        && cat key crt && rm key crt
        """,
      ])
      _ = try cluster.asServer(
        ["sh", "-c", "umask 077; cd '\(directory)' && cat > server.key && cp server.key server.crt"], input: made)
    }
    let wanted = options
    let cluster = try await onOwnThread { try ScratchCluster.start(wanted) }
    func session(_ host: String, _ mode: String) async throws -> Session {
      try await Session.open(ConnectionTarget(url: "postgresql://postgres@\(host):\(port)/postgres?sslmode=\(mode)"))
    }
    let id = "unencrypted-connections"
    let local = try await session("127.0.0.1", "disable")
    #expect(try await findings(of: id, at: cluster.url()).isEmpty)
    let open = try await session(address, "disable")
    let found = try await findings(of: id, at: cluster.url())
    #expect(found.map(\.fingerprint) == ["unencrypted-connections/postgres"], "\(found)")
    #expect(found.first?.severity == .warning)
    // The server's remedy, then the client's own part.
    try await cure(found, on: cluster, in: "postgres")
    try await Task.sleep(for: .milliseconds(500))
    let still = try await findings(of: id, at: cluster.url())
    #expect(still.first?.notes.contains { $0.contains("hostssl") } == true, "\(still)")
    await open.close()
    let encrypted = try await session(address, "require")
    #expect(try await findings(of: id, at: cluster.url()).isEmpty)
    for session in [local, encrypted] { await session.close() }
    try await onOwnThread { try cluster.control("stop") }
  }

  /// 13 is past its end, wherever it comes from; what Debian's newest releases have is what was known, or newer.
  @Test func aReleaseThatGetsNoFixes() async throws {
    let number = try await onOwnThread { try ScratchCluster.shared().run("SHOW server_version_num") }
    let major = (Int(number.prefix { $0.isNumber }) ?? 0) / 10_000
    let found = try await findings(of: "server-version", at: ScratchCluster.shared().url())
    if major == 13 {
      #expect(found.first?.severity == .warning && found.first?.object.name == "PostgreSQL 13", "\(found)")
      #expect(found.first?.figures.contains { $0.name == "days_left" } == true)
    } else if [15, 17, 18].contains(major) {
      #expect(!found.contains { $0.object.name == "PostgreSQL \(major)" && $0.severity == .warning }, "\(found)")
    }
  }
}
