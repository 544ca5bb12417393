// One setting of the server, as checks judge it, and what roles and databases have of their own.

import Database

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

/// A setting that a role or a database has of its own.
struct SettingOverride: Decodable, Sendable {
  let name: String
  let value: String
  /// As ALTER names it.
  let place: String
  /// Holds for our own session too, so that the server's own value cannot be told.
  let isOurs: Bool

  static let question: SQL = """
    SELECT split_part(o.setting, '=', 1) AS "name", split_part(o.setting, '=', 2) AS "value",
      CASE WHEN g.setrole <> 0 THEN 'ROLE ' || quote_ident(r.rolname)
        || CASE WHEN g.setdatabase <> 0 THEN ' IN DATABASE ' || quote_ident(d.datname) ELSE '' END
        ELSE 'DATABASE ' || quote_ident(d.datname) END AS "place",
      (g.setrole = 0 OR r.rolname = session_user) AND (g.setdatabase = 0 OR d.datname = current_database()) AS "isOurs"
    FROM pg_db_role_setting AS g CROSS JOIN unnest(g.setconfig) AS o(setting)
    LEFT JOIN pg_roles AS r ON r.oid = g.setrole LEFT JOIN pg_database AS d ON d.oid = g.setdatabase
    WHERE g.setrole <> 0 OR g.setdatabase <> 0 ORDER BY 1, 3
    """
}
