// Questions about tables that read pg_class once for many checks: with thousands of tables each reading takes its time.

import Database
import JSON

/// What checks of tables read, and how several of them become one statement.
enum TablesOnce {
  /// Every table, materialized view, partitioned table and TOAST table: `tables` are the users', `all_tables` the system's
  /// too. What no part names is not read.
  private static let beginning: SQL =
    "WITH tables AS MATERIALIZED (" + columns + " AND c.oid >= 16384), all_tables AS MATERIALIZED (" + columns + ")\n"
  private static let columns: SQL = """
    SELECT c.oid, c.relkind, c.relpersistence, c.relispartition, c.relrowsecurity, c.relispopulated, c.relhasindex,
      c.relpages, c.reltuples, c.relfrozenxid, c.relminmxid, c.reltoastrelid, c.relnamespace, c.reloptions
    FROM pg_class AS c WHERE c.relkind IN ('r', 'm', 'p', 't')
    """

  /// Parts of one statement: with thousands of tables it is to stay well below a quarter of a second.
  static let most = 6

  /// One check's part by itself.
  static func alone(_ part: SQL) -> SQL { beginning + "SELECT q.* FROM (\n" + part + ") AS q" }

  /// All parts in one statement, whose rows say by number which part they are of.
  static func together(_ parts: [SQL]) -> SQL {
    var text = beginning
    for (place, part) in parts.enumerated() {
      if place > 0 { text = text + "\nUNION ALL " }
      text = text + "SELECT " + number(place) + ", row_to_json(q)::text FROM (\n" + part + ") AS q"
    }
    return text
  }

  private static let digits: [SQL] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]

  private static func number(_ place: Int) -> SQL {
    place < 10 ? digits[place] : number(place / 10) + digits[place % 10]
  }

  /// The answer to `together`, part by part, as each of them alone would have been answered.
  /// - Returns: nil where it cannot be read; then each is asked alone.
  static func apart(_ rows: StepRows, parts: Int) -> [StepRows]? {
    var answers = Array(repeating: StepRows(), count: parts)
    for place in rows.rows.indices {
      guard let part = rows.text(place, 0).flatMap({ Int($0) }), answers.indices.contains(part),
        rows.rows[place].count == 2, let text = rows.rows[place][1],
        let cells = (try? JSONValue(parsing: text))?.object?.entries
      else { return nil }
      answers[part].columns = cells.map(\.key)
      answers[part].rows.append(cells.map { cell($0.value) })
    }
    return answers
  }

  /// As PostgreSQL writes the value when it is asked for without JSON.
  private static func cell(_ value: JSONValue) -> [UInt8]? { text(value).map { Array($0.utf8) } }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .null: nil
    case .bool(let value): value ? "t" : "f"
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .string(let value): value
    case .array(let values): arrayLiteral(values.map(text))
    case .object: value.text()
    }
  }
}
