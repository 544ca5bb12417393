// Where `serve` has its connections, identities and settings from: options for the simple case, or a file.

import Cryptography
import Database
import Governance
import HealthChecks
import Store
import Terminal

/// What holds, before it is put to work.
struct ServePlan: Sendable {
  var connections: [GovernedConnection]
  var directory: Directory
  var settings: ServeSettings
  var localAgent: String?
  var anonymousAgent: String?
  /// SHA-256 of the file; nil without one.
  var digest: String?

  /// - Parameter previous: whose sessions go on where nothing has changed.
  func regime(
    audit: (any AuditLog)?, store: (any QuotaLedger & ProposalStore)? = nil, after previous: Governor? = nil
  ) -> Regime {
    Regime(
      governor: Governor(
        connections, audit: audit, ledger: store, proposals: store.map { ProposalDesk($0, rules: settings.proposals) },
        configuration: digest, after: previous), directory: directory, localAgent: localAgent,
      anonymousAgent: anonymousAgent, thresholds: settings.health.values)
  }
}

/// Options or a file, and never half of each.
struct ServeSource: Sendable {
  private let arguments: ParsedArguments
  private let context: Context
  /// nil: options only.
  let file: ConfigurationFile?

  init(_ arguments: ParsedArguments, _ context: Context) throws(Refusal) {
    self.arguments = arguments
    self.context = context
    guard arguments.positionals.count <= 1 else { throw Refusal(message: "serve takes one URL") }
    let path = arguments.text("config") ?? context.variable("PGADVISOR_CONFIG")
    file = path.map { ConfigurationFile(path: $0, environment: context.environment) }
    guard let path else { return }
    let name = arguments.has("config") ? "--config" : "PGADVISOR_CONFIG"
    guard !namesServer(path) else { throw Refusal(message: "\(name) takes a file, not a connection string") }
    let other = Self.withoutFile.first { arguments.has($0) }.map { "--\($0)" }
    if let other = arguments.positionals.isEmpty ? other : "a URL" {
      throw Refusal(message: "\(other) and \(name) contradict each other: say it in the file")
    }
  }

  /// Options that describe the only connection and the only agent.
  private static let withoutFile = ["grant", "schema", "max-rows", "max-bytes", "statement-timeout", "allow-function"]

  /// - Returns: nil where the file has errors, and the problems it has in any case.
  func plan() async throws(Refusal) -> (plan: ServePlan?, problems: [ConfigurationProblem]) {
    guard let file else { return (try planOfOptions(), []) }
    let loaded = try await file.load()
    guard let configuration = loaded.configuration else { return (nil, loaded.problems) }
    var settings = configuration.settings
    try add(to: &settings, from: file.path)
    var plan = ServePlan(
      connections: configuration.connections, directory: configuration.directory, settings: settings)
    plan.localAgent = settings.localAgent ?? configuration.localAgent
    plan.digest = loaded.digest
    try check(plan, configuration, file.path)
    return (plan, loaded.problems)
  }

  /// Options may say what the file leaves open.
  private func add(to settings: inout ServeSettings, from path: String) throws(Refusal) {
    func settle<Value: Equatable>(_ option: String, _ given: Value?, _ said: inout Value?) throws(Refusal) {
      guard let given else { return }
      guard said == nil || said == given else {
        throw Refusal(message: "--\(option) and \(path) contradict each other: say it in one place")
      }
      said = given
    }
    try settle("http", try Self.address(arguments), &settings.http)
    try settle("tls-cert", try Self.tls(arguments), &settings.tls)
    try settle("audit", arguments.text("audit"), &settings.audit)
    try settle("store", arguments.text("store"), &settings.store)
    try settle("store-key", arguments.text("store-key"), &settings.storeKey)
    try settle("agent", arguments.text("agent"), &settings.localAgent)
  }

