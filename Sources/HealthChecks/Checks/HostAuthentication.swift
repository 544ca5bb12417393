// Rules of pg_hba.conf that let in whoever comes, or that the server cannot read.

import Database

struct HostAuthentication: HealthCheck {
  let id = "host-authentication"
  let about = CheckDescription(
    .security, "Rules for logging in",
    why: "Whoever reaches the server needs no password, or sends one that can be read.",
    rule: "trust for other machines, or a line that cannot be read: critical; passwords in clear text without TLS from "
      + "other machines: warning.", needs: [.superuser])

  struct Row: Decodable, Sendable {
    let line: Int64
    let kind: String
    let databases: String
    let users: String
    let address: String
    let method: String
    let error: String?
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT h.line_number AS "line", coalesce(h.type, '') AS "kind", coalesce(array_to_string(h.database, ','), '')
      AS "databases", coalesce(array_to_string(h.user_name, ','), '') AS "users", coalesce(h.address, '') AS "address",
      coalesce(h.auth_method, '') AS "method", CASE WHEN h.auth_method IS NULL THEN h.error END AS "error"
    FROM pg_hba_file_rules AS h
    WHERE h.error IS NOT NULL AND h.auth_method IS NULL OR h.type LIKE 'host%' AND h.auth_method IN ('trust',
      'password')
      AND h.address NOT IN ('127.0.0.1', '127.0.0.0', '::1', 'localhost', 'samehost')
      AND (h.auth_method = 'trust' OR h.type <> 'hostssl')
    ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      if let error = row.error {
        return finding(
          .critical, .server, "pg_hba.conf line \(row.line)", "line \(row.line) of pg_hba.conf: \(error)",
          notes: ["edit the file, then SELECT pg_reload_conf(); until then the old rules hold"],
          why: "The server does not start with it, and no later change of the file takes effect.")
      }
      let rule = "\(row.kind) \(row.databases) \(row.users) \(row.address) \(row.method)"
      return finding(
        row.method == "trust" ? .critical : .warning, .server, rule,
        row.method == "trust"
          ? "\(rule): whoever comes from there is believed to be whom they say"
          : "\(rule): passwords travel in clear text",
        [Figure("line", row.line)],
        notes: ["write scram-sha-256, and hostssl before it, into pg_hba.conf; then SELECT pg_reload_conf();"])
    }
  }
}
