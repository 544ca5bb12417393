// Databases and tables whose oldest transaction ID comes near to the end of the numbers.

import Database

struct TransactionIDWraparound: HealthCheck {
  let id = "transaction-id-wraparound"
  let about = CheckDescription(
    .vacuum, "Transaction ID wraparound",
    why: "When the numbers run out PostgreSQL refuses every write until the oldest rows are frozen.",
    rule: "Age of the oldest transaction ID: warning from wraparound-warning-percent of what there is, critical from "
      + "wraparound-critical-percent, for every database and for the tables of this one. With a baseline the date of "
      + "the end is told, by what was used since.")

  struct Row: Decodable, Sendable {
    let name: String
    let isDatabase: Bool
    let isOurs: Bool
    let age: Int64
    /// The next number of all, as 64 bits.
    var next: Int64?
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(d.datname) AS "name", true AS "isDatabase", d.datname = current_database() AS "isOurs",
      age(d.datfrozenxid)::bigint AS "age", pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS "next"
    FROM pg_database AS d
    UNION ALL
    SELECT coalesce(o.oid, c.oid)::regclass::text, false, true, c.age, NULL
    FROM (
      (SELECT oid, age(relfrozenxid)::bigint AS age FROM all_tables
        WHERE relkind IN ('r', 'm', 't') AND relfrozenxid <> '0'::xid AND oid >= 16384
        ORDER BY age(relfrozenxid) DESC, oid LIMIT 15)
      UNION ALL (SELECT oid, age(relfrozenxid)::bigint FROM all_tables
        WHERE relkind IN ('r', 'm', 't') AND relfrozenxid <> '0'::xid AND oid < 16384
        ORDER BY age(relfrozenxid) DESC, oid LIMIT 5)
    ) AS c LEFT JOIN all_tables AS o ON o.reltoastrelid = c.oid
    ORDER BY 2 DESC, 4 DESC, 1
    """
  }

  /// 13 stops a million before the end, later versions three.
  private static func last(_ surroundings: Surroundings) -> Int64 {
    Int64(Int32.max) - (surroundings.server.majorVersion >= 14 ? 3_000_000 : 1_000_000)
  }

  func counters(_ rows: [Row], _ surroundings: Surroundings) -> [MeasuredCounter] {
    rows.compactMap { row in
      guard let next = row.next, row.isDatabase else { return nil }
      return MeasuredCounter(
        FoundObject(.database, row.name), value: next, end: next + max(0, Self.last(surroundings) - row.age))
    }
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let last = Self.last(surroundings)
    var seen: Set<String> = []
    return rows.compactMap { row in
      let percent = Double(row.age) * 100 / Double(last)
      guard percent >= limits["wraparound-warning-percent"] else { return nil }
      guard seen.insert("\(row.isDatabase) \(row.name)").inserted else { return nil }
      let remedy =
        row.isDatabase
        ? Remedy("VACUUM (FREEZE);", .shareUpdateExclusive, .scan, isTransactional: false)
        : Remedy("VACUUM (FREEZE) \(row.name);", .shareUpdateExclusive, .scan, isTransactional: false)
      var notes = ["first see xmin-horizon: what holds it back keeps VACUUM from freezing"]
      if row.isDatabase && !row.isOurs { notes.append("VACUUM has to be run in database \(row.name)") }
      if surroundings.server.isInRecovery { notes.append("VACUUM has to be run on the primary") }
      return finding(
        percent >= limits["wraparound-critical-percent"] ? .critical : .warning, row.isDatabase ? .database : .table,
        row.name, "\(row.name) has used \(Int(percent)) % of the transaction IDs; \(max(0, last - row.age)) are left",
        [Figure("age", row.age, .transactions), Figure("left", max(0, last - row.age), .transactions)],
        remedies: [remedy], notes: notes)
    }
  }
}
