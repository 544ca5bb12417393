// Connections over the network that are not encrypted.

import Database

struct UnencryptedConnections: HealthCheck {
  let id = "unencrypted-connections"
  let about = CheckDescription(
    .security, "Unencrypted connections", why: "Whoever is on the way reads passwords and data.",
    rule: "Client connections by TCP without TLS, those over loopback left out: warning, once for each role.",
    needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let role: String
    let connections: Int64
    let serverHasTLS: Bool
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(a.usename) AS "role", count(*) AS "connections", current_setting('ssl') = 'on' AS "serverHasTLS"
    FROM pg_stat_activity AS a JOIN pg_stat_ssl AS s ON s.pid = a.pid
    LEFT JOIN pg_stat_gssapi AS g ON g.pid = a.pid
    WHERE NOT s.ssl AND NOT coalesce(g.encrypted, false) AND a.backend_type = 'client backend'
      AND a.client_addr IS NOT NULL AND NOT a.client_addr <<= '127.0.0.0/8'::inet AND a.client_addr <> '::1'::inet
      AND a.usename IS NOT NULL
    GROUP BY a.usename ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .role, row.role, "\(row.connections) connections of \(row.role) are not encrypted",
        [Figure("connections", row.connections)],
        remedies: row.serverHasTLS ? [] : [changing("ssl", to: "on", on: surroundings)],
        notes: [
          row.serverHasTLS
            ? "write hostssl instead of host in pg_hba.conf" : "ssl needs server.crt and server.key first",
          "a proxy that ends TLS in front of the server looks like this too",
        ])
    }
  }
}
