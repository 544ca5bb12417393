// Indexes that another index of the same table makes superfluous: twins, mirror images and left prefixes.

import Database

struct DuplicateIndexes: HealthCheck {
  let id = "duplicate-indexes"
  let about = CheckDescription(
    .indexes, "Duplicate and redundant indexes",
    why: "Every write maintains both, and each takes memory and disk, for one and the same use.",
    rule: "An index with the same keys as another, or with its leading keys: twins are a warning, prefixes a notice, "
      + "or a warning from redundant-index-warning-bytes.")

  struct Row: Decodable, Sendable {
    let name: String
    let keeper: String
    let table: String
    let bytes: Int64
    let isTwin: Bool
    let constraint: String?
    let isIdentity: Bool
    let isClustered: Bool
    let isPartitioned: Bool
    let scans: Int64
    let keeperScans: Int64
  }

  /// Only tables are looked at of which two indexes may begin alike: each first column sets a bit, and where none is set
  /// twice their sum is what they are together. `indkey` begins at 0 and a slice of it at 1: slices are compared with
  /// slices. Only B-trees are ordered; of all other methods only twins count. An index that a foreign key refers to, or that
  /// belongs to a partitioned one, stays.
  func question(for server: ServerInfo) -> SQL? {
    let distinct: SQL = server.majorVersion >= 15 ? " i.indnullsnotdistinct AS nd\n" : " false AS nd\n"
    return """
      WITH several AS MATERIALIZED (
        SELECT t.indrelid FROM (
          SELECT i.indrelid, 1 << (abs(i.indkey[0]) % 30) AS bit FROM pg_index AS i WHERE i.indexrelid >= 16384) AS t
        GROUP BY t.indrelid HAVING sum(t.bit) <> bit_or(t.bit)
      ), x AS MATERIALIZED (
        SELECT i.indexrelid, i.indrelid, c.relam, a.amname, c.relkind, c.relpages, i.indnkeyatts AS n, i.indnatts AS na,
          i.indisunique AS u, i.indisprimary AS p, i.indimmediate AS im, i.indisreplident AS ri,
            i.indisclustered AS cl0,
          i.indkey::int2[] AS k, i.indclass::oid[] AS cl, i.indcollation::oid[] AS co, i.indoption::int2[] AS o,
          coalesce(i.indexprs::text, '') AS e, coalesce(i.indpred::text, '') AS w, (i.indkey::int2[])[0] AS k0,
      """ + distinct + """
        FROM several AS v JOIN pg_index AS i ON i.indrelid = v.indrelid
          JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
        WHERE i.indisvalid AND NOT i.indisexclusion AND NOT c.relispartition AND
        """ + ownRelation + """
          ), pairs AS (
          SELECT DISTINCT ON (a.indexrelid) a.indexrelid AS redundant, b.indexrelid AS keeper, a.indrelid, a.relpages,
            a.n = b.n AND a.na = b.na AS twin, a.ri, a.cl0, a.relkind
          FROM x AS a JOIN x AS b
            ON a.indrelid = b.indrelid AND a.k0 = b.k0 AND a.relam = b.relam AND a.indexrelid <> b.indexrelid
          WHERE (NOT a.u OR (b.u AND a.n = b.n AND NOT a.p AND a.nd = b.nd AND a.im = b.im))
            AND (a.na = a.n OR (a.na = b.na AND a.n = b.n AND a.k = b.k)) AND a.n <= b.n
            AND (a.amname = 'btree' OR a.n = b.n)
            AND a.k[0:a.n-1] = b.k[0:a.n-1] AND a.cl[0:a.n-1] = b.cl[0:a.n-1] AND a.co[0:a.n-1] = b.co[0:a.n-1]
            AND (a.o[0:a.n-1] = b.o[0:a.n-1]
              OR (SELECT bool_and(q # 3 = r) FROM unnest(a.o[0:a.n-1], b.o[0:a.n-1]) AS t(q, r)))
            AND a.e = b.e AND a.w = b.w
            AND (a.n < b.n OR a.na < b.na OR (b.u AND NOT a.u) OR b.p
              OR (a.u = b.u AND a.n = b.n AND a.na = b.na AND a.indexrelid > b.indexrelid))
          ORDER BY a.indexrelid, b.p DESC, b.u DESC, b.n, b.indexrelid
          )
          SELECT p.redundant::regclass::text AS "name", p.keeper::regclass::text AS "keeper",
            p.indrelid::regclass::text AS "table", p.relpages::bigint * current_setting('block_size')::bigint AS "bytes",
            p.twin AS "isTwin", quote_ident(k.conname) AS "constraint", p.ri AS "isIdentity", p.cl0 AS "isClustered",
            p.relkind = 'I' AS "isPartitioned", coalesce(pg_stat_get_numscans(p.redundant), 0) AS "scans",
            coalesce(pg_stat_get_numscans(p.keeper), 0) AS "keeperScans"
          FROM (
            SELECT * FROM pairs WHERE redundant NOT IN (SELECT conindid FROM pg_constraint WHERE contype = 'f')
            ORDER BY twin DESC, relpages DESC, redundant LIMIT 1000
          ) AS p LEFT JOIN pg_constraint AS k ON k.conindid = p.redundant AND k.contype IN ('p', 'u')
          ORDER BY p.twin DESC, p.relpages DESC, p.redundant
          """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.sorted { ($1.bytes, $0.name) < ($0.bytes, $1.name) }.map { row in
      let isLarge = Double(row.bytes) >= limits["redundant-index-warning-bytes"]
      var notes = ["to undo it, first keep the text of: SELECT pg_get_indexdef(\(literal(row.name))::regclass);"]
      if row.isIdentity { notes.append("it is the table's replica identity: choose another one first") }
      if row.isClustered { notes.append("the table is clustered on it") }
      if !row.isTwin && row.scans > row.keeperScans {
        notes.append("it is used more often than the wider one (\(row.scans) scans against \(row.keeperScans))")
      }
      let remedy =
        row.constraint.map {
          Remedy(
            "ALTER TABLE \(row.table) DROP CONSTRAINT \($0);", .accessExclusive, .instant, risk: "waits for readers")
        }
        ?? (row.isPartitioned
          ? Remedy("DROP INDEX \(row.name);", .accessExclusive, .instant, risk: "drops the partitions' indexes too")
          : Remedy(
            "DROP INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, .instant,
            risk: "waits for older transactions", isTransactional: false))
      return finding(
        row.isTwin || isLarge ? .warning : .notice, .index, row.name,
        row.isTwin
          ? "\(row.name) does the same as \(row.keeper) on \(row.table)"
          : "what \(row.name) does, \(row.keeper) on \(row.table) does too: its leading keys are the same",
        [Figure("bytes", row.bytes, .bytes), Figure("scans", row.scans), Figure("keeper_scans", row.keeperScans)],
        remedies: [remedy], notes: notes)
    }
  }
}
