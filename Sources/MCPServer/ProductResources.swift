// What clients attach: settings, schemas and tables, under URIs that name the connection.

package import Governance
internal import JSON

/// `pg://CONNECTION/settings`, `pg://CONNECTION/schema/SCHEMA`, `pg://CONNECTION/table/SCHEMA/TABLE`; parts are
/// percent-encoded.
struct ProductURI {
  enum Subject {
    case settings
    case schema(String)
    case table(schema: String, name: String)
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
    case ("schema", 3): subject = .schema(words[2])
    case ("table", 4): subject = .table(schema: words[2], name: words[3])
    default: return nil
    }
  }

  static func settings(of connection: String) -> String { "pg://\(encoded(connection))/settings" }

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

extension ProductService {
  private static let fresh = 60_000

  package func resources(for caller: Caller) async -> [ResourceDescription] {
    browsable(caller).map { name in
      ResourceDescription(
        uri: ProductURI.settings(of: name), name: "\(name) settings", title: "Settings of \(name)",
        summary: "Settings that differ from PostgreSQL's defaults.", mimeType: "application/json",
        freshMilliseconds: Self.fresh)
    }
  }

  package func resourceTemplates(for caller: Caller) -> [ResourceTemplate] {
    guard !browsable(caller).isEmpty else { return [] }
    return [
      ResourceTemplate(
        template: "pg://{connection}/schema/{schema}", name: "schema", title: "A schema",
        summary: "The tables of a schema with rows and sizes.", mimeType: "application/json"),
      ResourceTemplate(
        template: "pg://{connection}/table/{schema}/{table}", name: "table", title: "A table",
        summary: "A table with columns, indexes, constraints and the rest.", mimeType: "application/json"),
    ]
  }

  package func read(_ uri: String, in context: CallContext) async -> [ResourceContents]? {
    guard let place = ProductURI(uri), browsable(context.caller).contains(place.connection) else { return nil }
    let start = ContinuousClock.now
    var call = GovernedCall(
      caller: context.caller, callID: context.callID, tool: "resources/read", connection: place.connection)
    call.client = context.client
    call.session = context.session ?? context.trace
    do throws(GovernedFailure) {
      let found = try await contents(of: place, for: call)
      try await governor.note(call, since: start, about: nil, isRefused: false, reason: nil)
      if found == .null { return nil }
      return [
        ResourceContents(
          uri: uri, mimeType: "application/json", body: .text(found.text(pretty: true)), freshMilliseconds: Self.fresh)
      ]
    } catch {
      return nil
    }
  }

  private func contents(of place: ProductURI, for call: GovernedCall) async throws(GovernedFailure) -> JSONValue {
    switch place.subject {
    case .settings: try await governor.settings(for: call)
    case .schema(let name):
      try await governor.objects(in: name, kind: "table", filter: nil, after: nil, limit: 1_000, for: call)
    case .table(let schema, let name): try await governor.table(name, in: schema, for: call)
    }
  }

  private func browsable(_ caller: Caller) -> [String] {
    caller.connections.filter { name in
      governor.has(name) && !(caller.permissions[name] ?? []).isDisjoint(with: [.explain, .read])
    }
  }

  package func completions(for request: CompletionRequest, in context: CallContext) async -> [String] {
    let connections = browsable(context.caller)
    let named = request.others["connection"] ?? (connections.count == 1 ? connections[0] : nil)
    let call = GovernedCall(
      caller: context.caller, callID: context.callID, tool: "completion/complete", connection: named)
    var found: [String] = []
    do throws(GovernedFailure) {
      switch request.argument {
      case "connection": found = connections
      case "schema":
        let schemas = try await governor.schemas(includesSystem: false, for: call)
        found = (schemas.array ?? []).compactMap { $0["schema_name"]?.string }
      case "table":
        let objects = try await governor.objects(
          in: request.others["schema"] ?? "public", kind: "table", filter: request.value, after: nil, limit: 100,
          for: call)
        found = (objects.array ?? []).compactMap { $0["name"]?.string }
      default: return []
      }
    } catch {
      return []
    }
    return Array(found.filter { $0.lowercased().hasPrefix(request.value.lowercased()) }.prefix(100))
  }
}
