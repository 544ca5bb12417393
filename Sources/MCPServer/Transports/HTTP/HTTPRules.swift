// What a request must be before its body is read: from an allowed host and origin, of a kind that we answer.

internal import HTTPServer

/// Which hosts and origins a server answers to, against rebound names and pages of strangers in a user's browser.
/// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#security-warning
package struct HTTPRules: Sendable, Equatable {
  /// Names that `Host` may have, with or without a port; `*` allows all. Loopback names are always allowed.
  package var hosts: [String]
  /// Values that `Origin` may have; `*` allows all. Pages of this machine are always allowed.
  package var origins: [String]

  package init(hosts: [String] = [], origins: [String] = []) {
    self.hosts = hosts
    self.origins = origins
  }

  private static let loopback: Set<String> = ["localhost", "127.0.0.1", "[::1]", "::1"]

  func allowsHost(_ values: [String]) -> Bool {
    guard values.count == 1, let host = values.first?.lowercased(), !host.isEmpty else { return false }
    let name = Self.name(of: host)
    if Self.loopback.contains(name) || hosts.contains("*") { return true }
    return hosts.contains { allowed in
      let allowed = allowed.lowercased()
      return allowed == host || allowed == name
    }
  }

  /// Programs send none; browsers always do.
  func allowsOrigin(_ values: [String]) -> Bool {
    guard !values.isEmpty else { return true }
    guard values.count == 1, let origin = values.first?.lowercased() else { return false }
    if origins.contains("*") || origins.contains(where: { $0.lowercased() == origin }) { return true }
    for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
      return Self.loopback.contains(Self.name(of: String(origin.dropFirst(scheme.count))))
    }
    return false
  }

  /// A host without its port: `[::1]:80` and `a:80`.
  private static func name(of host: String) -> String {
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
      let rest = host[host.index(after: end)...]
      return rest.isEmpty || isPort(rest) ? String(host[...end]) : host
    }
    guard let colon = host.firstIndex(of: ":") else { return host }
    return isPort(host[colon...]) ? String(host[..<colon]) : host
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.first == ":" && text.count > 1 && text.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
  }
}

/// What a client says it takes. Lenient: one of the two is enough.
struct Acceptance: Equatable {
  var takesJSON: Bool
  var takesEvents: Bool

  /// - Parameter values: of `Accept`; none means that everything is fine.
  init(_ values: [String]) {
    // What the protocol asks clients to send is what nearly all of them send.
    if values.count == 1, values[0] == "application/json, text/event-stream" {
      (takesJSON, takesEvents) = (true, true)
      return
    }
    let types = values.flatMap { $0.lowercased().split(separator: ",") }.map { range in
      String(range.split(separator: ";").first ?? "").filter { $0 != " " && $0 != "\t" }
    }
    let isAny = types.isEmpty || types.contains("*/*")
    takesJSON = isAny || types.contains("application/json") || types.contains("application/*")
    takesEvents = isAny || types.contains("text/event-stream") || types.contains("text/*")
  }
}

extension Request {
  /// `application/json`, whatever parameters it has.
  var hasJSONBody: Bool {
    let types = values(of: "Content-Type")
    guard types.count == 1 else { return false }
    if types[0] == "application/json" { return true }
    let type = types[0].lowercased().split(separator: ";").first.map { $0.filter { $0 != " " && $0 != "\t" } }
    return type == "application/json"
  }

  /// The token of `Authorization: Bearer …`; `.some(nil)` where the header is there and is no such thing.
  var bearerToken: String?? {
    let values = values(of: "Authorization")
    guard !values.isEmpty else { return nil }
    let parts = values[0].split(separator: " ", maxSplits: 1)
    guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else { return .some(nil) }
    let token = parts[1].drop { $0 == " " }
    return .some(token.isEmpty ? nil : String(token))
  }

  /// One value of the query, decoded as far as the identifiers that we make need it.
  func queryValue(_ name: String) -> String? {
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1)
      if parts.count == 2, parts[0] == name[...] { return String(parts[1]) }
    }
    return nil
  }
}
