// Trees back to text, by libpg_query's deparser, which is believed only as far as it can be checked.
//
// The deparser of libpg_query 15 and 17 loses brackets, options and spaces, and ends the process at trees that no parser
// makes and at some that one does. So it is given only queries and changes of data, only as a parser made them, and what
// it writes is parsed and compared.

internal import CPgQuery

/// A query or change of data in the deparser's own spelling: one line, keywords in capitals, no comments. For showing.
/// - Returns: text whose tree is the statement's, but for places.
/// - Throws: `.unwritable` for other statements, if the deparser cannot say what the statement says, and for trees that
///   are not those of their statement's `text`: one that was rebuilt goes through `rewritten(by:into:)` first.
package func deparsed(
  _ statement: Statement, limits: SyntaxLimits = SyntaxLimits()
) throws(SyntaxError) -> String {
  guard statement.node.isWritable() else {
    throw SyntaxError(.unwritable, "only queries and changes of data without XML and JSON can be written out")
  }
  guard let own = try only(statement.text, limits), own.node.isSame(as: statement.node) else {
    throw SyntaxError(.unwritable, "the statement's tree is not that of its text")
  }
  let written = try written(own, limits)
  guard let again = try? only(written, limits), again.node.isSame(as: own.node) else {
    throw SyntaxError(.unwritable, "the statement cannot be written out faithfully")
  }
  return written
}

private func only(_ text: String, _ limits: SyntaxLimits) throws(SyntaxError) -> Statement? {
  let statements = try parse(text, limits: limits)
  return statements.count == 1 ? statements.first : nil
}

private func written(_ statement: Statement, _ limits: SyntaxLimits) throws(SyntaxError) -> String {
  let bytes = try protobuf(of: statement.node, limits)
  // Two kilobytes of stack a level, and there is no more than one level a byte of text.
  guard statement.text.utf8.count > limits.bytesInPlace / 4 else { return try deparse(bytes) }
  let stack = max(limits.stackBytes, limits.treeDepth * limits.stackBytesPerLevel)
  let outcome = LargeStack.run(bytes: stack) {
    Result { () throws(SyntaxError) in try deparse(bytes) }
  }
  guard let outcome else { throw SyntaxError(.resources, "no thread to write a long statement with") }
  return try outcome.get()
}

/// A statement as the result of parsing nothing else, in libpg_query's own bytes.
func protobuf(of statement: Node, _ limits: SyntaxLimits) throws(SyntaxError) -> [UInt8] {
  let raw = Node(.rawStmt, [(.stmt, .node(statement))])
  let result = Node(.parseResult, [(.version, .integer(Int64(parserVersion))), (.stmts, .list([raw]))])
  let schema = try Schema.linked.get()
  do throws(WireFault) {
    return try WireEncoder(schema: schema, maximumDepth: limits.treeDepth).bytes(of: result)
  } catch {
    if case .tooDeep = error { throw error.syntaxError }
    throw SyntaxError(.unwritable, "the statement's tree does not follow libpg_query's schema (\(error))")
  }
}

private func deparse(_ bytes: [UInt8]) throws(SyntaxError) -> String {
  var bytes = bytes
  let result = bytes.withUnsafeMutableBytes { bytes in
    pg_query_deparse_protobuf(
      PgQueryProtobuf(len: bytes.count, data: bytes.baseAddress?.assumingMemoryBound(to: CChar.self)))
  }
  defer { pg_query_free_deparse_result(result) }
  if let error = result.error {
    throw SyntaxError(.unwritable, error.pointee.message.map { String(cString: $0) } ?? "the deparser failed")
  }
  guard let query = result.query else { throw SyntaxError(.resources, "out of memory") }
  return String(cString: query)
}
