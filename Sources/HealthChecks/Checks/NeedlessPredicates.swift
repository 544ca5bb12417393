// Partial indexes that leave nothing out.

import Database

struct NeedlessPredicates: HealthCheck {
  let id = "needless-predicates"
  let about = CheckDescription(
    .indexes, "Partial indexes that leave nothing out",
    why: "A query must repeat the predicate to use the index, or the planner has to prove it, and no row is saved.",
    rule: "An index WHERE column IS NOT NULL on a column that is NOT NULL: info.")

  func question(for server: ServerInfo) -> SQL? { PeculiarIndex.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { PeculiarIndex.questions(surroundings) }

  func judge(_ rows: [PeculiarIndex], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      guard let asked = row.needlesslyAsked else { return nil }
      // Of all others only the server writes what they are made of.
      let columns = row.isPlain ? row.columns.joined(separator: ", ") : nil
      return finding(
        .info, .index, row.name, "\(row.name) on \(row.table) asks for \(asked) IS NOT NULL, which each row is",
        [Figure("bytes", row.bytes, .bytes)],
        remedies: columns.map { columns in
          [
            Remedy(
              "CREATE INDEX CONCURRENTLY ON \(row.table) (\(columns));", .shareUpdateExclusive, .build,
              risk: "waits for older transactions", isTransactional: false),
            Remedy("DROP INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, isTransactional: false),
          ]
        } ?? [],
        notes: columns == nil
          ? [
            "build it without WHERE beside the old one, then drop that: SELECT pg_get_indexdef("
              + "\(literal(row.name))::regclass);"
          ] : [])
    }
  }
}
