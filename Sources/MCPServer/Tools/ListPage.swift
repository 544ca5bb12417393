// Lists page by page: the cursor is the last name, and what is listed can be filtered.

import JSON
import Terminal

/// What of a list a call wants.
struct ListPage {
  static let filter = ToolParameter(
    "filter", aliases: ["nameFilter", "name_filter", "name_pattern", "pattern"],
    ["type": "string"])
  static let cursor = ToolParameter("cursor", ["type": "string"])
  static let size = ToolParameter(
    "page_size", aliases: ["pageSize", "limit"], ["type": "integer", "minimum": 1, "maximum": 1_000]
  ).unlisted

  let filter: String?
  let after: String?
  let size: Int

  init(_ arguments: ToolArguments, size: Int) {
    filter = arguments.text("filter")
    after = arguments.text("cursor")
    self.size = arguments.integer("page_size") ?? size
  }

  /// A page of what was asked for with one element more than fits, and the cursor of the next one.
  func cut(_ all: [JSONValue], name: (JSONValue) -> String?) -> (shown: [JSONValue], next: String?) {
    guard all.count > size else { return (all, nil) }
    let shown = Array(all.prefix(size))
    return (shown, shown.last.flatMap(name))
  }

  func answer(
    _ table: Table, _ shown: [JSONValue], _ key: String, next: String?, others: JSONObject = [:]
  ) -> ToolAnswer {
    var structured = others
    structured[key] = .array(shown)
    if let next { structured["next_cursor"] = .string(next) }
    let more = next == nil ? "" : "\nMore follow: call again with cursor set to the last name."
    return ToolAnswer(
      text: (shown.isEmpty ? "There are none." : fenced(table.rendered())) + more, structured: structured)
  }
}
