// `pgadvisor serve`: the MCP server, over standard input and output.

import Cryptography
import Database
import Governance
import IndexTuner
import JSON
import MCPServer
import Terminal

struct ServeCommand: Command {
  let name = "serve"
  let summary = "Serve agents by the Model Context Protocol, over standard input and output."
  let arguments = "[URL]"
  let details = """
    Every released version of the protocol from 2024-11-05 to 2026-07-28 is spoken, message by message. The one \
    agent may explain and read (--grant adds to that); each statement is judged before it runs, in a read-only \
    transaction with bounds. The database is connected to when a tool needs it. Without a URL and DATABASE_URL, \
    tools say how to configure one. Only the protocol goes to standard output. The end of the input ends the process.
    """
  let options: [Option] = [
    Option("grant", .text("PERMISSION"), repeatable: true, "Also grant write, ddl or admin to the agent."),
    Option("agent", .text("NAME"), "What the audit and pg_stat_activity call the agent; local by default."),
    Option("schema", .text("NAME"), repeatable: true, "Only relations in these schemas exist for the agent."),
    Option(
      "audit", .text("FILE"), "Append one JSON line for each call; a call that cannot be recorded gets no answer."),
    Option("max-rows", .integer("N"), "Rows of one answer; 1,000 by default."),
    Option("max-bytes", .size, "Of one answer's rows; 1MB by default. Ten times as much is read for further calls."),
    Option("statement-timeout", .duration, "30s by default."),
    Option("allow-function", .text("SIGNATURE"), repeatable: true, "Vouch for a function."),
    Option("conformance", "Serve the fixtures of the protocol's official conformance suite instead."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "The input has ended."), (.failure, "The audit file cannot be written."), (.usage, "Wrong options."),
    (.interrupted, "Ended by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor serve postgresql://advisor@localhost/shop", "One agent that may explain and read."),
    ("pgadvisor serve --schema public --audit calls.jsonl", "DATABASE_URL, one schema, with an audit."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    guard arguments.positionals.count <= 1 else { throw Refusal(message: "serve takes one URL") }
    let announcements = Announcements()
    let identity = ServerIdentity(version: productVersion)
    let principal = Principal(name: arguments.text("agent") ?? "local")
    let service: any Service
    var permissions: Set<Permission> = [.explain, .read]
    if arguments.has("conformance") {
      service = ConformanceService(announcements: announcements)
    } else {
      for word in arguments.texts("grant") {
        guard let permission = Permission(rawValue: word) else {
          let known = Permission.allCases.map(\.rawValue).joined(separator: ", ")
          throw Refusal(message: "--grant takes one of \(known), not \(word)")
        }
        permissions.insert(permission)
      }
      var audit: AuditFile?
      if let path = arguments.text("audit") {
        do throws(AuditFailure) { audit = try AuditFile(at: path) } catch { return context.report(error) }
      }
      service = ProductService(governor: Governor(connections(arguments, context), audit: audit))
    }
    let server = Server(service: service, identity: identity, key: SealingKey(), announcements: announcements)
    let caller = Caller(principal, permissions: [Self.connection: permissions])
    await StdioTransport(server: server, caller: { caller }).run()
    await server.close()
    return context.stop.isRaised ? .interrupted : .success
  }

  /// The name of the only connection.
  private static let connection = "main"

  private func connections(_ arguments: ParsedArguments, _ context: Context) -> [GovernedConnection] {
    let given = arguments.positionals.first ?? context.environment["DATABASE_URL"].flatMap { $0.isEmpty ? nil : $0 }
    guard let given else { return [] }
    var connection = GovernedConnection(name: Self.connection, target: context.target(given))
    let schemas = arguments.texts("schema")
    if !schemas.isEmpty { connection.schemas = Set(schemas) }
    connection.limits.rows.rows = arguments.integer("max-rows") ?? connection.limits.rows.rows
    connection.limits.rows.bytes = arguments.bytes("max-bytes").map { Int($0) } ?? connection.limits.rows.bytes
    connection.limits.bounds.statementTimeout =
      arguments.duration("statement-timeout") ?? connection.limits.bounds.statementTimeout
    connection.allowedFunctions = Set(arguments.texts("allow-function"))
    return [connection]
  }
}
