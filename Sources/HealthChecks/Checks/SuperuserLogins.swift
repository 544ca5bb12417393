// Who may do everything, or more than its name tells.

import Database

struct SuperuserLogins: HealthCheck {
  let id = "superuser-logins"
  let about = CheckDescription(
    .security, "Logins that may do everything",
    why: "One password that gets out is then the whole server, and the machine behind it.",
    rule: "More than superusers superusers that can log in: notice, all together; an ordinary login that may run "
      + "programs "
      + "or read or write files of the server, or passes by row level security: info.")

  struct Row: Decodable, Sendable {
    let role: String
    let isSuperuser: Bool
    let powers: [String]
  }

  /// Services have administrators of their own, and they are no people's.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(r.rolname) AS "role", r.rolsuper AS "isSuperuser",
      ARRAY(SELECT m.rolname::text FROM pg_roles AS m WHERE m.rolname IN ('pg_execute_server_program',
        'pg_read_server_files', 'pg_write_server_files') AND pg_has_role(r.oid, m.oid, 'MEMBER')
        UNION ALL SELECT 'BYPASSRLS' WHERE r.rolbypassrls ORDER BY 1) AS "powers"
    FROM pg_roles AS r
    WHERE r.rolcanlogin AND r.rolname !~ '^(rds|cloudsql|azure|azuresu|supabase|neon|pg_)'
      AND (r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT FROM pg_auth_members AS a
        JOIN pg_roles AS m ON m.oid = a.roleid
        WHERE m.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')))
    ORDER BY r.rolsuper DESC, 1 LIMIT 200
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let all = rows.filter(\.isSuperuser).map(\.role)
    var findings: [Finding] = []
    if Double(all.count) > limits["superusers"] {
      findings.append(
        finding(
          .notice, .server, "superusers",
          "\(all.count) superusers can log in: "
            + "\(all.prefix(20).joined(separator: ", "))",
          [Figure("superusers", Int64(all.count))],
          notes: [
            "an application needs to own its tables, and no more: ALTER ROLE … NOSUPERUSER;",
            "who looks needs pg_monitor: pgadvisor doctor writes the SQL for such a role",
          ]))
    }
    findings += rows.filter { !$0.isSuperuser && !$0.powers.isEmpty }.map { row in
      let powers = row.powers.joined(separator: ", ")
      let revoked = row.powers.map { power in
        power == "BYPASSRLS" ? "ALTER ROLE \(row.role) NOBYPASSRLS;" : "REVOKE \(power) FROM \(row.role);"
      }
      return finding(
        .info, .role, row.role, "\(row.role) can log in and has \(powers)", [Figure("powers", powers)],
        remedies: revoked.map { Remedy($0, risk: "what relies on it fails") },
        notes: ["for loading files, backups and replication it may be meant"])
    }
    return findings
  }
}
