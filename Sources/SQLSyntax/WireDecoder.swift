// libpg_query's protobuf output to nodes, in one pass over the bytes, refusing whatever the schema does not know.

/// Decodes one result of libpg_query. The message `Node`, which only says which kind follows, leaves no trace in the
/// tree; where it is empty (a NULL in a list) it becomes a node of the kind `.node` without fields.
struct WireDecoder: ~Copyable {
  private let bytes: UnsafeRawBufferPointer
  private let schema: Schema
  private let maximumDepth: Int
  /// What is decoded of nodes and lists that are not complete.
  private var fields = Scratch<NodeField>(capacity: 64)
  private var nodes = Scratch<Node>(capacity: 64)
  private var names = NameLists()

  /// - Parameter maximumDepth: the most levels of nodes, after which decoding throws.
  init(_ bytes: UnsafeRawBufferPointer, schema: Schema, maximumDepth: Int) {
    self.bytes = bytes
    self.schema = schema
    self.maximumDepth = maximumDepth
  }

  /// The bytes as a `ParseResult`; its statements are in the field `.stmts`.
  consuming func parseResult() throws(WireFault) -> Node {
    // One level for the result itself and one for each `RawStmt`.
    try message(schema.parseResult, WireReader(bytes), depth: -2)
  }

  private mutating func message(_ index: Int, _ reader: WireReader, depth: Int) throws(WireFault) -> Node {
    guard depth < maximumDepth else { throw .tooDeep }
    let rule = schema.messages[index]
    let height = fields.count
    var reader = reader
    var seen: UInt64 = 0
    while !reader.isAtEnd {
      let tag = try reader.tag()
      let number = Int(tag >> 3)
      guard number < rule.fieldCount else { throw .unknownField }
      let field = schema.fields[Int(rule.firstField) &+ number]
      let bit = UInt64(1) << UInt64(number & 63)
      guard seen & bit == 0 else { throw .repeatedTwice }
      seen |= bit
      if field.isRepeated {
        let value =
          NameLists.holds(field.name)
          ? try names(field, tag, &reader, depth: depth)
          : try list(of: field, tag, &reader, depth: depth)
        fields.push(NodeField(value: .list(value), name: field.name))
      } else {
        try single(field, tag & 7, &reader, depth: depth)
      }
    }
    if let leaf = fields.above(height, { Node(leaf: rule.kind, $0) }) {
      fields.drop(to: height)
      return leaf
    }
    return Node(rule.kind, fieldCount: fields.count - height) { fields.pop(to: height, into: $0) }
  }

  @inline(__always)
  private mutating func single(
    _ field: Schema.FieldRule, _ wireType: UInt64, _ reader: inout WireReader, depth: Int
  ) throws(WireFault) {
    guard wireType == field.shape.wireType else { throw field.shape == .absent ? .unknownField : .wrongWireType }
    // Each value is made where it is needed: handed about it would be copied and counted.
    switch field.shape {
    case .absent: throw .unknownField
    case .message, .node:
      fields.push(NodeField(value: .node(try child(field, try reader.delimited(), depth: depth)), name: field.name))
    case .string:
      fields.push(NodeField(value: .text(try reader.delimited().text()), name: field.name))
    case .integer:
      fields.push(NodeField(value: .integer(Int64(bitPattern: try reader.varint())), name: field.name))
    case .flag:
      let value = try reader.varint()
      guard value <= 1 else { throw .badNumber }
      fields.push(NodeField(value: .flag(value == 1), name: field.name))
    case .number:
      fields.push(NodeField(value: .number(try reader.double()), name: field.name))
    case .symbol:
      let symbol = try schema.symbol(try reader.varint(), of: Int(field.target))
      fields.push(NodeField(value: .symbol(symbol), name: field.name))
    }
  }

  /// `list`, but known ones are not decoded again.
  private mutating func names(
    _ field: Schema.FieldRule, _ tag: UInt64, _ reader: inout WireReader, depth: Int
  ) throws(WireFault) -> [Node] {
    var ahead = reader
    let bytes = try ahead.run(of: tag)
    if let known = names[bytes] {
      reader = ahead
      return known
    }
    let names = try list(of: field, tag, &reader, depth: depth)
    self.names.remember(names, as: bytes)
    return names
  }

  /// A repeated field, whose elements stand one behind the other. Only nodes are repeated in what a parser makes;
  /// lists of numbers exist in the schema for later stages of PostgreSQL and are refused.
  private mutating func list(
    of field: Schema.FieldRule, _ tag: UInt64, _ reader: inout WireReader, depth: Int
  ) throws(WireFault) -> [Node] {
    guard field.shape == .node || field.shape == .message else { throw .unknownField }
    guard tag & 7 == WireType.bytes else { throw .wrongWireType }
    let height = nodes.count
    repeat {
      nodes.push(try child(field, try reader.delimited(), depth: depth))
    } while try reader.skipTag(tag)
    return nodes.pop(to: height)
  }

  private mutating func child(
    _ field: Schema.FieldRule, _ reader: WireReader, depth: Int
  ) throws(WireFault) -> Node {
    guard field.shape == .node else { return try message(Int(field.target), reader, depth: depth + 1) }
    guard !reader.isAtEnd else { return Node(.node, []) }
    var reader = reader
    let tag = try reader.tag()
    guard let index = schema.alternative(tag >> 3) else { throw .unknownAlternative }
    guard tag & 7 == WireType.bytes else { throw .wrongWireType }
    let body = try reader.delimited()
    guard reader.isAtEnd else { throw .repeatedTwice }
    return try message(index, body, depth: depth + 1)
  }
}
