// Lines of the configuration files that the server cannot use.

import Database

struct ConfigurationErrors: HealthCheck {
  let id = "configuration-errors"
  let about = CheckDescription(
    .settings, "Errors in configuration files",
    why: "The next restart may fail, and until then the old value holds.",
    rule: "Any line that the server refuses: critical.",
    needs: [.superuser])

  struct Row: Decodable, Sendable {
    let name: String
    let file: String
    let line: Int64
    let error: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT coalesce(f.name, 'a line') AS "name", regexp_replace(f.sourcefile, '.*/', '') AS "file",
      f.sourceline AS "line", f.error AS "error"
    FROM pg_file_settings AS f LEFT JOIN pg_settings AS s ON s.name = f.name
    WHERE f.error IS NOT NULL AND NOT coalesce(s.pending_restart OR s.context = 'postmaster', false) ORDER BY 2, 3
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .critical, .setting, "\(row.name) in \(row.file)", "\(row.file), line \(row.line), \(row.name): \(row.error)",
        remedies: row.file == "postgresql.auto.conf" && row.name != "a line"
          ? [
            Remedy("ALTER SYSTEM RESET \(quotedIdentifier(row.name)); SELECT pg_reload_conf();", isTransactional: false)
          ] : [],
        notes: ["edit the file, then SELECT pg_reload_conf();"])
    }
  }
}
