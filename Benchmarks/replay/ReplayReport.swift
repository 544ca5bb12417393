// What came of a replay.

/// Counts, and the statements that were judged wrongly.
struct ReplayReport: Sendable {
  struct Case: Sendable {
    var file: String
    var text: String
    var word: String
    var rule: String
    var details: String
    var callsOnlyBuiltIns: Bool

    var line: String {
      let flat = text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
      return "\(file): \(word) [\(rule)] \(details): \(flat.prefix(400))"
    }
  }

  var statements = 0
  var judged = 0
  var parsed = 0
  var ran = 0
  var refusedByServer = 0
  var skippedCommands = 0
  var words: [String: Int] = [:]
  var failures: [String] = []
  /// SELECT, VALUES, TABLE, SHOW and EXPLAIN that ran, and changed nothing.
  var harmless = 0
  var harmlessOfBuiltIns = 0
  var wrongAdmissions: [Case] = []
  var falseRefusals: [Case] = []

  var refusedOfBuiltIns: [Case] { falseRefusals.filter(\.callsOnlyBuiltIns) }

  /// Without functions that are there for their effect, where this call had none that shows: a lock that is given back
  /// at once, an index with nothing to tidy up, a sequence that its own transaction made.
  var refusedForNothing: [Case] { refusedOfBuiltIns.filter { !Self.effective.contains($0.rule) } }

  private static let effective: Set<String> = [
    "function-write", "function-lock", "function-wait", "function-session", "function-transaction-id",
  ]

  var text: String {
    var lines = [
      "statements: \(statements), judged: \(judged), parsed: \(parsed), ran: \(ran),"
        + " failed on the server: \(refusedByServer), psql commands left out: \(skippedCommands)",
      "verdicts: " + words.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
      "not judged: \(failures.count)",
      "harmless reads: \(harmless), refused: \(falseRefusals.count) (\(percent(falseRefusals.count, harmless)))",
      "  of these, calling only PostgreSQL's own functions: \(harmlessOfBuiltIns), refused:"
        + " \(refusedOfBuiltIns.count) (\(percent(refusedOfBuiltIns.count, harmlessOfBuiltIns)))",
    ]
    lines.append(
      "  of these, not for a function that is there for its effect: \(refusedForNothing.count)"
        + " (\(percent(refusedForNothing.count, harmlessOfBuiltIns)))")
    var rules: [String: (Int, Int)] = [:]
    for refusal in falseRefusals {
      rules[refusal.rule, default: (0, 0)].0 += 1
      if refusal.callsOnlyBuiltIns { rules[refusal.rule, default: (0, 0)].1 += 1 }
    }
    for (rule, counts) in rules.sorted(by: { $0.value.0 > $1.value.0 }) {
      lines.append("    \(rule): \(counts.0), \(counts.1) of PostgreSQL's own")
    }
    lines.append("wrong admissions: \(wrongAdmissions.count)")
    lines += wrongAdmissions.map { "  \($0.line)" }
    return lines.joined(separator: "\n")
  }

  private func percent(_ part: Int, _ whole: Int) -> String {
    let tenThousandths = whole == 0 ? 0 : part * 10_000 / whole
    let fraction = tenThousandths % 100
    return "\(tenThousandths / 100).\(fraction < 10 ? "0" : "")\(fraction) %"
  }
}
