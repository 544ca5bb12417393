// libpg_query's protobuf output to nodes, in one pass over the bytes, refusing whatever the schema does not know.

/// Decodes one result of libpg_query. The message `Node`, which only says which kind follows, leaves no trace in the
/// tree; where it is empty (a NULL in a list) it becomes a node of the kind `.node` without fields.
struct WireDecoder {
  private let bytes: UnsafeRawBufferPointer
  private let schema: Schema
  private let maximumDepth: Int

  /// - Parameter maximumDepth: the most levels of nodes, after which decoding throws.
  init(_ bytes: UnsafeRawBufferPointer, schema: Schema, maximumDepth: Int) {
    self.bytes = bytes
    self.schema = schema
    self.maximumDepth = maximumDepth
  }

  /// The bytes as a `ParseResult`; its statements are in the field `.stmts`.
  func parseResult() throws(WireFault) -> Node {
    // One level for the result itself and one for each `RawStmt`.
    try message(schema.parseResult, 0..<bytes.count, depth: -2)
  }

  private func message(_ index: Int, _ range: Range<Int>, depth: Int) throws(WireFault) -> Node {
    guard depth < maximumDepth else { throw .tooDeep }
    let rule = schema.messages[index]
    var reader = WireReader(bytes, range)
    var fields: [(name: Field, value: Node.Value)] = []
    fields.reserveCapacity(try countFields(range))
    var seen: UInt64 = 0
    while !reader.isAtEnd {
      let tag = try reader.tag()
      let number = Int(tag >> 3)
      guard number < rule.fieldCount else { throw .unknownField }
      let field = schema.fields[rule.firstField &+ number]
      guard let shape = field.shape else { throw .unknownField }
      let bit = UInt64(1) << UInt64(number & 63)
      guard seen & bit == 0 else { throw .repeatedTwice }
      seen |= bit
      let value =
        field.isRepeated
        ? try list(of: shape, field.target, tag, &reader, depth: depth)
        : try single(shape, field.target, tag & 7, &reader, depth: depth)
      fields.append((field.name, value))
    }
    return Node(rule.kind, fields)
  }

  /// How many fields a message has; a run of the same number is one repeated field.
  private func countFields(_ range: Range<Int>) throws(WireFault) -> Int {
    var reader = WireReader(bytes, range)
    var count = 0
    var previous: UInt64 = 0
    while !reader.isAtEnd {
      let tag = try reader.tag()
      if tag != previous { count += 1 }
      previous = tag
      try reader.skip(tag & 7)
    }
    return count
  }

  private func single(
    _ shape: Schema.Shape, _ target: Int, _ wireType: UInt64, _ reader: inout WireReader, depth: Int
  ) throws(WireFault) -> Node.Value {
    switch shape {
    case .message, .node:
      guard wireType == WireType.bytes else { throw .wrongWireType }
      return .node(try child(shape, target, try reader.delimited(), depth: depth))
    case .string:
      guard wireType == WireType.bytes else { throw .wrongWireType }
      return .text(try reader.text(try reader.delimited()))
    case .integer:
      guard wireType == WireType.varint else { throw .wrongWireType }
      return .integer(Int64(bitPattern: try reader.varint()))
    case .flag:
      guard wireType == WireType.varint else { throw .wrongWireType }
      let value = try reader.varint()
      guard value <= 1 else { throw .badNumber }
      return .flag(value == 1)
    case .number:
      guard wireType == WireType.fixed64 else { throw .wrongWireType }
      return .number(try reader.double())
    case .symbol:
      guard wireType == WireType.varint else { throw .wrongWireType }
      return .symbol(try schema.symbol(try reader.varint(), of: target))
    }
  }

  /// A repeated field, whose elements stand one behind the other. Only nodes are repeated in what a parser makes;
  /// lists of numbers exist in the schema for later stages of PostgreSQL and are refused.
  private func list(
    of shape: Schema.Shape, _ target: Int, _ tag: UInt64, _ reader: inout WireReader, depth: Int
  ) throws(WireFault) -> Node.Value {
    guard shape == .node || shape == .message else { throw .unknownField }
    guard tag & 7 == WireType.bytes else { throw .wrongWireType }
    var counter = reader
    var count = 0
    var isSame = true
    while isSame {
      _ = try counter.delimited()
      count += 1
      isSame = counter.isAtEnd ? false : try counter.tag() == tag
    }
    var nodes: [Node] = []
    nodes.reserveCapacity(count)
    for position in 0..<count {
      if position > 0 { _ = try reader.tag() }
      nodes.append(try child(shape, target, try reader.delimited(), depth: depth))
    }
    return .list(nodes)
  }

  private func child(
    _ shape: Schema.Shape, _ target: Int, _ range: Range<Int>, depth: Int
  ) throws(WireFault) -> Node {
    guard shape == .node else { return try message(target, range, depth: depth + 1) }
    guard !range.isEmpty else { return Self.emptyPlace }
    var reader = WireReader(bytes, range)
    let tag = try reader.tag()
    let number = Int(tag >> 3)
    guard number < schema.alternatives.count, schema.alternatives[number] >= 0 else { throw .unknownAlternative }
    guard tag & 7 == WireType.bytes else { throw .wrongWireType }
    let body = try reader.delimited()
    guard reader.isAtEnd else { throw .repeatedTwice }
    return try message(schema.alternatives[number], body, depth: depth + 1)
  }

  private static let emptyPlace = Node(.node, [])
}
