// SQL text to statements: PostgreSQL's own grammar, behind guards that no text gets through to crash the process.

internal import CPgQuery

/// Parses a text of any number of statements.
///
/// A plain function, so it can be called from anywhere: tens of microseconds for a usual statement. Text of more than a
/// few kilobytes is parsed on a thread of its own, because PostgreSQL's tree writers recurse once for each link of a
/// chain such as `1 + 1 + …` and the stacks of ordinary threads end at some 10,000; the caller waits for it.
package func parse(_ text: String, limits: SyntaxLimits = SyntaxLimits()) throws(SyntaxError) -> [Statement] {
  let guarded = try GuardedText(text, limits)
  let schema = try Schema.linked.get()
  let result = try guarded.call { () throws(SyntaxError) in
    try guarded.refuseIfDeep()
    return try parseTree(of: guarded.text, schema, limits)
  }
  return try statements(of: result, in: guarded.text)
}

/// The fingerprint of libpg_query in hexadecimal: the same for statements that differ in constants, spacing and the like.
/// Its algorithm may change from one major of libpg_query to the next.
package func fingerprint(_ text: String, limits: SyntaxLimits = SyntaxLimits()) throws(SyntaxError) -> String {
  let guarded = try GuardedText(text, limits)
  return try guarded.call { () throws(SyntaxError) in
    try guarded.refuseIfDeep()
    let result = guarded.text.withCString { pg_query_fingerprint($0) }
    defer { pg_query_free_fingerprint_result(result) }
    if let error = result.error { throw SyntaxError(error.pointee, in: guarded.text) }
    guard let fingerprint = result.fingerprint_str else { throw SyntaxError(.resources, "out of memory") }
    return String(cString: fingerprint)
  }
}

private func parseTree(
  of text: String, _ schema: Schema, _ limits: SyntaxLimits
) throws(SyntaxError) -> Node {
  try withProtobuf(of: text) { (bytes) throws(SyntaxError) in
    do throws(WireFault) {
      return try WireDecoder(bytes, schema: schema, maximumDepth: limits.treeDepth).parseResult()
    } catch {
      throw error.syntaxError
    }
  }
}

/// Lends libpg_query's own output, with none of the guards above.
func withProtobuf<Outcome>(
  of text: String, _ body: (UnsafeRawBufferPointer) throws(SyntaxError) -> Outcome
) throws(SyntaxError) -> Outcome {
  let result = text.withCString { pg_query_parse_protobuf($0) }
  defer { pg_query_free_protobuf_parse_result(result) }
  if let error = result.error { throw SyntaxError(error.pointee, in: text) }
  return try body(UnsafeRawBufferPointer(start: result.parse_tree.data, count: result.parse_tree.len))
}

/// Text that may be given to libpg_query as a C string, and the stack to do it on.
struct GuardedText {
  let text: String
  private let limits: SyntaxLimits
  private let isInPlace: Bool

  init(_ text: String, _ limits: SyntaxLimits) throws(SyntaxError) {
    var text = text
    let count = text.utf8.count
    guard count <= limits.textBytes else {
      throw SyntaxError(.tooLong, "the text has \(count) bytes, more than the limit of \(limits.textBytes)")
    }
    if let zero = text.withUTF8(Self.firstZero) {
      throw SyntaxError(.encoding, "the text contains a NUL byte", position: zero)
    }
    if count <= limits.bytesInPlace {
      isInPlace = true
    } else {
      isInPlace = try Self.tokens(of: text, limits) <= limits.tokensInPlace && count <= limits.bytesUnmeasured
    }
    self.text = text
    self.limits = limits
  }

  private static func firstZero(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var found: UInt8 = 0
    // Without asking each time whether to go on: compilers make a look at many bytes at once of it.
    for byte in bytes { found |= byte == 0 ? 1 : 0 }
    return found == 0 ? nil : bytes.firstIndex(of: 0)
  }

