// All checks in one session, in one read-only snapshot, each bounded in time, a few on their way at once.

package import Database

/// Runs checks. One that fails is an outcome; the others go on.
package struct Checkup: Sendable {
  package var checks: [any HealthCheck]
  package var limits: Limits

  package init(_ checks: [any HealthCheck] = usualChecks, limits: Limits = Limits()) {
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

    /// Worst first, and what others follow from before these; then in the order of `allChecks`.
    package var findings: [Finding] { Causes.arranged(outcomes.flatMap(\.findings)) }
  }

  /// - Throws: `DatabaseError` when the session is lost or cancelled, or the transaction cannot be begun.
  package func run(
    on session: Session, reporting: @Sendable (String) -> Void = { _ in }
  ) async throws -> Result {
    let timeout = Duration.milliseconds(Int64(max(1, min(limits["statement-timeout-ms"], 600_000))))
    // A lock that is not there at once belongs to somebody's DDL: behind us others would have to wait.
    let bounds = ReadOnlyLimits(statementTimeout: timeout, lockTimeout: .milliseconds(100), idleTimeout: .seconds(60))
    let first = Surroundings.questions(
      for: session.server, settings: checks.contains { $0.about.judgesSettings })
    return try await session.snapshot(bounds, asking: first) { session, first throws(DatabaseError) in
      let (surroundings, settings) = try Surroundings.read(first, from: session.server)
      var answers: [Question: Swift.Result<StepRows, DatabaseError>] = [:]
      if let settings { answers[Question(sql: settingsQuestion, values: [])] = .success(settings) }
      var outcomes: [CheckOutcome?] = Array(repeating: nil, count: checks.count)
      var waiting: [(place: Int, questions: [Question])] = []
      for place in checks.indices {
        switch checks[place].plan(surroundings, limits) {
        case .done(let outcome): outcomes[place] = outcome
        case .asks(let questions): waiting.append((place, questions))
        }
      }
      for first in stride(from: 0, to: waiting.count, by: Self.batch) {
        let batch = waiting[first..<min(first + Self.batch, waiting.count)]
        if let next = batch.first { reporting(checks[next.place].about.title) }
        let spent = try await ask(batch, on: session, surroundings, &answers)
        for (place, questions) in batch {
          let given = questions.compactMap { answers[$0] }
          var outcome = try checks[place].outcome(given, surroundings, limits)
          if !outcome.examinations.isEmpty { outcome = try await examined(outcome, on: session) }
          outcome = bounded(outcome)
          outcome.milliseconds = spent[place] ?? 0
          outcomes[place] = outcome
        }
      }
      return Result(surroundings: surroundings, outcomes: outcomes.compactMap { $0 })
    }
  }

  /// Questions on their way at a time: the server is never idle, and a person sees progress.
  private static let batch = 8

  /// Asks in one pipeline what was not asked before in these words.
  /// - Returns: milliseconds by the check's place, as far as they show: what the server spent until its answer was whole.
  private func ask(
    _ batch: ArraySlice<(place: Int, questions: [Question])>, on session: Session, _ surroundings: Surroundings,
    _ answers: inout [Question: Swift.Result<StepRows, DatabaseError>]
  ) async throws(DatabaseError) -> [Int: Double] {
    var steps: [Step] = []
    var asked: [(check: Int, step: Int, question: Question)] = []
    var known = Set(answers.keys)
    for (place, question) in batch.flatMap({ place, questions in questions.map { (place, $0) } })
    where known.insert(question).inserted {
      if let path = path(for: checks[place], surroundings) { steps.append(.statement(Self.path, [path])) }
      asked.append((place, steps.count, question))
      // Gives back locks at once, and makes a transaction usable in which a question failed. The savepoint stays, and with
      // it the settings made before it.
      steps += [
        .statement(question.sql, question.values), .boundary,
        .statement("ROLLBACK TO SAVEPOINT pgadvisor_check", []),
      ]
    }
    if steps.isEmpty { return [:] }
    var before = ContinuousClock.now
    let results = try await session.run(steps)
    var spent: [Int: Double] = [:]
    for (check, step, question) in asked {
      answers[question] = results[step]
      if case .success(let boundary) = results[step + 1], let arrival = boundary.arrival {
        let (seconds, attoseconds) = (arrival - before).components
        spent[check, default: 0] += Double(seconds) * 1_000 + Double(attoseconds) / 1e15
        before = arrival
      }
      _ = try results[step + 2].get()
    }
    return spent
  }

  /// The search path of a check that reads an extension's views.
  private func path(for check: any HealthCheck, _ surroundings: Surroundings) -> String? {
    guard check.about.needs.contains(.statements), case .installed(let schema, _) = surroundings.server.statStatements
    else { return nil }
    return "pg_catalog, \(quotedIdentifier(schema)), pg_temp"
  }

  private func bounded(_ outcome: CheckOutcome) -> CheckOutcome {
    var outcome = outcome
    let most = Int(max(1, min(limits["findings-per-check"], 10_000)))
    guard outcome.findings.count > most else { return outcome }
    // Stable: among equals the check's own order holds.
    let ranked = outcome.findings.enumerated().sorted {
      ($0.element.severity, $1.offset) > ($1.element.severity, $0.offset)
    }.map(\.element)
    outcome.omissions.append("\(ranked.count - most) more findings are not listed (--limit findings-per-check=N)")
    outcome.findings = Array(ranked.prefix(most))
    return outcome
  }

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
    if words.isEmpty { return usualChecks }
    var wanted: Set<String> = []
    for word in words {
      if let type = healthTypes.first(where: { $0.word == word }) {
        wanted.formUnion(usualChecks.filter { type.groups.contains($0.about.group) }.map(\.id))
      } else if let group = CheckGroup(rawValue: word) {
        wanted.formUnion(usualChecks.filter { $0.about.group == group }.map(\.id))
      } else if ids.contains(word) {
        wanted.insert(word)
      } else {
        unknown = word
        return []
      }
    }
    return zip(ids, allChecks).compactMap { wanted.contains($0) ? $1 : nil }
  }

  /// Of `allChecks`, made once.
  private static let ids = allChecks.map(\.id)
}
