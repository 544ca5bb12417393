// Schemas, data and statements that nobody thought of, from one seed.

import Support

/// A few tables that refer to each other, with values of many kinds and spreads, and statements of ordinary shapes on them.
struct RandomDatabase {
  private struct Column {
    var name: String
    /// What fills it, over `n` from 1 to the number of rows.
    var filling: String
    /// A constant to compare with.
    var constant: (inout SeededRandom) -> String
  }

  private struct Table {
    var name: String
    var rows: Int
    var columns: [Column]
  }

  let schema: String
  let statements: [String]
  /// For all new indexes together.
  let budget: Int64

  init(using random: inout SeededRandom) {
    var tables: [Table] = []
    var schema = "SELECT setseed(0.\(Int.random(in: 10...99, using: &random)));\n"
    for number in 0..<Int.random(in: 1...3, using: &random) {
      let table = Self.table(number, after: tables, using: &random)
      tables.append(table)
      let columns = table.columns.map { "\($0.filling) AS \($0.name)" }.joined(separator: ", ")
      schema +=
        "CREATE TABLE \(table.name) AS SELECT n AS id, \(columns) FROM generate_series(1, \(table.rows)) AS n;\n"
      if Bool.random(using: &random) { schema += "ALTER TABLE \(table.name) ADD PRIMARY KEY (id);\n" }
      if Int.random(in: 0..<4, using: &random) == 0, let column = table.columns.randomElement(using: &random) {
        schema += "CREATE INDEX ON \(table.name) (\(column.name));\n"
      }
    }
    self.schema = schema + "VACUUM ANALYZE;\n"
    let count = Int.random(in: 3...9, using: &random)
    statements = (0..<count).map { _ in Self.statement(on: tables, using: &random) }
    budget = Int64.random(in: 0...3_000_000, using: &random)
  }

  private static func table(_ number: Int, after earlier: [Table], using random: inout SeededRandom) -> Table {
    let rows = Int.random(in: 500...12_000, using: &random)
    var columns: [Column] = []
    for other in earlier where Bool.random(using: &random) {
      let last = other.rows
      columns.append(
        Column(name: "\(other.name)_id", filling: "(1 + random() * \(last - 1))::int") { random in
          "\(Int.random(in: 1...last, using: &random))"
        })
    }
    for place in 0..<Int.random(in: 2...5, using: &random) {
      columns.append(column("c\(number)\(place)", rows: rows, using: &random))
    }
    return Table(name: "t\(number)", rows: rows, columns: columns)
  }

  private static func column(_ name: String, rows: Int, using random: inout SeededRandom) -> Column {
    let values = [2, 7, 50, 900, rows].randomElement(using: &random) ?? rows
    func number(_ random: inout SeededRandom) -> String { "\(Int.random(in: 0...values, using: &random))" }
    func day(_ random: inout SeededRandom) -> String {
      "date '2024-01-01' + \(Int.random(in: 0...values, using: &random))"
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return Column(name: name, filling: "(random() * \(values))::int", constant: number)
    case 1: return Column(name: name, filling: "(random() ^ 4 * \(values))::int", constant: number)
    case 2:
      return Column(
        name: name, filling: "CASE WHEN random() < 0.3 THEN (random() * \(values))::int END", constant: number)
    case 3: return Column(name: name, filling: "(random() * \(values))::numeric(10, 2)", constant: number)
    case 4: return Column(name: name, filling: "md5(((random() * \(values))::int)::text)") { "md5('\(number(&$0))')" }
    case 5: return Column(name: name, filling: "date '2024-01-01' + (random() * \(values))::int", constant: day)
    case 6: return Column(name: name, filling: "date '2024-01-01' + n * \(values) / \(rows)", constant: day)
    default: return Column(name: name, filling: "n % \(values + 1)", constant: number)
    }
  }

  // MARK: - Statements

  private static func statement(on tables: [Table], using random: inout SeededRandom) -> String {
    guard let table = tables.randomElement(using: &random) else { return "SELECT 1" }
    let what = Bool.random(using: &random) ? "*" : "count(*)"
    let filter = condition(on: table, using: &random)
    let column = table.columns.randomElement(using: &random)?.name ?? "id"
    switch Int.random(in: 0..<9, using: &random) {
    case 0: return "SELECT \(what) FROM \(table.name) WHERE \(filter)"
    case 1: return "SELECT \(what) FROM \(table.name) WHERE \(filter) AND \(condition(on: table, using: &random))"
    case 2: return "SELECT \(what) FROM \(table.name) WHERE \(filter) OR \(condition(on: table, using: &random))"
    case 3: return "SELECT id FROM \(table.name) WHERE \(filter) ORDER BY \(column) DESC LIMIT 10"
    case 4: return "SELECT \(column), count(*) FROM \(table.name) WHERE \(filter) GROUP BY \(column)"
    case 5: return "UPDATE \(table.name) SET \(column) = NULL WHERE \(filter)"
    case 6: return "SELECT max(\(column)) FROM \(table.name)"
    default: return join(table, tables, what, using: &random)
    }
  }

  private static func join(
    _ table: Table, _ tables: [Table], _ what: String, using random: inout SeededRandom
  ) -> String {
    let filter = condition(on: table, using: &random)
    guard let link = table.columns.first(where: { $0.name.hasSuffix("_id") }),
      let other = tables.first(where: { "\($0.name)_id" == link.name })
    else { return "SELECT \(what) FROM \(table.name) WHERE \(filter)" }
    let further = condition(on: other, using: &random)
    let join = "\(table.name) JOIN \(other.name) ON \(other.name).id = \(link.name)"
    return "SELECT \(what) FROM \(join) WHERE \(filter)" + (Bool.random(using: &random) ? " AND \(further)" : "")
  }

  private static func condition(on table: Table, using random: inout SeededRandom) -> String {
    guard let column = table.columns.randomElement(using: &random) else { return "true" }
    let name = "\(table.name).\(column.name)"
    func constant() -> String { column.constant(&random) }
    switch Int.random(in: 0..<7, using: &random) {
    case 0, 1, 2: return "\(name) = \(constant())"
    case 3: return "\(name) IN (\(constant()), \(constant()), \(constant()))"
    case 4: return "\(name) > \(constant())"
    case 5: return "\(name) BETWEEN \(constant()) AND \(constant())"
    default: return "\(name) IS NULL"
    }
  }
}
