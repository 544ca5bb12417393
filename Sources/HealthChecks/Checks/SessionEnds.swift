// Sessions that end badly, and those that come and go too fast.

import Database

struct SessionEnds: HealthCheck {
  let id = "session-ends"
  let about = CheckDescription(
    .connections, "Sessions that end badly, or too soon",
    why: "A client that loses its connection loses its work, and each new connection is a new process.",
    rule: "Of at least counted-sessions sessions one in a hundred lost, failed or killed: notice, one in twenty: "
      + "warning; "
      + "sessions-per-second of them since counting began: notice. From PostgreSQL 14.",
    needs: [.version(140_000)])

  struct Row: Decodable, Sendable {
    let sessions: Int64
    let abandoned: Int64
    let fatal: Int64
    let killed: Int64
    let seconds: Double
  }

  func question(for server: ServerInfo) -> SQL? {
    if server.majorVersion < 14 { return nil }
    return """
      SELECT d.sessions AS "sessions", d.sessions_abandoned AS "abandoned", d.sessions_fatal AS "fatal",
        d.sessions_killed AS "killed",
        greatest(extract(epoch FROM now() - coalesce(d.stats_reset, pg_postmaster_start_time())), 60)::float8 AS "seconds"
      FROM pg_stat_database AS d WHERE d.datname = current_database()
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    guard let row = rows.first, Double(row.sessions) >= max(1, limits["counted-sessions"]) else { return [] }
    var findings: [Finding] = []
    let name = quotedIdentifier(surroundings.server.database)
    let (sessions, lost) = (Double(row.sessions), Double(row.abandoned) + Double(row.fatal) + Double(row.killed))
    let percent = lost * 100 / sessions
    if percent >= 1 {
      findings.append(
        finding(
          percent >= 5 ? .warning : .notice, .database, name,
          "of \(row.sessions) sessions \(row.abandoned) were lost by their clients, \(row.fatal) ended with an "
            + "error and "
            + "\(row.killed) were ended by somebody",
          [
            Figure("sessions", row.sessions), Figure("abandoned", row.abandoned), Figure("fatal", row.fatal),
            Figure("killed", row.killed), Figure("share", percent, .percent),
          ],
          notes: [
            "lost by clients: networks, time limits of theirs, and processes that were killed; the log names them with "
              + "log_disconnections = on",
            "what idle_in_transaction_session_timeout and the like end counts too",
          ], since: surroundings.usageSince))
    }
    let rate = sessions / row.seconds
    if rate >= max(0.001, limits["sessions-per-second"]) {
      findings.append(
        finding(
          .notice, .database, "\(name) connections", "\(whole(rate)) sessions a second begin",
          [Figure("sessions", row.sessions), Figure("per_second", rate, .count)],
          notes: ["a pooler such as PgBouncer, or one in the application, keeps them open for the next"],
          since: surroundings.usageSince))
    }
    return findings
  }
}
