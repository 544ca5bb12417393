// A migration file examined: statement after statement, as a team wants to know before it is deployed.

package import Database

/// One statement of a file, and where it begins.
package struct PreflightStatement: Sendable {
  package var text: String
  /// From 1.
  package var line: Int
  package var evidence: ChangeEvidence

  package init(text: String, line: Int, evidence: ChangeEvidence) {
    self.text = text
    self.line = line
    self.evidence = evidence
  }
}

extension Session {
  /// Examines statements in order, as the person who is logged in.
  ///
  /// With a rehearsal all of them run in one transaction that is rolled back, each seeing what those before it did; what
  /// may not run, or fails, is left out, and what follows is judged without it. Without one, nothing runs, and what names
  /// objects that the file itself makes is said to be not there.
  package func preflight(
    _ texts: [(text: String, line: Int)], options: GateOptions = GateOptions(), _ examination: Examination
  ) async throws -> [PreflightStatement] {
    let grants = Grants(Principal(name: "command line"), Set(Permission.allCases))
    var bounds = Rehearsal.bounds(examination.limits)
    bounds.applicationName = "pgadvisor preflight"
    let end = ContinuousClock.now + examination.limits.wholeTimeout
    return try await bounded(examination.rehearses ? .rehearsal : .readOnly, bounds) { session in
      var found: [PreflightStatement] = []
      for (text, line) in texts {
        var examination = examination
        if examination.rehearses, ContinuousClock.now > end { examination.rehearses = false }
        var rehearsal = Rehearsal(on: session, options: options, by: grants, examination)
        rehearsal.checksDeferred = false
        let evidence = try await rehearsal.examine(text, [])
        found.append(PreflightStatement(text: text, line: line, evidence: evidence))
      }
      if examination.rehearses, let last = found.lastIndex(where: { $0.evidence.dryRun.outcome == .succeeded }),
        case .failure(let error) = try await session.checkDeferred()
      {
        found[last].evidence.dryRun = Rehearsal.failed(error)
      }
      return found
    }
  }
}

extension ChangeEvidence {
  /// What somebody should look at before this runs on a server with traffic. Empty: nothing.
  package var concerns: [String] {
    var concerns = findings.filter { $0.severity == .danger }.map { "\($0.rule): \($0.message)" }
    if verdict == "reject", !isControl { concerns.append("\(rule): \(message)") }
    if !isKnown, !isControl, verdict != "reject" { concerns.append("what it does to tables is not known") }
    if dryRun.outcome == .failed { concerns.append("the dry run failed: \(dryRun.reason ?? "")") }
    for lock in locks where lock.mode.blocksWrites {
      let table = tables.first { $0.relation == lock.relation }
      if let holder = table?.conflicting.first {
        concerns.append("process \(holder.processID) is in the way on \(lock.relation)")
      }
      guard let work = work.first(where: { $0.relation == lock.relation }), work.kind >= .scan, table?.rows != 0 else {
        continue
      }
      concerns.append(
        "\(lock.relation) is under \(lock.mode.name) (\(lock.mode.blocks)) during "
          + (work.kind == .indexBuild ? "an index build" : "a \(work.kind.rawValue)")
      )
    }
    return concerns
  }

  /// Changes only the session or the transaction, which is nobody's concern here.
  package var isControl: Bool { ["transaction-control", "session-setting"].contains(rule) }
}
