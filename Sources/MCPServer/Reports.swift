// The last reports on each database, for whoever reads them as resources.

internal import JSON

/// One report of each kind for each connection, as long as it is not too large.
actor Reports {
  enum Kind: String, Sendable, CaseIterable {
    case health, advice
  }

  private struct Key: Hashable {
    var kind: Kind
    var connection: String
  }

  private let announcements: Announcements?
  private var last: [Key: String] = [:]
  /// Of one report's JSON; a longer one is not kept.
  private static let longest = 4 << 20

  init(announcements: Announcements?) { self.announcements = announcements }

  /// Keeps a report in place of the last one, and tells those who have subscribed to it.
  func keep(_ report: JSONValue, _ kind: Kind, of connection: String) async {
    let text = JSONValue.object(["report": report]).text(pretty: true)
    guard text.utf8.count <= Self.longest else { return }
    last[Key(kind: kind, connection: connection)] = text
    await announcements?.publish(.resource(ProductURI.report(kind, of: connection)))
  }

  /// JSON; without a report it says how to get one.
  func text(_ kind: Kind, of connection: String) -> String {
    if let text = last[Key(kind: kind, connection: connection)] { return text }
    let tool = kind == .health ? "analyze_db_health" : "analyze_workload_indexes"
    return JSONValue.object(["report": .null, "note": .string("\(tool) has not been called yet")]).text(pretty: true)
  }
}
