// Nodes to libpg_query's protobuf input: what the decoder took away put back, so that the bytes are the parser's own.

/// Encodes trees from the back to the front, which spares measuring every message before it is written.
struct WireEncoder {
  private let schema: Schema
  private let maximumDepth: Int
  /// By raw value of a node kind: the place of its message, or -1.
  private let messages: [Int]
  /// By place of a message: its number in `Node`, or -1.
  private let alternatives: [Int]
  private var backwards: [UInt8] = []

  /// - Parameter maximumDepth: the most levels of nodes, after which encoding throws.
  init(schema: Schema, maximumDepth: Int) {
    self.schema = schema
    self.maximumDepth = maximumDepth
    var messages: [Int] = []
    for (place, message) in schema.messages.enumerated() {
      let kind = Int(message.kind.rawValue)
      if kind >= messages.count { messages += repeatElement(-1, count: kind + 1 - messages.count) }
      messages[kind] = place
    }
    self.messages = messages
    var alternatives = Array(repeating: -1, count: schema.messages.count)
    for (number, place) in schema.alternatives.enumerated() where place >= 0 { alternatives[place] = number }
    self.alternatives = alternatives
  }

  /// The bytes of a `ParseResult`.
  consuming func bytes(of result: Node) throws(WireFault) -> [UInt8] {
    guard result.kind == .parseResult else { throw .unknownAlternative }
    try message(result, schema.parseResult, depth: -2)
    return backwards.reversed()
  }

  private mutating func message(_ node: Node, _ place: Int, depth: Int) throws(WireFault) {
    guard depth < maximumDepth else { throw .tooDeep }
    let rule = schema.messages[place]
    guard rule.kind == node.kind else { throw .unknownAlternative }
    for (name, value) in node.fields.reversed() {
      guard let number = self.number(of: name, in: rule) else { throw .unknownField }
      let field = schema.fields[Int(rule.firstField) + number]
      if field.isRepeated {
        guard case .list(let nodes) = value else { throw .wrongWireType }
        for node in nodes.reversed() {
          try delimited(number) { (encoder) throws(WireFault) in try encoder.child(node, field, depth: depth) }
        }
      } else {
        try single(value, field, number, depth: depth)
      }
    }
  }

  private func number(of name: Field, in rule: Schema.MessageRule) -> Int? {
    for number in 0..<Int(rule.fieldCount) {
      let field = schema.fields[Int(rule.firstField) + number]
      if field.shape != .absent, field.name == name { return number }
    }
    return nil
  }

  private mutating func single(
    _ value: Node.Value, _ field: Schema.FieldRule, _ number: Int, depth: Int
  ) throws(WireFault) {
    switch (field.shape, value) {
    case (.message, .node(let node)), (.node, .node(let node)):
      try delimited(number) { (encoder) throws(WireFault) in try encoder.child(node, field, depth: depth) }
    case (.string, .text(let text)):
      try delimited(number) { (encoder) throws(WireFault) in encoder.backwards.append(contentsOf: text.utf8.reversed())
      }
    case (.integer, .integer(let integer)):
      varint(UInt64(bitPattern: integer))
      tag(number, WireType.varint)
    case (.flag, .flag(let flag)):
      varint(flag ? 1 : 0)
      tag(number, WireType.varint)
    case (.symbol, .symbol(let symbol)):
      let rule = schema.enumerations[Int(field.target)]
      let values = schema.symbols[rule.firstSymbol..<rule.firstSymbol + rule.symbolCount]
      guard let place = values.firstIndex(of: symbol) else { throw .unknownSymbol }
      varint(UInt64(place - rule.firstSymbol))
      tag(number, WireType.varint)
    case (.number, .number(let number64)):
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        backwards.append(UInt8(truncatingIfNeeded: number64.bitPattern >> shift))
      }
      tag(number, WireType.fixed64)
    default: throw .wrongWireType
    }
  }

  private mutating func child(_ node: Node, _ field: Schema.FieldRule, depth: Int) throws(WireFault) {
    guard field.shape == .node else {
      guard field.shape == .message else { throw .wrongWireType }
      return try message(node, Int(field.target), depth: depth + 1)
    }
    guard node.kind != .node else {
      guard node.fields.isEmpty else { throw .unknownField }
      return
    }
    let kind = Int(node.kind.rawValue)
    guard kind < messages.count, messages[kind] >= 0 else { throw .unknownAlternative }
    let place = messages[kind]
    guard alternatives[place] >= 0 else { throw .unknownAlternative }
    try delimited(alternatives[place]) { (encoder) throws(WireFault) in
      try encoder.message(node, place, depth: depth + 1)
    }
  }

  private mutating func delimited(
    _ number: Int, _ write: (inout WireEncoder) throws(WireFault) -> Void
  ) throws(WireFault) {
    let before = backwards.count
    try write(&self)
    varint(UInt64(backwards.count - before))
    tag(number, WireType.bytes)
  }

  private mutating func tag(_ number: Int, _ wireType: UInt64) { varint(UInt64(number) << 3 | wireType) }

  private mutating func varint(_ value: UInt64) {
    var groups = (64 - value.leadingZeroBitCount + 6) / 7
    if groups < 2 {
      backwards.append(UInt8(truncatingIfNeeded: value))
      return
    }
    var isLast: UInt8 = 0
    while groups > 0 {
      groups -= 1
      backwards.append(UInt8(truncatingIfNeeded: value >> UInt64(groups * 7)) & 0x7f | isLast)
      isLast = 0x80
    }
  }
}
