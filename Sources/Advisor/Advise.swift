// `advise` on one screen: statements → tuning → report.

package import Database
package import IndexTuner
import SQLSyntax

/// Collects the workload, asks the tuner, makes one report.
package struct Advise: Sendable {
  private let trace: (@Sendable (PlanningTrace) -> Void)?
  private let progress: @Sendable (String) -> Void

  /// `progress` is shown a short line whenever something begins.
  package init(
    tracing trace: (@Sendable (PlanningTrace) -> Void)? = nil,
    reporting progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.trace = trace
    self.progress = progress
  }

  package func advice(
    on target: ConnectionTarget, for request: AdviceRequest, stop: StopSignal = StopSignal()
  ) async throws(AdviceFailure) -> Advice {
    let patience = Patience(deadline: .now + request.timeLimit, stop: stop)
    do {
      // Files that cannot be read are said without a connection.
      var found = try written(request)
      progress("connecting")
      let parsing = Self.parsing(found.statements)
      defer { parsing.cancel() }
      let session = try await Session.open(target)
      do {
        let advice = try await advice(on: session, at: target, for: request, &found, parsing, until: patience)
        await session.close()
        return advice
      } catch {
        await session.close()
        throw error
      }
    } catch {
      throw Self.failure(error)
    }
  }

  /// The same on a session that is open already, outside of a transaction: it is not left for others.
  package func advice(
    on session: Session, for request: AdviceRequest, stop: StopSignal = StopSignal()
  ) async throws(AdviceFailure) -> Advice {
    do {
      var found = try written(request)
      let parsing = Self.parsing(found.statements)
      defer { parsing.cancel() }
      return try await advice(
        on: session, at: nil, for: request, &found, parsing,
        until: Patience(deadline: .now + request.timeLimit, stop: stop))
    } catch {
      throw Self.failure(error)
    }
  }

  /// Begun, while something else is waited for.
  private static func parsing(_ statements: [FoundStatement]) -> Task<ParsedStatements, Never> {
    Task { await ParsedStatements(statements) }
  }

  private static func failure(_ error: any Error) -> AdviceFailure {
    switch error {
    case let error as AdviceFailure: error
    case let error as DatabaseError: AdviceFailure(error)
    case let error as TuningError: AdviceFailure(error)
    default: AdviceFailure(message: "\(error)")
    }
  }

  /// - Parameter parsing: of what is written, which goes on meanwhile.
  private func advice(
    on session: Session, at target: ConnectionTarget?, for request: AdviceRequest, _ found: inout FromFiles.Found,
    _ parsing: Task<ParsedStatements, Never>, until patience: Patience
  ) async throws -> Advice {
    guard session.server.hypopg.schema != nil else { throw ExtensionAdvice.missingHypoPG(session.server) }
    var recorded: StatementStatistics?
    var further: [FoundStatement] = []
    if request.usesStatistics {
      progress("reading pg_stat_statements")
      let statistics =
        if let seen = request.recorded { seen.above(request.thresholds) } else {
          try await statistics(of: session, request.thresholds)
        }
      further = FromStatistics().statements(in: statistics)
      found.statements += further
      recorded = statistics
    }
    let helpers = await helpers(at: target, beside: session, for: request, statements: found.statements.count)
    let result: Result<Tuning, any Error>
    do {
      var statements = await parsing.value
      if !further.isEmpty { statements.append(await ParsedStatements(further)) }
      let tuner = Tuner(
        on: session, helpers: { await Self.opened(helpers) }, settings: request.tuning, tracing: trace,
        reporting: { progress(Self.line($0)) })
      let (parsed, skipped) = (statements, found.skipped)
      result = .success(
        try await session.within(request.relations) {
          try await tuner.tuning(for: parsed, alreadySkipped: skipped, until: patience)
        })
    } catch { result = .failure(error) }
    if case .failure = result { helpers.cancel() }
    for helper in await helpers.value { await helper.close() }
    let tuning = try result.get()
    let droppable = await DroppableIndexes.found(on: session, for: tuning, replicas: request.replicas)
    var examined = Self.examined(request, recorded, tuning, session.server)
    examined.remarks += droppable.remarks
    return Advice(
      server: ServerSummary(
        database: session.server.database, version: session.server.versionText,
        hypopgVersion: session.server.hypopg.version ?? "", isInRecovery: session.server.isInRecovery),
      examined: examined, tuning: tuning, droppable: droppable.findings)
  }

  /// Being opened, while the catalogue is read.
  private func helpers(
    at target: ConnectionTarget?, beside session: Session, for request: AdviceRequest, statements: Int
  ) async -> Task<[Session], Never> {
    guard let target else { return Task { [] } }
    let count = await FurtherConnections.count(
      beside: session, wanted: request.connections, cores: request.cores, statements: statements)
    return Task { await FurtherConnections.open(target, count: count) }
  }

  /// Whoever gives up waiting needs them no more.
  private static func opened(_ helpers: Task<[Session], Never>) async -> [Session] {
    await withTaskCancellationHandler {
      await helpers.value
    } onCancel: {
      helpers.cancel()
    }
  }

  private func written(_ request: AdviceRequest) throws(TuningError) -> FromFiles.Found {
    let reader = FromFiles()
    var found = FromFiles.Found()
    for path in request.files {
      let one =
        try path == "-"
        ? reader.statements(in: request.standardInput, named: "standard input") : reader.statements(at: path)
      found.statements += one.statements
      found.skipped += one.skipped
    }
    for (number, query) in request.queries.enumerated() {
      let one = reader.statements(inArgument: query, number: number + 1)
      found.statements += one.statements.map { statement in
        var statement = statement
        statement.searchPath = request.searchPath
        return statement
      }
      found.skipped += one.skipped
    }
    return found
  }

  private func statistics(
    of session: Session, _ thresholds: StatementThresholds
  ) async throws -> StatementStatistics {
    if let missing = ExtensionAdvice.missingStatistics(session.server) { throw missing }
    return try await session.withStatistics { try await $0.statementStatistics(thresholds) }
  }

  private static func line(_ progress: TuningProgress) -> String {
    switch progress {
    case .resolving(let statements): "reading \(statements) statements and the catalogue"
    case .pricing(let statements, let candidates):
      "pricing \(candidates) candidate indexes for \(statements) statements"
    case .searching(let search):
      "searching: \(search.chosen) chosen, \(Int((search.relativeLoad * 100).rounded())) % of the load left, \(search.planningCalls) plans"
    case .explaining: "explaining"
    }
  }

  private static func examined(
    _ request: AdviceRequest, _ recorded: StatementStatistics?, _ tuning: Tuning, _ server: ServerInfo
  ) -> Examined {
    var sources = request.usesStatistics ? ["pg_stat_statements"] : []
    sources += request.files.map { $0 == "-" ? "standard input" : $0 }
    if !request.queries.isEmpty { sources.append("--query") }
    var remarks: [String] = []
    if request.recorded != nil { remarks.append(RecordedWorkload.Seen.note) }
    if recorded != nil && !server.canReadAllStats {
      remarks.append(
        "this role sees its own statements only: GRANT pg_read_all_stats TO \(quotedIdentifier(server.user))")
    }
    let milliseconds = tuning.outcomes.compactMap(\.query.milliseconds)
    return Examined(
      sources: sources, statisticsSince: recorded?.since, recordedStatements: recorded?.recordedCount,
      recordedMilliseconds: recorded?.recordedMilliseconds, deallocations: recorded?.deallocations,
      belowThresholds: recorded?.leftOutCount, hiddenStatements: recorded?.hiddenCount ?? 0,
      examinedMilliseconds: milliseconds.isEmpty ? nil : milliseconds.reduce(0, +),
      examinedStatements: tuning.outcomes.count, skippedStatements: tuning.skipped.count, remarks: remarks)
  }
}

extension Session {
  /// A read-only transaction under a search path that finds pg_stat_statements and nobody's function of the same name.
  func withStatistics<R: Sendable>(
    _ body: (Session) async throws -> R
  ) async throws -> R {
    let schema = server.statStatements.schema ?? "public"
    return try await readOnly { session in
      try await session.execute(
        "SELECT pg_catalog.set_config('search_path', $1, true)", ["pg_catalog, \(quotedIdentifier(schema))"])
      return try await body(session)
    }
  }
}
