// How often table blocks were found in PostgreSQL's own cache.

import Database

struct TableCacheHits: HealthCheck {
  let id = "table-cache-hits"
  let about = CheckDescription(
    .memory, "Cache hit rate of tables",
    why: "Blocks that are not in shared_buffers come from the system's cache, or from disk.",
    rule: "Below cache-hit-percent of at least cache-blocks blocks: info, as it is a hint and no fault.",
    surveys: .blocks)

  struct Row: Decodable, Sendable {
    let fetched: Double
    let hit: Double
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT coalesce(sum(pg_stat_get_blocks_fetched(c.oid)), 0)::float8 AS "fetched",
      coalesce(sum(pg_stat_get_blocks_hit(c.oid)), 0)::float8 AS "hit"
    FROM tables AS c WHERE c.relkind IN ('r', 'm', 't') AND c.oid >= 16384
    """
  }

  func findsNothing(_ surroundings: Surroundings, _ limits: Limits) -> Bool {
    guard let fetched = surroundings.survey.blocksFetched, let hit = surroundings.survey.blocksHit else { return false }
    return judge([Row(fetched: fetched, hit: hit)], surroundings, limits).isEmpty
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    guard let row = rows.first else { return [] }
    return cacheFinding(self, "tables", fetched: row.fetched, hit: row.hit, surroundings, limits)
  }
}

func cacheFinding(
  _ check: some HealthCheck, _ what: String, fetched: Double, hit: Double, _ surroundings: Surroundings,
  _ limits: Limits
) -> [Finding] {
  let percent = hit * 100 / max(1, fetched)
  guard fetched >= limits["cache-blocks"], percent < limits["cache-hit-percent"] else { return [] }
  return [
    check.finding(
      .info, .database, quotedIdentifier(surroundings.server.database),
      "\(whole(percent)) % of the blocks of \(what) were found in shared_buffers",
      [Figure("hit", percent, .percent), Figure("blocks", fetched, .count)],
      notes: ["an average since counting began: today may differ", "first look which statements read so much"],
      since: surroundings.usageSince)
  ]
}
