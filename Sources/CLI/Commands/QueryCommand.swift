// `pgadvisor query`: one reading statement through the gate, with caps.

import Database
import Governance
import JSON
import Terminal

struct QueryCommand: Command {
  let name = "query"
  let summary = "Run one statement that only reads, judged before and bounded while it runs."
  let arguments = "[URL] SQL"
  let details = """
    The statement is judged as by judge --connection and refused unless it needs no more than explain and read. It \
    runs in a read-only transaction that is confirmed by the server and rolled back, under timeouts and a ceiling on \
    memory; rows arrive one by one, and when a cap is reached the server is told to stop. SQL may be - for standard \
    input. With --config it is a query of one of the file's users, on a connection and under the policies of the \
    file, and recorded as calls of agents are.
    """
  let options: [Option] = [
    Option("config", .text("FILE"), "Ask as a user of this configuration, instead of with a URL."),
    Option("connection", .text("NAME"), "With --config: which connection; the only one by default."),
    Option("as", .text("USER"), "With --config: who asks; the account's name by default."),
    Option("max-rows", .integer("N"), "1,000 by default."), Option("max-bytes", .size, "900kB by default."),
    Option("statement-timeout", .duration, "30s by default."),
    Option(
      "allow-function", .text("SIGNATURE"), repeatable: true,
      "Vouch for a function, for instance 'app.total(integer, text)'."),
    Option("format", .choice(["text", "json"]), "Text by default."), Option("json", "The same as --format json."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Done; a truncated result says so."), (.findings, "Refused by the gate."),
    (.failure, "Could not be run."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM, also on the server."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor query 'SELECT id, total FROM orders ORDER BY id'", "The first 1,000 rows."),
    ("pgadvisor query --json --max-rows 10 - < report.sql", "Ten rows, for a script."),
    ("pgadvisor query --config pgadvisor.yaml --as alice 'SELECT * FROM customers'", "What alice may see."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    var positionals = arguments.positionals
    var url: String?
    if positionals.count == 2 || (positionals.count == 1 && namesServer(positionals[0])) {
      url = positionals.removeFirst()
    }
    guard positionals.count == 1 else { throw Refusal(message: "query takes one statement (and a URL before it)") }
    var text = positionals[0]
    if text == "-" {
      guard let read = String(validating: try context.standardInput(), as: UTF8.self) else {
        throw Refusal(message: "standard input is not UTF-8", exitCode: .failure)
      }
      text = read
    }
    let isJSON = try arguments.format() == "json"
    if arguments.has("config") {
      guard url == nil else { throw Refusal(message: "a URL and --config contradict each other") }
      return try await governed(text, isJSON, arguments, context)
    }
    if let option = ["connection", "as"].first(where: arguments.has) {
      throw Refusal(message: "--\(option) is for --config")
    }
    var limits = ExecutionLimits()
    limits.rows.rows = arguments.integer("max-rows") ?? limits.rows.rows
    limits.rows.bytes = arguments.bytes("max-bytes").map { Int($0) } ?? limits.rows.bytes
    limits.bounds.statementTimeout = arguments.duration("statement-timeout") ?? limits.bounds.statementTimeout
    var options = GateOptions()
    options.allowedFunctions = Set(arguments.texts("allow-function"))
    let session: Session
    do throws(DatabaseError) { session = try await Session.open(context.target(url)) } catch {
      return context.report(error)
    }
    var executor = Executor(on: session, options: options, limits: limits)
    let grants = Grants(Principal(name: "command line"), [.explain, .read])
    let outcome: Result<Execution, ExecutionFailure>
    do throws(ExecutionFailure) {
      outcome = .success(try await executor.answer(to: text, by: grants))
    } catch {
      outcome = .failure(error)
    }
    await session.close()
    switch outcome {
    case .failure(let failure): return context.report(failure)
    case .success(.refused(let verdict)), .success(.proposed(let verdict)):
      return refuse(verdict, text, isJSON, arguments, context)
    case .success(.finished(let rows, _)):
      let answer = QueryAnswer(rows)
      return context.deliver(
        isJSON ? answer.json.text(pretty: true) + "\n" : answer.text(style: context.style(arguments)))
    }
  }

  private func governed(
    _ text: String, _ isJSON: Bool, _ arguments: ParsedArguments, _ context: Context
  ) async throws(Refusal) -> ExitCode {
    let query = try await PersonalQuery(arguments, context)
    do throws(GovernedFailure) {
      switch try await query.outcome(of: text, rows: arguments.integer("max-rows")) {
      case .refused(let verdict): return refuse(verdict, text, isJSON, arguments, context)
      case .proposed(let verdict, _): return refuse(verdict, text, isJSON, arguments, context)
      case .finished(let rows, _):
        let answer = QueryAnswer(rows)
        return context.deliver(
          isJSON ? answer.json.text(pretty: true) + "\n" : answer.text(style: context.style(arguments)))
      }
    } catch {
      return context.report(error)
    }
  }

  private func refuse(
    _ verdict: Verdict, _ text: String, _ isJSON: Bool, _ arguments: ParsedArguments, _ context: Context
  ) -> ExitCode {
    if isJSON {
      return context.deliver(
        JSONValue.object(JudgeAnswer(verdict, about: text).members).text(pretty: true) + "\n", .findings)
    }
    let style = StandardStreams.style(for: 2, environment: context.environment)
    StandardStreams.writeError("pgadvisor: refused\n\n" + JudgeDrawing(of: verdict, about: text, style: style).drawn())
    return .findings
  }
}
