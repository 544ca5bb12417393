// The way of texts and tables that advice is asked on: from the caller's call to the gate, and back as what may be looked at.

import Database

extension Executor {
  /// Judges many texts in one transaction.
  mutating func reaches(
    of texts: [AdviceText], under policy: EffectivePolicy, within permissions: Set<Permission>
  ) async throws(ExecutionFailure) -> [AdviceReach] {
    try await judging { gate, session in
      let needsSchemas = texts.contains { if case .recorded = $0 { true } else { false } }
      let schemas: [String] =
        needsSchemas
        ? try await session.rows("SELECT n.nspname FROM pg_catalog.pg_namespace AS n ORDER BY n.oid") : []
      let hypopg: String? = if case .installed(let schema, _) = session.server.hypopg { schema } else { nil }
      let surroundings = AdviceSurroundings(indexPath: ["pg_catalog"] + [hypopg].compactMap { $0 }, schemas: schemas)
      var reaches: [AdviceReach] = []
      for text in texts {
        reaches.append(try await gate.reach(of: text, under: policy, within: permissions, surroundings))
      }
      return reaches
    }
  }

  mutating func free(
    among tables: Set<TableName>, under policy: EffectivePolicy
  ) async throws(ExecutionFailure) -> Set<TableName> {
    try await judging { gate, _ in try await gate.free(among: tables, under: policy) }
  }

  private mutating func judging<Found: Sendable>(
    _ judge: @Sendable (inout Gate, Session) async throws -> Found
  ) async throws(ExecutionFailure) -> Found {
    do {
      var copy = self
      let found = try await session.bounded(.readOnly, limits.bounds, discarding: discards) { session in
        let current = try await copy.currentStamp(on: session)
        let known = copy.gate.rememberedRelations
        let found = try await judge(&copy.gate, session)
        try await copy.keep(current, of: known, on: session)
        return found
      }
      self = copy
      return found
    } catch {
      throw ExecutionFailure(error)
    }
  }
}

extension Governor {
  /// What advice on texts may look at, in the order of these; nil where nothing is hidden from the caller.
  package func reaches(
    of texts: [AdviceText], for call: GovernedCall
  ) async throws(GovernedFailure) -> [AdviceReach]? {
    guard let policy = try policy(for: call), policy.hides else { return nil }
    let database = try database(for: call)
    let permissions = call.caller.permissions[database.connection.name] ?? []
    return try await database.judging(under: policy) { (executor) throws(ExecutionFailure) in
      try await executor.reaches(of: texts, under: policy, within: permissions)
    }
  }

  /// Tables of which nothing is hidden from the caller or ruled; nil where nothing is hidden at all.
  package func free(
    among tables: Set<TableName>, for call: GovernedCall
  ) async throws(GovernedFailure) -> Set<TableName>? {
    guard let policy = try policy(for: call), policy.hides else { return nil }
    return try await database(for: call).judging(under: policy) { (executor) throws(ExecutionFailure) in
      try await executor.free(among: tables, under: policy)
    }
  }
}
