// Which mentions of a relation need no second look: those that are certain, and no others.

import SQLSyntax
import Support
import Testing

@testable import Governance

@Suite struct PlainMentionsTests {
  /// What is plain stands in brackets.
  @Test(arguments: [
    "SELECT * FROM [t]", "SELECT * FROM [s.t] AS x", "SELECT * FROM\n\t[T] x, [s.U]",
    "SELECT * FROM ([t] JOIN [u] USING (a))",
    "SELECT * FROM [t] WHERE a IN (SELECT b FROM [u])", "SELECT * FROM [\"t\"] , [\"My Table\"] y",
    "SELECT (SELECT a FROM [t])FROM [t]", "SELECT 1 FROM [t1$_2] LEFT JOIN [t] ON true",
    "WITH q AS (SELECT 1 FROM [t]) SELECT 1 FROM [q]",
    "UPDATE w SET a = 1 FROM [t]", "SELECT 1 FROM [d.s.t] UNION SELECT 2 FROM [t]",
    "SELECT 'x' FROM /* t */ t", "SELECT 1 FROM t-- x\n, [u]", "SELECT 1 FROM t /* */ *", "SELECT 1 FROM t *",
    "SELECT 1 FROM ONLY t",
    "SELECT 1 FROM ONLY (t)", "TABLE t", "SELECT 1 FROM U&\"t\"", "SELECT 1 FROM U&\"u\"", "SELECT 1 FROM s . t",
    "SELECT 1 FROM s.\nt",
    "SELECT 1 FROM \"a\"\"b\"", "SELECT 1 FROM t TABLESAMPLE system (1)", "DELETE FROM t",
    "INSERT INTO t SELECT 1 FROM [u]",
    "SELECT 1 FROM (TABLE t) AS x", "DELETE FROM t USING u", "SELECT 1 FROM É", "SELECT 1 FROM té",
    "SELECT 1 FROM t\u{a0}x", "SELECT 1 FROM\"t\"", "SELECT 1 FROM U&\"t\" UESCAPE '!'", "SELECT 1 FROM [t]\u{c}AS x",
    "SELECT 1 FROM [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]",
    "SELECT 1 FROM aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  ])
  func whatIsPlain(_ marked: String) throws {
    let text = marked.filter { $0 != "[" && $0 != "]" }
    let statement = try #require(try parse(text).first)
    let plain = PlainMentions(statement)
    let bytes = Array(statement.text.utf8)
    let found = plain.relations.values.compactMap { plain.place(of: $0) }.sorted { $0.lowerBound < $1.lowerBound }
    let expected = marked.split(separator: "[").dropFirst().map { String($0.prefix { $0 != "]" }) }
    #expect(found.map { String(decoding: bytes[$0], as: UTF8.self) } == expected, "\(text)")
  }
}
