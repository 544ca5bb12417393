// Changing a statement by splicing its own text, and proving that the change is the one that was meant.
//
// The deparser of libpg_query 15 and 17 can change the meaning of what it prints, so text is never made from a tree:
// pieces of the original are replaced, the result is parsed again, and its tree is compared with the intended one.

/// A piece of a text, in bytes, and what takes its place.
package struct Edit: Sendable, Equatable {
  package let range: Range<Int>
  package let replacement: String

  package init(_ range: Range<Int>, _ replacement: String) {
    self.range = range
    self.replacement = replacement
  }
}

/// The text with the edits applied, in whatever order they come; nil if they overlap or leave the text. The same edit
/// twice is one: `SET (a, b) = (1, 2)` has the right-hand side in its tree once for each column.
package func spliced(_ text: String, _ edits: [Edit]) -> String? {
  let bytes = Array(text.utf8)
  var result: [UInt8] = []
  var position = 0
  var previous: Edit?
  for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) where edit != previous {
    previous = edit
    guard edit.range.lowerBound >= position, edit.range.upperBound <= bytes.count else { return nil }
    result += bytes[position..<edit.range.lowerBound]
    result += edit.replacement.utf8
    position = edit.range.upperBound
  }
  result += bytes[position...]
  return String(validating: result, as: UTF8.self)
}

extension Statement {
  /// The statement with its text edited, if what comes out is one statement with the intended tree.
  /// - Parameters:
  ///   - edits: in bytes of `text`.
  ///   - intended: the tree that is meant; locations do not count.
  /// - Returns: nil if the edited text does not parse or means something else.
  package func rewritten(by edits: [Edit], into intended: Node) -> Statement? {
    guard let edited = spliced(text, edits), let parsed = try? parse(edited), parsed.count == 1,
      let statement = parsed.first, statement.node.isSame(as: intended)
    else { return nil }
    return statement
  }

  /// The numbers of the statement's parameters (`$1` is 1), ascending, each once.
  package var parameterNumbers: [Int] {
    Set(node.all(.paramRef).map { $0.integer(.number) }).sorted()
  }

  /// The tokens of `text` by where they begin. Empty if there is nothing that can be lexed.
  var tokensOfText: [Token] { (try? tokens(of: text)) ?? [] }

  /// Where a node of this statement begins in `text`, by its own `location`; nil if it has none.
  package func place(of node: Node) -> Int? {
    guard case .integer(let location) = node[.location] else { return nil }
    let place = Int(location) - locationBase
    return (0..<text.utf8.count).contains(place) ? place : nil
  }
}

/// The numbers of a statement's parameters (`$1` is 1), ascending, each once.
package func parameterNumbers(_ statement: Statement) -> [Int] { statement.parameterNumbers }

/// Tokens without comments, found by where they begin.
package struct TokenFinder: Sendable {
  let tokens: [Token]

  package init(_ tokens: [Token]) { self.tokens = tokens.filter { !$0.isComment } }

  /// The position in `tokens` of the token that begins at a byte.
  package func index(at start: Int) -> Int? {
    var (low, high) = (0, tokens.count)
    while low < high {
      let middle = (low + high) / 2
      if tokens[middle].range.lowerBound < start { low = middle + 1 } else { high = middle }
    }
    return low < tokens.count && tokens[low].range.lowerBound == start ? low : nil
  }

  package subscript(_ index: Int) -> Token? { tokens.indices.contains(index) ? tokens[index] : nil }
}
