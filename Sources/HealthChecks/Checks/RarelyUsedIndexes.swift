// Indexes that cost many writes and serve few reads.

import Database

struct RarelyUsedIndexes: HealthCheck {
  let id = "rarely-used-indexes"
  let about = CheckDescription(
    .indexes, "Rarely used indexes", why: "Each write of the table maintains it, for a scan now and then.",
    rule: "Some scans, rare-writes writes of its table, a thousand writes for each scan, and at least "
      + "unused-index-bytes: info. Unique ones and those of constraints and partitions are left out.",
    needs: [.primary, .matureStatistics])

  func question(for server: ServerInfo) -> SQL? { LargeIndex.question }

  func judge(_ rows: [LargeIndex], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      !$0.isRule && $0.writes / 1_000 > $0.scans && Double($0.writes) >= limits["rare-writes"]
        && Double($0.bytes) >= limits["unused-index-bytes"]
    }.map { row in
      finding(
        .info, .index, row.name,
        "\(row.name) on \(row.table) was scanned \(row.scans) times, and its table written \(row.writes) times",
        [Figure("bytes", row.bytes, .bytes), Figure("scans", row.scans), Figure("writes", row.writes)],
        notes: [
          "jobs of a month's end and replicas may need it: look at their statements first",
          "to undo a drop, first keep the text of: SELECT pg_get_indexdef(\(literal(row.name))::regclass);",
        ], since: surroundings.usageSince)
    }
  }
}
