// Settings that were changed and wait for a restart.

import Database

struct PendingRestart: HealthCheck {
  let id = "pending-restart"
  let about = CheckDescription(
    .settings, "Settings that wait for a restart",
    why: "The next restart, planned or not, changes how the server behaves.", rule: "Any: warning.")

  func question(for server: ServerInfo) -> SQL? { settingsQuestion }

  func judge(_ rows: [ServerSetting], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter(\.isPending).map { row in
      finding(
        .warning, .setting, row.name,
        "\(row.name) was changed in the configuration; \(row.value ?? "its old value") still holds",
        remedies: surroundings.platform == .selfManaged
          ? [
            Remedy(
              "ALTER SYSTEM RESET \(row.name); SELECT pg_reload_conf();",
              risk: "takes the change back, where it was made by ALTER SYSTEM; else restart", isTransactional: false)
          ] : [],
        notes: ["a restart takes the new value"])
    }
  }
}
