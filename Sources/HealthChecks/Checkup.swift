// All checks in one session, in one read-only snapshot, each bounded in time, a few on their way at once.

package import Database

/// Runs checks. One that fails is an outcome; the others go on.
package struct Checkup: Sendable {
  package var checks: [any HealthCheck]
  package var limits: Limits
  /// Bloat that is found by estimate is measured where that is possible.
  package var isExact: Bool
  /// Whether a finding counts: the others are left out before there are too many. nil: all count.
  package var counts: (@Sendable (Finding) -> Bool)?

  package init(
    _ checks: [any HealthCheck] = usualChecks, limits: Limits = Limits(), isExact: Bool = false,
    counting counts: (@Sendable (Finding) -> Bool)? = nil
  ) {
    self.checks = checks
    self.limits = limits
    self.isExact = isExact
    self.counts = counts
  }

  /// What a run gave.
  package struct Result: Sendable {
    package var surroundings: Surroundings
    /// In the order of `allChecks`.
    package var outcomes: [CheckOutcome]
    /// For the next run.
    package var expectation: Expectation

    package init(surroundings: Surroundings, outcomes: [CheckOutcome], isSmooth: Bool = false) {
      self.surroundings = surroundings
      self.outcomes = outcomes
      expectation = Expectation(surroundings, isSmooth: isSmooth)
    }

    /// Worst first, and what others follow from before these; then in the order of `allChecks`.
    package var findings: [Finding] { Causes.arranged(outcomes.flatMap(\.findings)) }
  }

  /// - Parameter expected: what an earlier run on this server saw: then the first questions are asked as they were for
  ///   that one, together with those about the server, a round trip earlier. What the server says now decides which of
  ///   their answers count. Where that run was smooth, nothing is kept apart from anything else unless it has to be.
  /// - Throws: `DatabaseError` when the session is lost or cancelled, or the transaction cannot be begun.
  package func run(
    on session: Session, expecting expected: Expectation? = nil,
    reporting: @Sendable (String) -> Void = { _ in }
  ) async throws -> Result {
    let timeout = Duration.milliseconds(Int64(max(1, min(limits["statement-timeout-ms"], 600_000))))
    // A lock that is not there at once belongs to somebody's DDL: behind us others would have to wait.
    let bounds = ReadOnlyLimits(statementTimeout: timeout, lockTimeout: .milliseconds(100), idleTimeout: .seconds(60))
    if let expected, expected.isSmooth, let result = try await ranAtOnce(on: session, bounds, as: expected) {
      return result
    }
    do {
      return try await ranWithCare(on: session, bounds, expecting: expected, reporting: reporting)
    } catch let error as DatabaseError
      where !surveys.isEmpty && (error.code == .statementTimeout || error.code == .lockTimeout)
    {
      // What holds up the survey may hold up nothing else: each check looks for itself.
      return try await ranWithCare(on: session, bounds, expecting: nil, isSurveying: false, reporting: reporting)
    }
  }

  private func ranWithCare(
    on session: Session, _ bounds: ReadOnlyLimits, expecting expected: Expectation?, isSurveying: Bool = true,
    reporting: @Sendable (String) -> Void
  ) async throws -> Result {
    let start = ContinuousClock.now
    let own = ownQuestions(for: session.server, isSurveying: isSurveying)
    let early = expected.map { asked(as: $0.surroundings, on: session.server) } ?? Asking()
    let steps = own + early.steps
    return try await session.snapshot(bounds, asking: steps) { session, first throws(DatabaseError) in
      var (surroundings, settings) = try Surroundings.read(first[..<own.count], from: session.server)
      surroundings.isExact = isExact
      var known = Known()
      if let settings { known.answers[Question(sql: settingsQuestion, values: [])] = .success(settings) }
      try early.take(first[own.count...], since: try first[own.count - 1].get().arrival, into: &known)
      var outcomes: [CheckOutcome?] = Array(repeating: nil, count: checks.count)
      var waiting: [(place: Int, questions: [Question])] = []
      var hasExaminations = false
      for place in checks.indices {
        switch checks[place].plan(surroundings, limits) {
        case .done(let outcome): outcomes[place] = outcome
        case .asks(let questions): waiting.append((place, questions))
        }
      }
      for first in stride(from: 0, to: waiting.count, by: Self.batch) {
        let batch = waiting[first..<min(first + Self.batch, waiting.count)]
        if let next = batch.first { reporting(checks[next.place].about.title) }
        // What was asked together and could not be answered is asked once more, each question alone.
        for _ in 0..<2 {
          let next = asking(batch, of: waiting[first...], surroundings, besides: known)
          if next.steps.isEmpty { break }
          let before = ContinuousClock.now
          try next.take(try await session.run(next.steps)[...], since: before, into: &known)
        }
        for (place, questions) in batch {
          let given = questions.compactMap { known.answers[$0] }
          var outcome = try checks[place].outcome(given, surroundings, limits)
          if !outcome.examinations.isEmpty {
            hasExaminations = true
            outcome = try await examined(outcome, isLong: checks[place].isOptIn || isExact, on: session)
          }
          outcome = bounded(outcome)
          outcome.milliseconds = known.spent[place] ?? 0
          outcomes[place] = outcome
        }
      }
      let isSmooth =
        waiting.count <= Self.batch && !known.hasFailed && !hasExaminations && .now - start < Self.smooth
        && isSurveying && (try? first[Surroundings.ownPlace].get()) != nil
      return Result(surroundings: surroundings, outcomes: outcomes.compactMap { $0 }, isSmooth: isSmooth)
    }
  }

  /// What the checks of this run want to know before any of them is asked.
  func ownQuestions(
    for server: ServerInfo, isSurveying: Bool = true, expecting expected: Surroundings? = nil
  ) -> [Step] {
    Surroundings.questions(
      for: server, settings: checks.contains { $0.about.judgesSettings },
      counting: isExact || checks.contains { $0.about.countsObjects },
      surveying: isSurveying ? surveys : [], expecting: expected)
  }

  private var surveys: SurveyParts { checks.reduce(into: []) { $0.formUnion($1.about.surveys) } }

  /// Questions on their way at a time: the server is seldom idle, and a person sees progress.
  private static let batch = 16

  /// What the first checks asked where all was as expected.
  private func asked(as expected: Surroundings, on server: ServerInfo) -> Asking {
    let (waiting, expected) = waiting(as: expected, on: server)
    return asking(waiting.prefix(Self.batch), of: waiting[...], expected, besides: Self.settingsKnown)
  }

  /// - Returns: nil where it is too much for one group, or needs settings of its own.
  func together(as expected: Expectation, on server: ServerInfo) -> Together? {
    if let together = expected.together, together.isFor(self, on: server) { return together }
    let (waiting, surroundings) = waiting(as: expected.surroundings, on: server)
    guard waiting.count <= Self.batch, waiting.allSatisfy({ path(for: checks[$0.place], surroundings) == nil }) else {
      return nil
    }
    let asking = asking(waiting[...], of: waiting[...], surroundings, besides: Self.settingsKnown, isApart: false)
    return Together(asking, of: waiting.map(\.place), in: self, on: server)
  }

  private func waiting(
    as expected: Surroundings, on server: ServerInfo
  ) -> (checks: [(place: Int, questions: [Question])], surroundings: Surroundings) {
    var expected = expected
    expected.server = server
    var waiting: [(place: Int, questions: [Question])] = []
    for place in checks.indices {
      if case .asks(let questions) = checks[place].plan(expected, limits) { waiting.append((place, questions)) }
    }
    return (waiting, expected)
  }

  /// Settings are asked for with what is asked about the server.
  private static let settingsKnown: Known = {
    var known = Known()
    known.answers[Question(sql: settingsQuestion, values: [])] = .success(StepRows())
    return known
  }()

  /// One pipeline of what was not asked before in these words. Once one of them is about all tables, it goes out together
  /// with all the others that are and that wait.
  private func asking(
    _ batch: ArraySlice<(place: Int, questions: [Question])>,
    of waiting: ArraySlice<(place: Int, questions: [Question])>, _ surroundings: Surroundings, besides known: Known,
    isApart: Bool = true
  ) -> Asking {
    var asking = Asking()
    asking.isApart = isApart
    var asked: Set<Question> = []
    func isOpen(_ question: Question) -> Bool { known.answers[question] == nil && question.part != nil }
    if !known.isApart, batch.contains(where: { $0.questions.contains(where: isOpen) }) {
      var parts: [(check: Int, question: Question)] = []
      for (place, questions) in waiting {
        for question in questions where isOpen(question) && asked.insert(question).inserted {
          parts.append((place, question))
        }
      }
      if parts.count > 1 {
        for first in stride(from: 0, to: parts.count, by: TablesOnce.most) {
          let some = Array(parts[first..<min(first + TablesOnce.most, parts.count)])
          asking.together.append((asking.steps.count, some))
          asking.add(TablesOnce.together(some.compactMap(\.question.part)), [])
        }
      } else {
        asked = []
      }
    }
    for (place, questions) in batch {
      for question in questions where known.answers[question] == nil && asked.insert(question).inserted {
        if let path = path(for: checks[place], surroundings) { asking.steps.append(.statement(Self.path, [path])) }
        asking.asked.append((place, asking.steps.count, question))
        asking.add(question.sql, question.values)
      }
    }
    return asking
  }

  /// The search path of a check that reads an extension's views.
  private func path(for check: any HealthCheck, _ surroundings: Surroundings) -> String? {
    guard check.about.needs.contains(.statements), case .installed(let schema, _) = surroundings.server.statStatements
    else { return nil }
    return "pg_catalog, \(quotedIdentifier(schema)), pg_temp"
  }

  func bounded(_ outcome: CheckOutcome) -> CheckOutcome {
    var outcome = outcome
    if let counts { outcome.findings.removeAll { !counts($0) } }
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
    ("all", CheckGroup.allCases.filter(\.isUsual)),
  ]

  /// What an upgrade meets as well, of other groups.
  private static let alsoBeforeUpgrades: Set<String> = [
    "server-version", "outdated-extensions", "collation-mismatch", "md5-passwords", "invalid-indexes",
    "checksum-failures",
  ]

  /// Every word that selects checks.
  package static var words: [String] {
    healthTypes.map(\.word) + CheckGroup.allCases.map(\.rawValue) + allChecks.map(\.id)
  }

  /// - Returns: nil where a word means nothing; it is put into `unknown`.
  package static func selected(by words: [String], unknown: inout String?) -> [any HealthCheck] {
    if words.isEmpty { return usualChecks }
    var wanted: Set<Int> = []
    for word in words {
      guard let places = places[word] else {
        unknown = word
        return []
      }
      wanted.formUnion(places)
    }
    return wanted.sorted().map { allChecks[$0] }
  }

  /// What each word selects, by its place in `allChecks`.
  private static let places: [String: [Int]] = {
    var places: [String: [Int]] = [:]
    for (place, check) in allChecks.enumerated() {
      places[check.id] = [place]
      guard !check.isOptIn else { continue }
      let group = check.about.group
      let types = healthTypes.filter { $0.groups.contains(group) }.map(\.word)
      let also = alsoBeforeUpgrades.contains(check.id) ? [CheckGroup.upgrade.rawValue] : []
      for word in Set(types + [group.rawValue] + also) { places[word, default: []].append(place) }
    }
    return places
  }()
}
