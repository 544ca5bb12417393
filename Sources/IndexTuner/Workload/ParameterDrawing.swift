// Values for `$1`, `$2`, …: drawn from the statistics of the column each stands beside, bound, never spliced into text.

import Database

/// Draws vectors of parameter values for one statement.
struct ParameterDrawing {
  let shape: QueryShape
  let types: [ParameterType]
  let samplers: [ColumnKey: ColumnSampler]
  let catalog: Catalog
  let seed: UInt64
  let fingerprint: String
  /// Rows that the statement returned on average, where known.
  let observedRows: Double?

  /// One vector, and in words what had to be assumed beyond the statistics.
  struct Drawn {
    var parameters: [PlanParameter]
    var assumptions: [String]
  }

  /// Why no vector can be drawn.
  struct Impossible: Error {
    var reason: String
  }

  /// The `number`-th of `count` vectors. Equal arguments, equal vector.
  func vector(_ number: Int, of count: Int) throws(Impossible) -> Drawn {
    var drawn = Drawn(parameters: [], assumptions: [])
    for (position, type) in types.enumerated() {
      let use = shape.parameters[position + 1] ?? ParameterUse(role: .other)
      let value = try value(of: position + 1, use, type, vector: number, of: count, &drawn.assumptions)
      drawn.parameters.append(PlanParameter(value: value, typeID: type.typeID))
    }
    return drawn
  }

  private func value(
    of parameter: Int, _ use: ParameterUse, _ type: ParameterType, vector number: Int, of count: Int,
    _ assumptions: inout [String]
  ) throws(Impossible) -> String? {
    switch use.role {
    case .limit:
      if let observedRows, observedRows >= 1 {
        let limit = Int64(min(observedRows.rounded(.up), 1e15))
        assumptions.append("$\(parameter) (LIMIT) taken as \(limit), the rows it returns")
        return "\(limit)"
      }
      assumptions.append("$\(parameter) (LIMIT) taken as 10")
      return "10"
    case .offset:
      assumptions.append("$\(parameter) (OFFSET) taken as 0")
      return "0"
    case .field:
      assumptions.append("$\(parameter) (field) taken as 'month'")
      return "month"
    default: break
    }
    if let sampler = sampler(of: use), isValue(type, of: use) {
      return sampled(parameter, use, sampler, vector: number, of: count, &assumptions)
    }
    if type.name.hasSuffix("[]") {
      assumptions.append("$\(parameter) taken as an empty \(type.name)")
      return "{}"
    }
    guard let value = Self.ordinaryValues[type.name] else {
      if use.role == .assignment { return nil }
      throw Impossible(reason: "no statistics to draw a value for $\(parameter) (\(type.name)) from")
    }
    assumptions.append("$\(parameter) (\(type.name)) taken as '\(value)'")
    return value
  }

  private func sampled(
    _ parameter: Int, _ use: ParameterUse, _ sampler: ColumnSampler, vector number: Int, of count: Int,
    _ assumptions: inout [String]
  ) -> String {
    // Both bounds of a range must come from the same throw.
    let pair = use.partner.map { min($0, parameter) } ?? parameter
    var numbers = SeededNumbers(seed: seed, text: "\(fingerprint)/\(pair)")
    let offset = numbers.fraction()
    // One throw in each of `count` equal parts of the distribution.
    let position = (Double(number) + offset) / Double(count)
    let width = max(Self.widths[number % Self.widths.count], sampler.smallestStep)
    switch use.role {
    case .anyArray:
      let values = (0..<5).map { sampler.value(at: (position + 0.2 * Double($0)).truncatingRemainder(dividingBy: 1)) }
      assumptions.append("$\(parameter) (array) taken with 5 values")
      return arrayLiteral(values.map { $0 })
    case .lowerBound where use.partner != nil: return sampler.quantile(offset * (1 - width))
    case .upperBound where use.partner != nil: return sampler.quantile(offset * (1 - width) + width)
    case .lowerBound:
      assumptions.append("$\(parameter) (lower bound) leaves \(percent(width)) and other shares of the column")
      return sampler.quantile(1 - width)
    case .upperBound:
      assumptions.append("$\(parameter) (upper bound) leaves \(percent(width)) and other shares of the column")
      return sampler.quantile(width)
    case .pattern:
      let value = sampler.distinctValue(at: position)
      // Values often begin alike: a few characters would leave all of them.
      let length = max(4, number % 2 == 0 ? value.count * 3 / 4 : value.count / 2)
      assumptions.append("$\(parameter) (pattern) taken as the beginning of a value, half of it or more")
      return prefixPattern(of: value, length)
    // The last throw asks for a rare value: what pays for it may not pay for the others, which the report then says.
    case .equality where count > 2 && number == count - 1: return sampler.rareValue
    // Every other throw asks for a value as likely as any other, however many rows have it.
    default: return number % 2 == 0 ? sampler.value(at: position) : sampler.distinctValue(at: position)
    }
  }

