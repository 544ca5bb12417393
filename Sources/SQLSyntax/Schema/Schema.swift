// What each number in libpg_query's protobuf output stands for, for the major version that is linked.

internal import CPgQuery

/// libpg_query's schema of one major version, as tables that are indexed by number.
///
/// The generated tables hold numbers, a line each:
/// `M kind (number field shape target)…` is a message with its fields; `E (value symbol)…` an enumeration;
/// `N (number message)…` the alternatives of the message `Node`; `R` the places of the message `ParseResult` and of the
/// enumerations `Token` and `KeywordKind`. Kinds, fields and symbols are raw values of the generated enumerations,
/// `target` is the place of a message or enumeration in its table.
final class Schema: Sendable {
  enum Shape: UInt8, Sendable {
    case message, node, string, integer, flag, number, symbol
    /// The message has no field of this number.
    case absent

    @inline(__always)
    var wireType: UInt64 {
      switch self {
      case .message, .node, .string: WireType.bytes
      case .integer, .flag, .symbol: WireType.varint
      case .number: WireType.fixed64
      case .absent: WireType.absent
      }
    }
  }

  /// A field of a message.
  struct FieldRule: Sendable {
    var name = Field.location
    var shape = Shape.absent
    var isRepeated = false
    var target: UInt16 = 0
  }

  /// Where a message's field rules begin, and how many numbers, from 0, have one.
  struct MessageRule: Sendable {
    var kind: NodeKind
    var fieldCount: UInt16
    var firstField: UInt32
  }

  /// Where an enumeration's symbols begin, and how many values, from 0, there are.
  struct EnumerationRule: Sendable {
    var firstSymbol: Int
    var symbolCount: Int
  }

  let messages: Table<MessageRule>
  let fields: Table<FieldRule>
  let enumerations: Table<EnumerationRule>
  let symbols: Table<Symbol?>
  /// By number of the alternative in `Node`: the place of its message, or -1.
  let alternatives: Table<Int>
  let parseResult: Int
  let tokenKinds: Int
  let keywordKinds: Int

  /// The schema of the linked library.
  static let linked: Result<Schema, SyntaxError> = {
    ParserMemory.keep()
    guard let table = table(ofMajor: parserVersion / 10_000), let schema = Schema(parsing: table) else {
      return .failure(
        SyntaxError(.parserMismatch, "this program cannot read the trees of libpg_query for PostgreSQL \(PG_VERSION)"))
    }
    return .success(schema)
  }()

  static func table(ofMajor major: Int) -> StaticString? {
    switch major {
    case 15: table15
    case 17: table17
    case 18: table18
    default: nil
    }
  }

  /// Nil if the table is not of the form above.
  init?(parsing table: StaticString) {
    var reader = TableReader()
    guard reader.read(table) else { return nil }
    messages = Table(reader.messages)
    fields = Table(reader.fields)
    enumerations = Table(reader.enumerations)
    symbols = Table(reader.symbols)
    alternatives = Table(reader.alternatives)
    (parseResult, tokenKinds, keywordKinds) = reader.roots
  }

  /// The place of the message that an alternative of `Node` holds, or nil.
  @inline(__always)
  func alternative(_ number: UInt64) -> Int? {
    guard number < UInt64(alternatives.count) else { return nil }
    let index = alternatives[Int(number)]
    return index >= 0 ? index : nil
  }

  /// The symbol of a value on the wire.
  @inline(__always)
  func symbol(_ value: UInt64, of enumeration: Int) throws(WireFault) -> Symbol {
    let rule = enumerations[enumeration]
    guard value < UInt64(rule.symbolCount), let symbol = symbols[rule.firstSymbol + Int(value)] else {
      throw .unknownSymbol
    }
    return symbol
  }
}

/// The version of PostgreSQL whose grammar is linked, as a number: 150001 is 15.1.
package var parserVersion: Int { Int(PG_VERSION_NUM) }

/// Reads a generated table line by line.
private struct TableReader {
  private(set) var messages: [Schema.MessageRule] = []
  private(set) var fields: [Schema.FieldRule] = []
  private(set) var enumerations: [Schema.EnumerationRule] = []
  private(set) var symbols: [Symbol?] = []
  private(set) var alternatives: [Int] = []
  private(set) var roots = (parseResult: 0, tokenKinds: 0, keywordKinds: 0)

  /// False if the table is not of the form above.
  mutating func read(_ table: StaticString) -> Bool {
    var line: [Int] = []
    var tag: UInt8 = 0
    var number: Int?
    for byte in UnsafeBufferPointer(start: table.utf8Start, count: table.utf8CodeUnitCount) {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        number = (number ?? 0) * 10 + Int(byte &- UInt8(ascii: "0"))
      case UInt8(ascii: " "), UInt8(ascii: "\n"):
        if let number { line.append(number) }
        number = nil
        if byte == UInt8(ascii: "\n") {
          guard add(line, tag) else { return false }
          line.removeAll(keepingCapacity: true)
        }
      default:
        tag = byte
      }
    }
    if let number { line.append(number) }
    return add(line, tag)
  }

  private mutating func add(_ line: [Int], _ tag: UInt8) -> Bool {
    switch tag {
    case UInt8(ascii: "M"): return addMessage(line)
    case UInt8(ascii: "E"): return addEnumeration(line)
    case UInt8(ascii: "N"):
      guard line.count % 2 == 0, let last = line.dropLast().last else { return false }
      alternatives = Array(repeating: -1, count: last + 1)
      for pair in stride(from: 0, to: line.count, by: 2) { alternatives[line[pair]] = line[pair + 1] }
      return alternatives.allSatisfy { $0 < messages.count }
    case UInt8(ascii: "R"):
      guard line.count == 3 else { return false }
      roots = (line[0], line[1], line[2])
      return line[0] < messages.count && max(line[1], line[2]) < enumerations.count
    default: return false
    }
  }

  private mutating func addMessage(_ line: [Int]) -> Bool {
    guard line.count % 4 == 1, let kind = NodeKind(rawValue: UInt16(line[0])) else { return false }
    let highest = line.count > 1 ? line[line.count - 4] : -1
    let first = fields.count
    messages.append(Schema.MessageRule(kind: kind, fieldCount: UInt16(highest + 1), firstField: UInt32(first)))
    fields.append(contentsOf: repeatElement(Schema.FieldRule(), count: highest + 1))
    for word in stride(from: 1, to: line.count, by: 4) {
      let (number, shape) = (line[word], line[word + 2])
      guard number <= highest, let name = Field(rawValue: UInt16(line[word + 1])) else { return false }
      guard let known = Schema.Shape(rawValue: UInt8(shape & 7)), known != .absent else { return false }
      fields[first + number] = Schema.FieldRule(
        name: name, shape: known, isRepeated: shape & 8 != 0, target: UInt16(line[word + 3]))
    }
    return true
  }

  private mutating func addEnumeration(_ line: [Int]) -> Bool {
    guard line.count % 2 == 0, let highest = line.dropLast().last else { return false }
    let first = symbols.count
    enumerations.append(Schema.EnumerationRule(firstSymbol: first, symbolCount: highest + 1))
    symbols.append(contentsOf: repeatElement(nil, count: highest + 1))
    for pair in stride(from: 0, to: line.count, by: 2) {
      guard line[pair] <= highest else { return false }
      symbols[first + line[pair]] = Symbol(rawValue: UInt16(line[pair + 1]))
    }
    return true
  }
}
