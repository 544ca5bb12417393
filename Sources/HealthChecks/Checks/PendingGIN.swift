// GIN indexes with many entries that are still to be sorted in.

import Database

struct PendingGIN: HealthCheck {
  let id = "gin-pending-lists"
  let about = CheckDescription(
    .indexes, "Pending lists of GIN indexes",
    why: "Each search reads the whole list, and somebody's INSERT will have to sort it in.",
    rule: "A list of at least gin-pending-bytes: warning. Needs the extension pgstattuple; the fifty largest GIN "
      + "indexes "
      + "are asked, of which one page is read each.", countsObjects: true)

  func question(for server: ServerInfo) -> SQL? { PeculiarIndex.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { PeculiarIndex.questions(surroundings) }

  private static let most = 50
  private static let looking: SQL = """
    SELECT g.pending_pages::bigint * current_setting('block_size')::bigint, g.pending_tuples::bigint
    FROM pgstatginindex($1::oid::regclass) AS g
    """

  private static func lists(_ rows: [PeculiarIndex]) -> [PeculiarIndex] {
    rows.filter { $0.method == "gin" && $0.hasFastUpdate }
  }

  func judge(_ rows: [PeculiarIndex], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] { [] }

  func examinations(_ rows: [PeculiarIndex], _ surroundings: Surroundings, _ limits: Limits) -> [Examination] {
    let least = limits["gin-pending-bytes"]
    guard surroundings.mayMeasure, let schema = surroundings.measuringSchema else { return [] }
    return Self.lists(rows).prefix(Self.most).map { row in
      Examination(
        sql: Self.looking, values: ["\(row.number)"], schema: schema, object: FoundObject(.index, row.name)
      ) { cells in
        guard let bytes = cells.first?.flatMap(Int64.init), Double(bytes) >= max(1, least) else { return nil }
        let entries = cells.count > 1 ? cells[1].flatMap(Int64.init) ?? 0 : 0
        return finding(
          .warning, .index, row.name, "\(size(bytes)) of \(row.name) on \(row.table) are not sorted in yet",
          [Figure("pending", bytes, .bytes), Figure("pending_rows", entries), Figure("table", row.table)],
          remedies: [
            Remedy(
              "SELECT gin_clean_pending_list(\(literal(row.name))::regclass);", .rowExclusive, .scan,
              risk: "as much work as the writes have put off")
          ],
          notes: [
            "VACUUM does it too; to sort in at once: ALTER INDEX \(row.name) SET (fastupdate = off);",
            "during a bulk load it is as it should be",
          ])
      }
    }
  }

  func omissions(_ rows: [PeculiarIndex], _ surroundings: Surroundings) -> [String] {
    let lists = Self.lists(rows)
    guard !lists.isEmpty else { return [] }
    if surroundings.measuringSchema == nil {
      return [
        "\(lists.count) GIN indexes: pgstattuple is not installed in this database: CREATE EXTENSION "
          + "pgstattuple;"
      ]
    }
    guard surroundings.mayMeasure else {
      let user = surroundings.server.user
      return [
        "\(lists.count) GIN indexes: role \(user) may not run pgstatginindex(): GRANT pg_stat_scan_tables TO "
          + "\(quotedIdentifier(user));"
      ]
    }
    return lists.count > Self.most ? ["GIN indexes smaller than the largest \(Self.most)"] : []
  }
}
