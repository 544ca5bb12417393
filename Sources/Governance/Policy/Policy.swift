// What a policy says: which tables there are, how their columns look, which rows there are, and how much may be taken.

/// The rules of one table.
package struct TableRule: Sendable, Hashable {
  /// nil: all.
  package var allowColumns: Set<String>?
  package var denyColumns: Set<String> = []
  package var masks: [String: Mask] = [:]
  /// A condition in SQL; `:agent` and `:user` stand for names.
  package var rowFilter: String?

  package init() {}
}

/// What may be taken in a while.
package struct PolicyLimits: Sendable, Hashable {
  package var rows: Int?
  package var bytes: Int?
  package var perMinute: Int?
  package var perHour: Int?
  package var concurrent: Int?
  /// Of the plan of each statement that runs.
  package var ceilings = Ceilings()

  package init() {}
}

/// One policy as it is written. Names of tables are bare, and then mean those of every schema, or have their schema in
/// front; `schema.*` means all tables of a schema.
package struct Policy: Sendable, Hashable {
  /// nil: all.
  package var allowSchemas: Set<String>?
  package var denySchemas: Set<String> = []
  /// nil: all.
  package var allowTables: Set<String>?
  package var denyTables: Set<String> = []
  package var tables: [String: TableRule] = [:]
  /// For masks of the kind `hash`.
  package var hashKey: String?
  package var limits = PolicyLimits()

  package init() {}

  /// Whether it says anything about tables, and not about limits alone.
  package var isAboutTables: Bool {
    allowSchemas != nil || allowTables != nil || !denySchemas.isEmpty || !denyTables.isEmpty || !tables.isEmpty
  }

  /// Whether a list of tables names this one.
  private static func names(_ list: Set<String>, _ table: TableName) -> Bool {
    list.contains(table.name) || list.contains("\(table.schema).\(table.name)") || list.contains("\(table.schema).*")
  }

  func isDenied(_ table: TableName) -> Bool {
    denySchemas.contains(table.schema) || Self.names(denyTables, table)
  }

  func isAllowed(_ table: TableName) -> Bool {
    !isDenied(table) && allowSchemas?.contains(table.schema) ?? true
      && allowTables.map { Self.names($0, table) } ?? true
  }

  /// The rules that name this table.
  func rules(of table: TableName) -> [TableRule] {
    [table.name, "\(table.schema).\(table.name)", "\(table.schema).*"].compactMap { tables[$0] }
  }
}

/// A table by both its names.
package struct TableName: Sendable, Hashable {
  package var schema: String
  package var name: String

  package init(schema: String, name: String) {
    self.schema = schema
    self.name = name
  }

  var isOfSystem: Bool { schema.hasPrefix("pg_") || schema == "information_schema" }
}

/// A policy with whom and where it is about. All policies that fit hold together.
package struct PolicyRule: Sendable, Equatable {
  /// nil: every connection.
  package var connection: String?
  /// nil: everybody.
  package var members: Set<Grantee>?
  package var policy: Policy

  package init(connection: String?, members: Set<Grantee>?, policy: Policy) {
    self.connection = connection
    self.members = members
    self.policy = policy
  }
}
