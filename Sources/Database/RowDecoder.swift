// `Decodable` from one row of text cells.

/// One row as a keyed container: a key is a column name.
struct RowDecoder: Decoder {
  /// Of several of one name the last counts.
  let columns: [String]
  let cells: [[UInt8]?]

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(RowContainer(row: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try onlyCell().unkeyedContainer() }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { try onlyCell() }

  /// A row of one column is that column's value.
  private func onlyCell() throws -> CellDecoder {
    guard cells.count == 1 else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "a row is no single value"))
    }
    return CellDecoder(cell: cells[0], key: nil)
  }
}

/// The commonest types, and optionals of them, have ways of their own: the general one makes a decoder for each cell.
private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let row: RowDecoder

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { row.columns.compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { position(of: key) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try cell(key).cell == nil }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try cell(key).decode(type) }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try cell(key).decode(type) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try cell(key).decode(type) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try cell(key).decode(type) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try cell(key).decode(type) }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try cellIfPresent(key)?.decode(type) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try cellIfPresent(key)?.decode(type) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try cellIfPresent(key)?.decode(type) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try cellIfPresent(key)?.decode(type) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try cell(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try cell(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { row }

  func superDecoder(forKey key: Key) throws -> any Decoder { try cell(key) }

  private func position(of key: Key) -> Int? {
    let name = key.stringValue
    return row.columns.lastIndex { $0 == name }
  }

  private func cell(_ key: Key) throws -> CellDecoder {
    guard let position = position(of: key) else {
      throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "no such column"))
    }
    return CellDecoder(cell: row.cells[position], key: key)
  }

  private func cellIfPresent(_ key: Key) -> CellDecoder? {
    guard let position = position(of: key), let cell = row.cells[position] else { return nil }
    return CellDecoder(cell: cell, key: key)
  }
}

/// One cell: a scalar, or a one-dimensional array.
private struct CellDecoder: Decoder, SingleValueDecodingContainer {
  let cell: [UInt8]?
  /// Of the column; nil where the row is the cell.
  let key: (any CodingKey)?

  var codingPath: [any CodingKey] { key.map { [$0] } ?? [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw DecodingError.typeMismatch(
      Key.self, .init(codingPath: codingPath, debugDescription: "a cell is no record"))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard let cell, let elements = arrayElements(cell) else { throw mismatch([String].self) }
    return ElementsContainer(elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { cell == nil }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard let cell, cell.count == 1 else { throw mismatch(type) }
    switch cell[0] {
    case UInt8(ascii: "t"): return true
    case UInt8(ascii: "f"): return false
    default: throw mismatch(type)
    }
  }

  func decode(_ type: String.Type) throws -> String {
    guard let cell else { throw mismatch(type) }
    return String(decoding: cell, as: UTF8.self)
  }

  func decode(_ type: Double.Type) throws -> Double { try number(type) }
  func decode(_ type: Float.Type) throws -> Float { try number(type) }
  func decode(_ type: Int.Type) throws -> Int { try number(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try number(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try number(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try number(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try number(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try number(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try number(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try number(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try number(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try number(type) }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }

  private func number<Number: LosslessStringConvertible>(_ type: Number.Type) throws -> Number {
    guard let cell, let number = Number(String(decoding: cell, as: UTF8.self)) else { throw mismatch(type) }
    return number
  }

  private func mismatch(_ type: any Any.Type) -> DecodingError {
    DecodingError.typeMismatch(type, .init(codingPath: codingPath, debugDescription: "another form"))
  }
}

private struct ElementsContainer: UnkeyedDecodingContainer {
  let elements: [[UInt8]?]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(elements: [[UInt8]?], codingPath: [any CodingKey]) {
    self.elements = elements
    self.codingPath = codingPath
  }

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex == elements.count }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, elements[currentIndex] == nil else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: next()) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }

  mutating func superDecoder() throws -> any Decoder { try next() }

  private mutating func next() throws -> CellDecoder {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        String.self, .init(codingPath: codingPath, debugDescription: "the array is too short"))
    }
    defer { currentIndex += 1 }
    return CellDecoder(cell: elements[currentIndex], key: codingPath.last)
  }
}
