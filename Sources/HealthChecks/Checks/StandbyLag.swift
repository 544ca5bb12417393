// Standbys of this server that are behind, and a synchronous one that is missing.

import Database

struct StandbyLag: HealthCheck {
  let id = "standby-lag"
  let about = CheckDescription(
    .replication, "Standbys that are behind", why: "A failover to it loses what it has not replayed, or waits for it.",
    rule: "Not replayed: warning from standby-lag-warning-bytes, critical from standby-lag-critical-bytes. "
      + "synchronous_standby_names set and no such standby: critical.", needs: [.monitoring, .primary])

  struct Row: Decodable, Sendable {
    let name: String?
    let state: String?
    let bytes: Int64?
    let lacksSynchronous: Bool
    let waiting: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT NULL AS "name", NULL AS "state", NULL::bigint AS "bytes",
      current_setting('synchronous_standby_names') <> ''
        AND NOT EXISTS (SELECT FROM pg_stat_replication AS r WHERE r.sync_state IN ('sync', 'quorum'))
        AS "lacksSynchronous",
      (SELECT count(*) FROM pg_stat_activity AS a WHERE a.wait_event = 'SyncRep') AS "waiting"
    UNION ALL
    SELECT concat_ws(' at ', nullif(r.application_name, ''), coalesce(r.client_addr::text, 'local')), r.state,
      pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)::bigint, false, 0
    FROM pg_stat_replication AS r WHERE r.state IS DISTINCT FROM 'backup'
    ORDER BY 1 NULLS FIRST
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      if row.lacksSynchronous {
        return finding(
          .critical, .setting, "synchronous_standby_names",
          "no standby is synchronous although synchronous_standby_names asks for one; \(row.waiting) commits wait",
          [Figure("waiting", row.waiting)],
          remedies: [changing("synchronous_standby_names", to: "", on: surroundings)],
          notes: ["without it commits are no longer safe on a second machine; starting the standby is better"],
          why: "Every commit waits for ever.")
      }
      guard let name = row.name, let bytes = row.bytes, Double(bytes) >= limits["standby-lag-warning-bytes"] else {
        return nil
      }
      return finding(
        Double(bytes) >= limits["standby-lag-critical-bytes"] ? .critical : .warning, .standby, name,
        "standby \(name) (\(row.state ?? "unknown state")) has \(size(bytes)) of WAL not replayed",
        [Figure("not_replayed", bytes, .bytes)])
    }
  }
}
