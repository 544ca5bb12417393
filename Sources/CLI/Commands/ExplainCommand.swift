// `pgadvisor explain`: one statement's plan, drawn, also with indexes that do not exist.

import Advisor
import Database
import Governance
import JSON
import Terminal

struct ExplainCommand: Command {
  let name = "explain"
  let summary = "Draw a statement's plan, also with hypothetical indexes."
  let arguments = "[URL] SQL"
  let details = """
    Without --analyze the statement is planned and not run. With --analyze it is run inside a transaction that is \
    always rolled back, and read-only unless --allow-writes is given; anything but a SELECT needs --allow-writes. \
    Hypothetical indexes cannot be analyzed: they do not exist. SQL may be - for standard input.
    """
  let options: [Option] = [
    Option("analyze", "Run it and show actual times and rows; rolled back."),
    Option("hypothetical", .text("'CREATE INDEX …'"), repeatable: true, "Plan as if this index existed."),
    Option("allow-writes", "With --analyze: run statements that write, then roll back."),
    Option("statement-timeout", .duration, "30s by default."),
    Option("format", .choice(["text", "json"]), "Text by default."), Option("json", "The same as --format json."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Done."), (.failure, "Could not be planned or run."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM, also on the server."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor explain 'SELECT * FROM orders WHERE customer_id = 42'", "The plan, with its dearest nodes marked."),
    (
      "pgadvisor explain --hypothetical 'CREATE INDEX ON orders (customer_id)' 'SELECT * FROM orders WHERE customer_id = 42'",
      "What the planner would do with that index."
    ),
    ("pgadvisor explain --analyze - < slow.sql", "Actual times, and where the estimates are worst."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    var positionals = arguments.positionals
    var url: String?
    if positionals.count == 2 || (positionals.count == 1 && namesServer(positionals[0])) {
      url = positionals.removeFirst()
    }
    guard positionals.count == 1 else {
      throw Refusal(message: "explain takes one statement (and a URL before it)")
    }
    var sql = positionals[0]
    if sql == "-" {
      guard let text = String(validating: try context.standardInput(), as: UTF8.self) else {
        throw Refusal(message: "standard input is not UTF-8", exitCode: .failure)
      }
      sql = text
    }
    var request = ExplainRequest(statement: sql)
    request.isAnalyzed = arguments.has("analyze")
    request.allowsWrites = arguments.has("allow-writes")
    request.hypotheticalIndexes = arguments.texts("hypothetical")
    request.statementTimeout = arguments.duration("statement-timeout") ?? request.statementTimeout
    guard !request.isAnalyzed || request.hypotheticalIndexes.isEmpty else {
      throw Refusal(message: "--analyze runs the statement, and a hypothetical index cannot be used: leave one out")
    }
    let isJSON = try arguments.format() == "json"
    if request.isAnalyzed && !request.allowsWrites, let code = await refuseWrites(of: sql, url, context) { return code }
    do throws(AdviceFailure) {
      let explained = try await Explain().plan(on: context.target(url), for: request)
      return context.deliver(
        isJSON ? explained.json.text(pretty: true) + "\n" : explained.text(style: context.style(arguments)))
    } catch {
      return context.report(error)
    }
  }

  /// What is run without leave to write is judged first: a read-only transaction does not stop everything.
  private func refuseWrites(of text: String, _ url: String?, _ context: Context) async -> ExitCode? {
    let verdict: Verdict
    do {
      let session = try await Session.open(context.target(url))
      do {
        verdict = try await session.readOnly { session in
          var gate = Gate(names: LiveNames(on: session))
          return try await gate.judge(text)
        }
      } catch {
        await session.close()
        throw error
      }
      await session.close()
    } catch let error as any Error & CustomStringConvertible {
      return context.report(error)
    } catch {
      return .failure
    }
    // What does not parse, or is no query, is explained better further on. Code that cannot be judged is the caller's.
    guard !verdict.isRejected, let needed = verdict.permissions.intersection([.write, .ddl]).max() else { return nil }
    StandardStreams.writeError(
      """
      pgadvisor: --analyze would run a statement that needs \(needed.rawValue): \(escaped(verdict.message)). \
      Leave --analyze out, or add --allow-writes: it is rolled back, but its locks, triggers and sequences are real.

      """)
    return .failure
  }
}
