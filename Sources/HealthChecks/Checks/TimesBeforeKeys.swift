// B-trees in which a time stands in front of a column that is searched by equality.

import Database

struct TimesBeforeKeys: HealthCheck {
  let id = "times-before-keys"
  let about = CheckDescription(
    .indexes, "Times in front of other keys",
    why: "A range of times in front has the search read all entries of that range, whatever the key behind it is.",
    rule: "A B-tree that is used, of at least unused-index-bytes, with a date or timestamp in front of a column "
      + "that is none: info. "
      + "Unique ones, and those whose next key identifies rows and so gives them an order, are left out.",
    needs: [.matureStatistics])

  private static let times: Set<String> = ["date", "timestamp without time zone", "timestamp with time zone"]

  func question(for server: ServerInfo) -> SQL? { LargeIndex.question }

  /// The place of a time with another key behind it that is neither a time nor a way to put equal times in order.
  static func place(in row: LargeIndex) -> Int? {
    guard row.columns.count == row.types.count, row.identifies.count == row.types.count
    else { return nil }
    return row.types.indices.dropLast().first { place in
      times.contains(row.types[place]) && !times.contains(row.types[place + 1]) && row.identifies[place + 1] == 0
    }
  }

  func judge(_ rows: [LargeIndex], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.bytes) >= limits["unused-index-bytes"] }.compactMap { row in
      guard let place = Self.place(in: row) else { return nil }
      let (time, next) = (row.columns[place], row.columns[place + 1])
      return finding(
        .info, .index, row.name,
        "\(row.name) on \(row.table) has \(time.isEmpty ? "a time" : time) in front of "
          + "\(next.isEmpty ? "an expression" : next)",
        [Figure("bytes", row.bytes, .bytes), Figure("keys", row.columns.joined(separator: ", "))],
        notes: [
          "where queries ask for one value of the latter in a range of times, the time belongs at the end",
          "ORDER BY in this order needs it as it is; pgadvisor advise looks at the statements",
        ])
    }
  }
}
