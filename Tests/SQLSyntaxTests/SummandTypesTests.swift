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

  @Test(arguments: [
    (
      "select sum(case when a then $1 else $2 end) from t",
      "select sum(case when a then CAST($1 AS integer) else CAST($2 AS integer) end) from t"
    ),
    ("select a * ($1 / $2)", "select a * (CAST($1 AS integer) / CAST($2 AS integer))"),
    ("select é in ($1, $2+$3)", "select é in ($1, CAST($2 AS integer)+CAST($3 AS integer))"),
    (
      "select case when $1 % $2 = $3 then $4 end",
      "select case when CAST($1 AS integer) % CAST($2 AS integer) = $3 then CAST($4 AS integer) end"
    ),
  ])
  func figuresAreCast(text: String, expected: String) {
    #expect(castingFigures(of: text) == expected)
  }

  @Test(arguments: ["select $1 + a", "select case when $1 then a else $2 end", "select $1 = $2", "selec", ""])
  func whatStandsBesideAColumnIsLeft(text: String) {
    #expect(castingFigures(of: text) == nil)
  }
}
