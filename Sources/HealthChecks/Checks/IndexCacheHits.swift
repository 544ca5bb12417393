// How often index blocks were found in PostgreSQL's own cache.

import Database

struct IndexCacheHits: HealthCheck {
  let id = "index-cache-hits"
  let about = CheckDescription(
    .memory, "Cache hit rate of indexes", why: "An index that is not in memory makes each look-up wait for the disk.",
    rule: "Below cache-hit-percent of at least cache-blocks blocks: info, as it is a hint and no fault.")

  struct Row: Decodable, Sendable {
    let fetched: Double
    let hit: Double
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT coalesce(sum(pg_stat_get_blocks_fetched(c.oid)), 0)::float8 AS "fetched",
      coalesce(sum(pg_stat_get_blocks_hit(c.oid)), 0)::float8 AS "hit"
    FROM pg_class AS c WHERE c.relkind = 'i' AND c.oid >= 16384 AND c.relpages >= 8
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    guard let row = rows.first else { return [] }
    return cacheFinding(self, "indexes", fetched: row.fetched, hit: row.hit, surroundings, limits)
  }
}
