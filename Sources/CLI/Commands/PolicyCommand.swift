// `pgadvisor policy`: what an agent's policies make of a statement, and which columns nothing is said of.

import Database
import Governance
import JSON
import Terminal

struct PolicyCommand: Command {
  let name = "policy"
  let summary = "Try a policy on a statement, or look for columns that look sensitive and have no rule."
  let arguments = "test SQL | coverage"
  let argumentWords = ["test", "coverage"]
  let details = """
    Both read the configuration file of serve and connect to the database. test shows what would run instead of SQL \
    for an agent, which columns are masked, which rows are filtered, and why; it runs nothing. SQL may be - for \
    standard input. coverage lists, for each agent and connection, columns that look sensitive by name or type and \
    are shown as they are stored, and names in policies that the database does not have.
    """
  let options: [Option] = [
    Option("config", .text("FILE"), "The configuration file; PGADVISOR_CONFIG by default."),
    Option("agent", .text("ID"), "The agent; the only one by default, for coverage all."),
    Option("connection", .text("NAME"), "The connection; the agent's only one by default, for coverage all."),
    Option("measure", "For test: how long judging takes from memory, with the policy and without."),
    Option("format", .choice(["text", "json"]), "Text by default."), Option("json", "The same as --format json."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "The statement would run; nothing sensitive is clear."),
    (.findings, "The statement is refused; columns are clear, or names unknown."), (.failure, "Could not examine."),
    (.usage, "Wrong options."), (.interrupted, "Cancelled by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor policy test --config pgadvisor.yaml --agent bot 'SELECT * FROM customers'", "What would run instead."),
    ("pgadvisor policy coverage --config pgadvisor.yaml", "What is not covered."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    let words = arguments.positionals
    let isJSON = try arguments.format() == "json"
    switch words.first {
    case "test" where words.count == 2:
      return try await test(words[1], try await configuration(arguments, context), arguments, isJSON, context)
    case "coverage" where words.count == 1:
      return try await coverage(try await configuration(arguments, context), arguments, isJSON, context)
    case "test": throw Refusal(message: "policy test takes one statement")
    case "coverage": throw Refusal(message: "policy coverage takes no argument")
    case let word:
      let near = word.flatMap { nearest(to: $0, among: argumentWords) }.map { "; did you mean \($0)?" } ?? ""
      throw Refusal(message: "policy takes one of \(argumentWords.joined(separator: ", "))\(near)")
    }
  }

  private func configuration(
    _ arguments: ParsedArguments, _ context: Context
  ) async throws(Refusal) -> Configuration {
    guard let path = arguments.text("config") ?? context.variable("PGADVISOR_CONFIG") else {
      throw Refusal(message: "policy needs a file: --config, or PGADVISOR_CONFIG names one")
    }
    let loaded = try await ConfigurationFile(path: path, environment: context.environment).load()
    guard let configuration = loaded.configuration else {
      for problem in loaded.problems { StandardStreams.writeError("pgadvisor: \(problem.line(in: path))\n") }
      throw Refusal(message: "\(path) has errors", exitCode: .failure)
    }
    return configuration
  }

  private func callers(
    _ configuration: Configuration, _ arguments: ParsedArguments
  ) throws(Refusal) -> [Caller] {
    let ids = configuration.agents.map(\.id)
    if let id = arguments.text("agent"), !ids.contains(id) {
      let near = nearest(to: id, among: ids).map { "; did you mean \($0)?" } ?? ""
      throw Refusal(message: "there is no agent \(elided(id, to: 40))\(near)")
    }
    return ids.filter { arguments.text("agent") ?? $0 == $0 }.compactMap { configuration.directory.caller(agent: $0) }
  }

  private func connections(
    of caller: Caller, _ configuration: Configuration, _ arguments: ParsedArguments
  ) -> [GovernedConnection] {
    configuration.connections.filter { connection in
      caller.connections.contains(connection.name) && arguments.text("connection") ?? connection.name == connection.name
    }
  }

  // MARK: - Testing a statement

  private func test(
    _ text: String, _ configuration: Configuration, _ arguments: ParsedArguments, _ isJSON: Bool, _ context: Context
  ) async throws(Refusal) -> ExitCode {
    let callers = try callers(configuration, arguments)
    guard callers.count == 1, let caller = callers.first else {
      throw Refusal(message: callers.isEmpty ? "the agent may not come any more" : "which agent? Say --agent ID")
    }
    let connections = connections(of: caller, configuration, arguments)
    guard connections.count == 1, let connection = connections.first else {
      throw Refusal(
        message: "which connection? Say --connection with one of \(caller.connections.joined(separator: ", "))")
    }
    var text = text
    if text == "-" { text = String(decoding: try context.standardInput(), as: UTF8.self) }
    let session: Session
    do throws(DatabaseError) { session = try await Session.open(connection.target) } catch {
      return context.report(error)
    }
    var options = GateOptions()
    options.allowedFunctions = connection.allowedFunctions
    options.allowedSchemas = connection.schemas
    let policy = caller.policies[connection.name]
    if policy?.hides ?? false { options = options.policed }
    var executor = Executor(on: session, options: options, limits: connection.limits)
    let outcome: Result<Verdict, ExecutionFailure>
    do throws(ExecutionFailure) { outcome = .success(try await executor.verdict(on: text, under: policy)) } catch {
      outcome = .failure(error)
    }
    var times: (with: Duration, without: Duration)?
    if arguments.has("measure"), let with = executor.timeToJudge(text, under: policy),
      let without = executor.timeToJudge(text, under: nil)
    {
      times = (with, without)
    }
    await session.close()
    switch outcome {
    case .failure(let failure): return context.report(failure)
    case .success(let verdict):
      let answer = PolicyAnswer(verdict, text, caller, connection.name, times: times)
      return context.deliver(
        isJSON ? answer.json.text(pretty: true) + "\n" : answer.text, verdict.isRejected ? .findings : .success)
    }
  }

  // MARK: - Coverage

  private func coverage(
    _ configuration: Configuration, _ arguments: ParsedArguments, _ isJSON: Bool, _ context: Context
  ) async throws(Refusal) -> ExitCode {
    var columns: [String: [NamedColumn]] = [:]
    var table = Table(columns: [.init("agent"), .init("connection"), .init("column"), .init("looks like")])
    var list: [JSONValue] = []
    var hasFindings = false
    for caller in try callers(configuration, arguments) {
      for connection in connections(of: caller, configuration, arguments) {
        if columns[connection.name] == nil {
          do throws(DatabaseError) { columns[connection.name] = try await namedColumns(connection) } catch {
            return context.report(error)
          }
        }
        let coverage = PolicyCoverage(
          of: columns[connection.name] ?? [], under: caller.policies[connection.name])
        let agent = caller.principal.name
        for found in coverage.clear {
          let name = "\(found.column.schema).\(found.column.table).\(found.column.column)"
          table.add([agent, connection.name, name, found.looksLike])
        }
        for name in coverage.unknown { table.add([agent, connection.name, name, "a rule of what is not there"]) }
        hasFindings = hasFindings || !coverage.clear.isEmpty || !coverage.unknown.isEmpty
        list.append([
          "agent": .string(agent), "connection": .string(connection.name),
          "sensitive": .integer(Int64(coverage.sensitive)),
          "clear": .array(
            coverage.clear.map { found in
              [
                "schema": .string(found.column.schema), "table": .string(found.column.table),
                "column": .string(found.column.column), "type": .string(found.column.type),
                "looks_like": .string(found.looksLike),
              ]
            }), "unknown": .array(coverage.unknown.map { .string($0) }),
        ])
      }
    }
    let code: ExitCode = hasFindings ? .findings : .success
    if isJSON { return context.deliver(JSONValue.object(["coverage": .array(list)]).text(pretty: true) + "\n", code) }
    let text =
      hasFindings ? table.rendered(style: context.style(arguments)) : "Every column that looks sensitive is covered."
    return context.deliver(text + "\n", code)
  }

  private func namedColumns(_ connection: GovernedConnection) async throws(DatabaseError) -> [NamedColumn] {
    let session = try await Session.open(connection.target)
    do throws(DatabaseError) {
      let columns = try await session.namedColumns()
      await session.close()
      return columns
    } catch {
      await session.close()
      throw error
    }
  }
}
