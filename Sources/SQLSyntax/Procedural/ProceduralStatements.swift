// PL/pgSQL's statements, one function for each family.

extension ProceduralReader {
  mutating func statement() throws(SyntaxError) {
    if try assignment() { return }
    if isAt("<<") { try label() }
    guard let first = current, first.isName else { throw failure("a statement was expected") }
    switch first.isKeyword ? first.word : "" {
    case "begin", "declare":
      try block()
      try take(";")
    case "if": try branch()
    case "case": try choice()
    case "loop": try loop()
    case "while":
      position += 1
      try expression(try until("loop"))
      try loop()
    case "for": try forLoop()
    case "foreach": try forEach()
    case "exit", "continue": try exit()
    case "return": try returning()
    case "raise": try raise()
    case "assert":
      position += 1
      try row(try until(";"))
      try take(";")
    case "null" where isAt(";", ahead: 1): position += 2
    case "perform":
      let start = offset
      position += 1
      let query = try until(";")
      statement("SELECT \(lexemes.text(query))", at: start)
      try take(";")
    default: try otherStatement(first)
    }
  }

  private mutating func otherStatement(_ first: ProceduralLexemes.Lexeme) throws(SyntaxError) {
    switch first.isKeyword ? first.word : "" {
    case "execute":
      refuse(.dynamicSQL)
      try skipStatement()
    case "call", "do":
      refuse(.otherCode)
      try skipStatement()
    case "commit", "rollback":
      refuse(.transactionControl)
      try skipStatement()
    case "get" where isAt("diagnostics", ahead: 1) || isAt("diagnostics", ahead: 2): try skipStatement()
    case "open": try open()
    case "fetch", "move", "close": try cursorMove()
    default: try query()
    }
  }

  mutating func skipStatement() throws(SyntaxError) {
    _ = try until(";")
    try take(";")
  }

  /// `v := e`, `v = e`, also with fields and subscripts; false where something else begins.
  private mutating func assignment() throws(SyntaxError) -> Bool {
    let start = position
    var hasSubscript = false
    guard current?.isName == true || current?.kind == .PARAM else { return false }
    position += 1
    while true {
      if skip(".") {
        guard current?.isName == true else { break }
        position += 1
      } else if skip("[") {
        hasSubscript = true
        _ = try until("]")
        position += 1
      } else {
        break
      }
    }
    let target = start..<position
    guard skip(":=") || skip("=") else {
      position = start
      return false
    }
    if hasSubscript { try expression(target) }
    try expression(try until(";"))
    try take(";")
    return true
  }

  /// Expressions between commas.
  private mutating func row(_ range: Range<Int>) throws(SyntaxError) {
    guard !range.isEmpty else { throw failure("an expression was expected") }
    expression("ROW(\(lexemes.text(range)))", at: lexemes.all[range.lowerBound].range.lowerBound)
  }

  private mutating func branch() throws(SyntaxError) {
    try take("if")
    try expression(try until("then"))
    try take("then")
    try statements(until: "elsif", "elseif", "else", "end")
    while skip("elsif") || skip("elseif") {
      try expression(try until("then"))
      try take("then")
      try statements(until: "elsif", "elseif", "else", "end")
    }
    if skip("else") { try statements(until: "end") }
    try take("end")
    try take("if")
    try take(";")
  }

  /// `CASE x WHEN 1, 2 THEN …` compares with `=`.
  private mutating func choice() throws(SyntaxError) {
    try take("case")
    var subject: String?
    if !isAt("when") { subject = lexemes.text(try until("when")) }
    while skip("when") {
      let start = offset
      let condition = try until("then")
      if let subject {
        expression("(\(subject)) IN (\(lexemes.text(condition)))", at: start)
      } else {
        try expression(condition)
      }
      try take("then")
      try statements(until: "when", "else", "end")
    }
    if skip("else") { try statements(until: "end") }
    try take("end")
    try take("case")
    try take(";")
  }

