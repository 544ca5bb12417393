// Constants whose type went with them.

import SQLSyntax
import Testing

@Suite struct SummandTypesTests {
  @Test(arguments: [
    ("select current_date + $1", "select current_date + CAST($1 AS integer)"),
    (
      "select 1 from t where d > now() - $2 and é = $1",
      "select 1 from t where d > now() - CAST($2 AS integer) and é = $1"
    ),
    ("select $1 - $10 + 5", "select CAST($1 AS integer) - CAST($10 AS integer) + 5"),
  ])
  func summandsAreCast(text: String, expected: String) {
    #expect(castingSummands(of: text, to: "integer") == expected)
  }

  @Test(arguments: ["select $1", "select a = $1", "select a * $1", "select '+ $1'", "selec", ""])
  func nothingElseIs(text: String) {
    #expect(castingSummands(of: text, to: "integer") == nil)
  }
}