  private func sampler(of use: ParameterUse) -> ColumnSampler? {
    guard let table = use.table, let column = use.column else { return nil }
    return samplers[ColumnKey(table: table, column: column)]
  }

  /// A value of the column is none of the parameter where an operator joins two types: `tags @> $1`, `document @? $1`.
  private func isValue(_ type: ParameterType, of use: ParameterUse) -> Bool {
    guard let table = use.table, let name = use.column, let column = catalog[table]?.column(name) else { return true }
    let stored = ColumnTypes.normalized(column.typeName)
    let wanted = ColumnTypes.normalized(type.name)
    if stored == wanted || use.role == .anyArray { return true }
    let isOther: (String) -> Bool = { $0.hasSuffix("[]") || $0.hasSuffix("range") || Self.own.contains($0) }
    return !isOther(stored) && !isOther(wanted)
  }

  /// Types whose values no other type reads.
  private static let own: Set<String> = [
    "jsonpath", "tsquery", "tsvector", "jsonb", "json", "regconfig", "regclass", "point", "box", "polygon", "circle",
    "interval",
  ]

  private func prefixPattern(of value: String, _ length: Int) -> String {
    var pattern = ""
    for character in value.prefix(length) {
      if character == "%" || character == "_" || character == "\\" { pattern.append("\\") }
      pattern.append(character)
    }
    return pattern + "%"
  }

  private func percent(_ fraction: Double) -> String {
    let thousandths = Int((fraction * 1_000).rounded())
    return thousandths % 10 == 0 ? "\(thousandths / 10) %" : "\(thousandths / 10).\(thousandths % 10) %"
  }

  /// Shares of a column that a range may leave, tried in turn; the rows that the statement really returned decide.
  private static let widths = [0.01, 0.0001, 0.1, 0.001, 0.3]

  /// Values for parameters that stand beside no column: `format_type` names.
  private static let ordinaryValues: [String: String] = [
    "smallint": "1", "integer": "1", "bigint": "1", "numeric": "1", "real": "1", "double precision": "1",
    "boolean": "true", "text": "a", "character varying": "a", "character": "a", "name": "a", "\"char\"": "a",
    "date": "2024-01-01", "timestamp without time zone": "2024-01-01 00:00:00",
    "timestamp with time zone": "2024-01-01 00:00:00+00", "time without time zone": "12:00:00",
    "time with time zone": "12:00:00+00", "interval": "7 days", "uuid": "00000000-0000-0000-0000-000000000000",
    "json": "{}", "jsonb": "{}", "bytea": "", "oid": "1", "inet": "127.0.0.1", "regclass": "pg_class",
    "tsquery": "'word'", "tsvector": "'word'", "regconfig": "simple", "jsonpath": "$.a", "cidr": "10.0.0.0/8",
    "macaddr": "08:00:2b:01:02:03", "money": "1", "bit": "1", "bit varying": "1", "xml": "<a/>", "point": "(0,0)",
    "box": "(1,1),(0,0)", "circle": "<(0,0),1>", "polygon": "((0,0),(1,1),(1,0))", "int4range": "[1,2)",
    "int8range": "[1,2)", "numrange": "[1,2)", "daterange": "[2024-01-01,2024-01-08)",
    "tid": "(0,1)", "citext": "a", "ltree": "a", "lquery": "a", "hstore": "a=>1",
    "tsrange": "[2024-01-01,2024-01-02)", "tstzrange": "[2024-01-01,2024-01-02)", "regtype": "integer",
  ]
}
