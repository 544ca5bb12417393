// `pgadvisor preflight`: what a migration would lock, rewrite and break, before it runs.

import Database
import Governance
import JSON
import SQLSyntax
import Terminal

struct PreflightCommand: Command {
  let name = "preflight"
  let summary = "Say what a migration locks, rewrites and risks, before it runs."
  let arguments = "[URL] [FILE|-]"
  let details = """
    Each statement of the file is judged in order: the lock it takes on each table, whether the table is scanned or \
    rewritten, how large and busy it is and who is in the way now, a form that blocks less, findings, the way back. \
    Nothing is run unless --dry-run is given; then all statements run in one transaction that is rolled back, each \
    seeing what those before it did, under short timeouts. What a rollback would not undo, what cannot run in a \
    transaction, and what would hold a strong lock on a large or busy table is not run, and the answer says so.
    """
  let options: [Option] = [
    Option("sql", .text("TEXT"), "The statements themselves, instead of a file."),
    Option("dry-run", "Run it all in one transaction that is rolled back, and measure."),
    Option("statement-timeout", .duration, "Of each statement of the dry run; 5s by default."),
    Option("lock-timeout", .duration, "Of each lock of the dry run; 300ms by default."),
    Option(
      "max-size", .size, "The dry run goes through no larger table under a lock that blocks writes; 64MB by default."),
    Option("format", .choice(["text", "json"]), "Text by default."), Option("json", "The same as --format json."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Examined, and nothing is of concern."), (.findings, "Examined, and something is of concern."),
    (.failure, "Could not be examined: no connection, no readable file."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM, also on the server."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor preflight migration.sql", "On the database of DATABASE_URL; runs nothing."),
    ("pgadvisor preflight --dry-run --json postgres://ci@localhost/shop migration.sql", "For CI."),
    ("pgadvisor preflight --sql 'ALTER TABLE orders ADD CHECK (total >= 0)'", "One statement."),
  ]

  /// The largest file.
  private static let fileBytes = 4 << 20
  /// The most statements of one.
  private static let statements = 1_000

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    var positionals = arguments.positionals
    let url = positionals.first.map(namesServer) == true ? positionals.removeFirst() : nil
    let text = try text(positionals, arguments, context)
    let isJSON = try arguments.format() == "json"
    let statements = Self.statements(in: text)
    guard !statements.isEmpty else { throw Refusal(message: "there is no statement in it", exitCode: .failure) }
    guard statements.count <= Self.statements else {
      throw Refusal(message: "there are more than \(Self.statements) statements", exitCode: .failure)
    }
    var examination = Examination()
    examination.rehearses = arguments.has("dry-run")
    examination.limits.statementTimeout = arguments.duration("statement-timeout") ?? .seconds(5)
    examination.limits.lockTimeout = arguments.duration("lock-timeout") ?? .milliseconds(300)
    examination.limits.largestRelation = arguments.bytes("max-size") ?? examination.limits.largestRelation
    let found: [PreflightStatement]
    do {
      let session = try await Session.open(context.target(url))
      do { found = try await session.preflight(statements, examination) } catch {
        await session.close()
        throw error
      }
      await session.close()
    } catch let error as any Error & CustomStringConvertible {
      return context.report(error)
    } catch {
      return .failure
    }
    let answer = PreflightAnswer(found)
    return context.deliver(
      isJSON ? answer.json.text(pretty: true) + "\n" : answer.text(style: context.style(arguments)),
      found.allSatisfy { $0.evidence.concerns.isEmpty } ? .success : .findings)
  }

  private func text(
    _ positionals: [String], _ arguments: ParsedArguments, _ context: Context
  ) throws(Refusal) -> String {
    if let text = arguments.text("sql") {
      guard positionals.isEmpty else { throw Refusal(message: "--sql and a file are two inputs") }
      return text
    }
    guard positionals.count <= 1 else { throw Refusal(message: "preflight takes one file, or - for standard input") }
    let path = positionals.first ?? "-"
    let bytes = try JudgeInput(at: path, stop: context.stop).text(limit: Self.fileBytes)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(message: "\(path) is not UTF-8", exitCode: .failure)
    }
    return text
  }

  static func statements(in text: String) -> [(text: String, line: Int)] {
    let bytes = Array(text.utf8)
    var line = 1
    var position = 0
    return splitStatements(text).map { piece in
      line += bytes[position..<piece.offset].count { $0 == 0x0a }
      position = piece.offset
      return (piece.text, line)
    }
  }
}
