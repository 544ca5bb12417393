// `pgadvisor advise`: which indexes would pay, and why.

import Advisor
import Database
import IndexTuner
import JSON
import Synchronization
import Terminal

struct AdviseCommand: Command {
  let name = "advise"
  let summary = "Recommend indexes for a workload."
  let arguments = "[URL]"
  let details = """
    Reads the workload (pg_stat_statements unless --file or --query say otherwise), prices candidate indexes with \
    HypoPG and the server's own planner, and prints those worth building. Nothing is executed and nothing is changed: \
    read-only transactions, EXPLAIN without ANALYZE. With --verify indexes are built and statements are run, on a \
    database that you name as a copy. Ctrl-C prints the best found so far.
    """
  let options: [Option] = [
    Option("from-statistics", "Take the workload from pg_stat_statements, weight = calls × mean time. The default."),
    Option(
      "file", .text("PATH"), repeatable: true, "A .sql or .jsonl file, a directory of them, or - for standard input."),
    Option("query", .text("SQL"), repeatable: true, "A statement."),
    Option("format", .choice(["text", "json", "markdown"]), "Text by default."),
    Option("json", "The same as --format json."),
    Option("budget", .size, "Disk that all recommended indexes together may take."),
    Option(
      "also-budget", .size, repeatable: true,
      "A further budget to answer for from the same plans; its indexes are in the JSON."),
    Option(
      "sizes", .choice(["built", "hypopg"]),
      "What the budget is charged with: bytes as built, by our own model, or HypoPG's estimate; built by default."),
    Option("search", .choice(allStrategies.map(\.id)), "How to choose; \(allStrategies[0].id) by default."),
    Option(
      "time-limit", .duration, "When to stop searching; 30s by default. Checked between any two pipelines of plans."),
    Option(
      "exchange-rate", .number("N"),
      "How much improvement one unit of space must buy, on the log scale; 2 by default, 0 with --budget."),
    Option(
      "minimum-improvement", .percent,
      "What an index must save of the statements it helps; 10% by default, 1% with --budget."),
    Option("max-columns", .integer("N"), "Most columns of one index; 3 by default."),
    Option("max-indexes", .integer("N"), "Most recommendations; 100 by default."),
    Option("min-calls", .integer("N"), "Leave out statements called less often; 1 by default."),
    Option("min-mean-time", .duration, "Leave out statements that are faster on average; 0 by default."),
    Option("min-share", .percent, "Leave out statements with a smaller share of the recorded time; 0.01% by default."),
    Option("limit", .integer("N"), "Most statements taken from pg_stat_statements, heaviest first; 500 by default."),
    Option("samples", .integer("N"), "Vectors of parameter values that a statement is planned with; 3 by default."),
    Option("seed", .integer("N"), "Seed of the drawn parameter values; 17 by default."),
    Option("statement-timeout", .duration, "For one EXPLAIN; 10s by default."),
    Option(
      "connections", .integer("N"),
      "Connections on which prices are asked for at once; one for each core by default, where the server can spare them."
    ),
    Option(
      "replica", .text("URL"), repeatable: true,
      "A replica to ask which indexes it reads, before one is called unused."),
    Option(
      "verify", .text("URL"),
      "Build the recommended indexes on this copy, run the statements that only read with and without them, compare times "
        + "and rows, drop the indexes. Never on the advised database."
    ),
    Option("verify-here", "The advised database is itself a copy: verify there."),
    Option(
      "verify-runs", .integer("N"),
      "Measured runs of a statement with the indexes, and twice as many without; 3 by default."),
    Option("verify-timeout", .duration, "For one run of one statement; 60s by default."),
    Option("trace-planning", .text("FILE"), "Write every what-if EXPLAIN to FILE, one JSON object a line."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Nothing to do: no index is recommended."),
    (.recommendations, "At least one index is recommended."),
    (.failure, "Could not examine: no connection, no HypoPG, no statement that could be planned."),
    (.usage, "Wrong options."),
    (.interrupted, "Ctrl-C twice: the first prints the best found so far."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor advise postgres://localhost/shop", "Advice for what the server recorded."),
    (
      "pgadvisor advise --file queries.sql --budget 500MB",
      "Advice for statements of a file, on the server of DATABASE_URL."
    ),
    ("pgadvisor advise --query 'SELECT * FROM orders WHERE customer_id = 42'", "Advice for one statement."),
    ("pgadvisor advise --format json | jq -r '.recommendations[].statement'", "The statements to run, for a script."),
  ]

  let interruption = Interruption.endsEarly

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    guard arguments.positionals.count <= 1 else {
      throw Refusal(message: "advise takes one URL, not \(arguments.positionals.count) arguments")
    }
    let format = try arguments.format()
    let request = try request(from: arguments, in: context)
    let progress = context.progress
    let trace = try arguments.text("trace-planning").map { path throws(Refusal) in try TraceFile(at: path) }
    do throws(AdviceFailure) {
      let copy = try await copy(arguments, in: context)
      var advice = try await Advise(
        tracing: trace.map { trace in { @Sendable in trace.write($0) } },
        reporting: { progress.show($0) }
      ).advice(on: context.target(arguments.positionals.first), for: request, stop: context.stop)
      if let copy {
        advice.verification = await verification(of: advice.tuning, on: copy, arguments, in: context)
        await copy.close()
      }
      progress.clear()
      guard let renderer = allRenderers(context.style(arguments)).first(where: { $0.id == format }) else {
        throw AdviceFailure(message: "no renderer for \(format)")
      }
      if let complaint = trace?.complaint { StandardStreams.writeError("pgadvisor: \(escaped(complaint))\n") }
      return context.deliver(renderer.render(advice), ExitCode(advice.verdict))
    } catch {
      progress.clear()
      return context.report(error)
    }
  }

  /// Looked at before anything else is done.
  private func copy(_ arguments: ParsedArguments, in context: Context) async throws(AdviceFailure) -> Session? {
    let isHere = arguments.has("verify-here")
    let advised = context.target(arguments.positionals.first)
    guard arguments.text("verify") != nil || isHere else { return nil }
    return try await CopyDatabase.open(
      arguments.text("verify").map { ConnectionTarget(url: $0) } ?? advised, advised: advised, mayBeAdvised: isHere)
  }

  private func verification(
    of tuning: Tuning, on copy: Session, _ arguments: ParsedArguments, in context: Context
  ) async -> Verification {
    var settings = VerifySettings()
    settings.runs = min(max(1, arguments.integer("verify-runs") ?? settings.runs), 100)
    settings.timeout = arguments.duration("verify-timeout") ?? settings.timeout
    let progress = context.progress
    return await Verifier(session: copy, settings: settings, stop: context.stop, progress: { progress.show($0) })
      .verification(of: tuning)
  }

  private func request(from arguments: ParsedArguments, in context: Context) throws(Refusal) -> AdviceRequest {
    var request = AdviceRequest()
    request.files = arguments.texts("file")
    request.queries = arguments.texts("query")
    request.usesStatistics =
      arguments.has("from-statistics") || (request.files.isEmpty && request.queries.isEmpty)
    if request.files.contains("-") { request.standardInput = try context.standardInput() }
    request.timeLimit = arguments.duration("time-limit") ?? request.timeLimit
    request.replicas = arguments.texts("replica").map { ConnectionTarget(url: $0) }
    request.connections = arguments.integer("connections")
    if let connections = request.connections, !(1...64).contains(connections) {
      throw Refusal(message: "--connections takes 1 to 64")
    }
    request.cores = context.cores
    request.thresholds.minimumCalls = arguments.integer("min-calls").map(Int64.init) ?? 1
    request.thresholds.minimumMeanMilliseconds = arguments.duration("min-mean-time").map(\.milliseconds) ?? 0
    request.thresholds.minimumShare = arguments.fraction("min-share") ?? 0.0001
    request.thresholds.limit = arguments.integer("limit") ?? 500
    var tuning = TuningSettings()
    tuning.search = SearchSettings(storageBudget: arguments.bytes("budget"))
    tuning.search.otherBudgets = arguments.manyBytes("also-budget")
    tuning.strategy = arguments.text("search")
    tuning.chargesHypoPGSizes = arguments.text("sizes") == "hypopg"
    tuning.search.exchangeRate = arguments.number("exchange-rate") ?? tuning.search.exchangeRate
    tuning.search.minimumImprovement = arguments.fraction("minimum-improvement") ?? tuning.search.minimumImprovement
    tuning.search.maximumIndexes = arguments.integer("max-indexes") ?? tuning.search.maximumIndexes
    tuning.maximumColumns = arguments.integer("max-columns") ?? tuning.maximumColumns
    tuning.sampling.vectors = arguments.integer("samples") ?? tuning.sampling.vectors
    tuning.sampling.seed = arguments.integer("seed").map(UInt64.init) ?? tuning.sampling.seed
    tuning.statementTimeout = arguments.duration("statement-timeout") ?? tuning.statementTimeout
    guard (1...8).contains(tuning.maximumColumns) else { throw Refusal(message: "--max-columns takes 1 to 8") }
    guard (1...20).contains(tuning.sampling.vectors) else { throw Refusal(message: "--samples takes 1 to 20") }
    request.tuning = tuning
    return request
  }
}

extension ExitCode {
  fileprivate init(_ verdict: Advice.Verdict) {
    switch verdict {
    case .nothingToDo: self = .success
    case .recommendations: self = .recommendations
    case .couldNotExamine: self = .failure
    }
  }
}

extension Duration {
  fileprivate var milliseconds: Double {
    Double(components.seconds) * 1_000 + Double(components.attoseconds) / 1e15
  }
}
