// The evidence as lines for people: labels in front, one fact a line, nothing that a terminal would obey.

extension ChangeEvidence {
  /// Plain text without control characters; labels are aligned.
  package var lines: [String] {
    var text = EvidenceText()
    text.add("statement", [statement])
    text.add("needs", ["\(verdict) (\(rule)): \(message)"])
    if !isKnown { text.add("effect", ["not known: ACCESS EXCLUSIVE and a rewrite are assumed"]) }
    if !isTransactional {
      text.add("note", ["cannot run inside a transaction, and is not undone as a whole if it fails"])
    }
    text.add("locks", lockLines)
    text.add("work", work.map { "\($0.relation): \($0.kind.rawValue), \($0.reason)" })
    text.add("absent", absent.map { "\($0): is not there, so nothing is known of it" })
    text.add("size", tables.map(EvidenceText.size))
    text.add("in the way", tables.flatMap { table in table.conflicting.map { EvidenceText.holder($0, of: table) } })
    text.add("server", EvidenceText.server(server))
    text.add("findings", findings.map(EvidenceText.finding))
    text.add("dry run", EvidenceText.dryRun(dryRun))
    text.add("plans", plans.map(EvidenceText.plan))
    if let safer {
      text.add(
        safer.isComplete ? "safer form" : "safer pattern", ["\(safer.reason):"] + safer.statements.map { "  \($0);" })
    }
    if let undo {
      text.add("undo", undo.statements.map { "\($0);" } + (undo.note.map { [$0] } ?? []))
    }
    text.add("not shown", notShown.isEmpty ? [] : ["under the policy: \(notShown.joined(separator: ", "))"])
    return text.lines
  }

  /// What was seen has the last word; what was expected stands beside it where it differs.
  private var lockLines: [String] {
    var lines: [String] = []
    let seen = dryRun.outcome == .succeeded ? dryRun.locks : []
    for lock in locks {
      let measured = seen.first { $0.relation == lock.relation }
      var line = "\(lock.relation): \(lock.mode.name), \(lock.mode.blocks)"
      if let reason = lock.reason { line += " (\(reason))" }
      if let measured, measured.mode != lock.mode { line += "; seen in the dry run: \(measured.mode.name)" }
      lines.append(line)
    }
    for lock in seen where !locks.contains(where: { $0.relation == lock.relation }) {
      lines.append("\(lock.relation): \(lock.mode.name), \(lock.mode.blocks) (seen in the dry run)")
    }
    return lines
  }
}

struct EvidenceText {
  private(set) var lines: [String] = []
  private static let width = 14

  mutating func add(_ label: String, _ texts: [String]) {
    for (place, text) in texts.enumerated() {
      let start = place == 0 ? label : ""
      for (number, line) in text.split(separator: "\n").enumerated() {
        let label = number == 0 ? start : ""
        let blanks = String(repeating: " ", count: max(1, Self.width - label.count))
        lines.append(label + blanks + Self.plain(line))
      }
    }
  }

  private static func plain(_ text: some StringProtocol) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : $0 }))
  }

  static func bytes(_ count: Int64) -> String {
    var (rest, unit) = (Double(count), 0)
    let units = ["B", "kB", "MB", "GB", "TB"]
    while rest >= 1_024, unit < units.count - 1 { (rest, unit) = (rest / 1_024, unit + 1) }
    return "\(unit == 0 || rest >= 100 ? "\(Int(rest.rounded()))" : decimal(rest)) \(units[unit])"
  }

  /// One digit behind the point.
  static func decimal(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
    let tenths = Int64((number * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
  }

  static func size(_ table: TableImpact) -> String {
    let rows = table.rows.map { "about \(Int64($0)) rows" } ?? "rows not counted yet"
    let children = table.children == 0 ? "" : ", \(table.children) partitions or children"
    return "\(table.relation): \(table.kind), \(bytes(table.bytes)), \(rows)\(children); "
      + "\(decimal(table.readsPerSecond)) scans/s, \(decimal(table.writesPerSecond)) changed rows/s on average"
  }

  static func holder(_ holder: LockHolder, of table: TableImpact) -> String {
    let application = holder.application.isEmpty ? "" : " (\(holder.application))"
    return
      "process \(holder.processID)\(application) \(holder.isGranted ? "holds" : "waits for") \(holder.mode.name) on "
      + "\(table.relation), \(holder.state), in a transaction for \(decimal(holder.seconds)) s"
  }

  static func server(_ server: ServerPressure?) -> [String] {
    guard let server else { return [] }
    var parts: [String] = []
    if let longest = server.longestTransaction { parts.append("longest transaction \(decimal(longest)) s") }
    if server.standbys > 0 { parts.append("\(server.standbys) standbys get the WAL") }
    if server.replicationSlots > 0 { parts.append("\(server.replicationSlots) replication slots keep it") }
    return parts.isEmpty ? [] : [parts.joined(separator: ", ")]
  }

  static func finding(_ finding: LintFinding) -> String {
    "\(finding.severity.rawValue) \(finding.rule): \(finding.message)" + (finding.wayOut.map { "\n  \($0)" } ?? "")
  }

  static func dryRun(_ run: DryRun) -> [String] {
    var lines = ["\(run.outcome.rawValue)\(run.reason.map { ": \($0)" } ?? "")"]
    guard run.outcome == .succeeded else { return lines }
    if let milliseconds = run.milliseconds { lines[0] += " in \(decimal(milliseconds)) ms" }
    if let rows = run.rows { lines[0] += ", \(rows) \(rows == 1 ? "row" : "rows")" }
    for change in run.changes {
      let parts = [(change.inserted, "inserted"), (change.updated, "updated"), (change.deleted, "deleted")]
        .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      lines.append("\(change.relation): \(parts.joined(separator: ", "))")
    }
    for trigger in run.triggers {
      lines.append("trigger \(trigger.name) on \(trigger.relation): \(trigger.calls) calls")
    }
    if !run.rewritten.isEmpty { lines.append("rewritten: \(run.rewritten.joined(separator: ", "))") }
    if !run.scanned.isEmpty { lines.append("read from beginning to end: \(run.scanned.joined(separator: ", "))") }
    if let wal = run.wal {
      let about = wal.source == .statement ? "by the statement itself" : "by all sessions meanwhile"
      lines.append("WAL: \(bytes(wal.bytes)) \(about)")
    }
    return lines
  }

  static func plan(_ plan: PlanChange) -> String {
    let after = plan.costAfter.map { "cost \(decimal(plan.costBefore)) → \(decimal($0))" }
    let (gone, new) = (
      Set(plan.indexesBefore).subtracting(plan.indexesAfter).sorted(),
      Set(plan.indexesAfter).subtracting(plan.indexesBefore).sorted()
    )
    var text = after ?? "cost \(decimal(plan.costBefore)), and with the change no plan: \(plan.failure ?? "")"
    if plan.costAfter != nil, !gone.isEmpty { text += ", without \(gone.joined(separator: ", "))" }
    if !new.isEmpty { text += ", with \(new.joined(separator: ", "))" }
    return "\(text): \(plan.text.prefix(100))"
  }
}
