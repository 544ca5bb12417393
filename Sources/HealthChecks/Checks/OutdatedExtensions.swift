// Extensions whose objects are older than their library on the server.

import Database

struct OutdatedExtensions: HealthCheck {
  let id = "outdated-extensions"
  let about = CheckDescription(
    .server, "Extensions behind their library", why: "Fixes and columns of the newer version are not there.",
    rule: "Installed version differs from the server's default and is not newer: notice.")

  struct Row: Decodable, Sendable {
    let name: String
    let installed: String
    let available: String
  }

  /// Only where the server has an update path from the one to the other.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(e.extname) AS "name", e.extversion AS "installed", a.default_version AS "available"
    FROM pg_extension AS e JOIN pg_available_extensions() AS a ON a.name = e.extname
    WHERE e.extversion <> a.default_version AND EXISTS (
      SELECT FROM pg_extension_update_paths(e.extname) AS p
      WHERE p.source = e.extversion AND p.target = a.default_version AND p.path IS NOT NULL)
    ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .notice, .extension, row.name,
        "\(row.name) is \(row.installed), and \(row.available) is installed on the server",
        [Figure("installed", row.installed), Figure("available", row.available)],
        remedies: [Remedy("ALTER EXTENSION \(row.name) UPDATE;", .accessExclusive, risk: "read its release notes")])
    }
  }
}
