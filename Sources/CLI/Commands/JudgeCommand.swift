// `pgadvisor judge`: what a text of SQL needs before it may run, and why it may not.

import Database
import Governance
import Terminal

struct JudgeCommand: Command {
  let name = "judge"
  let summary = "Say which permissions SQL needs, or why it must not run."
  let arguments = "[FILE|-]"
  let details = """
    Judges text with PostgreSQL's own parser, and runs nothing of it. The verdict is the strongest of explain, read, \
    write, ddl and admin, or reject for what must not run under any grant. With --connection names are resolved in the \
    live catalog, all in one snapshot of one read-only transaction; without it, in the table of PostgreSQL's own \
    functions that is built in, and the verdict says what could not be known. DATABASE_URL is not used here. \
    The whole input is one text; with --jsonl each line is a JSON object {"id": …, "sql": "…"}, and each is answered \
    by one line, in order, as it comes.
    """
  let options: [Option] = [
    Option("connection", .text("URL"), "Resolve names in this server's catalog."),
    Option(
      "setup-sql", .text("FILE"),
      "What there is in the database: with --connection run first and rolled back at the end; without, it is read."
    ),
    Option("offline", "Without a server; the default where no --connection is given."),
    Option(
      "allow-function", .text("SIGNATURE"), repeatable: true,
      "Vouch for a function, for instance 'app.total(integer, text)'."),
    Option("format", .choice(JudgeFormat.allCases.map(\.rawValue)), "Text by default."),
    Option("jsonl", "The same as --format jsonl."),
    Option("json", "The same as --format json: one object for the whole input."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Judged, and nothing is rejected."), (.findings, "Judged, and something is rejected."),
    (.failure, "Could not judge: unreadable input, no connection, or it was lost."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("echo 'SELECT pg_sleep(1)' | pgadvisor judge", "A verdict for people, without a server."),
    ("pgadvisor judge --connection postgres://localhost/shop query.sql", "With what names mean there."),
    ("pgadvisor judge --jsonl --setup-sql schema.sql statements.jsonl", "One verdict a line, for CI."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    let format = try self.format(arguments)
    guard arguments.positionals.count <= 1 else {
      throw Refusal(message: "judge takes one file, or - for standard input")
    }
    let path = arguments.positionals.first ?? "-"
    guard !namesServer(path) else { throw Refusal(message: "judge takes a file; the server goes behind --connection") }
    let url = arguments.text("connection")
    guard url == nil || !arguments.has("offline") else {
      throw Refusal(message: "--connection and --offline contradict each other")
    }
    var options = GateOptions()
    options.allowedFunctions = Set(arguments.texts("allow-function"))
    let setup = try arguments.text("setup-sql").map { (path) throws(Refusal) in
      try JudgeSetup(at: path, stop: context.stop)
    }
    let input = try JudgeInput(at: path, stop: context.stop)
    let output = JudgeOutput(format: format, style: context.style(arguments))
    guard let url else {
      if format == .text { StandardStreams.writeError(Self.offlineNote) }
      let gate = Gate(names: try JudgeSetup.offlineNames(setup), options: options)
      var run = JudgeRun(gate: gate, input: input, output: output)
      return try await run.run()
    }
    return try await JudgeServer(target: ConnectionTarget(url: url), setup: setup)
      .judge { (names) throws(Refusal) in
        var run = JudgeRun(gate: Gate(names: names, options: options), input: input, output: output)
        return try await run.run()
      }
  }

  private static let offlineNote =
    "pgadvisor: judged without a server; --connection URL resolves names in its catalog\n"

  private func format(_ arguments: ParsedArguments) throws(Refusal) -> JudgeFormat {
    let wanted = [
      arguments.text("format"), arguments.has("json") ? "json" : nil, arguments.has("jsonl") ? "jsonl" : nil,
    ].compactMap { $0 }
    guard Set(wanted).count <= 1 else { throw Refusal(message: "\(wanted.joined(separator: " and ")) are two formats") }
    return wanted.first.flatMap(JudgeFormat.init(rawValue:)) ?? .text
  }
}
