// The keys of proposals in pgadvisor.yaml, and what they come to.

import Governance
import YAML

let proposalSettings: [Setting] = [
  Setting(
    "approvers", .sections(approverSettings), "Who may approve what. Nobody can, whom no entry names; agents never can."
  ),
  Setting(
    "self_approval", .choice(["true", "false"]),
    "Whether a user may approve what an agent proposes on behalf of that user.",
    standard: "`false`", example: .live("false")),
  Setting(
    "lifetime", .duration(.seconds(1)...(.seconds(30 * 86_400))),
    "How long a proposal waits for a person, and an approval to be used.", standard: "24h", example: .live("24h")),
  Setting("open", .integer(1...1_000), "Proposals of one agent that wait.", standard: "20", example: .live("20")),
  Setting(
    "text_bytes", .size(1_024...(4 << 20)), "Of a statement and its parameters.", standard: "100,000 bytes",
    example: .live("100kB")),
  Setting(
    "lock_timeout", .duration(.milliseconds(1)...(.seconds(3_600))), "For the wait for one lock when it runs.",
    standard: "3s", example: .live("3s")),
  Setting(
    "statement_timeout", .duration(.milliseconds(1)...(.seconds(86_400))), "For the statement when it runs.",
    standard: "10min", example: .live("10min")),
  Setting(
    "tries", .integer(1...20),
    "How often it is tried when it meets a lock, a deadlock or a conflict, with longer and longer pauses.",
    standard: "5", example: .live("5")),
  Setting(
    "row_factor", .number(1...1_000),
    "Nothing is kept when more than so many times the rows of the dry run are touched.",
    standard: "2", example: .live("2")),
]

private let approverSettings: [Setting] = [
  Setting("connection", .text, "A name, or `\"*\"` for all.", required: true, example: .live("shop")),
  Setting(
    "permissions", .list(.choice(Permission.allCases.map(\.rawValue) + ["*"])),
    "A proposal is approved by somebody who has here all of `write`, `ddl` and `admin` that it needs.", required: true,
    example: .live("[write, ddl]")),
  Setting(
    "members", .list(.text), "`user:NAME` or `group:NAME`.", required: true,
    example: .live("[\"user:alice@example.com\"]")),
  Setting(
    "in_client", .choice(["true", "false"]),
    "Whether they may also decide in a form of the client, about what the agent proposes that acts for them. The answer comes "
      + "over the agent's connection: a program that is agent and client at once could write it. Needs `self_approval`.",
    standard: "`false`", example: .live("false")),
]

extension ConfigurationBuilder {
  mutating func proposals(
    _ root: SettingsSection, _ identities: ConfiguredIdentities, connections: [String]
  ) -> (rules: ProposalRules, approvers: [GrantRule], inClients: [GrantRule]) {
    var rules = ProposalRules()
    guard let section = root.section("proposals") else { return (rules, [], []) }
    rules.allowsOwn = section.text("self_approval") == "true"
    rules.lifetime = section.duration("lifetime") ?? rules.lifetime
    rules.open = section.integer("open") ?? rules.open
    rules.textBytes = section.size("text_bytes").map { Int($0) } ?? rules.textBytes
    rules.lockTimeout = section.duration("lock_timeout") ?? rules.lockTimeout
    rules.statementTimeout = section.duration("statement_timeout") ?? rules.statementTimeout
    rules.tries = section.integer("tries") ?? rules.tries
    rules.rowFactor = section.numbers.first { $0.key == "row_factor" }?.value ?? rules.rowFactor
    var approvers: [GrantRule] = []
    var inClients: [GrantRule] = []
    for approver in section.sections("approvers") {
      for value in approver.list("members") ?? [] where value.text?.hasPrefix("agent:") == true {
        problems.error("an agent approves nothing", at: value.place, "Name a user:NAME or a group:NAME")
      }
      guard let rule = rule(approver, identities, Set(connections)) else { continue }
      approvers.append(rule)
      guard approver.text("in_client") == "true" else { continue }
      inClients.append(rule)
      if !rules.allowsOwn {
        problems.error(
          "in_client is about what one's own agent proposes, and self_approval is false",
          at: approver.place("in_client"),
          "Set proposals.self_approval to true, or take in_client away")
      }
    }
    return (rules, approvers, inClients)
  }

  /// What could be proposed, and would come to nothing.
  mutating func warnOfProposals(_ root: SettingsSection, _ configuration: Configuration) {
    guard configuration.directory.hasProposers else { return }
    let place = root.values["proposals"]?.place ?? root.values["agents"]?.place ?? root.place
    if configuration.settings.store == nil {
      problems.warning(
        "something is to be proposed, and proposals are kept in a store", at: place,
        "Name one with server.store, or start with --store")
    }
    if configuration.settings.approvers.isEmpty {
      problems.warning(
        "something is to be proposed, and nobody may approve it", at: place, "Name people under proposals.approvers")
    }
  }
}
