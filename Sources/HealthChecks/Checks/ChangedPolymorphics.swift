// Aggregates and operators on array functions whose types PostgreSQL 14 has changed.

import Database

struct ChangedPolymorphics: HealthCheck {
  let id = "changed-polymorphics"
  let about = CheckDescription(
    .upgrade, "Users of changed array functions",
    why:
      "array_append() and its like take other types from PostgreSQL 14 on, and pg_upgrade stops at what calls them by "
      + "the old ones.",
    rule: "An aggregate over, or an operator for, array_append, array_cat, array_prepend, array_remove, array_replace, "
      + "array_position, array_positions or width_bucket with anyarray or anyelement: warning. On PostgreSQL 13 only.")

  struct Row: Decodable, Sendable {
    let name: String
    let isOperator: Bool
    let function: String
  }

  func question(for server: ServerInfo) -> SQL? {
    guard server.majorVersion < 14 else { return nil }
    return """
      WITH changed AS MATERIALIZED (
        SELECT p.oid, p.proname FROM pg_proc AS p WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND p.proname IN ('array_append', 'array_cat', 'array_prepend', 'array_remove', 'array_replace',
            'array_position', 'array_positions', 'width_bucket')
          AND p.proargtypes::oid[] && ARRAY['anyarray'::regtype, 'anyelement'::regtype]::oid[]
      )
      SELECT a.aggfnoid::oid::regprocedure::text AS "name", false AS "isOperator", min(k.proname::text) AS "function"
      FROM pg_aggregate AS a JOIN changed AS k ON k.oid IN (a.aggtransfn::oid, a.aggfinalfn::oid)
      WHERE a.aggfnoid::oid >= 16384 AND a.aggtranstype IN ('anyarray'::regtype, 'anyelement'::regtype)
      GROUP BY a.aggfnoid
      UNION ALL
      SELECT o.oid::regoperator::text, true, k.proname::text FROM pg_operator AS o
      JOIN changed AS k ON k.oid = o.oprcode::oid
      WHERE o.oid >= 16384 AND o.oprleft IN ('anyarray'::regtype, 'anyelement'::regtype)
      ORDER BY 2, 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let kind = row.isOperator ? "OPERATOR" : "AGGREGATE"
      return finding(
        .warning, .function, row.name, "\(kind.lowercased()) \(row.name) calls \(row.function)() by its old types",
        remedies: [
          Remedy(
            "DROP \(kind) \(row.name);",
            risk: "make it anew after the upgrade, with anycompatiblearray and anycompatible")
        ])
    }
  }
}
