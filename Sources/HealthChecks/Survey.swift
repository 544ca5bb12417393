// One look at all tables, with what is asked about the server, that tells which checks have nothing to look at.

import Database

/// What the survey saw; nil where no check of the run wants to know it.
package struct Survey: Sendable, Equatable {
  /// Pages of the largest table times their size, as of its last VACUUM or ANALYZE.
  package var largestTable: Int64?
  /// Of the table that has most, or of its TOAST.
  package var mostDeadRows: Int64?
  /// Blocks of all tables that were asked for, and those of them that were found in shared_buffers.
  package var blocksFetched: Double?
  package var blocksHit: Double?
  package var invalidIndexes: Int64?

  /// No table is as large as this, which is known.
  func areTablesBelow(_ bytes: Double) -> Bool { largestTable.map { Double($0) < bytes } ?? false }
}

/// What a check wants to know of all tables together, before it asks anything.
package struct SurveyParts: OptionSet, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let sizes = SurveyParts(rawValue: 1)
  package static let deadRows = SurveyParts(rawValue: 2)
  package static let blocks = SurveyParts(rawValue: 4)
  package static let invalidIndexes = SurveyParts(rawValue: 8)
  /// How many combinations there are.
  static let combinations = 16

  private static let ofTables: SurveyParts = [.sizes, .deadRows, .blocks]

  /// Output columns beside others; `t` is `origin`.
  var columns: SQL {
    var text: SQL = ""
    if contains(.sizes) {
      text =
        text + """
          ,
            coalesce(t.pages, 0)::bigint * current_setting('block_size')::bigint AS "largestTable"
          """
    }
    if contains(.deadRows) { text = text + #", coalesce(t.dead, 0)::bigint AS "mostDeadRows""# }
    if contains(.blocks) { text = text + #", t.fetched AS "blocksFetched", t.hit AS "blocksHit""# }
    if contains(.invalidIndexes) {
      text =
        text + """
          ,
            (SELECT count(*) FROM pg_index AS i WHERE NOT i.indisvalid AND i.indexrelid >= 16384) AS "invalidIndexes"
          """
    }
    return text
  }

  /// The first derived table, one row, `t`. Where this role may not read pg_statistic, its columns `readable` and `hidden`
  /// count the tables whose columns pg_stats shows to it, and all others.
  var origin: SQL {
    var text: SQL = """
      \nFROM (SELECT count(*) FILTER (WHERE r.may) AS readable, count(*) FILTER (WHERE NOT r.may) AS hidden
      """
    guard !isDisjoint(with: Self.ofTables) else {
      return text + """
        \n  FROM (SELECT has_table_privilege(c.oid, 'SELECT') AS may FROM pg_class AS c
            WHERE NOT has_table_privilege('pg_catalog.pg_statistic', 'SELECT') AND c.relkind IN ('r', 'm')
              AND c.oid >= 16384 AND c.relpersistence <> 't') AS r) AS t
        """
    }
    if contains(.sizes) { text = text + ",\n  max(r.relpages) FILTER (WHERE r.lasts AND r.relkind <> 't') AS pages" }
    if contains(.deadRows) {
      text = text + ",\n  max(pg_stat_get_dead_tuples(r.oid)) FILTER (WHERE r.lasts) AS dead"
    }
    if contains(.blocks) {
      text =
        text + """
          ,\n  coalesce(sum(pg_stat_get_blocks_fetched(r.oid)), 0)::float8 AS fetched,
            coalesce(sum(pg_stat_get_blocks_hit(r.oid)), 0)::float8 AS hit
          """
    }
    return text + """
      \n  FROM (SELECT c.oid, c.relkind, c.relpages, c.relpersistence <> 't' AS lasts,
            CASE WHEN c.relkind <> 't' AND c.relpersistence <> 't'
                AND NOT (SELECT has_table_privilege('pg_catalog.pg_statistic', 'SELECT'))
              THEN has_table_privilege(c.oid, 'SELECT') END AS may
          FROM pg_class AS c WHERE c.relkind IN ('r', 'm', 't') AND c.oid >= 16384) AS r) AS t
      """
  }
}
