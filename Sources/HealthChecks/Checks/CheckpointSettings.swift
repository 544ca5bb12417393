// When checkpoints come, and how much WAL lies between them.

import Database

struct CheckpointSettings: HealthCheck {
  let id = "checkpoint-settings"
  let about = CheckDescription(
    .settings, "Settings of checkpoints",
    why: "After each checkpoint every page that changes goes into the WAL whole, and the checkpoint itself is a "
      + "burst of writes.",
    rule: "max_wal_size at its default of 1 GB or below, where wal-bytes-per-hour of WAL are written (from "
      + "PostgreSQL 14); "
      + "checkpoint_completion_target below 0.9; checkpoint_timeout below five minutes: info.",
    needs: [.primary], judgesSettings: true)

  struct Row: Decodable, Sendable {
    let bytes: Double?
    let hours: Double?
  }

  func question(for server: ServerInfo) -> SQL? {
    if server.majorVersion < 14 { return "SELECT NULL::float8 AS \"bytes\", NULL::float8 AS \"hours\"" }
    return """
      SELECT w.wal_bytes::float8 AS "bytes", greatest(extract(epoch FROM now() - w.stats_reset) / 3600, 1)::float8 AS "hours"
      FROM pg_stat_wal AS w
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    var findings: [Finding] = []
    func number(_ name: String) -> Double? { surroundings.settings[name]?.standing.flatMap(Double.init) }
    if let row = rows.first, let bytes = row.bytes, let size = number("max_wal_size"), size <= 1_024 {
      let rate = bytes / (row.hours ?? 1)
      if bytes > 0, rate >= limits["wal-bytes-per-hour"] {
        let shown = surroundings.settings["max_wal_size"]?.shown ?? ""
        findings.append(
          finding(
            .info, .setting, "max_wal_size",
            "max_wal_size is \(shown), and \(HealthChecks.size(Int64(min(rate, 9e18)))) of WAL are written in an hour",
            [Figure("wal_per_hour", rate, .bytes), Figure("max_wal_size", shown)],
            remedies: [changing("max_wal_size", to: "8GB", bare: "8192", on: surroundings)],
            notes: ["WAL then takes as much disk, and recovery after a crash takes longer"]))
      }
    }
    if let target = number("checkpoint_completion_target"), target < 0.9 {
      findings.append(
        finding(
          .info, .setting, "checkpoint_completion_target",
          "checkpoint_completion_target is \(surroundings.settings["checkpoint_completion_target"]?.standing ?? "")",
          remedies: [changing("checkpoint_completion_target", to: "0.9", on: surroundings)],
          notes: [
            "checkpoints then spread their writes over nearly all of the time there is; from PostgreSQL 14 "
              + "the default"
          ]))
    }
    if let seconds = number("checkpoint_timeout"), seconds < 300 {
      findings.append(
        finding(
          .info, .setting, "checkpoint_timeout", "a checkpoint comes every \(whole(seconds)) s",
          [Figure("checkpoint_timeout", seconds, .seconds)],
          remedies: [changing("checkpoint_timeout", to: "15min", bare: "900", on: surroundings)],
          notes: ["recovery after a crash takes longer with it"]))
    }
    return findings
  }
}
