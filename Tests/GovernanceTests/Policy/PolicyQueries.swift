// Queries drawn at random over the tables of the twins: most of them run, and any of them may try to tell.

import Support

struct PolicyQueries {
  private static let tables: [(name: String, columns: [String: String])] = [
    (
      "customers",
      [
        "id": "number", "name": "text", "email": "text", "phone": "text", "ssn": "text", "born": "date",
        "balance": "number",
        "ip": "other", "token": "other", "score": "number", "region": "text", "nick": "text", "label": "text",
      ]
    ),
    ("app.orders", ["id": "number", "customer_id": "number", "total": "number", "owner": "text", "note": "text"]),
    ("products", ["id": "number", "name": "text", "price": "number"]),
    ("events", ["id": "number", "at": "date", "secret": "text"]),
    ("app.events_2024", ["id": "number", "at": "date", "secret": "text"]),
    ("customer_view", ["id": "number", "name": "text", "email": "text"]),
    ("view_view", ["id": "number", "name": "text", "email": "text"]),
  ]

  private var aliases = 0

  private mutating func alias() -> String {
    aliases += 1
    return "t\(aliases)"
  }

  /// A complete query whose rows come in an order.
  mutating func query(_ random: inout SeededRandom) -> String {
    aliases = 0
    let (from, columns) = source(&random, depth: 0)
    var outputs = (0...Int.random(in: 0...2, using: &random)).map { _ in expression(columns, &random) }
    var text = ""
    if Int.random(in: 0..<4, using: &random) == 0 {
      let key = column(columns, &random).name
      outputs = [key, "count(*)", aggregate(columns, &random)]
      text = "SELECT \(outputs.joined(separator: ", ")) FROM \(from)"
      if Bool.random(using: &random) { text += " WHERE \(condition(columns, &random, depth: 0))" }
      text += " GROUP BY \(key)"
      if Bool.random(using: &random) { text += " HAVING \(aggregate(columns, &random)) IS NOT NULL" }
    } else {
      let distinct = Int.random(in: 0..<5, using: &random) == 0 ? "DISTINCT " : ""
      text = "SELECT \(distinct)\(outputs.joined(separator: ", ")) FROM \(from)"
      if Int.random(in: 0..<4, using: &random) > 0 { text += " WHERE \(condition(columns, &random, depth: 0))" }
    }
    text += " ORDER BY \((1...outputs.count).map(String.init).joined(separator: ", "))"
    if Bool.random(using: &random) { text += " LIMIT \(Int.random(in: 1...20, using: &random))" }
    if Int.random(in: 0..<8, using: &random) == 0 { text = "WITH q AS (\(text)) SELECT q::text FROM q ORDER BY 1" }
    return text
  }

  private typealias Column = (name: String, kind: String)

  private mutating func source(_ random: inout SeededRandom, depth: Int) -> (from: String, columns: [Column]) {
    let table = Self.tables.randomElement(using: &random) ?? Self.tables[0]
    let name = alias()
    let columns = table.columns.sorted { $0.key < $1.key }.map { (name: "\(name).\($0.key)", kind: $0.value) }
    let item = "\(["", "", "ONLY "].randomElement(using: &random) ?? "")\(table.name) AS \(name)"
    guard depth < 2 else { return (item, columns) }
    switch Int.random(in: 0..<6, using: &random) {
    case 0:
      let (other, others) = source(&random, depth: depth + 1)
      let kind = ["JOIN", "LEFT JOIN", "FULL JOIN"].randomElement(using: &random) ?? "JOIN"
      let (left, right) = (columns.filter { $0.kind == "number" }, others.filter { $0.kind == "number" })
      let on =
        "\(left.randomElement(using: &random)?.name ?? "1") = \(right.randomElement(using: &random)?.name ?? "1")"
      return ("\(item) \(kind) \(other) ON \(on)", columns + others)
    case 1:
      let outer = alias()
      let inner = column(columns, &random)
      let condition = condition(columns, &random, depth: 1)
      return (
        "(SELECT \(inner.name) AS a, \(expression(columns, &random)) AS b FROM \(item) WHERE \(condition)) AS \(outer)",
        [("\(outer).a", inner.kind), ("\(outer).b", "any")]
      )
    default: return (item, columns)
    }
  }

  private func column(_ columns: [Column], _ random: inout SeededRandom) -> Column {
    columns.randomElement(using: &random) ?? ("1", "number")
  }

  private mutating func expression(_ columns: [Column], _ random: inout SeededRandom) -> String {
    let column = column(columns, &random)
    let row = column.name.prefix { $0 != "." }
    switch Int.random(in: 0..<16, using: &random) {
    case 0: return "length(\(column.name)::text)"
    case 1: return "\(column.name)::text || 'x'"
    case 2: return "CASE WHEN \(condition(columns, &random, depth: 1)) THEN 1 ELSE 0 END"
    case 3: return "\(row)::text"
    case 4: return "to_jsonb(\(row))"
    case 5: return "1 / (length(\(column.name)::text) - \(Int.random(in: 1...16, using: &random)))"
    case 6: return "left(\(column.name)::text, 3)"
    case 7: return "rank() OVER (ORDER BY \(column.name))"
    case 8: return "COALESCE(\(column.name)::text, 'none')"
    case 9: return "md5(\(column.name)::text)"
    case 10: return "\(column.name)::text::integer"
    default: return column.name
    }
  }

  private func aggregate(_ columns: [Column], _ random: inout SeededRandom) -> String {
    let column = column(columns, &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return "count(DISTINCT \(column.name))"
    case 1: return "max(\(column.name)::text)"
    case 2: return "string_agg(\(column.name)::text, ',' ORDER BY \(column.name)::text)"
    default: return "min(\(column.name)::text)"
    }
  }

  private mutating func condition(_ columns: [Column], _ random: inout SeededRandom, depth: Int) -> String {
    let column = column(columns, &random)
    let number = Int.random(in: 0...1_100, using: &random)
    switch Int.random(in: 0..<(depth < 2 ? 16 : 9), using: &random) {
    case 0: return "\(column.name) IS NOT NULL"
    case 1:
      return "\(column.name)::text LIKE '\(["a%", "%1%", "al%", "an%", "%\\"].randomElement(using: &random) ?? "%")'"
    case 2: return "length(\(column.name)::text) > \(number % 20)"
    case 3: return "\(column.name) = \(self.column(columns, &random).name)"
    case 4 where column.kind == "number": return "\(column.name) > \(number)"
    case 5 where column.kind == "number": return "1000 / (\(column.name) - \(number % 60)) >= 0"
    case 6 where column.kind == "date": return "\(column.name) < date '1980-01-01' + \(number)"
    case 7 where column.kind == "text": return "\(column.name) BETWEEN 'a' AND 'an'"
    case 8: return "\(column.name)::text <> '\(number)'"
    case 9, 10: return "NOT (\(condition(columns, &random, depth: depth + 1)))"
    case 11, 12:
      return "\(condition(columns, &random, depth: depth + 1)) OR \(condition(columns, &random, depth: depth + 1))"
    case 13:
      let (from, inner) = source(&random, depth: 2)
      return "EXISTS (SELECT FROM \(from) WHERE \(condition(inner + columns, &random, depth: depth + 1)))"
    case 14:
      let (from, inner) = source(&random, depth: 2)
      return "\(column.name)::text IN (SELECT \(self.column(inner, &random).name)::text FROM \(from))"
    default: return "\(column.name)::text > '\(number)'"
    }
  }
}
