// What a change does to the relations it touches: the locks it takes, and how much of them it reads or writes.

package import JSON

/// A lock on a relation that is there before the statement.
package struct LockNeed: EvidencePart {
  package var relation: String
  package var mode: LockMode
  /// What it is for, where that is not the statement's own target.
  package var reason: String?

  package init(_ relation: String, _ mode: LockMode, because reason: String? = nil) {
    self.relation = relation
    self.mode = mode
    self.reason = reason
  }

  package var json: JSONValue {
    .object([
      "relation": .string(relation), "mode": .string(mode.name), "blocks": .string(mode.blocks),
      "reason": .optional(reason),
    ])
  }

  package init?(json: JSONValue) {
    guard let relation = json.object?["relation"]?.string,
      let mode = json.object?["mode"]?.string.flatMap(LockMode.init(name:))
    else { return nil }
    self.init(relation, mode, because: json.object?["reason"]?.string)
  }
}

/// How much of a relation a change goes through.
package struct TableWork: EvidencePart {
  /// In the order of what they cost.
  package enum Kind: String, Sendable, Comparable, CaseIterable {
    case catalogOnly = "catalog only"
    /// Its files go, or are replaced by empty ones.
    case removal = "files removed"
    case changedRows = "rows"
    case scan = "scan"
    /// An index is built: the table is scanned and sorted.
    case indexBuild = "index build"
    case rewrite = "rewrite"
    case unknown = "not known"

    package static func < (left: Kind, right: Kind) -> Bool { left.place < right.place }

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  package var relation: String
  package var kind: Kind
  package var reason: String

  package init(_ relation: String, _ kind: Kind, _ reason: String) {
    self.relation = relation
    self.kind = kind
    self.reason = reason
  }

  package var json: JSONValue {
    .object(["relation": .string(relation), "kind": .string(kind.rawValue), "reason": .string(reason)])
  }

  package init?(json: JSONValue) {
    guard let relation = json.object?["relation"]?.string,
      let kind = json.object?["kind"]?.string.flatMap(Kind.init(rawValue:)),
      let reason = json.object?["reason"]?.string
    else { return nil }
    self.init(relation, kind, reason)
  }
}
