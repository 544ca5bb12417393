// One setting of the server, as checks judge it.

package struct ServerSetting: Decodable, Sendable, Equatable {
  package var name: String
  /// In our own session.
  package var value: String?
  /// What other sessions begin with.
  package var standing: String?
  /// With its unit, for people.
  package var shown: String?
  package var source: String
  /// Takes effect with a restart only.
  package var restarts: Bool
  /// Changed in the configuration, and not yet in effect.
  package var isPending: Bool

  /// Set for the server, and not for this role, this database or this session alone.
  var isForAll: Bool { !["database", "user", "database user", "client"].contains(source) }
}
