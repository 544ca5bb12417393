// What libFuzzer runs: a text through everything this program does with texts from outside. See Scripts/fuzz.

@testable import SQLSyntax

@_silgen_name("saw_shape")
func sawShape(_ shape: UInt32)

@_silgen_name("LLVMFuzzerMutate")
func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int) -> Int

/// Statements to take pieces from. libFuzzer has one thread.
nonisolated(unsafe) var fragments = Fragments()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> Int32 {
  let text = String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self)
  _ = splitStatements(text)
  _ = try? tokens(of: text)
  _ = try? ProceduralBody(parsing: text)
  judge(text)
  guard let statements = try? parse(text) else { return 0 }
  fragments.add(text)
  for statement in statements {
    mark(statement.node)
    checkEncoding(of: statement)
    let written = try? deparsed(statement)
    sawShape(written == nil ? 1 : 2)
    if let inner = statement.innerQuery { _ = try? deparsed(inner) }
    let normal = normalized(statement)
    if normal != statement.text, let again = try? parse(normal) { precondition(again.count == 1) }
    _ = plannableText(statement)
  }
  _ = try? fingerprint(text)
  _ = castingSummands(of: text, to: "integer")
  return 0
}

/// Nodes in the fields of nodes: libFuzzer keeps a text that shows one for the first time.
private func mark(_ node: Node) {
  for (name, value) in node.fields {
    let place = UInt32(node.kind.rawValue) << 10 | UInt32(name.rawValue)
    switch value {
    case .node(let child): sawShape(place &* 769 &+ UInt32(child.kind.rawValue))
    case .list(let children):
      for child in children { sawShape(place &* 769 &+ UInt32(child.kind.rawValue)) }
    case .symbol(let symbol): sawShape(place &* 1_543 &+ UInt32(symbol.rawValue))
    default: sawShape(place)
    }
  }
  for child in node.allChildren { mark(child) }
}

private func checkEncoding(of statement: Statement) {
  guard let schema = try? Schema.linked.get(), let theirs = try? withProtobuf(of: statement.text, { Array($0) }) else {
    return
  }
  let decoded = theirs.withUnsafeBytes { bytes in
    try? WireDecoder(bytes, schema: schema, maximumDepth: 1_000).parseResult()
  }
  guard let decoded else { return }
  let ours = try? WireEncoder(schema: schema, maximumDepth: 1_000).bytes(of: decoded)
  precondition(ours == theirs, "the encoder does not undo the decoder")
}

// MARK: - Mutation

@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: UInt32) -> Int {
  var dice = Dice(state: UInt64(seed) | 1)
  // Bytes changed anywhere seldom make a statement; tokens moved about often do.
  guard dice.roll(4) > 0 else { return mutateBytes(data, size, maximum) }
  let text = String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self)
  var pieces = Fragments.pieces(of: text)
  for _ in 0...dice.roll(3) { fragments.change(&pieces, &dice) }
  let bytes = Array(pieces.joined(separator: " ").utf8.prefix(maximum))
  guard !bytes.isEmpty else { return mutateBytes(data, size, maximum) }
  for (index, byte) in bytes.enumerated() { data[index] = byte }
  return bytes.count
}

struct Dice {
  var state: UInt64

  mutating func roll(_ sides: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 11) % max(sides, 1)
  }
}

struct Fragments {
  private var statements: [[String]] = []
  private var next = 0

  private static let words =
    """
    select from where ( ) , not is null distinct as = * :: [ ] union all with recursive values in between and or \
    like ilike similar to escape case when then else end exists any array row over partition by order group \
    having limit offset for update share lateral join left on using only tablesample collate at time zone \
    interval cast extract 'a' 1 - + 1.5e3 $1 x t s.t default returning insert into delete set create alter drop \
    table index view function grant copy if constraint check primary key references explain ; \
    operator(pg_catalog.+) b'1' x'f' true unknown cascade merge matched grouping sets cube rollup window filter \
    within ordinality materialized xmlparse document overlay position trim variadic setof current_date \
    current_timestamp(3)
    """.split(separator: " ").map(String.init) + ["\"B c\"", "U&'\\0041'"]

  mutating func add(_ text: String) {
    let pieces = Self.pieces(of: text)
    guard !pieces.isEmpty else { return }
    if statements.count < 2_048 {
      statements.append(pieces)
    } else {
      statements[next % statements.count] = pieces
      next &+= 1
    }
  }

  static func pieces(of text: String) -> [String] {
    let bytes = Array(text.utf8)
    guard let found = try? tokens(of: text) else {
      return text.split(separator: " ").map(String.init)
    }
    return found.filter { !$0.isComment }.map { String(decoding: bytes[$0.range], as: UTF8.self) }
  }

  func change(_ pieces: inout [String], _ dice: inout Dice) {
    let start = dice.roll(pieces.count + 1)
    let end = min(pieces.count, start + dice.roll(6))
    switch dice.roll(8) {
    case 0: pieces.removeSubrange(start..<end)
    case 1: pieces.insert(contentsOf: pieces[start..<end], at: dice.roll(pieces.count + 1))
    case 2: pieces.replaceSubrange(start..<min(end, start + 1), with: [word(&dice)])
    case 3: pieces.insert(word(&dice), at: start)
    case 4:
      pieces.insert(")", at: end)
      pieces.insert("(", at: start)
    default:
      let foreign = statement(&dice)
      let from = dice.roll(foreign.count)
      let slice = foreign[from..<min(foreign.count, from + 1 + dice.roll(12))]
      pieces.replaceSubrange(start..<end, with: slice)
    }
  }

  private func word(_ dice: inout Dice) -> String { Self.words[dice.roll(Self.words.count)] }
  private func statement(_ dice: inout Dice) -> [String] {
    statements.isEmpty ? ["1"] : statements[dice.roll(statements.count)]
  }
}
