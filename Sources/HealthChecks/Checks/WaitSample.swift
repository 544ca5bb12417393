// What sessions wait for, looked at several times within half a second.

import Database

struct WaitSample: HealthCheck {
  let id = "wait-sample"
  let isOptIn = true
  let about = CheckDescription(
    .connections, "What sessions wait for",
    why: "Where working sessions spend their time waiting, more of them do not get more done.",
    rule: "Working sessions looked at ten times within half a second: waited-sessions or more of them on average "
      + "waiting "
      + "for one and the same thing: info. Only when it is named (--only wait-sample), as it takes that time; a "
      + "few looks "
      + "are a hint.", needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let kind: String
    let event: String
    let seen: Int64
    let looks: Int64
    let working: Int64
  }

  /// Each look asks anew: the argument changes, and what was read before is forgotten.
  func question(for server: ServerInfo) -> SQL? {
    """
    WITH seen AS MATERIALIZED (
      SELECT l.look, a.pid, a.wait_event_type, a.wait_event
      FROM generate_series(1, 10) AS l(look)
      CROSS JOIN LATERAL (SELECT pg_stat_clear_snapshot()::text || pg_sleep(0.05)::text
        || l.look::text AS pause OFFSET 0) AS p
      CROSS JOIN LATERAL pg_stat_get_activity(CASE WHEN p.pause = '' THEN 0 END) AS a
      WHERE a.state = 'active' AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
    )
    SELECT coalesce(s.wait_event_type, '') AS "kind", coalesce(s.wait_event, '') AS "event", count(*) AS "seen",
      10::bigint AS "looks", (SELECT count(*) FROM seen) AS "working"
    FROM seen AS s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 50
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { row in
      !row.kind.isEmpty && row.kind != "Client" && row.kind != "Activity" && row.kind != "Timeout"
        && Double(row.seen) / Double(max(1, row.looks)) >= max(0.1, limits["waited-sessions"])
    }.map { row in
      let average = Double(row.seen) / Double(max(1, row.looks))
      let working = Double(row.working) / Double(max(1, row.looks))
      return finding(
        .info, .server, "\(row.kind): \(row.event)",
        "on average \(whole(average)) of \(whole(working)) working sessions wait for \(row.kind): \(row.event)",
        [Figure("waiting", average, .count), Figure("working", working, .count), Figure("looks", row.looks)],
        notes: row.kind == "Lock"
          ? ["see blocked-sessions"]
          : ["https://www.postgresql.org/docs/current/monitoring-stats.html#WAIT-EVENT-TABLE"])
    }
  }
}
