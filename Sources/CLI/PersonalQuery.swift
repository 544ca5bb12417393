// A query of one of the configured users, without an agent: governed and recorded like an agent's, in clear text where the
// user sees it.

import Cryptography
import Governance
import Store
import Terminal

struct PersonalQuery {
  private let governor: Governor
  private let caller: Caller
  private let connection: String?

  /// What the file says stands there alone.
  private static let without = ["max-bytes", "statement-timeout", "allow-function"]

  init(_ arguments: ParsedArguments, _ context: Context) async throws(Refusal) {
    let path = arguments.text("config") ?? ""
    if let option = Self.without.first(where: arguments.has) {
      throw Refusal(message: "--\(option) and --config contradict each other: say it in the file")
    }
    let loaded = try await ConfigurationFile(path: path, environment: context.environment).load()
    guard let configuration = loaded.configuration else {
      for problem in loaded.problems { StandardStreams.writeError("pgadvisor: \(problem.line(in: path))\n") }
      throw Refusal(message: "\(path) has errors", exitCode: .failure)
    }
    guard let name = arguments.text("as") ?? context.account else {
      throw Refusal(message: "who asks? Say --as USER")
    }
    guard let caller = configuration.directory.person(name) else {
      throw Refusal(message: "\(elided(name, to: 64)) is none of the configured users: say --as with one of them")
    }
    self.caller = caller
    connection = arguments.text("connection")
    let settings = configuration.settings
    let store = try await settings.openStore()
    let trail = AuditTrail(AuditFile(try Reload.audit(settings)), store)
    governor = Governor(configuration.connections, audit: trail, ledger: store, configuration: loaded.digest)
  }

  func outcome(of text: String, rows: Int?) async throws(GovernedFailure) -> GovernedOutcome {
    let call = GovernedCall(
      caller: caller, callID: hexadecimal(randomBytes(8)), tool: "pgadvisor query", connection: connection)
    return try await governor.outcome(of: text, for: call, within: [.explain, .read], rows: rows)
  }
}
