// Logins whose password soon expires.

import Database

struct ExpiringPasswords: HealthCheck {
  let id = "expiring-passwords"
  let about = CheckDescription(
    .security, "Passwords that expire",
    why: "From then on the login is refused, at night as well.",
    rule: "Within password-days, or since as many days: warning.")

  struct Row: Decodable, Sendable {
    let role: String
    let days: Double
    let until: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(r.rolname) AS "role", extract(epoch FROM r.rolvaliduntil - now())::float8 / 86400 AS "days",
      to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS "until"
    FROM pg_roles AS r WHERE r.rolcanlogin AND isfinite(r.rolvaliduntil) ORDER BY r.rolvaliduntil, 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { abs($0.days) <= limits["password-days"] }.map { row in
      finding(
        .warning, .role, row.role,
        "the password of \(row.role) \(row.days < 0 ? "expired" : "expires") at \(row.until)",
        [Figure("days", row.days, .count)],
        remedies: [
          Remedy("ALTER ROLE \(row.role) VALID UNTIL 'infinity';", risk: "better: a new password and a new date")
        ])
    }
  }
}
