// Masks as SQL over a column: total, without a name that a search path could turn, and of the column's own type.

import Database
import SQLSyntax

/// SQL that says how a value looks. Every function is named with its schema, every operator that is not a comparison by
/// grammar too.
///
/// `CASE WHEN true THEN … ELSE column END` gives an expression the column's type without anybody having to know its
/// name; the planner drops the other branch before anything is evaluated.
struct MaskExpression {
  /// The column's type, by OID; what is not built-in counts as unknown.
  let type: UInt32

  /// - Parameters:
  ///   - value: SQL of the value as it is so far.
  ///   - column: its name, for expressions of an operator's.
  ///   - isStored: `value` is the column itself.
  func sql(_ mask: RelationRule.ColumnMask, of value: String, column: String, isStored: Bool) -> String {
    switch mask.mask {
    case .null: return absent(value)
    case .full: return Self.texts.contains(type) ? fixed("***", value) : absent(value)
    case .constant(let text): return fixed(text, value)
    case .partial(let first, let last): return text(value) { Self.partial($0, first, last) }
    case .email: return text(value, Self.email)
    case .hash: return hash(value, mask.key)
    case .year: return date("year", value)
    case .month: return date("month", value)
    case .network(let bits, let bits6): return network(value, bits, bits6)
    case .round(let step): return rounded(value, step)
    case .expression(let text):
      if isStored { return "CASE WHEN true THEN (\(text)\n) ELSE \(value) END" }
      // The expression names the column; it gets what is left of it so far.
      return
        "CASE WHEN true THEN (SELECT (\(text)\n) FROM (SELECT \(value)) AS v(\(quotedName(column)))) ELSE \(value) END"
    }
  }

  private static let texts: Set<UInt32> = [25, 1043, 1042, 19]

  /// NULL of the column's type.
  private func absent(_ value: String) -> String { "CASE WHEN false THEN \(value) END" }

  private func fixed(_ text: String, _ value: String) -> String {
    "CASE WHEN true THEN \(quotedText(text)) ELSE \(value) END"
  }

  /// What is text becomes other text; anything else nothing.
  private func text(_ value: String, _ expression: (_ text: String) -> String) -> String {
    switch type {
    case 25: return expression(value)
    case 1043: return "(\(expression("(\(value))::pg_catalog.text")))::pg_catalog.varchar"
    case 1042: return "(\(expression("(\(value))::pg_catalog.text")))::pg_catalog.bpchar"
    case 19: return "(\(expression("(\(value))::pg_catalog.text")))::pg_catalog.name"
    default: return absent(value)
    }
  }

  private static func partial(_ value: String, _ first: Int, _ last: Int) -> String {
    let start = first > 0 ? "pg_catalog.\"left\"(\(value), \(first)) OPERATOR(pg_catalog.||) " : ""
    let end = last > 0 ? " OPERATOR(pg_catalog.||) pg_catalog.\"right\"(\(value), \(last))" : ""
    return "CASE WHEN \(value) IS NULL THEN NULL"
      + " WHEN pg_catalog.char_length(\(value)) OPERATOR(pg_catalog.>) \(first + last)"
      + " THEN \(start)'***'::pg_catalog.text\(end) ELSE '***'::pg_catalog.text END"
  }

  private static func email(_ value: String) -> String {
    "CASE WHEN \(value) IS NULL THEN NULL"
      + " WHEN pg_catalog.strpos(\(value), '@') OPERATOR(pg_catalog.>) 1"
      + " THEN pg_catalog.\"left\"(\(value), 1) OPERATOR(pg_catalog.||) '***@'::pg_catalog.text"
      + " OPERATOR(pg_catalog.||) pg_catalog.split_part(\(value), '@', 2) ELSE '***'::pg_catalog.text END"
  }

