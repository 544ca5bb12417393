// The released versions of the protocol, and what each of them has.

/// A released version. Raw values are ISO dates, which compare as they sort.
package enum ProtocolVersion: String, Sendable, CaseIterable, Comparable {
  case november2024 = "2024-11-05"
  case march2025 = "2025-03-26"
  case june2025 = "2025-06-18"
  case november2025 = "2025-11-25"
  /// The first without handshake and sessions.
  case july2026 = "2026-07-28"

  package static func < (left: ProtocolVersion, right: ProtocolVersion) -> Bool { left.rawValue < right.rawValue }

  /// Each request says for itself what it is; nothing depends on an earlier one.
  package var isModern: Bool { self >= .july2026 }

  /// Named in `server/discover` and in -32022: the versions a request may claim for itself.
  static let modern = allCases.filter(\.isModern)
  /// What a handshake falls back to when it asks for anything but a version of its own era.
  static let newestLegacy = ProtocolVersion.november2025
  /// What HTTP without a version header means.
  package static let withoutHeader = ProtocolVersion.march2025

  /// The version of this name, if it can be agreed on by `initialize`.
  static func legacy(_ name: String) -> ProtocolVersion? {
    ProtocolVersion(rawValue: name).flatMap { $0.isModern ? nil : $0 }
  }

  var hasToolHints: Bool { self >= .march2025 }
  var hasAudio: Bool { self >= .march2025 }
  var hasCompletionCapability: Bool { self >= .march2025 }
  var hasProgressMessages: Bool { self >= .march2025 }
  var hasBatches: Bool { self == .march2025 }
  /// `title` beside `name`, output schemas with structured content, links to resources, `_meta` in every object.
  var hasStructure: Bool { self >= .june2025 }
  var hasElicitation: Bool { self >= .june2025 }
  var hasElicitationModes: Bool { self >= .november2025 }
  /// Streams of HTTP begin with an empty event that has an id; older clients would take it for a message.
  var hasPrimedStreams: Bool { self == .november2025 }
}
