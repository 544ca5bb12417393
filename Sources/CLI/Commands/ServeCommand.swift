// `pgadvisor serve`: the MCP server.

import Cryptography
import Governance
import HTTPServer
import IndexTuner
import MCPServer
import Terminal

struct ServeCommand: Command {
  let name = "serve"
  let summary = "Serve agents by the Model Context Protocol, over standard input and output or HTTP."
  let arguments = "[URL]"
  let details = """
    Every released version of the protocol from 2024-11-05 to 2026-07-28 is spoken, message by message. Without a file \
    there is one connection, main (the URL, else DATABASE_URL, else DATABASE_URI), and one agent, who may explain and \
    read (--grant adds to that). With --config, or PGADVISOR_CONFIG, connections, agents and grants are those of the \
    file, SIGHUP reads it again, and options may only say what it leaves open. Each statement is judged before it \
    runs, in a transaction with bounds. Databases are connected to when a tool needs them. Only the protocol goes to \
    standard output. The end of the input ends the process.
    """
  let options: [Option] = [
    Option("config", .text("FILE"), "Connections, agents and grants from a file (see docs/configuration.md)."),
    Option(
      "http", .text("HOST:PORT"),
      "Serve over HTTP instead: the protocol at /mcp and /sse; /health, /ready, /metrics. Without a file the agent's token"
        + " is PGADVISOR_TOKEN; on this machine's own addresses it may be left out."),
    Option("tls-cert", .text("FILE"), "Certificate for --http, in PEM with its chain."),
    Option("tls-key", .text("FILE"), "Its key."),
    Option("grant", .text("PERMISSION"), repeatable: true, "Also grant write, ddl or admin to the agent."),
    Option(
      "agent", .text("NAME"),
      "What the audit and pg_stat_activity call the agent, local by default; with a file, which of its agents this is."),
    Option("schema", .text("NAME"), repeatable: true, "Only relations in these schemas exist for the agent."),
    Option(
      "audit", .text("FILE"), "Append one JSON line for each call; a call that cannot be recorded gets no answer."),
    Option(
      "store", .text("FILE"),
      "Keep one record for each call in this SQLite file, or database by its URL, each bound to all in front of it: see "
        + "pgadvisor audit."),
    Option("store-key", .text("FILE"), "A key, so that nobody without it can make records: openssl rand -hex 32."),
    Option("max-rows", .integer("N"), "Rows of one answer; 1,000 by default."),
    Option("max-bytes", .size, "Of one answer's rows; 900kB by default. Ten times as much is read for further calls."),
    Option("statement-timeout", .duration, "30s by default."),
    Option("allow-function", .text("SIGNATURE"), repeatable: true, "Vouch for a function."),
    Option("conformance", "Serve the fixtures of the protocol's official conformance suite instead."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "The input has ended."), (.failure, "The configuration cannot be read, or the audit file not written."),
    (.usage, "Wrong options, or a configuration with errors."), (.interrupted, "Ended by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor serve postgresql://advisor@localhost/shop", "One agent that may explain and read."),
    ("pgadvisor serve --schema public --audit calls.jsonl", "DATABASE_URL, one schema, with an audit."),
    ("pgadvisor serve --config pgadvisor.yaml --agent alice-claude", "One of the agents of a file."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    if arguments.has("conformance") { return try await conform(arguments, context) }
    let source = try ServeSource(arguments, context)
    let signals = source.file == nil ? nil : context.hangUp.taken()
    let (plan, problems) = try await source.plan()
    if context.stop.isRaised { return .interrupted }
    let path = source.file?.path ?? ""
    Reload.tell(problems, of: path)
    guard let plan else { throw Refusal(message: "\(path) has errors, so nothing was started") }
    let store = try await plan.settings.openStore()
    let audit = AuditTrail(AuditFile(try Reload.audit(plan.settings)), store)
    try await audit.keep(AuditEvent(kind: .started, configuration: plan.digest))
    let metrics = CallMetrics(before: audit)
    let current = CurrentRegime(plan.regime(audit: metrics, store: store))
    var limits = ServerLimits()
    limits.sessions = plan.settings.limits.sessions
    limits.sessionIdle = plan.settings.limits.sessionIdle
    let announcements = Announcements()
    let server = Server(
      service: CurrentService(
        current, limits: plan.settings.product, version: productVersion, announcements: announcements),
      identity: ServerIdentity(version: productVersion),
      key: SealingKey(),
      announcements: announcements, limits: limits)
    let reload = Reload(
      source: source, current: current, server: server, audit: audit, log: metrics, store: store,
      settings: plan.settings)
    let reloading = signals.map { signals in Task { await reload.run(at: signals) } }
    var retiring: Task<Void, Never>?
    if let store, let days = plan.settings.retentionDays {
      retiring = Task { await Retirement(store: store).run(keepingDays: days) }
    }
    defer {
      reloading?.cancel()
      retiring?.cancel()
    }
    guard let address = plan.settings.http else {
      await StdioTransport(server: server, caller: { current.localCaller() }).run()
      await server.close()
      try await audit.keep(AuditEvent(kind: .ended))
      return context.stop.isRaised ? .interrupted : .success
    }
    let code = try await serve(try HTTPSettings(address, plan.settings), server, metrics, current)
    try await audit.keep(AuditEvent(kind: .ended))
    return code
  }

  private func serve(
    _ settings: HTTPSettings, _ server: Server, _ metrics: CallMetrics, _ current: CurrentRegime
  ) async throws(Refusal) -> ExitCode {
    let surroundings = HTTPSurroundings(
      caller: { token in current.caller(forToken: token.map { Array($0.utf8) }) },
      isReady: { await current.governor.isReady() },
      metrics: { CallMetrics.text(await current.governor.pools()) })
    return try await serve(
      HTTPServing(settings: settings, server: server, surroundings: surroundings, metrics: metrics))
  }

  private func serve(_ serving: HTTPServing) async throws(Refusal) -> ExitCode {
    do throws(HTTPServerError) {
      try await serving.run { StandardStreams.writeError("pgadvisor: listening on \($0)\n") }
    } catch {
      throw Refusal(message: error.message, exitCode: .failure)
    }
    return .success
  }

  private func conform(_ arguments: ParsedArguments, _ context: Context) async throws(Refusal) -> ExitCode {
    let announcements = Announcements()
    let server = Server(
      service: ConformanceService(announcements: announcements), identity: ServerIdentity(version: productVersion),
      key: SealingKey(), announcements: announcements)
    let caller = Caller(Principal(name: arguments.text("agent") ?? "local"), permissions: ["main": [.explain, .read]])
    guard let address = try ServeSource.address(arguments) else {
      await StdioTransport(server: server, caller: { caller }).run()
      return context.stop.isRaised ? .interrupted : .success
    }
    let surroundings = HTTPSurroundings(
      caller: { token in token == nil ? caller : nil }, isReady: { true }, metrics: { "" })
    return try await serve(
      HTTPServing(
        settings: HTTPSettings(address), server: server, surroundings: surroundings, metrics: CallMetrics(before: nil)))
  }
}
