// How far a replica is behind, and whether it receives anything at all.

import Database

struct ReplicaLag: HealthCheck {
  let id = "replica-lag"
  let about = CheckDescription(
    .replication, "Lag of this replica", why: "It answers from the past, and a failover would lose what is missing.",
    rule: "Behind by replica-lag-warning-s with WAL left to replay: warning; by replica-lag-critical-s: critical; "
      + "replay paused: warning; no receiver although the server is configured to stream: critical.", needs: [.replica])

  struct Row: Decodable, Sendable {
    let seconds: Double?
    let bytes: Int64?
    let isPaused: Bool
    let receivers: Int64
    let streams: Bool?
    let delay: String
  }

  /// Received equal to replayed proves nothing where nobody receives.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS "seconds",
      pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint AS "bytes",
      pg_is_wal_replay_paused() AS "isPaused", (SELECT count(*) FROM pg_stat_wal_receiver) AS "receivers",
      (SELECT s.setting <> '' FROM pg_settings AS s WHERE s.name = 'primary_conninfo') AS "streams",
      current_setting('recovery_min_apply_delay') AS "delay"
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    guard let row = rows.first else { return [] }
    var found: [Finding] = []
    if row.isPaused {
      found.append(
        finding(
          .warning, .server, "replay", "replay of WAL is paused",
          remedies: [Remedy("SELECT pg_wal_replay_resume();")]))
    }
    if row.receivers == 0, row.streams == true {
      found.append(
        finding(
          .critical, .server, "receiver", "no WAL receiver runs, although the server is configured to stream",
          notes: ["see the server's log: the primary may be down, or has no such slot or WAL any more"]))
    }
    let seconds = row.seconds ?? 0
    if let bytes = row.bytes, bytes > 0, seconds >= limits["replica-lag-warning-s"] {
      found.append(
        finding(
          seconds >= limits["replica-lag-critical-s"] ? .critical : .warning, .server, "lag",
          "the replica is \(duration(seconds)) and \(size(bytes)) behind what it has received",
          [Figure("behind", seconds, .seconds), Figure("not_replayed", bytes, .bytes)],
          notes: row.delay == "0" ? [] : ["recovery_min_apply_delay is \(row.delay)"]))
    }
    return found
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    rows.first?.streams == nil ? ["whether it should stream: primary_conninfo is shown to pg_monitor only"] : []
  }
}
