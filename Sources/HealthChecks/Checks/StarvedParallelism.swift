// Parallel plans that run without the workers they were made for.

import Database

struct StarvedParallelism: HealthCheck {
  let id = "starved-parallelism"
  let about = CheckDescription(
    .queries, "Parallel plans without workers",
    why: "The plan was chosen because others would help, and without them it is slower than one made for one process.",
    rule:
      "At least parallel-workers were planned in this database since counting began, and fewer than seven of ten were "
      + "there: info. From PostgreSQL 18.", needs: [.version(180_000)])

  struct Row: Decodable, Sendable {
    let planned: Int64
    let launched: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    guard server.majorVersion >= 18 else { return nil }
    return """
      SELECT coalesce(d.parallel_workers_to_launch, 0) AS "planned", coalesce(d.parallel_workers_launched, 0) AS "launched"
      FROM pg_stat_database AS d WHERE d.datname = current_database()
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      $0.planned > 0 && Double($0.planned) >= limits["parallel-workers"]
        && Double($0.launched) < 0.7 * Double($0.planned)
    }.map { row in
      let share = Double(row.launched) * 100 / Double(row.planned)
      return finding(
        .info, .database, quotedIdentifier(surroundings.server.database),
        "of \(row.planned) parallel workers that plans counted on, \(row.launched) were there (\(whole(share)) %)",
        [Figure("planned", row.planned), Figure("launched", row.launched), Figure("share", share, .percent)],
        notes: [
          "max_parallel_workers and max_worker_processes are the room for all; max_parallel_workers_per_gather is what one "
            + "plan asks for"
        ], since: surroundings.usageSince)
    }
  }
}
