// Where people decide about proposals: the configuration, its store, and who is asking.

import Governance
import Store
import Terminal

struct ProposalOffice {
  let configuration: Configuration
  let desk: ProposalDesk
  private let arguments: ParsedArguments
  private let context: Context

  init(_ arguments: ParsedArguments, _ context: Context) async throws(Refusal) {
    guard let path = arguments.text("config") ?? context.variable("PGADVISOR_CONFIG") else {
      throw Refusal(message: "proposals needs a file: --config, or PGADVISOR_CONFIG names one")
    }
    let loaded = try await ConfigurationFile(path: path, environment: context.environment).load()
    guard let configuration = loaded.configuration else {
      for problem in loaded.problems { StandardStreams.writeError("pgadvisor: \(problem.line(in: path))\n") }
      throw Refusal(message: "\(path) has errors", exitCode: .failure)
    }
    let settings = configuration.settings
    guard let store = arguments.text("store") ?? settings.store ?? context.variable("PGADVISOR_STORE") else {
      throw Refusal(message: "which store? \(path) names none: --store, or server.store")
    }
    let options = StoreOptions(path: store, keyPath: arguments.text("store-key") ?? settings.storeKey)
    desk = ProposalDesk(try await options.open(mayCreate: false), rules: settings.proposals)
    self.configuration = configuration
    self.arguments = arguments
    self.context = context
  }

  /// One of the users of the file: who is named, or whose account this is.
  func person() throws(Refusal) -> Proposal.Act {
    let account = context.account
    guard let name = arguments.text("as") ?? account else {
      throw Refusal(message: "who decides? Say --as USER")
    }
    guard configuration.directory.hasUser(name) else {
      throw Refusal(message: "\(elided(name, to: 64)) is none of the configured users: say --as with one of them")
    }
    var act = Proposal.Act(person: name)
    act.account = account == name ? nil : account
    act.words = arguments.text("reason").map { elided($0, to: 500) }
    return act
  }

  func proposal(_ id: String) async throws(ProposalRefusal) -> Proposal {
    guard let proposal = try await desk.find(id) else { throw ProposalOffice.absent(id) }
    guard proposal.state == .running, let connection = connection(of: proposal) else { return proposal }
    return try await ProposalRun(settling: desk, on: connection).settled(proposal)
  }

  /// Empty: nothing to measure, or the database cannot be asked now.
  func measuredAgain(_ proposal: Proposal) async -> [MeasuredAgain] {
    guard let connection = connection(of: proposal) else { return [] }
    do throws(ProposalRefusal) {
      return try await ProposalRun(settling: desk, on: connection).measuredAgain(proposal)
    } catch {
      return []
    }
  }

  static func absent(_ id: String) -> ProposalRefusal {
    ProposalRefusal(
      .absent, "there is no proposal \(elided(id, to: 40))", advice: "pgadvisor proposals list shows those there are")
  }

  private func connection(of proposal: Proposal) -> GovernedConnection? {
    configuration.connections.first { $0.name == proposal.connection }
  }

  func run(of proposal: Proposal) throws(ProposalRefusal) -> ProposalRun {
    try ProposalRun(of: proposal, by: desk, on: configuration.connections, configuration.directory)
  }

  /// Whether this person may say yes to it: with all that it needs, and not for themselves.
  func checkApprover(_ act: Proposal.Act, of proposal: Proposal) throws(ProposalRefusal) {
    if proposal.principal.onBehalfOf == act.person, !desk.rules.allowsOwn {
      throw ProposalRefusal(
        .person, "\(act.person) is who the agent acts for",
        advice: "Somebody else has to approve it (proposals.self_approval)")
    }
    try checkRunner(act, of: proposal)
  }

  /// What is approved is run by anybody who could have approved it.
  func checkRunner(_ act: Proposal.Act, of proposal: Proposal) throws(ProposalRefusal) {
    let granted = configuration.directory.approvals(ofUser: act.person, on: proposal.connection)
    let lacking = proposal.content.permissions.intersection(Permission.proposable).subtracting(granted)
    guard lacking.isEmpty else {
      let words = lacking.sorted().map(\.rawValue).joined(separator: " and ")
      throw ProposalRefusal(
        .person, "\(act.person) may not approve or run \(words) on \(proposal.connection)",
        advice: "proposals.approvers says who may")
    }
  }
}
