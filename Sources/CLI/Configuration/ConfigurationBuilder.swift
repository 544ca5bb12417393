// From checked values to connections, agents, rules and settings; what single values cannot show is found here.

import Database
import Governance
import MCPServer
import YAML

/// Builds a configuration, and goes on behind each error to find the others.
struct ConfigurationBuilder {
  var problems = ConfigurationProblems()
  let secrets: Secrets
  /// Where a secret stands in the file itself.
  var writtenSecret: YAMLPlace?

  init(_ secrets: Secrets) { self.secrets = secrets }

  mutating func configuration(_ root: YAMLNode, _ environment: [String: String]) async -> Configuration {
    var reader = SettingsReader(environment: environment)
    let section = reader.section(root, allSettings, "the configuration")
    problems = reader.problems
    let connections = await connections(section)
    // Those with errors too: what refers to them is not at fault.
    let names = section.sections("connections").compactMap { $0.text("name") }
    let identities = identities(section, connections: names)
    let policies = policies(section, identities, connections: names)
    let (proposals, approvers, inClients) = proposals(section, identities, connections: names)
    let directory = Directory(
      agents: identities.agents, users: identities.users, groups: identities.groups, rules: identities.rules,
      connections: connections.map(\.name), policies: policies, approvers: approvers,
      approversInClients: inClients, exemptions: identities.exemptions)
    var settings = settings(section, identities)
    (settings.proposals, settings.approvers) = (proposals, approvers)
    warnOfIdleness(section, identities, directory, settings)
    let configuration = Configuration(
      connections: connections, directory: directory, agents: identities.agents, settings: settings)
    warnOfProposals(section, configuration)
    return configuration
  }

  mutating func warnOfReaders() {
    guard let writtenSecret else { return }
    problems.warning(
      "everybody on this machine can read this file, and a secret stands in it", at: writtenSecret,
      "chmod go= the file, or keep the secret elsewhere")
  }

  // MARK: - Connections

  private mutating func connections(_ root: SettingsSection) async -> [GovernedConnection] {
    var connections: [GovernedConnection] = []
    var names: Set<String> = []
    let sections = root.sections("connections")
    if let place = root.values["connections"]?.place, sections.isEmpty {
      problems.error("there is no connection", at: place, "Begin one with \"- name: main\"")
    }
    for section in sections {
      let name = unique(section, "name", among: &names, "connection")
      let target = await target(section)
      guard let name, let target else { continue }
      var connection = GovernedConnection(name: name, target: target)
      connection.mode = section.text("mode").flatMap(GovernedConnection.Mode.init) ?? .restricted
      connection.schemas = section.texts("schemas").map { Set($0) }
      connection.allowedFunctions = Set(section.texts("allowed_functions") ?? [])
      if let limits = section.section("limits") { Self.take(limits, into: &connection.limits) }
      if let pool = section.section("pool") { connection.pool = Self.pool(pool) }
      warnOfMode(section, connection)
      connections.append(connection)
    }
    return connections
  }

  private mutating func warnOfMode(_ section: SettingsSection, _ connection: GovernedConnection) {
    guard connection.mode == .unrestricted, connection.schemas != nil else { return }
    problems.warning(
      "mode: unrestricted changes nothing where schemas are listed: nobody knows which ones unknown text touches",
      at: section.place("mode"), "Take one of the two away")
  }

  /// A name that no other of its kind has; nil where it has been complained about.
  mutating func unique(
    _ section: SettingsSection, _ key: String, among known: inout Set<String>, _ what: String
  ) -> String? {
    guard let name = section.text(key) else { return nil }
    guard known.insert(name).inserted else {
      problems.error("there are two \(what)s \(name)", at: section.place(key), "Each has a name of its own")
      return nil
    }
    return name
  }

