// What ANALYZE knows of columns: from pg_statistic, or from pg_stats where a role may read only its own tables.

import Database

/// Where statistics of columns are read.
enum ColumnStatistics {
  /// pg_statistic: of all tables.
  case all
  /// pg_stats: of tables that this role may read. Managed services grant pg_statistic to nobody.
  case own

  /// A derived table of one relation's columns: `number`, `nulls` and `width` of all, `values` (n_distinct), the share of
  /// the most common value, the histogram's `bounds`, and the `correlation` with the order of the rows.
  ///
  /// pg_stats is a security barrier: it is fast only where schema and name are columns of the query around, as then these
  /// conditions go inside.
  /// - Parameter relation: its number; schema and name: the same relation's.
  func relation(_ relation: SQL, schema: SQL, name: SQL) -> SQL {
    switch self {
    case .all:
      """
      (SELECT x.staattnum AS number, x.stanullfrac AS nulls, x.stawidth AS width, x.stadistinct AS values,
        CASE WHEN x.stakind1 = 1 THEN x.stanumbers1[1] END AS most,
        (CASE 2 WHEN x.stakind1 THEN x.stavalues1 WHEN x.stakind2 THEN x.stavalues2 WHEN x.stakind3 THEN x.stavalues3
          WHEN x.stakind4 THEN x.stavalues4 WHEN x.stakind5 THEN x.stavalues5 END) AS bounds,
        (CASE 3 WHEN x.stakind1 THEN x.stanumbers1 WHEN x.stakind2 THEN x.stanumbers2 WHEN x.stakind3 THEN x.stanumbers3
          WHEN x.stakind4 THEN x.stanumbers4 WHEN x.stakind5 THEN x.stanumbers5 END)[1] AS correlation
        FROM pg_statistic AS x WHERE NOT x.stainherit AND x.starelid =
      """ + relation + ")"
    case .own:
      """
      (SELECT y.attnum AS number, x.null_frac AS nulls, x.avg_width AS width, x.n_distinct AS values,
        x.most_common_freqs[1] AS most, x.histogram_bounds AS bounds,
        x.correlation AS correlation
        FROM pg_stats AS x JOIN pg_attribute AS y ON y.attname = x.attname WHERE NOT x.inherited AND y.attrelid =
      """ + relation + " AND x.schemaname = " + schema + " AND x.tablename = " + name + ")"
    }
  }

  /// What joins `nulls` and `width`, as `s`, to a relation's columns, `a` of pg_attribute: with pg_stats one table less than
  /// by number.
  func widths(_ relation: SQL, schema: SQL, name: SQL) -> SQL {
    switch self {
    case .all:
      " LEFT JOIN (SELECT x.staattnum AS number, x.stanullfrac AS nulls, x.stawidth AS width FROM pg_statistic AS x\n"
        + "  WHERE NOT x.stainherit AND x.starelid = " + relation + ") AS s ON s.number = a.attnum\n"
    case .own:
      " LEFT JOIN (SELECT x.attname AS name, x.null_frac AS nulls, x.avg_width AS width FROM pg_stats AS x\n"
        + "  WHERE NOT x.inherited AND x.schemaname = " + schema + " AND x.tablename = " + name
        + ") AS s ON s.name = a.attname\n"
    }
  }

  /// One more condition: what this role sees nothing of is no candidate, and is said.
  /// - Parameter table: its number.
  func readable(_ table: SQL) -> SQL {
    switch self {
    case .all: ""
    case .own: " AND has_table_privilege(" + table + ", 'SELECT')\n"
    }
  }
}

/// A question in both ways, made once.
struct StatisticsQuestion {
  let ofAll: SQL
  private let ofOwn: SQL

  init(_ made: (ColumnStatistics) -> SQL) { (ofAll, ofOwn) = (made(.all), made(.own)) }

  func callAsFunction(_ surroundings: Surroundings) -> SQL { surroundings.readsColumnStatistics ? ofAll : ofOwn }
}
