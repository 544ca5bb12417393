// `pgadvisor proposals`: people read what agents have proposed, decide, and have it run.

import Governance
import IndexTuner
import JSON
import Terminal

struct ProposalsCommand: Command {
  let name = "proposals"
  let summary = "Read what agents propose, approve or reject it, and run what is approved."
  let arguments = "list | show ID | approve ID | reject ID | run ID"
  let argumentWords = ["list", "show", "approve", "reject", "run"]
  let details = """
    What an agent may only propose waits in the store of serve until a person decides. approve shows all that is known \
    of the statement and asks for the beginning of its hash, which --hash gives where there is no terminal. The \
    approval holds for this statement on these objects of this database, once, and for a time. run judges the \
    statement again, compares everything with what was approved, and runs it at most once. Who decides is one of the \
    users of the file: --as, or the account's own name.
    """
  let options: [Option] = [
    Option("config", .text("FILE"), "The configuration file of serve; PGADVISOR_CONFIG by default."),
    Option("store", .text("FILE"), "The store, or its URL; the file's by default."),
    Option("store-key", .text("FILE"), "The file with the store's key; the file's by default."),
    Option("as", .text("USER"), "Which of the configured users this is."),
    Option("hash", .text("HASH"), "For approve: eight or more characters of the proposal's hash."),
    Option("run", "For approve: run it at once."),
    Option("reason", .text("TEXT"), "For approve and reject: kept with it, and told to the agent when it is a no."),
    Option("state", .text("STATE"), repeatable: true, "For list: only those in this state."),
    Option("agent", .text("ID"), "For list: only those of this agent."),
    Option("format", .choice(["text", "json"]), "Text by default."), Option("json", "The same as --format json."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Done; run: what it did is kept."),
    (
      .findings,
      "Refused: it is not in the state for it, it has changed, or somebody else has to decide; run: nothing was kept, or nobody knows."
    ),
    (.failure, "The configuration, the store or the database cannot be reached."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM; proposals show tells what was kept."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor proposals list --config pgadvisor.yaml --state pending", "What waits."),
    ("pgadvisor proposals approve p-5b0f… --config pgadvisor.yaml --run", "Read, type the hash, and have it run."),
    ("pgadvisor proposals approve p-5b0f… --as bob@example.com --hash 9f86d081", "Without a terminal."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    let words = arguments.positionals
    guard let word = words.first, argumentWords.contains(word) else {
      let near = words.first.flatMap { nearest(to: $0, among: argumentWords) }.map { "; did you mean \($0)?" } ?? ""
      throw Refusal(message: "proposals takes one of \(argumentWords.joined(separator: ", "))\(near)")
    }
    guard words.count == (word == "list" ? 1 : 2) else {
      throw Refusal(message: word == "list" ? "proposals list takes no id" : "proposals \(word) takes one id")
    }
    try Self.check(arguments, for: word)
    let isJSON = try arguments.format() == "json"
    let office = try await ProposalOffice(arguments, context)
    do throws(ProposalRefusal) {
      switch word {
      case "list": return try await list(office, arguments, isJSON, context)
      case "show":
        let proposal = try await office.proposal(words[1])
        return context.deliver(try await said(proposal, office, isJSON))
      case "reject":
        let act = try asking { () throws(Refusal) in try office.person() }
        let proposal = try await office.desk.reject(words[1], by: act)
        return context.deliver(try await said(proposal, office, isJSON))
      case "approve": return try await approve(words[1], office, arguments, isJSON, context)
      default: return try await runApproved(words[1], office, isJSON, context)
      }
    } catch {
      if error.code == .usage {
        throw Refusal(message: error.message, exitCode: context.stop.isRaised ? .interrupted : .usage)
      }
      return context.report(error, error.code == .failure ? .failure : .findings)
    }
  }

  /// An option that a word does not know is refused, not ignored.
  private static func check(_ arguments: ParsedArguments, for word: String) throws(Refusal) {
    let known: [String: [String]] = [
      "list": ["state", "agent"], "show": [], "reject": ["as", "reason"], "approve": ["as", "hash", "run", "reason"],
      "run": ["as"],
    ]
    let others = Set(known.values.joined()).subtracting(known[word] ?? [])
    if let option = others.sorted().first(where: arguments.has) {
      throw Refusal(message: "proposals \(word) does not take --\(option)")
    }
    for text in arguments.texts("state") where ProposalState(rawValue: text) == nil {
      let states = ProposalState.allCases.map(\.rawValue)
      throw Refusal(message: "--state takes one of \(states.joined(separator: ", "))")
    }
    if let hash = arguments.text("hash"), hash.utf8.count < 8 {
      throw Refusal(message: "--hash takes eight or more characters of the proposal's hash")
    }
  }

  private func asking<R>(_ body: () throws(Refusal) -> R) throws(ProposalRefusal) -> R {
    do throws(Refusal) { return try body() } catch { throw ProposalRefusal(.usage, error.message) }
  }

  private func list(
    _ office: ProposalOffice, _ arguments: ParsedArguments, _ isJSON: Bool, _ context: Context
  ) async throws(ProposalRefusal) -> ExitCode {
    let now = try await office.desk.now()
    let states = arguments.texts("state").compactMap(ProposalState.init)
    var reports: [ProposalReport] = []
    for proposal in try await office.desk.list() {
      guard arguments.text("agent") ?? proposal.principal.name == proposal.principal.name else { continue }
      let settled: Proposal
      // What cannot be asked now is shown as it stands.
      do throws(ProposalRefusal) {
        settled = proposal.state == .running ? try await office.proposal(proposal.id) : proposal
      } catch { settled = proposal }
      let report = ProposalReport(settled, at: now)
      if states.isEmpty || states.contains(report.state) { reports.append(report) }
    }
    if isJSON {
      return context.deliver(
        JSONValue.object(["proposals": .array(reports.map(\.json))]).text(pretty: true) + "\n")
    }
    if reports.isEmpty {
      StandardStreams.writeError("pgadvisor: there is no such proposal\n")
      return .success
    }
    var table = ProposalReport.table
    for report in reports { table.add(report.cells) }
    return context.deliver(table.rendered(style: context.style(arguments)) + "\n")
  }

  private func said(
    _ proposal: Proposal, _ office: ProposalOffice, _ isJSON: Bool, drift: [String]? = nil
  ) async throws(ProposalRefusal) -> String {
    let report = ProposalReport(
      proposal, at: try await office.desk.now(), drift: drift, afterwards: await office.measuredAgain(proposal))
    return isJSON ? report.json.text(pretty: true) + "\n" : report.text
  }

  private func approve(
    _ id: String, _ office: ProposalOffice, _ arguments: ParsedArguments, _ isJSON: Bool, _ context: Context
  ) async throws(ProposalRefusal) -> ExitCode {
    let act = try asking { () throws(Refusal) in try office.person() }
    let proposal = try await office.proposal(id)
    try office.checkApprover(act, of: proposal)
    let drift = proposal.state == .pending ? try await office.run(of: proposal).drift(of: proposal) : []
    // Before anybody says yes.
    if !isJSON || arguments.text("hash") == nil {
      StandardStreams.writeError(try await said(proposal, office, false, drift: drift))
    }
    guard drift.isEmpty else {
      throw ProposalRefusal(
        .drift, "not what was proposed any more: \(drift.prefix(5).joined(separator: "; "))",
        advice: "Reject it; it has to be proposed anew")
    }
    var hash = arguments.text("hash")
    if hash == nil {
      guard context.isInteractive else {
        throw ProposalRefusal(
          .usage, "say with --hash what the proposal's hash begins with: nothing is approved unread")
      }
      StandardStreams.writeError("\nType the first eight characters of its hash to approve it: ")
      hash = try asking { () throws(Refusal) in try context.typedLine() }
    }
    let approved = try await office.desk.approve(id, by: act, hash: hash ?? "")
    if arguments.has("run") { return try await runApproved(id, office, isJSON, context) }
    return context.deliver(
      isJSON
        ? try await said(approved, office, true)
        : "\(id) is approved, once, until \(ProposalReport.time(approved.expires))\n")
  }

  private func runApproved(
    _ id: String, _ office: ProposalOffice, _ isJSON: Bool, _ context: Context
  ) async throws(ProposalRefusal) -> ExitCode {
    let act = try asking { () throws(Refusal) in try office.person() }
    let proposal = try await office.proposal(id)
    try office.checkRunner(act, of: proposal)
    let ended = try await office.run(of: proposal).run(proposal, by: act)
    let code: ExitCode =
      ended.state == .done ? .success : context.stop.isRaised ? .interrupted : .findings
    return context.deliver(try await said(ended, office, isJSON), code)
  }
}