  private func check(_ plan: ServePlan, _ configuration: Configuration, _ path: String) throws(Refusal) {
    let ids = configuration.agents.map(\.id)
    if let id = plan.localAgent, !ids.contains(id) {
      let near = nearest(to: id, among: ids).map { "; did you mean \($0)?" } ?? ""
      throw Refusal(message: "there is no agent \(elided(id, to: 40)) in \(path)\(near)")
    }
    if plan.settings.http == nil && plan.localAgent == nil {
      throw Refusal(
        message: "\(path) has \(ids.count) agents: say whose standard input is with server.local_agent or --agent")
    }
    if plan.settings.http != nil && !plan.directory.hasTokens {
      throw Refusal(message: "no agent in \(path) has a token, so nobody could come over HTTP: give one a token_hash")
    }
    if plan.directory.hasProposers && plan.settings.store == nil {
      throw Refusal(
        message:
          "agents in \(path) may propose, and proposals are kept in a store: name one with server.store or --store")
    }
    try Self.check(plan.settings)
  }

  private static func check(_ settings: ServeSettings) throws(Refusal) {
    if settings.storeKey != nil && settings.store == nil {
      throw Refusal(message: "--store-key is for a store: set --store FILE too")
    }
    if settings.tls != nil && settings.http == nil {
      throw Refusal(message: "TLS is for HTTP: set --http HOST:PORT too")
    }
  }

  static func address(_ arguments: ParsedArguments) throws(Refusal) -> HTTPAddress? {
    guard let text = arguments.text("http") else { return nil }
    guard let address = HTTPAddress(text) else {
      throw Refusal(message: "--http takes HOST:PORT, for instance 127.0.0.1:8765")
    }
    return address
  }

  private static func tls(_ arguments: ParsedArguments) throws(Refusal) -> TLSFiles? {
    switch (arguments.text("tls-cert"), arguments.text("tls-key")) {
    case (nil, nil): return nil
    case (let certificate?, let key?): return TLSFiles(certificate: certificate, key: key)
    default: throw Refusal(message: "--tls-cert and --tls-key go together")
    }
  }

  // MARK: - The simple case

  /// The name of the only connection.
  private static let connection = "main"

  private func planOfOptions() throws(Refusal) -> ServePlan {
    var agent = Agent(id: arguments.text("agent") ?? "local")
    var permissions: Set<Permission> = [.explain, .read]
    for word in arguments.texts("grant") {
      guard let permission = Permission(rawValue: word) else {
        let known = Permission.allCases.map(\.rawValue).joined(separator: ", ")
        throw Refusal(message: "--grant takes one of \(known), not \(elided(word, to: 40))")
      }
      permissions.insert(permission)
    }
    var settings = ServeSettings()
    settings.http = try Self.address(arguments)
    settings.tls = try Self.tls(arguments)
    settings.audit = arguments.text("audit")
    settings.store = arguments.text("store")
    settings.storeKey = arguments.text("store-key")
    try Self.check(settings)
    let token = context.variable("PGADVISOR_TOKEN")
    if let address = settings.http {
      if let token {
        guard token.utf8.count >= 16 else { throw Refusal(message: "PGADVISOR_TOKEN has less than 16 characters") }
        agent.tokenDigest = sha256(Array(token.utf8))
      } else if !address.isLoopback {
        throw Refusal(message: "others can reach \(address): set PGADVISOR_TOKEN, or use a configuration file")
      }
    }
    let rule = GrantRule(connection: Self.connection, permissions: permissions, members: [.agent(agent.id)])
    var plan = ServePlan(
      connections: try connections(),
      directory: Directory(agents: [agent], rules: [rule], connections: [Self.connection]), settings: settings)
    plan.localAgent = agent.id
    // On this machine only, and for who asks this machine by its own names.
    plan.anonymousAgent = settings.http != nil && token == nil ? agent.id : nil
    return plan
  }

  private func connections() throws(Refusal) -> [GovernedConnection] {
    let given = arguments.positionals.first ?? context.variable("DATABASE_URL") ?? context.variable("DATABASE_URI")
    guard let given, !given.isEmpty else { return [] }
    let target = ConnectionTarget(url: given)
    // Nobody is asked yet, but what is no address at all is said to whoever starts it and not to a model.
    do throws(DatabaseError) { _ = try target.keywords() } catch { throw Refusal(message: error.description) }
    var connection = GovernedConnection(name: Self.connection, target: target)
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
