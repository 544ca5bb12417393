// What HTTP says about a message beside its body, and whether the two agree.

internal import JSON

/// The routing headers of one POST, all values as sent: `request.values(of: "MCP-Protocol-Version")` and so on.
package struct RoutingHeaders: Sendable, Equatable {
  /// `MCP-Protocol-Version`.
  package var version: [String]
  /// `Mcp-Method`.
  package var method: [String]
  /// `Mcp-Name`.
  package var name: [String]

  package init(version: [String] = [], method: [String] = [], name: [String] = []) {
    self.version = version
    self.method = method
    self.name = name
  }

  /// The version, when exactly one was sent.
  var onlyVersion: String? { version.count == 1 ? version[0] : nil }

  func refuseDuplicates() throws(ProtocolError) {
    for (name, values) in [("MCP-Protocol-Version", version), ("Mcp-Method", method), ("Mcp-Name", name)]
    where values.count > 1 {
      throw ProtocolError(.headerMismatch, "Header mismatch: \(name) was sent \(values.count) times")
    }
  }

  /// Whether a request of the modern era says in its headers what it says in its body.
  func check(_ request: ClientRequest, version claimed: String) throws(ProtocolError) {
    try compare("MCP-Protocol-Version", version.first, claimed)
    try compare("Mcp-Method", method.first, request.method)
    guard let parameter = Self.named[request.method], let value = request.parameters[parameter]?.string else { return }
    try compare("Mcp-Name", name.first, value)
  }

  /// The parameter that `Mcp-Name` repeats.
  private static let named = ["tools/call": "name", "prompts/get": "name", "resources/read": "uri"]

  private func compare(_ name: String, _ header: String?, _ body: String) throws(ProtocolError) {
    guard let header else { throw ProtocolError(.headerMismatch, "Header mismatch: \(name) is missing") }
    guard let decoded = Self.decoded(header) else {
      throw ProtocolError(.headerMismatch, "Header mismatch: \(name) is not valid base64 of UTF-8")
    }
    // Bytes, not characters: to Swift two compositions of one accent are equal.
    guard Array(decoded.utf8) == Array(body.utf8) else {
      throw ProtocolError(.headerMismatch, "Header mismatch: \(name) differs from the body")
    }
  }

  /// The value without surrounding blanks; what stands between `=?base64?` and `?=` is decoded.
  static func decoded(_ value: String) -> String? {
    var value = Substring(value)
    while let first = value.first, first == " " || first == "\t" { value.removeFirst() }
    while let last = value.last, last == " " || last == "\t" { value.removeLast() }
    let (opening, closing) = ("=?base64?", "?=")
    guard value.utf8.count >= opening.utf8.count + closing.utf8.count, value.hasPrefix(opening),
      value.hasSuffix(closing)
    else { return String(value) }
    let inner = value.dropFirst(opening.count).dropLast(closing.count)
    return Base64.standard.decode(String(inner)).flatMap { String(validating: $0, as: UTF8.self) }
  }
}
