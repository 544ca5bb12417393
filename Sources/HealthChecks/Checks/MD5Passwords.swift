// Passwords that are kept in a form that is easily broken.

import Database

struct MD5Passwords: HealthCheck {
  let id = "md5-passwords"
  let about = CheckDescription(
    .security, "Passwords kept as MD5",
    why: "Whoever reads the hash may log in with it, and PostgreSQL will drop the form.",
    rule: "Any login with such a password: warning.",
    needs: [.superuser])

  struct Row: Decodable, Sendable {
    let role: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(r.rolname) AS "role" FROM pg_authid AS r WHERE r.rolcanlogin AND r.rolpassword LIKE 'md5%' ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .role, row.role, "the password of \(row.role) is kept as MD5",
        notes: ["set password_encryption to scram-sha-256, then give the role its password anew"])
    }
  }
}
