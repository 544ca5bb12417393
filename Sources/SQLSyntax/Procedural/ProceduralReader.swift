// PL/pgSQL's control structures, read by recursive descent.

/// Goes through the lexemes once. Expressions and statements are cut out where PL/pgSQL itself ends them: at the first
/// of the words it waits for outside brackets.
struct ProceduralReader {
  let lexemes: ProceduralLexemes
  var position = 0
  private var depth = 0
  private(set) var pieces: [ProceduralBody.Piece] = []
  private(set) var refusals: [ProceduralBody.Refusal] = []

  init(_ lexemes: ProceduralLexemes) { self.lexemes = lexemes }

  // MARK: - Moving

  var current: ProceduralLexemes.Lexeme? { position < lexemes.all.count ? lexemes.all[position] : nil }

  func isAt(_ word: String, ahead: Int = 0) -> Bool {
    let place = position + ahead
    guard place < lexemes.all.count else { return false }
    let lexeme = lexemes.all[place]
    return lexeme.word == word && (lexeme.isKeyword || !lexeme.isName)
  }

  var offset: Int { current?.range.lowerBound ?? lexemes.all.last?.range.upperBound ?? 0 }

  func failure(_ what: String) -> SyntaxError { SyntaxError(.syntax, "PL/pgSQL: \(what)", position: offset) }

  mutating func take(_ word: String) throws(SyntaxError) {
    guard isAt(word) else { throw failure("\(word) was expected") }
    position += 1
  }

  /// Steps over a word if it is there.
  @discardableResult
  mutating func skip(_ word: String) -> Bool {
    guard isAt(word) else { return false }
    position += 1
    return true
  }

  mutating func name() throws(SyntaxError) {
    guard current?.isName == true else { throw failure("a name was expected") }
    position += 1
  }

  /// The lexemes up to the first of these words outside brackets, which is not stepped over.
  mutating func until(_ words: String...) throws(SyntaxError) -> Range<Int> {
    let start = position
    var open = 0
    while let lexeme = current {
      if open == 0, words.contains(where: { isAt($0) }) { return start..<position }
      switch lexeme.word {
      case "(", "[": open += 1
      case ")", "]": open -= 1
      case ";" where open == 0: throw failure("\(words[0]) was expected")
      default: break
      }
      if open < 0 { throw failure("a bracket is closed that was not opened") }
      position += 1
    }
    throw failure("\(words[0]) was expected")
  }

  /// The parts of a range between commas outside brackets.
  func parts(of range: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = range.lowerBound
    var open = 0
    for place in range {
      switch lexemes.all[place].word {
      case "(", "[": open += 1
      case ")", "]": open -= 1
      case "," where open == 0:
        parts.append(start..<place)
        start = place + 1
      default: break
      }
    }
    parts.append(start..<range.upperBound)
    return parts.filter { !$0.isEmpty }
  }

  // MARK: - Noting

  mutating func expression(_ range: Range<Int>) throws(SyntaxError) {
    guard !range.isEmpty else { throw failure("an expression was expected") }
    pieces.append(.expression(lexemes.text(range), offset: lexemes.all[range.lowerBound].range.lowerBound))
  }

  mutating func statement(_ text: String, at offset: Int) { pieces.append(.statement(text, offset: offset)) }

  mutating func expression(_ text: String, at offset: Int) { pieces.append(.expression(text, offset: offset)) }

  mutating func type(_ range: Range<Int>) throws(SyntaxError) {
    guard !range.isEmpty else { throw failure("a type was expected") }
    pieces.append(.type(lexemes.text(range), offset: lexemes.all[range.lowerBound].range.lowerBound))
  }

  mutating func refuse(_ kind: ProceduralBody.Refusal.Kind) {
    refusals.append(ProceduralBody.Refusal(kind: kind, offset: offset))
  }

  // MARK: - Blocks

  /// Options, one block, and nothing behind it.
  mutating func body() throws(SyntaxError) {
    while skip("#") {
      try name()
      try name()
    }
    try label()
    try block()
    skip(";")
    guard current == nil else { throw failure("there is something behind the body's end") }
  }

  mutating func label() throws(SyntaxError) {
    guard skip("<<") else { return }
    try name()
    try take(">>")
  }

  mutating func block() throws(SyntaxError) {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 100 else { throw SyntaxError(.tooDeep, "PL/pgSQL: blocks in blocks, more than 100 deep") }
    if skip("declare") {
      while !isAt("begin") {
        if skip("declare") { continue }
        try declaration()
      }
    }
    try take("begin")
    try statements(until: "end", "exception")
    if skip("exception") {
      while skip("when") {
        repeat { try condition() } while skip("or")
        try take("then")
        try statements(until: "when", "end")
      }
    }
    try take("end")
    if current?.isName == true { try name() }
  }

  /// `division_by_zero` or `SQLSTATE '22012'`.
  private mutating func condition() throws(SyntaxError) {
    if skip("sqlstate") {
      guard current?.kind == .SCONST else { throw failure("a code was expected") }
      position += 1
    } else {
      try name()
    }
  }

  mutating func statements(until words: String...) throws(SyntaxError) {
    while !words.contains(where: { isAt($0) }) {
      guard current != nil else { throw failure("\(words[0]) was expected") }
      try statement()
    }
  }

  private mutating func declaration() throws(SyntaxError) {
    if isAt("<<") { throw failure("a label stands where none may") }
    try name()
    if skip("alias") {
      try take("for")
      while !isAt(";") {
        guard current != nil else { throw failure("; was expected") }
        position += 1
      }
      return try take(";")
    }
    if isAt("cursor") || ((isAt("no") || isAt("scroll")) && !isAt(";", ahead: 1)) { return try cursor() }
    skip("constant")
    try type(try until("collate", "not", "default", ":=", "=", ";"))
    if skip("collate") {
      try name()
      while skip(".") { try name() }
    }
    if skip("not") { try take("null") }
    if skip("default") || skip(":=") || skip("=") { try expression(try until(";")) }
    try take(";")
  }

  /// `CURSOR (a int) FOR SELECT …`.
  private mutating func cursor() throws(SyntaxError) {
    skip("no")
    skip("scroll")
    try take("cursor")
    if skip("(") {
      for argument in parts(of: try until(")")) {
        guard argument.count > 1 else { throw failure("a cursor's argument has no type") }
        try type((argument.lowerBound + 1)..<argument.upperBound)
      }
      try take(")")
    }
    guard skip("for") || skip("is") else { throw failure("FOR was expected") }
    let query = try until(";")
    statement(lexemes.text(query), at: offset)
    try take(";")
  }
}
