// SQL statements and cursors inside PL/pgSQL.

extension ProceduralReader {
  mutating func open() throws(SyntaxError) {
    try take("open")
    let cursor = try until("for", "no", "scroll", ";")
    skip("no")
    skip("scroll")
    if skip("for") {
      let start = offset
      if isAt("execute") {
        refuse(.dynamicSQL)
        return try skipStatement()
      }
      let query = try until(";")
      statement(lexemes.text(query), at: start)
    } else {
      try cursorArguments(cursor)
    }
    try take(";")
  }

  /// FETCH, MOVE and CLOSE name a cursor and variables, and perhaps count; anything else is not understood.
  mutating func cursorMove() throws(SyntaxError) {
    position += 1
    while !isAt(";") {
      guard let lexeme = current, lexeme.isName || lexeme.kind == .ICONST || [".", ",", "-"].contains(lexeme.word)
      else { throw failure("a cursor was expected") }
      position += 1
    }
    try take(";")
  }

  /// Any other SQL statement. INTO with variables may stand anywhere in it, once; INSERT INTO and MERGE INTO are SQL's.
  mutating func query() throws(SyntaxError) {
    let start = position
    let begin = offset
    let whole = try until(";")
    var text = ""
    var copied = start
    var hasTarget = false
    var place = start
    let isImport = lexemes.all[start].word == "import"
    while place < whole.upperBound {
      let lexeme = lexemes.all[place]
      let previous = place > start ? lexemes.all[place - 1].word : ""
      guard lexeme.isKeyword, lexeme.word == "into", previous != "insert", previous != "merge", !isImport else {
        place += 1
        continue
      }
      if hasTarget { throw failure("INTO stands there twice") }
      hasTarget = true
      text += lexemes.text(copied..<place) + " "
      place = try afterTarget(place + 1, whole.upperBound)
      copied = place
    }
    text += lexemes.text(copied..<whole.upperBound)
    statement(text, at: begin)
    try take(";")
  }

  /// Behind `[STRICT] v, r.f, …`.
  private func afterTarget(_ start: Int, _ end: Int) throws(SyntaxError) -> Int {
    var place = start
    if place < end, lexemes.all[place].isKeyword, lexemes.all[place].word == "strict" { place += 1 }
    while true {
      guard place < end, lexemes.all[place].isName || lexemes.all[place].kind == .PARAM else {
        throw failure("a variable was expected behind INTO")
      }
      place += 1
      while place + 1 < end, lexemes.all[place].word == ".", lexemes.all[place + 1].isName { place += 2 }
      guard place < end, lexemes.all[place].word == "," else { return place }
      place += 1
    }
  }
}
