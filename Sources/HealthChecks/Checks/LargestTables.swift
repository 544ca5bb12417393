// The relations that take most of the disk.

import Database

struct LargestTables: HealthCheck {
  let id = "largest-tables"
  let about = CheckDescription(
    .schema, "Largest tables", why: "Backups, restores and mistakes take as long as the largest tables are large.",
    rule: "A table that, with indexes and TOAST, takes half of a database of more than large-bytes: info.")

  func question(for server: ServerInfo) -> SQL? { sizesQuestion }

  func judge(_ rows: [SizeRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let all = rows.first { $0.table == nil }?.bytes ?? 0
    guard Double(all) > limits["large-bytes"] else { return [] }
    return rows.compactMap { row in
      guard let table = row.table, let bytes = row.bytes, bytes > all / 2 else { return nil }
      return finding(
        .info, .table, table, "\(table) takes \(size(bytes)) of the database's \(size(all))",
        [Figure("bytes", bytes, .bytes), Figure("database_bytes", all, .bytes)])
    }
  }

  func sizes(_ rows: [SizeRow]) -> [MeasuredSize] {
    rows.map { row in
      MeasuredSize(row.table.map { FoundObject(.table, $0) } ?? FoundObject(.database, ""), bytes: row.bytes ?? 0)
    }
  }
}
