// `pgadvisor health`: what is wrong with a database, the worst first.

import Advisor
import Database
import HealthChecks
import JSON
import Terminal

struct HealthCommand: Command {
  let name = "health"
  let summary = "Check a database for faults, with the SQL that cures each."
  let arguments = "[URL]"
  let details = """
    Asks about indexes, queries, vacuum, bloat, connections, locks, replication, memory, sequences, constraints, \
    settings, statistics, security, schema and server in one read-only snapshot, and changes nothing: remedies are SQL \
    for you to run. Each question is bounded in time and takes no lock that reads or writes notice. What could not be \
    looked at is said, with the reason.
    """
  let options: [Option] = [
    Option(
      "only", .text("NAMES"), repeatable: true,
      "Checks by id, groups, or index, connection, vacuum, sequence, replication, buffer, constraint; separated "
        + "by commas."
    ),
    Option(
      "min-severity", .choice(["info", "notice", "warning", "critical"]), "The least that is listed; info by default."),
    Option(
      "format", .choice(["text", "json", "markdown", "html", "junit", "sarif"]), "Text by default."),
    Option("json", "The same as --format json."),
    Option(
      "baseline", .text("FILE"),
      "An earlier --format json; tells new, worse and gone, and only these count; and when sequences and "
        + "transaction IDs "
        + "run out at the rate since then."),
    Option("suppress", .text("FILE"), "Findings that are accepted: fingerprint, reason and expiry date, as JSON."),
    Option(
      "config", .text("FILE"),
      "Thresholds from the section health of a configuration file (docs/configuration.md); PGADVISOR_CONFIG by default."
    ),
    Option(
      "exact",
      "Measure bloat where an estimate finds it, with pgstattuple: reads the three worst tables and indexes, within "
        + "examination-s."),
    Option("limit", .text("NAME=VALUE"), repeatable: true, "A threshold; --explain-check names those there are."),
    Option(
      "watch",
      "For an incident: connections, who blocks whom, the statements that run longest and replication, again and again "
        + "in place; without a terminal, one text after the other."),
    Option("interval", .duration, "With --watch, from one look to the next; 2s by default, 100ms to 1h."),
    Option("frames", .integer("N"), "With --watch, end after so many looks."),
    Option("print-sql", "Print what would be asked, and ask nothing."),
    Option(
      "explain-check", .text("ID"),
      "Print what a check looks for, why, from when on, and what it needs; all lists them."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Nothing of severity warning or above."), (.findings, "At least one warning, and nothing critical."),
    (.failure, "Could not look: no connection."), (.critical, "At least one critical finding."),
    (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor health postgres://localhost/shop", "Everything, the worst first."),
    ("pgadvisor health --only vacuum,replication --min-severity warning", "Two groups, faults only."),
    (
      "pgadvisor health --only damaged-indexes",
      "Reads every B-tree with amcheck; this one runs only when it is named, also as all,damaged-indexes."
    ),
    (
      "pgadvisor health --only upgrade",
      "What an upgrade to a later major release would meet; runs only when it is named."
    ),
    ("pgadvisor health --watch postgres://localhost/shop", "What goes on now, until Ctrl-C."),
    ("pgadvisor health --json > monday.json", "A baseline."),
    ("pgadvisor health --baseline monday.json", "What is new, worse or gone; exit codes 1 and 3 for new faults only."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    guard arguments.positionals.count <= 1 else {
      throw Refusal(message: "health takes one URL, not \(arguments.positionals.count) arguments")
    }
    if let id = arguments.text("explain-check") { return context.deliver(try HealthExplanation.text(of: id)) }
    if let watch = try watch(arguments, context) { return await watch.run() }
    let types = arguments.texts("only").flatMap { $0.split(separator: ",").map(String.init) }
    var unknown: String?
    let checks = Checkup.selected(by: types, unknown: &unknown)
    if let unknown {
      let near = nearest(to: unknown, among: Checkup.words).map { "; did you mean \($0)?" } ?? ""
      throw Refusal(message: "there is no check or group called \(elided(unknown, to: 40))\(near)")
    }
    if arguments.has("print-sql") { return context.deliver(HealthExplanation.questions(of: checks)) }
    let limits = try limits(arguments, context)
    let format = try arguments.format()
    let baseline = try arguments.text("baseline").map { path throws(Refusal) in
      try json(at: path, called: "baseline", in: context)
    }
    let suppressions = try arguments.text("suppress").map { path throws(Refusal) in
      try json(at: path, called: "list of suppressions", in: context)
    }
    let progress = context.progress
    do throws(AdviceFailure) {
      var report = try await HealthReport.read(
        from: context.target(arguments.positionals.first), types: types, limits: limits,
        isExact: arguments.has("exact"),
        reporting: { progress.show($0) })
      progress.clear()
      report.minimumSeverity = arguments.text("min-severity").flatMap(Severity.init(rawValue:)) ?? .info
      if let suppressions { try report.suppress(by: suppressions) }
      if let baseline { try report.compare(with: baseline) }
      let code: ExitCode =
        switch report.verdict {
        case .critical: .critical
        case .warning: .findings
        case .notice, .info, nil: .success
        }
      return context.deliver(rendered(report, as: format, context.style(arguments)), code)
    } catch {
      progress.clear()
      return context.report(error)
    }
  }

  /// nil: not asked for.
  private func watch(_ arguments: ParsedArguments, _ context: Context) throws(Refusal) -> HealthWatch? {
    guard arguments.has("watch") else {
      if let name = ["interval", "frames"].first(where: arguments.has) {
        throw Refusal(message: "--\(name) means something with --watch only")
      }
      return nil
    }
    let others = [
      "only", "min-severity", "format", "json", "baseline", "suppress", "limit", "config", "print-sql", "exact",
    ]
    if let name = others.first(where: arguments.has) {
      throw Refusal(message: "--\(name) and --watch contradict each other: --watch finds nothing, it shows")
    }
    let interval = arguments.duration("interval") ?? .seconds(2)
    guard (.milliseconds(100)...(.seconds(3_600))).contains(interval) else {
      throw Refusal(message: "--interval takes 100ms to 1h")
    }
    let frames = arguments.integer("frames")
    guard frames.map({ $0 > 0 }) ?? true else { throw Refusal(message: "--frames takes a number from 1") }
    return HealthWatch(
      target: context.target(arguments.positionals.first), interval: interval, frames: frames,
      style: context.style(arguments), context: context)
  }

  private func rendered(_ report: HealthReport, as format: String, _ style: Style) -> String {
    switch format {
    case "json": report.json.text(pretty: true) + "\n"
    case "markdown": report.markdown
    case "html": report.html
    case "junit": report.junit
    case "sarif": report.sarif(version: productVersion).text(pretty: true) + "\n"
    default: report.text(style: style)
    }
  }

  /// Those of the file, and over them those that were typed.
  private func limits(_ arguments: ParsedArguments, _ context: Context) throws(Refusal) -> Limits {
    var limits = Limits()
    if let path = arguments.text("config") ?? context.variable("PGADVISOR_CONFIG") {
      guard !namesServer(path) else { throw Refusal(message: "--config takes a file, not a connection string") }
      let (configured, problems) = try ConfigurationFile(path: path, environment: context.environment).thresholds()
      Reload.tell(problems, of: path)
      guard !problems.contains(where: { $0.severity == .error }) else {
        throw Refusal(message: "\(path) has errors, so nothing was looked at")
      }
      limits = configured
    }
    for given in arguments.texts("limit") {
      let parts = given.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let value = Double(parts[1]), limits.set(parts[0], to: value) else {
        let near = nearest(to: parts.first ?? "", among: Limits.defaults.map(\.name))
        throw Refusal(
          message: "--limit takes a threshold and a number such as slow-ms=50"
            + (near.map { "; did you mean \($0)?" } ?? ""))
      }
    }
    return limits
  }

  private func json(at path: String, called name: String, in context: Context) throws(Refusal) -> JSONValue {
    let bytes = try JudgeInput(at: path, stop: context.stop).text(limit: 64 << 20)
    guard let value = try? JSONValue(parsing: bytes) else {
      throw Refusal(message: "the \(name) at \(path) is no JSON", exitCode: .failure)
    }
    return value
  }
}
