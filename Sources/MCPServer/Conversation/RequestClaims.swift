// What a modern request says of itself in `_meta`, checked, and what both eras may say there.

internal import JSON

/// The keys of `_meta` that the protocol has taken for itself.
enum MetaKey {
  private static let prefix = "io.modelcontextprotocol/"
  static let protocolVersion = prefix + "protocolVersion"
  static let clientCapabilities = prefix + "clientCapabilities"
  static let clientInfo = prefix + "clientInfo"
  static let serverInfo = prefix + "serverInfo"
  static let logLevel = prefix + "logLevel"
  static let subscriptionID = prefix + "subscriptionId"
}

/// A modern request's claims.
struct RequestClaims: Sendable, Equatable {
  var version: String
  var capabilities: JSONObject
  var client: String?
  var logLevel: LogLevel?

  init(_ meta: JSONObject?) throws(ProtocolError) {
    guard let meta else { throw .invalidParameters("Missing or invalid _meta: an object is required") }
    guard let version = meta[MetaKey.protocolVersion]?.string else { throw Self.lacks(MetaKey.protocolVersion) }
    guard let capabilities = meta[MetaKey.clientCapabilities]?.object else {
      throw Self.lacks(MetaKey.clientCapabilities)
    }
    self.version = version
    self.capabilities = capabilities
    if let info = meta[MetaKey.clientInfo] {
      guard info.object != nil else { throw Self.lacks(MetaKey.clientInfo) }
      client = clientName(info)
    }
    if let level = meta[MetaKey.logLevel] {
      guard let known = level.string.flatMap(LogLevel.init) else { throw Self.lacks(MetaKey.logLevel) }
      logLevel = known
    }
  }

  private static func lacks(_ key: String) -> ProtocolError {
    .invalidParameters("Missing or invalid _meta key \(key)", data: ["key": .string(key)])
  }
}

/// Name and version of an `Implementation`, in printable ASCII and bounded: it stands in logs and in
/// `application_name`, and nobody has verified it.
func clientName(_ info: JSONValue?) -> String? {
  let words = [info?["name"]?.string, info?["version"]?.string].compactMap { $0 }.filter { !$0.isEmpty }
  let text = words.joined(separator: " ").unicodeScalars.prefix(100).map { scalar in
    (0x20..<0x7f).contains(scalar.value) ? Character(scalar) : "?"
  }
  return text.isEmpty ? nil : String(text)
}

/// The progress token, as the client typed it.
func progressToken(_ meta: JSONObject?) throws(ProtocolError) -> RequestID? {
  guard let token = meta?["progressToken"] else { return nil }
  guard let known = RequestID(token) else {
    throw .invalidParameters("progressToken must be an integer or a string of at most \(RequestID.longest) bytes")
  }
  return known
}

/// `traceparent` by W3C Trace Context, or nil when it is not well-formed.
/// https://www.w3.org/TR/trace-context/#traceparent-header
package func wellFormedTrace(_ text: String?) -> String? {
  guard let text, text.utf8.count == 55 else { return nil }
  let parts = text.split(separator: "-", omittingEmptySubsequences: false)
  guard parts.map(\.utf8.count) == [2, 32, 16, 2] else { return nil }
  let isHex = parts.allSatisfy { part in
    part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
  let isZero = parts[1...2].contains { part in part.utf8.allSatisfy { $0 == 0x30 } }
  return isHex && !isZero && parts[0] != "ff" ? text : nil
}
