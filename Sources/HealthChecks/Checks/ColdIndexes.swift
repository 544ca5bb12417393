// Large indexes that are in use and not in memory.

import Database

struct ColdIndexes: HealthCheck {
  let id = "cold-indexes"
  let about = CheckDescription(
    .memory, "Large indexes that are read from outside shared_buffers",
    why: "Each look-up waits for blocks that did not fit.",
    rule: "An index of at least cold-index-bytes that is used, of at least cold-index-blocks blocks asked for, and "
      + "less than cold-index-hit-percent of them found: info, as it is a hint and no fault.",
    needs: [.matureStatistics])

  func question(for server: ServerInfo) -> SQL? { LargeIndex.question }

  func judge(_ rows: [LargeIndex], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row -> (Double, Finding)? in
      guard Double(row.bytes) >= limits["cold-index-bytes"], row.scans > 0,
        Double(row.fetched) >= max(1, limits["cold-index-blocks"])
      else { return nil }
      let percent = Double(row.hit) * 100 / Double(row.fetched)
      guard percent < limits["cold-index-hit-percent"] else { return nil }
      return (
        Double(row.fetched) - Double(row.hit),
        finding(
          .info, .index, row.name,
          "\(whole(percent)) % of the blocks of \(row.name) on \(row.table), \(size(row.bytes)), were found in "
            + "shared_buffers",
          [
            Figure("hit", percent, .percent), Figure("blocks", row.fetched), Figure("bytes", row.bytes, .bytes),
            Figure("table", row.table),
          ],
          notes: [
            "an average since counting began; scans in order, as a report makes them, are no reason to worry",
            "an index that is bloated, or has columns it does not need, is larger than it must be",
          ], since: surroundings.usageSince)
      )
    }.sorted { $0.0 > $1.0 }.map(\.1)
  }
}
