// The generated tables of PostgreSQL's own names, line by line and by name.

/// Tables of lines; the texts are in Generated/, and each is cut into lines when it is first asked.
enum BuiltInTables {
  /// One table: which lines have which name.
  struct Table: Sendable {
    private let bytes: [UInt8]
    private let lines: [String: [Range<Int>]]

    /// - Parameter column: where the name stands, from 0.
    init(_ text: StaticString, nameColumn column: Int) {
      let bytes = text.withUTF8Buffer { Array($0) }
      var lines: [String: [Range<Int>]] = [:]
      var start = 0
      while start < bytes.count {
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let name = Self.cells(bytes[start..<end], upTo: column + 1).last ?? ""
        lines[name, default: []].append(start..<end)
        start = end + 1
      }
      self.bytes = bytes
      self.lines = lines
    }

    /// The cells of all lines of a name.
    subscript(name: String) -> [[String]] {
      (lines[name] ?? []).map { Self.cells(bytes[$0], upTo: .max) }
    }

    /// Every line.
    var all: [[String]] {
      lines.values.joined().sorted { $0.lowerBound < $1.lowerBound }.map { Self.cells(bytes[$0], upTo: .max) }
    }

    private static func cells(_ line: ArraySlice<UInt8>, upTo count: Int) -> [String] {
      line.split(
        separator: UInt8(ascii: "\t"), maxSplits: count == .max ? .max : count, omittingEmptySubsequences: false
      )
      .prefix(count).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  static let functionTable = Table(functions, nameColumn: 2)
  static let operatorTable = Table(operators, nameColumn: 2)
  static let typeTable = Table(types, nameColumn: 2)
  static let relationTable = Table(relations, nameColumn: 2)

  /// By OID, for what is met under its number.
  static let functionsByID = byID(functionTable)
  static let typesByID = byID(typeTable)

  private static func byID(_ table: Table) -> [UInt32: [String]] {
    var lines: [UInt32: [String]] = [:]
    for cells in table.all {
      if let id = UInt32(cells[0]) { lines[id] = cells }
    }
    return lines
  }
}
