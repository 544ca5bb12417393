// All checks in one session, in one read-only snapshot, each bounded in time.

package import Database

/// Runs checks one after the other. One that fails is an outcome; the others go on.
package struct Checkup: Sendable {
  package var checks: [any HealthCheck]
  package var limits: Limits

  package init(_ checks: [any HealthCheck] = allChecks, limits: Limits = Limits()) {
    self.checks = checks
    self.limits = limits
  }

  /// What a run gave.
  package struct Result: Sendable {
    package var surroundings: Surroundings
    /// In the order of `allChecks`.
    package var outcomes: [CheckOutcome]

    package init(surroundings: Surroundings, outcomes: [CheckOutcome]) {
      self.surroundings = surroundings
      self.outcomes = outcomes
    }

    /// Worst first, then by group and name.
    package var findings: [Finding] {
      let places = Dictionary(outcomes.enumerated().map { ($1.id, $0) }) { first, _ in first }
      return outcomes.flatMap(\.findings).sorted { left, right in
        if left.severity != right.severity { return left.severity > right.severity }
        let (a, b) = (places[left.check] ?? 0, places[right.check] ?? 0)
        return a < b
      }
    }
  }

  /// - Throws: `DatabaseError` when the session is lost or cancelled, or the transaction cannot be begun.
  package func run(
    on session: Session, reporting: @Sendable (String) -> Void = { _ in }
  ) async throws -> Result {
    let timeout = Duration.milliseconds(Int64(max(1, min(limits["statement-timeout-ms"], 600_000))))
    // A lock that is not there at once belongs to somebody's DDL: behind us others would have to wait.
    let bounds = ReadOnlyLimits(statementTimeout: timeout, lockTimeout: .milliseconds(100), idleTimeout: .seconds(60))
    return try await session.snapshot(bounds) { session throws(DatabaseError) in
      try await session.execute(Self.path, ["pg_catalog, pg_temp"])
      try await session.execute(Self.settings)
      let surroundings = try await Surroundings.read(on: session)
      try await session.execute("SAVEPOINT pgadvisor_check")
      var outcomes: [(place: Int, outcome: CheckOutcome)] = []
      for (place, check) in inOrderOfLocks {
        reporting(check.about.title)
        outcomes.append((place, try await outcome(of: check, on: session, surroundings)))
      }
      let ordered = outcomes.sorted { $0.place < $1.place }.map(\.outcome)
      return Result(surroundings: surroundings, outcomes: ordered)
    }
  }

  /// Before 18 PostgreSQL tells a sequence's last number only under ROW EXCLUSIVE, kept to the end of the transaction, for
  /// which an ALTER SEQUENCE has to wait: these are asked last, just before that end. All others take ACCESS SHARE.
  private var inOrderOfLocks: [(place: Int, check: any HealthCheck)] {
    let all = checks.enumerated().map { (place: $0.offset, check: $0.element) }
    return all.filter { $0.check.about.group != .sequences } + all.filter { $0.check.about.group == .sequences }
  }

  private func outcome(
    of check: any HealthCheck, on session: Session, _ surroundings: Surroundings
  ) async throws(DatabaseError) -> CheckOutcome {
    let usesStatements = check.about.needs.contains(.statements)
    if usesStatements, case .installed(let schema, _) = surroundings.server.statStatements {
      try await session.execute(Self.path, ["pg_catalog, \(quotedIdentifier(schema)), pg_temp"])
    }
    var outcome = try await check.outcome(on: session, surroundings, limits)
    // Gives back locks at once, and makes a transaction usable in which a question failed. The savepoint stays, and with
    // it the settings made before it.
    try await session.execute("ROLLBACK TO SAVEPOINT pgadvisor_check")
    let most = Int(max(1, min(limits["findings-per-check"], 10_000)))
    if outcome.findings.count > most {
      // Stable: among equals the check's own order holds.
      let ranked = outcome.findings.enumerated().sorted {
        ($0.element.severity, $1.offset) > ($1.element.severity, $0.offset)
      }.map(\.element)
      outcome.omissions.append("\(ranked.count - most) more findings are not listed (--limit findings-per-check=N)")
      outcome.findings = Array(ranked.prefix(most))
    }
    return outcome
  }

  private static let settings: SQL = """
    SELECT set_config('jit', 'off', true),
      set_config('max_parallel_workers_per_gather', '0', true), set_config('TimeZone', 'UTC', true),
      set_config('work_mem',
        greatest(65536, (SELECT setting::bigint FROM pg_settings WHERE name = 'work_mem'))::text, true)
    """
  private static let path: SQL = "SELECT set_config('search_path', $1, true)"
}

extension Checkup {
  /// The words of Postgres MCP Pro's `health_type`, and the groups they stand for.
  package static let healthTypes: [(word: String, groups: [CheckGroup])] = [
    ("index", [.indexes, .bloat]), ("connection", [.connections, .locks]), ("vacuum", [.vacuum]),
    ("sequence", [.sequences]), ("replication", [.replication]), ("buffer", [.memory]), ("constraint", [.constraints]),
    ("all", CheckGroup.allCases),
  ]

  /// Every word that selects checks.
  package static var words: [String] {
    healthTypes.map(\.word) + CheckGroup.allCases.map(\.rawValue) + allChecks.map(\.id)
  }

  /// - Returns: nil where a word means nothing; it is put into `unknown`.
  package static func selected(by words: [String], unknown: inout String?) -> [any HealthCheck] {
    if words.isEmpty { return allChecks }
    var wanted: Set<String> = []
    for word in words {
      if let type = healthTypes.first(where: { $0.word == word }) {
        wanted.formUnion(allChecks.filter { type.groups.contains($0.about.group) }.map(\.id))
      } else if let group = CheckGroup(rawValue: word) {
        wanted.formUnion(allChecks.filter { $0.about.group == group }.map(\.id))
      } else if allChecks.contains(where: { $0.id == word }) {
        wanted.insert(word)
      } else {
        unknown = word
        return []
      }
    }
    return allChecks.filter { wanted.contains($0.id) }
  }
}
