// What is planted into statements: expressions of known class, in every spelling that means the same.

import Governance

/// An expression, or a query that takes its place, whose class is known from what it does on a server.
struct MutationPayload: Sendable {
  var name: String
  /// The least that a statement with it in any place needs.
  var floor: Permission
  /// What it is, in parts, so that each can be spelled in another way.
  var parts: [Part]

  enum Part: Sendable {
    /// Goes as it is: operators, commas, parentheses, keywords.
    case plain(String)
    case identifier(String)
    /// The contents of a string literal.
    case literal(String)
    /// A type or name of the system that may be qualified by `pg_catalog`.
    case systemName(String)
  }

  /// In the plainest spelling.
  var text: String {
    parts.map { part in
      switch part {
      case .plain(let text), .systemName(let text): text
      case .identifier(let name): name.allSatisfy { $0.isLowercase || $0 == "_" } ? name : "\"\(name)\""
      case .literal(let text): "'\(text)'"
      }
    }.joined()
  }

  private init(_ name: String, _ floor: Permission, _ parts: [Part]) {
    self.name = name
    self.floor = floor
    self.parts = parts
  }

  private static func call(_ schema: String, _ function: String, _ arguments: [Part] = []) -> [Part] {
    [.identifier(schema), .plain("."), .identifier(function), .plain("(")] + arguments + [.plain(")")]
  }

  /// Calls, operators, casts, types, relations and columns that do something, and some that do nothing.
  static let all: [MutationPayload] = [
    MutationPayload("constant", .read, [.plain("1")]),
    MutationPayload("builtin", .read, [.systemName("length"), .plain("("), .literal("abc"), .plain(")")]),
    MutationPayload("builtin cast", .read, [.literal("1"), .plain("::"), .systemName("int4")]),
    MutationPayload("own pure", .read, call("public", "returned_sum", [.plain("1, 2")])),
    MutationPayload("own reader", .read, call("trap", "reader")),
    MutationPayload("nextval", .write, [.systemName("nextval"), .plain("("), .literal("trap.tick"), .plain(")::int")]),
    MutationPayload("advisory lock", .write, [.systemName("pg_advisory_lock"), .plain("(1)")]),
    MutationPayload("transaction id", .write, [.systemName("txid_current"), .plain("()::int")]),
    MutationPayload("large object", .write, [.systemName("lo_create"), .plain("(0)::int")]),
    MutationPayload("notify", .write, [.systemName("pg_notify"), .plain("("), .literal("a"), .plain(", 'b')")]),
    MutationPayload("sleep", .admin, [.systemName("pg_sleep"), .plain("(0)")]),
    MutationPayload(
      "setting", .admin,
      [.systemName("set_config"), .plain("("), .literal("work_mem"), .plain(", "), .literal("1MB"), .plain(", true)")]),
    MutationPayload("file", .admin, [.systemName("pg_read_file"), .plain("("), .literal("x"), .plain(")")]),
    MutationPayload(
      "text", .admin,
      [.systemName("query_to_xml"), .plain("("), .literal("SELECT 1"), .plain(", true, false, '')")]),
    MutationPayload("signal", .admin, [.systemName("pg_terminate_backend"), .plain("(0)")]),
    MutationPayload("own writer", .write, call("trap", "writes")),
    MutationPayload("own SQL writer", .write, call("trap", "writes_sql")),
    MutationPayload("liar", .write, call("trap", "immutable_lie", [.plain("1")])),
    MutationPayload("deep liar", .write, call("trap", "deep3")),
    MutationPayload("definer", .admin, call("trap", "definer")),
    MutationPayload("quoted name", .write, call("trap", "Quoted.Name")),
    MutationPayload("overload", .write, [.identifier("reverse"), .plain("(1)")]),
    MutationPayload("enumeration overload", .write, [.identifier("initcap"), .plain("(a_mood())")]),
    MutationPayload("aggregate", .write, call("trap", "total", [.plain("1")])),
    MutationPayload("variadic", .write, call("trap", "variadic_one", [.plain("1, 2")])),
    MutationPayload("operator", .write, [.plain("(1 <%~ 2)")]),
    MutationPayload("named operator", .write, [.plain("(1 OPERATOR(public.<%~) 2)")]),
    MutationPayload("literal operator", .write, [.plain("("), .literal("happy"), .plain(" %%% 5)")]),
    MutationPayload(
      "domain", .write, [.literal("5"), .plain("::"), .identifier("trap"), .plain("."), .identifier("guarded")]),
    MutationPayload("domain call", .write, call("trap", "guarded", [.literal("5")])),
    MutationPayload(
      "domain array", .write, [.literal("{5}"), .plain("::"), .identifier("trap"), .plain(".guarded[]")]),
    MutationPayload(
      "composite", .write, [.literal("(1,5)"), .plain("::"), .identifier("trap"), .plain("."), .identifier("pair")]),
    MutationPayload("written cast", .write, [.plain("(a_mood()::"), .systemName("int4"), .plain(")")]),
    MutationPayload(
      "attribute", .write, [.plain("(SELECT c."), .identifier("secret"), .plain(" FROM customers AS c LIMIT 1)")]),
    MutationPayload(
      "scalar attribute", .write, [.plain("("), .literal("trap.tick"), .plain("::regclass)."), .identifier("nextval")]),
    MutationPayload(
      "view", .write,
      [.plain("(SELECT max(n) FROM "), .identifier("trap"), .plain("."), .identifier("over_view"), .plain(")")]),
    MutationPayload(
      "policy", .write,
      [.plain("(SELECT count(*) FROM "), .identifier("trap"), .plain("."), .identifier("policed"), .plain(")")]),
    MutationPayload(
      "foreign table", .admin,
      [.plain("(SELECT count(*) FROM "), .identifier("trap"), .plain("."), .identifier("passwords"), .plain(")")]),
    MutationPayload(
      "own equality", .write, [.plain("(SELECT count(DISTINCT s) FROM trap."), .identifier("shades"), .plain(")")]),
    MutationPayload(
      "index expression", .write, [.plain("(SELECT max(id) FROM trap."), .identifier("index_expression"), .plain(")")]),
    MutationPayload(
      "row lock", .write, [.plain("(SELECT id FROM trap."), .identifier("plain"), .plain(" LIMIT 1 FOR UPDATE)")]),
    MutationPayload("absent", .admin, [.identifier("no_such_function"), .plain("()")]),
  ]
}