  /// How many tokens there are. Throws for what libpg_query would need very much memory or time to lex; short texts
  /// cannot be that.
  private static func tokens(of text: String, _ limits: SyntaxLimits) throws(SyntaxError) -> Int {
    var text = text
    let outcome = text.withUTF8 { bytes in
      Result { () throws(SyntaxError) -> Int in
        var reader = LexemeReader(bytes)
        var count = 0
        while let lexeme = reader.next() {
          count += 1
          guard count <= limits.tokens else {
            throw SyntaxError(.tooLong, "the text has more than \(limits.tokens) tokens")
          }
          guard reader.longestChain <= limits.operatorCharacters else {
            let position = lexeme.range.lowerBound
            throw SyntaxError(.syntax, "too many operator characters without a space between", position: position)
          }
        }
        return count
      }
    }
    return try outcome.get()
  }

  /// Runs what calls libpg_query: in place if the text is too short to nest deeply, else on a large stack.
  func call<Outcome: Sendable>(
    _ body: () throws(SyntaxError) -> Outcome
  ) throws(SyntaxError) -> Outcome {
    guard !isInPlace else { return try body() }
    let stack = max(limits.stackBytes, text.utf8.count * limits.stackBytesPerByte)
    let outcome = LargeStack.run(bytes: stack) {
      Result { () throws(SyntaxError) in try body() }
    }
    guard let outcome else { throw SyntaxError(.resources, "no thread to parse a long statement with") }
    return try outcome.get()
  }

  /// Measures the depth of the tree by libpg_query's JSON output, which takes linear time and a third of the stack of
  /// the protobuf output. To be called inside `call`. The tree itself need not be exact to the level here: the decoder
  /// counts again. A level of nodes is one to four brackets.
  func refuseIfDeep() throws(SyntaxError) {
    guard text.utf8.count > limits.bytesUnmeasured else { return }
    let result = text.withCString { pg_query_parse($0) }
    defer { pg_query_free_parse_result(result) }
    if let error = result.error { throw SyntaxError(error.pointee, in: text) }
    guard let json = result.parse_tree else { throw SyntaxError(.resources, "out of memory") }
    guard isNested(json, moreThan: limits.treeDepth * 4) else { return }
    throw WireFault.tooDeep.syntaxError
  }

  private func isNested(_ json: UnsafePointer<CChar>, moreThan limit: Int) -> Bool {
    var depth = 0
    var isInString = false
    var position = json
    while true {
      switch UInt8(bitPattern: position.pointee) {
      case 0: return false
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "\\"):
        position += 1
        if position.pointee == 0 { return false }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        if !isInString { depth += 1 }
        if depth > limit { return true }
      case UInt8(ascii: "}"), UInt8(ascii: "]"): if !isInString { depth -= 1 }
      default: break
      }
      position += 1
    }
  }
}

extension SyntaxError {
  /// Messages that are not about grammar: the first is Bison's stack of 10,000 open rules, the next two are of the tree
  /// writers from libpg_query 18 on.
  private static let codes: [(words: String, code: Code)] = [
    ("memory exhausted at or near", .tooDeep), ("stack depth limit exceeded", .tooDeep),
    ("nested too deeply", .tooDeep), ("out of memory", .resources), ("invalid memory alloc", .resources),
  ]

  /// PostgreSQL's own message. Its position counts characters from 1; here it is bytes from 0.
  init(_ error: PgQueryError, in text: String) {
    let message = error.message.map { String(cString: $0) } ?? "syntax error"
    // A syntax error quotes the text, which may say anything.
    let isQuoting = message.hasPrefix("syntax error")
    let code = isQuoting ? .syntax : Self.codes.first { message.contains($0.words) }?.code ?? .syntax
    guard error.cursorpos > 0 else {
      self.init(code, Self.oneLine(message))
      return
    }
    let scalars = text.unicodeScalars
    let place = scalars.index(scalars.startIndex, offsetBy: Int(error.cursorpos) - 1, limitedBy: scalars.endIndex)
    let position = text.utf8.distance(from: text.startIndex, to: place ?? text.endIndex)
    self.init(code, Self.oneLine(message), position: position)
  }

  /// An unterminated string is quoted by PostgreSQL to its end.
  private static func oneLine(_ message: String) -> String {
    let line = message.unicodeScalars.prefix(200).map { $0.value < 0x20 || $0.value == 0x7f ? " " : Character($0) }
    return String(line) + (message.unicodeScalars.count > line.count ? "…" : "")
  }
}