  /// As HMAC nests them, so that no value can be made longer behind the key.
  private func hash(_ value: String, _ key: String) -> String {
    let secret = "\(quotedText(key))::pg_catalog.bytea"
    let cast = "(\(value))::pg_catalog.text"
    let inner =
      "pg_catalog.sha256(\(secret) OPERATOR(pg_catalog.||) pg_catalog.convert_to(\(cast), 'UTF8'))"
    let hex = "pg_catalog.encode(pg_catalog.sha256(\(secret) OPERATOR(pg_catalog.||) \(inner)), 'hex')"
    func bits(_ digits: Int) -> String {
      "('x' OPERATOR(pg_catalog.||) pg_catalog.\"left\"(\(hex), \(digits)))::pg_catalog.bit(\(digits * 4))"
    }
    switch type {
    case 25, 1043, 1042, 19: return text(value) { _ in hex }
    case 20: return "(\(bits(15)))::pg_catalog.int8"
    case 23: return "(\(bits(7)))::pg_catalog.int4"
    case 2950: return "(pg_catalog.\"left\"(\(hex), 32))::pg_catalog.uuid"
    default: return absent(value)
    }
  }

  /// Outside of these years truncating would fail, and the failure would tell.
  private func date(_ unit: String, _ value: String) -> String {
    let name: String
    let cut: String
    switch type {
    case 1082:
      name = "date"
      cut = "(pg_catalog.date_trunc('\(unit)', (\(value))::pg_catalog.timestamp))::pg_catalog.date"
    case 1114:
      name = "timestamp"
      cut = "pg_catalog.date_trunc('\(unit)', \(value))"
    case 1184:
      name = "timestamptz"
      cut = "pg_catalog.date_trunc('\(unit)', \(value), 'UTC')"
    default: return absent(value)
    }
    return "CASE WHEN \(value) OPERATOR(pg_catalog.>=) '4000-01-01 BC'::pg_catalog.\(name)"
      + " AND \(value) OPERATOR(pg_catalog.<) '200000-01-01'::pg_catalog.\(name) THEN \(cut) END"
  }

  private func network(_ value: String, _ bits: Int, _ bits6: Int) -> String {
    guard type == 869 || type == 650 else { return absent(value) }
    let address = "(\(value))::pg_catalog.inet"
    let wanted =
      "LEAST(pg_catalog.masklen(\(address)), CASE pg_catalog.family(\(address)) WHEN 4 THEN \(bits) ELSE \(bits6) END)"
    let cut = "pg_catalog.network(pg_catalog.set_masklen(\(address), \(wanted)))"
    return type == 650 ? cut : "(\(cut))::pg_catalog.inet"
  }

  private func rounded(_ value: String, _ step: Int) -> String {
    switch type {
    case 21, 23, 20, 1700:
      let name = [21: "int2", 23: "int4", 20: "int8", 1700: "numeric"][type] ?? "numeric"
      return "(pg_catalog.trunc((\(value))::pg_catalog.numeric OPERATOR(pg_catalog./) \(step))"
        + " OPERATOR(pg_catalog.*) \(step))::pg_catalog.\(name)"
    case 700, 701:
      let name = type == 700 ? "float4" : "float8"
      // What is smaller than a step divides to less than there is, and what is very large multiplies to more; there a
      // step is far below the last digit.
      let double = "(\(value))::pg_catalog.float8"
      return "CASE WHEN \(double) OPERATOR(pg_catalog.>) -\(step) AND \(double) OPERATOR(pg_catalog.<) \(step)"
        + " THEN 0::pg_catalog.\(name)"
        + " WHEN pg_catalog.abs(\(double)) OPERATOR(pg_catalog.<) 1e30::pg_catalog.float8"
        + " THEN (pg_catalog.trunc(\(double) OPERATOR(pg_catalog./) \(step))"
        + " OPERATOR(pg_catalog.*) \(step)::pg_catalog.float8)::pg_catalog.\(name)"
        + " ELSE (\(value))::pg_catalog.\(name) END"
    default: return absent(value)
    }
  }
}

/// A name as SQL writes it, whatever it holds.
package func quotedName(_ name: String) -> String {
  "\"" + doubling("\"", in: name) + "\""
}

/// A text as SQL writes it under `standard_conforming_strings`, which sessions of ours have on.
func quotedText(_ text: String) -> String {
  let doubled = doubling("'", in: text)
  // A backslash means the same with either setting in the form with E.
  guard text.unicodeScalars.contains("\\") else { return "'\(doubled)'" }
  return "E'" + doubling("\\", in: doubled) + "'"
}
