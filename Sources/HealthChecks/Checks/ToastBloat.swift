// Values out of line (TOAST) in many more pages than they need.

import Database

struct ToastBloat: HealthCheck {
  let id = "toast-bloat"
  let about = CheckDescription(
    .bloat, "Bloated TOAST", why: "Empty space among values out of line takes memory and disk.",
    rule: "A waste of bloat-bytes and bloat-percent at the least, if all pieces are full: notice; half of it and "
      + "bloat-warning-bytes: warning. What VACUUM has not counted yet is said.")

  struct Row: Decodable, Sendable {
    let table: String
    let pages: Int64
    /// nil where no VACUUM has counted them.
    let pieces: Double?
    let blockSize: Double
  }

  /// ANALYZE leaves TOAST alone. Before 14 nothing tells "none" from "not counted".
  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", t.relpages::bigint AS "pages",
      CASE WHEN t.reltuples > 0 OR t.reltuples = 0 AND
    """ + (server.majorVersion >= 14 ? " true " : " false ") + """
        THEN t.reltuples::float8 END AS "pieces",
        current_setting('block_size')::float8 AS "blockSize"
      FROM tables AS c JOIN tables AS t ON t.oid = c.reltoastrelid
      WHERE c.relkind IN ('r', 'm') AND t.relpages >= 128 AND
      """ + ownRelation + """
        ORDER BY t.relpages DESC, 1 LIMIT 1000
        """
  }

  /// Four pieces fill a page; the last one of each value is seldom full, so this is the most that is needed.
  /// https://www.postgresql.org/docs/current/storage-toast.html
  static func pages(_ pieces: Double) -> Double { (max(0, pieces) / 4).rounded(.up) + 1 }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row -> (Double, Finding)? in
      guard let pieces = row.pieces else { return nil }
      let needed = Self.pages(pieces)
      guard let wasted = WastedSpace(of: row.pages, needed: needed, blockSize: row.blockSize, limits) else {
        return nil
      }
      return (
        wasted.bytes,
        finding(
          wasted.severity, .table, row.table,
          "at least \(whole(wasted.percent)) % of the TOAST of \(row.table), \(size(wasted.counted)), is empty",
          [
            Figure("wasted", wasted.counted, .bytes), Figure("pages", row.pages),
            Figure("needed_pages", needed, .count),
            Figure("wasted_share", wasted.percent, .percent),
          ],
          remedies: [
            Remedy(
              "VACUUM FULL \(row.table);", .accessExclusive, .rewrite,
              risk: "nobody reads or writes it meanwhile; pg_repack does it beside others", isTransactional: false)
          ],
          notes: ["new values take the empty space first: after one large DELETE it may be best to do nothing"])
      )
    }.sorted { $0.0 > $1.0 }.map(\.1)
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    let unknown = rows.filter { $0.pieces == nil }
    guard let first = unknown.first else { return [] }
    return ["\(unknown.count) tables whose TOAST no VACUUM has counted, such as \(first.table)"]
  }
}