  private mutating func loop() throws(SyntaxError) {
    try take("loop")
    try statements(until: "end")
    try take("end")
    try take("loop")
    if current?.isName == true { try name() }
    try take(";")
  }

  private mutating func forLoop() throws(SyntaxError) {
    try take("for")
    repeat {
      try name()
      while skip(".") { try name() }
    } while skip(",")
    try take("in")
    let start = offset
    if isAt("execute") {
      refuse(.dynamicSQL)
      _ = try until("loop")
      return try loop()
    }
    let isReversed = isAt("reverse")
    let range = try until("loop", "..")
    if skip("..") {
      try expression(isReversed ? (range.lowerBound + 1)..<range.upperBound : range)
      try expression(try until("by", "loop"))
      if skip("by") { try expression(try until("loop")) }
    } else if let first = range.first, Self.startsQuery(lexemes.all[first]) {
      statement(lexemes.text(range), at: start)
    } else {
      try cursorArguments(range)
    }
    try loop()
  }

  private static func startsQuery(_ lexeme: ProceduralLexemes.Lexeme) -> Bool {
    lexeme.word == "("
      || (lexeme.isKeyword
        && ["select", "with", "values", "table", "insert", "update", "delete", "merge", "show", "explain"].contains(
          lexeme.word))
  }

  /// A bound cursor by name, with or without arguments.
  mutating func cursorArguments(_ range: Range<Int>) throws(SyntaxError) {
    guard let first = range.first, lexemes.all[first].isName else { throw failure("a query was expected") }
    if range.count == 1 { return }
    guard lexemes.all[first + 1].word == "(", lexemes.all[range.upperBound - 1].word == ")" else {
      throw failure("a query was expected")
    }
    let arguments = (first + 2)..<(range.upperBound - 1)
    for argument in parts(of: arguments) {
      // `name := value` names the argument.
      let isNamed = argument.count > 2 && lexemes.all[argument.lowerBound + 1].word == ":="
      try expression(isNamed ? (argument.lowerBound + 2)..<argument.upperBound : argument)
    }
  }

  private mutating func forEach() throws(SyntaxError) {
    try take("foreach")
    _ = try until("in")
    try take("in")
    try take("array")
    try expression(try until("loop"))
    try loop()
  }

  private mutating func exit() throws(SyntaxError) {
    position += 1
    if !isAt("when") && !isAt(";") { try name() }
    if skip("when") { try expression(try until(";")) }
    try take(";")
  }

  private mutating func returning() throws(SyntaxError) {
    try take("return")
    if skip(";") { return }
    if isAt("query") && !isAt(";", ahead: 1) {
      position += 1
      let start = offset
      if isAt("execute") {
        refuse(.dynamicSQL)
        return try skipStatement()
      }
      let query = try until(";")
      statement(lexemes.text(query), at: start)
    } else {
      if isAt("next") { position += 1 }
      if !isAt(";") { try expression(try until(";")) }
    }
    try take(";")
  }

  /// `RAISE NOTICE '…', a, b USING HINT = h`.
  private mutating func raise() throws(SyntaxError) {
    try take("raise")
    if skip(";") { return }
    if let word = current?.word, ["debug", "log", "info", "notice", "warning", "exception"].contains(word) {
      position += 1
    }
    if current?.kind == .SCONST {
      position += 1
      if skip(",") { try row(try until("using", ";")) }
    } else if skip("sqlstate") {
      guard current?.kind == .SCONST else { throw failure("a code was expected") }
      position += 1
    } else if current?.isName == true && !isAt("using") {
      try name()
    }
    if skip("using") {
      for option in parts(of: try until(";")) {
        guard option.count > 2, ["=", ":="].contains(lexemes.all[option.lowerBound + 1].word) else {
          throw failure("an option of RAISE was expected")
        }
        try expression((option.lowerBound + 2)..<option.upperBound)
      }
    }
    try take(";")
  }
}
