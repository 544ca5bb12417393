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
      "Checks by id, groups, or index, connection, vacuum, sequence, replication, buffer, constraint; separated by commas."
    ),
    Option(
      "min-severity", .choice(["info", "notice", "warning", "critical"]), "The least that is listed; info by default."),
    Option(
      "format", .choice(["text", "json", "markdown", "html", "junit", "sarif"]), "Text by default."),
    Option("json", "The same as --format json."),
    Option("baseline", .text("FILE"), "An earlier --format json; tells new, worse and gone, and only these count."),
    Option("suppress", .text("FILE"), "Findings that are accepted: fingerprint, reason and expiry date, as JSON."),
    Option("limit", .text("NAME=VALUE"), repeatable: true, "A threshold; --explain-check names those there are."),
    Option("print-sql", "Print what would be asked, and ask nothing."),
    Option(
      "explain-check", .text("ID"),
      "Print what a check looks for, why, from when on, and what it needs; all lists them."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Nothing of severity warning or above."), (.findings, "At least one warning or critical finding."),
    (.failure, "Could not look: no connection."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor health postgres://localhost/shop", "Everything, the worst first."),
    ("pgadvisor health --only vacuum,replication --min-severity warning", "Two groups, faults only."),
    ("pgadvisor health --json > monday.json", "A baseline."),
    ("pgadvisor health --baseline monday.json", "What is new, worse or gone; exit code 1 for new faults only."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    guard arguments.positionals.count <= 1 else {
      throw Refusal(message: "health takes one URL, not \(arguments.positionals.count) arguments")
    }
    if let id = arguments.text("explain-check") { return context.deliver(try HealthExplanation.text(of: id)) }
    let types = arguments.texts("only").flatMap { $0.split(separator: ",").map(String.init) }
    var unknown: String?
    let checks = Checkup.selected(by: types, unknown: &unknown)
    if let unknown {
      let near = nearest(to: unknown, among: Checkup.words).map { "; did you mean \($0)?" } ?? ""
      throw Refusal(message: "there is no check or group called \(elided(unknown, to: 40))\(near)")
    }
    if arguments.has("print-sql") { return context.deliver(HealthExplanation.questions(of: checks)) }
    let limits = try limits(arguments)
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
        reporting: { progress.show($0) })
      progress.clear()
      report.minimumSeverity = arguments.text("min-severity").flatMap(Severity.init(rawValue:)) ?? .info
      if let suppressions { try report.suppress(by: suppressions) }
      if let baseline { try report.compare(with: baseline) }
      let isBad = (report.verdict ?? .info) >= .warning
      return context.deliver(rendered(report, as: format, context.style(arguments)), isBad ? .findings : .success)
    } catch {
      progress.clear()
      return context.report(error)
    }
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

  private func limits(_ arguments: ParsedArguments) throws(Refusal) -> Limits {
    var limits = Limits()
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
