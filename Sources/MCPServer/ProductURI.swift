// Where clients find what they attach: URIs that name the connection.

/// `pg://CONNECTION/settings`, `…/health`, `…/advice`, `…/schema/SCHEMA`, `…/table/SCHEMA/TABLE`,
/// `…/column/SCHEMA/TABLE/COLUMN`, `…/rows/CURSOR`; parts are percent-encoded.
struct ProductURI {
  enum Subject {
    case settings
    case report(Reports.Kind)
    case schema(String)
    case table(schema: String, name: String)
    case column(schema: String, table: String, name: String)
    case rows(cursor: String)
  }

  let connection: String
  let subject: Subject

  init?(_ uri: String) {
    guard uri.hasPrefix("pg://"), uri.utf8.count <= 2_000 else { return nil }
    let parts = uri.dropFirst(5).split(separator: "/", omittingEmptySubsequences: false).map { Self.decoded($0) }
    guard parts.count >= 2, parts.allSatisfy({ $0?.isEmpty == false }) else { return nil }
    let words = parts.compactMap { $0 }
    connection = words[0]
    switch (words[1], words.count) {
    case ("settings", 2): subject = .settings
    case ("health", 2): subject = .report(.health)
    case ("advice", 2): subject = .report(.advice)
    case ("schema", 3): subject = .schema(words[2])
    case ("rows", 3): subject = .rows(cursor: words[2])
    case ("table", 4): subject = .table(schema: words[2], name: words[3])
    case ("column", 5): subject = .column(schema: words[2], table: words[3], name: words[4])
    default: return nil
    }
  }

  static func settings(of connection: String) -> String { "pg://\(encoded(connection))/settings" }

  static func report(_ kind: Reports.Kind, of connection: String) -> String {
    "pg://\(encoded(connection))/\(kind.rawValue)"
  }

  static func keptRows(behind cursor: String, on connection: String) -> String {
    "pg://\(encoded(connection))/rows/\(encoded(cursor))"
  }

  private static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      let isPlain =
        byte < 128 && (Character(scalar).isLetter || Character(scalar).isNumber || "-._~".contains(Character(scalar)))
      return isPlain ? String(Character(scalar)) : "%" + hex(byte >> 4) + hex(byte & 15)
    }.joined()
  }

  private static func hex(_ digit: UInt8) -> String { String(digit, radix: 16, uppercase: true) }

  /// nil for what is not percent-encoded UTF-8.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst(), let low = rest.popFirst(),
        let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(value)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
