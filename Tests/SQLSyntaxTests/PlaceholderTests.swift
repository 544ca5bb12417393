// Placeholders of drivers become parameters, and nothing else does.

import SQLSyntax
import Testing

@Suite struct PlaceholderTests {
  @Test(arguments: [
    ("SELECT a FROM t WHERE b = ? AND c=? LIMIT ?", "SELECT a FROM t WHERE b = $1 AND c=$2 LIMIT $3"),
    ("SELECT a FROM t WHERE b = %s AND c IN (%s, %s)", "SELECT a FROM t WHERE b = $1 AND c IN ($2, $3)"),
    ("SELECT a FROM t WHERE b = %(x)s OR c = %(y)s OR d = %(x)s", "SELECT a FROM t WHERE b = $1 OR c = $2 OR d = $1"),
    (
      "SELECT a::text FROM t WHERE b = :b AND c = :c::int OR d=:b",
      "SELECT a::text FROM t WHERE b = $1 AND c = $2::int OR d=$1"
    ),
    ("SELECT a FROM t WHERE b @> @doc AND c = @id", "SELECT a FROM t WHERE b @> $1 AND c = $2"),
    (
      "SELECT a FROM t WHERE j ?? 'k' AND j ?| ARRAY['x'] AND b = ?",
      "SELECT a FROM t WHERE j ? 'k' AND j ?| ARRAY['x'] AND b = $1"
    ),
    (
      "SELECT '?' || E'\\'?' || \"a?\" || $x$?$x$ /* ? */ -- ?\n FROM t WHERE b = ? AND c = $4",
      "SELECT '?' || E'\\'?' || \"a?\" || $x$?$x$ /* ? */ -- ?\n FROM t WHERE b = $5 AND c = $4"
    ),
  ])
  func placeholdersAreNumbered(_ text: String, _ expected: String) throws {
    #expect(numberingPlaceholders(of: text) == expected)
    _ = try parse(expected)
  }

  @Test(arguments: ["SELECT a[1:2], 5 % 3, b::int FROM t WHERE c = $1", "SELECT 'a:b @c %s ?'", "", "SELECT 1 --"])
  func whatIsNoneStays(_ text: String) { #expect(numberingPlaceholders(of: text) == nil) }

  @Test(arguments: ["'?", "\"?", "/* ?", "$x$ ?", "%(", "?", ":", "@", "E'\\"])
  func whatIsBrokenOffEnds(_ text: String) { _ = numberingPlaceholders(of: text) }

  /// A megabyte of openings without an end takes as long as any other.
  @Test(.timeLimit(.minutes(1)))
  func namesWithoutAnEndTakeNoTime() {
    let began = ContinuousClock.now
    for opening in ["%(", "$a", "/*", "'", "\"", ":", "@a", "?"] {
      _ = numberingPlaceholders(of: "SELECT " + String(repeating: opening, count: 500_000))
    }
    #expect(ContinuousClock.now - began < .seconds(30))
  }
}