  private mutating func target(_ section: SettingsSection) async -> ConnectionTarget? {
    let places = ["url", "service"].filter { section.written.contains($0) }
    guard places.count == 1 else {
      problems.error(
        places.isEmpty ? "a connection lacks url" : "url and service contradict each other",
        at: places.isEmpty ? section.place : section.place("service"),
        places.isEmpty ? "For instance url: postgresql://advisor@localhost/shop" : "Take one of them away")
      return nil
    }
    var keywords: Set<String> = []
    if let url = section.text("url") {
      do throws(DatabaseError) { keywords = try ConnectionTarget(url: url).keywords() } catch {
        problems.error(error.message, at: section.place("url"), error.advice)
        return nil
      }
      if keywords.contains("password"), section.values["url"]?.isWritten == true {
        writtenSecret = writtenSecret ?? section.place("url")
      }
    }
    guard section.values[places[0]] != nil else { return nil }
    let sources = ["password_file", "password_command"].filter { section.values[$0] != nil }
    if sources.count > 1 || (!sources.isEmpty && keywords.contains("password")) {
      let first = keywords.contains("password") ? "the password in url" : sources[0]
      problems.error(
        "\(first) and \(sources.last ?? "") contradict each other", at: section.place(sources.last ?? ""),
        "Give the password in one way")
      return nil
    }
    let password: String?
    do throws(SecretFailure) { password = try await self.password(section) } catch {
      problems.error("\(sources[0]): \(error.message)", at: section.place(sources[0]), error.advice)
      return nil
    }
    return section.text("url").map { ConnectionTarget(url: $0, password: password) }
      ?? section.text("service").map { ConnectionTarget(service: $0, password: password) }
  }

  private mutating func password(_ section: SettingsSection) async throws(SecretFailure) -> String? {
    guard secrets.isReading else { return nil }
    if let path = section.text("password_file") {
      let (text, isReadableByAll) = try secrets.contents(of: path)
      if isReadableByAll { warnOfReaders(of: section.place("password_file")) }
      return text
    }
    guard let words = section.texts("password_command") else { return nil }
    return try await secrets.output(of: words)
  }

  mutating func warnOfReaders(of place: YAMLPlace) {
    problems.warning("everybody on this machine can read this file", at: place, "chmod go= the file")
  }

  private static func take(_ section: SettingsSection, into limits: inout ExecutionLimits) {
    func size(_ key: String) -> Int? { section.size(key).map { Int($0) } }
    limits.rows.rows = section.integer("rows") ?? limits.rows.rows
    limits.rows.bytes = size("bytes") ?? limits.rows.bytes
    limits.rows.cellBytes = size("cell_bytes") ?? limits.rows.cellBytes
    limits.bounds.statementTimeout = section.duration("statement_timeout") ?? limits.bounds.statementTimeout
    limits.bounds.lockTimeout = section.duration("lock_timeout") ?? limits.bounds.lockTimeout
    limits.bounds.idleTimeout = section.duration("idle_timeout") ?? limits.bounds.idleTimeout
    limits.bounds.transactionTimeout = section.duration("transaction_timeout") ?? limits.bounds.transactionTimeout
    limits.bounds.workMemory = section.size("work_mem") ?? limits.bounds.workMemory
    limits.bounds.temporaryFiles = section.size("temp_file_limit") ?? limits.bounds.temporaryFiles
    limits.bounds.parallelWorkers = section.integer("parallel_workers") ?? limits.bounds.parallelWorkers
    limits.kept.pages = section.integer("kept_pages") ?? limits.kept.pages
    limits.kept.bytes = size("kept_bytes") ?? limits.kept.bytes
    limits.bounds.searchPath = section.texts("search_path") ?? limits.bounds.searchPath
  }

  private static func pool(_ section: SettingsSection) -> PoolLimits {
    let usual = PoolLimits()
    return PoolLimits(
      sessions: section.integer("sessions") ?? usual.sessions, waiting: section.integer("waiting") ?? usual.waiting,
      patience: section.duration("patience") ?? usual.patience,
      idleTime: section.duration("idle_time") ?? usual.idleTime,
      connectTime: section.duration("connect_timeout") ?? usual.connectTime)
  }
}
