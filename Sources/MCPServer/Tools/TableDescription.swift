// A described table as text for models.

import JSON
import Terminal

struct TableDescription {
  private let table: JSONObject

  init(_ table: JSONObject) { self.table = table }

  var text: String {
    ([heading, columns] + indexes + constraints + references + surroundings + definition + statistics)
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func word(_ value: JSONValue?, _ key: String) -> String { visible(value?[key]?.string ?? "") }

  private func list(_ key: String) -> [JSONValue] { table[key]?.array ?? [] }

  private func names(_ value: JSONValue?) -> String {
    (value?.array ?? []).map { visible($0.string ?? $0.text()) }.joined(separator: ", ")
  }

  private var heading: String {
    let name = "\(visible(table["schema"]?.string ?? "")).\(visible(table["name"]?.string ?? ""))"
    let facts = [
      table["kind"]?.string, table["estimated_rows"]?.integer.map { "about \(formatCount($0)) rows" },
      table["bytes"]?.integer.map { formatBytes($0) }, table["row_security"]?.bool == true ? "row security" : nil,
    ].compactMap { $0 }
    let comment = table["comment"]?.string.map { ": \(visible($0))" } ?? ""
    return "\(name) (\(facts.joined(separator: ", ")))\(comment)"
  }

  private var columns: String {
    var drawn = Table(columns: [.init("column"), .init("type"), .init("null"), .init("default"), .init("comment")])
    for column in list("columns") {
      let generated = column["generated"]?.string.map { " (\($0))" } ?? ""
      drawn.add([
        word(column, "name") + (column["is_primary_key"]?.bool == true ? " PK" : ""), word(column, "type"),
        column["nullable"]?.bool == true ? "yes" : "no", word(column, "default") + generated, word(column, "comment"),
      ])
    }
    return drawn.rendered()
  }

  private var indexes: [String] {
    list("indexes").map { index in
      let use = index["scans"]?.integer.map { "\(formatCount($0)) scans" } ?? "use unknown"
      let size = index["bytes"]?.integer.map { formatBytes($0) } ?? ""
      return "index \(word(index, "definition")) [\(size), \(use)\(index["is_valid"] == false ? ", INVALID" : "")]"
    }
  }

  private var constraints: [String] {
    list("constraints").map { "constraint \(word($0, "name")): \(word($0, "definition"))" }
  }

  private var references: [String] {
    list("referenced_by").map { "referenced by \(word($0, "table")) (\(word($0, "constraint")))" }
  }

  private var surroundings: [String] {
    var lines = list("triggers").map { "trigger \(visible($0.string ?? ""))" }
    lines += list("policies").map { policy in
      let check = policy["with_check"]?.string.map { " WITH CHECK \(visible($0))" } ?? ""
      return "policy \(word(policy, "name")): \(word(policy, "using"))\(check)"
    }
    if let key = table["partition_key"]?.string { lines.append("partitioned by \(visible(key))") }
    return lines + list("partitions").map { "partition \(word($0, "name")) \(word($0, "bound"))" }
  }

  private var definition: [String] {
    guard let text = table["definition"]?.string else { return [] }
    return ["definition:"] + text.split(separator: "\n").map { "  \(visible(String($0)))" }
  }

  private var statistics: [String] {
    guard let statistics = table["statistics"] else { return [] }
    var drawn = Table(columns: [
      .init("column"), .init("nulls", .right), .init("distinct", .right), .init("width", .right),
      .init("correlation", .right), .init("most common"),
    ])
    for column in statistics["columns"]?.array ?? [] {
      drawn.add([
        word(column, "name"), column["null_fraction"]?.double.map { formatPercent($0) } ?? "",
        column["distinct"]?.double.map(Self.distinct) ?? "", column["average_width"]?.integer.map { "\($0)" } ?? "",
        column["correlation"]?.double.map { formatDecimal($0, places: 2) } ?? "", names(column["most_common"]),
      ])
    }
    let activity = (statistics["activity"]?.object?.entries ?? []).filter { $0.value != .null }
      .map { "\($0.key) \(visible($0.value.string ?? $0.value.text()))" }
    return ["statistics:", drawn.rendered(), activity.joined(separator: ", ")]
  }

  /// Below zero it is a share of the rows.
  /// https://www.postgresql.org/docs/current/view-pg-stats.html
  private static func distinct(_ number: Double) -> String {
    number < 0 ? "\(formatPercent(-number)) of rows" : formatCount(Int64(number))
  }
}
