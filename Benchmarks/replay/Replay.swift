// Runs scripts on a server, judges each statement before it runs, and compares the verdict with what happened.

import Foundation
import Governance
import SQLSyntax

@testable import Database

/// Where to find what.
struct ReplaySettings: Sendable {
  var url: String
  /// src/test/regress of PostgreSQL's source.
  var suite: String
  /// Where regress.so is.
  var library: String
  /// Where scripts may write.
  var results: String
  var dataDirectory: String

  init?(_ environment: [String: String]) {
    guard let url = environment["REPLAY_URL"], let suite = environment["REPLAY_SUITE"],
      let results = environment["REPLAY_RESULTS"], let data = environment["REPLAY_DATA"]
    else { return nil }
    self.url = url
    self.suite = suite
    self.results = results
    library = environment["REPLAY_LIBRARY"] ?? results
    dataDirectory = data
  }

  /// The files of the schedule, in order.
  func files() throws -> [String] {
    let schedule = try String(contentsOfFile: "\(suite)/parallel_schedule", encoding: .utf8)
    return schedule.split(separator: "\n").filter { $0.hasPrefix("test:") }
      .flatMap { $0.dropFirst(5).split(separator: " ").map(String.init) }
  }
}

/// One pass over the suite.
struct Replay {
  private let settings: ReplaySettings
  private let server: ServerInfo
  private let observer: RawSession
  private let sentinel: RawSession
  private var session: RawSession
  private var gate: Gate
  private var structuralGate = Gate(names: NoNames())
  private var lastLook: Observation?
  private var lastRows = StepRows()
  private(set) var report = ReplayReport()
  private var file = ""
  private var variables: [String: String] = [:]
  private var conditions: [Bool] = []

  init?(_ settings: ReplaySettings, server: ServerInfo) {
    guard let observer = RawSession(settings.url, server: server),
      let sentinel = RawSession(settings.url, server: server), let session = RawSession(settings.url, server: server)
    else { return nil }
    _ = observer.run("SET lock_timeout = '20ms'")
    self.settings = settings
    self.server = server
    self.observer = observer
    self.sentinel = sentinel
    self.session = session
    gate = Gate(names: RawNames(session: session))
  }

  mutating func run(_ name: String) async {
    file = name
    guard let contents = FileManager.default.contents(atPath: "\(settings.suite)/sql/\(name).sql") else { return }
    variables = [
      "abs_srcdir": settings.suite, "abs_builddir": settings.results, "libdir": settings.library, "dlsuffix": ".so",
      "DBNAME": "regression", "USER": "postgres",
    ]
    conditions = []
    connect(nil)
    var script = PsqlScript(Array(contents), variables: variables)
    while let event = script.next() {
      switch event {
      case .statement(let text): if isActive { await run(text, &script) }
      case .command(let name, let arguments, let buffer): await obey(name, arguments, buffer, &script)
      }
      script.variables = variables
    }
  }

  private var isActive: Bool { !conditions.contains(false) }

  private mutating func connect(_ user: String?) {
    let url = user.map { "\(settings.url)&user=\($0)" } ?? settings.url
    guard let new = RawSession(url, server: server) else { return }
    session = new
    gate = Gate(names: RawNames(session: session))
    lastLook = nil
    for setting in ["DateStyle = 'Postgres, MDY'", "TimeZone = 'PST8PDT'", "intervalstyle = postgres_verbose"] {
      _ = session.run("SET \(setting)")
    }
  }

  // MARK: - Statements

  private mutating func run(_ text: String, _ script: inout PsqlScript) async {
    report.statements += 1
    let first = text.prefix { !$0.isWhitespace && $0 != "(" && $0 != ";" }.uppercased()
    let verdict = await judge(text, first)
    let isQuery = ["SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN", ""].contains(first)
    let isAdmitted = verdict?.strongest == .read || verdict?.strongest == .explain
    guard let verdict, isQuery || isAdmitted, !session.hasFailed else {
      count(session.run(text) { script.copyData() })
      lastLook = nil
      if !Self.keepsNames.contains(first) { gate.forget() }
      return
    }
    let before = lastLook ?? look()
    let isAlone = session.isIdle
    // A savepoint makes what the statement writes show by a transaction id of its own.
    _ = session.run(isAlone ? "BEGIN" : "SAVEPOINT replay_look")
    let outcome = session.run(text) { script.copyData() }
    let inside = look()
    if isAlone {
      _ = session.run(outcome.ran ? "COMMIT" : "ROLLBACK")
    } else if outcome.ran {
      _ = session.run("RELEASE SAVEPOINT replay_look")
    }
    count(outcome)
    let after = isAlone ? look() : inside
    lastLook = isAlone ? after : nil
    let changes = Self.changes(before, inside, after, isAlone, verdict)
    assess(text, verdict, outcome, changes)
    if !changes.isEmpty || !outcome.ran { gate.forget() }
  }

  /// Statements after which every name means what it meant.
  private static let keepsNames: Set<String> = [
    "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "DECLARE", "FETCH", "MOVE", "CLOSE", "BEGIN", "START", "COMMIT",
    "END",
    "SAVEPOINT", "RELEASE", "ANALYZE", "VACUUM", "LOCK", "PREPARE", "EXECUTE", "DEALLOCATE", "EXPLAIN", "SELECT",
    "WITH",
    "NOTIFY", "LISTEN", "UNLISTEN",
  ]

  /// Alone in its transaction a statement is looked at when that has ended too. In a block an open cursor ends with it.
  private static func changes(
    _ before: Observation, _ inside: Observation, _ after: Observation, _ isAlone: Bool, _ verdict: Verdict
  ) -> [String] {
    if !isAlone { return before.changes(to: inside).filter { $0 != "transactions" && $0 != "cursors" } }
    var changes = before.changes(to: inside).filter { ["locks", "changes", "own sequences"].contains($0) }
    changes += before.changes(to: after).filter { !changes.contains($0) }
    // Each commit of a session with temporary tables empties those that are `ON COMMIT DELETE ROWS`, whatever it read.
    let touchesTemporary = verdict.relations.contains { $0.schema?.hasPrefix("pg_temp") ?? false }
    if touchesTemporary && changes == ["transactions"] { return [] }
    return changes
  }

  private mutating func count(_ outcome: RawOutcome) {
    lastRows = outcome.rows
    if outcome.ran { report.ran += 1 } else { report.refusedByServer += 1 }
    if outcome.isLost { connect(nil) }
  }

  private mutating func forget() {
    lastLook = nil
    gate.forget()
  }

  private func look() -> Observation {
    Observation(
      session, observer: observer, sentinel: sentinel,
      places: [settings.dataDirectory, "\(settings.dataDirectory)/pg_replslot", settings.results])
  }

  private mutating func judge(_ text: String, _ first: String) async -> Verdict? {
    if session.hasFailed { return nil }
    report.judged += 1
    do throws(GateFailure) {
      let isStructural = Self.structural.contains(first)
      let verdict = isStructural ? try await structuralGate.judge(text) : try await gate.judge(text)
      report.words[verdict.strongest?.rawValue ?? "reject", default: 0] += 1
      if verdict.rule != "syntax" { report.parsed += 1 }
      return verdict
    } catch {
      report.failures.append("\(file): \(error.message): \(text.prefix(200))")
      return nil
    }
  }

  /// Some of these must be the first statement of their transaction, and none needs a name.
  private static let structural: Set<String> = [
    "SET", "RESET", "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "DISCARD", "LISTEN",
    "UNLISTEN", "DEALLOCATE", "CLOSE",
  ]

  private mutating func assess(_ text: String, _ verdict: Verdict, _ outcome: RawOutcome, _ changes: [String]) {
    let isAdmitted = verdict.strongest == .read || verdict.strongest == .explain
    let onlyBuiltIns = verdict.functions.allSatisfy {
      $0.signature.hasPrefix("pg_catalog.") || $0.signature.hasPrefix("information_schema.")
    }
    let found = ReplayReport.Case(
      file: file, text: text, word: verdict.strongest?.rawValue ?? "reject", rule: verdict.rule,
      details: isAdmitted ? changes.joined(separator: ", ") : verdict.notes.first ?? verdict.message,
      callsOnlyBuiltIns: onlyBuiltIns)
    if isAdmitted && !changes.isEmpty { report.wrongAdmissions.append(found) }
    guard outcome.ran, changes.isEmpty, isHarmlessKind(text) else { return }
    report.harmless += 1
    if onlyBuiltIns { report.harmlessOfBuiltIns += 1 }
    if !isAdmitted { report.falseRefusals.append(found) }
  }

  /// One SELECT, VALUES, TABLE, SHOW or EXPLAIN of one: an EXPLAIN of a change is no read.
  private func isHarmlessKind(_ text: String) -> Bool {
    guard let statements = try? parse(text), statements.count == 1, let node = statements.first?.node else {
      return false
    }
    if node.kind == .explainStmt { return node.child(.query)?.kind == .selectStmt }
    return node.kind == .selectStmt || node.kind == .variableShowStmt
  }

  // MARK: - Commands of psql

  private mutating func obey(
    _ name: String, _ arguments: [String], _ buffer: String, _ script: inout PsqlScript
  ) async {
    switch name {
    case "if": conditions.append(Self.isTrue(arguments.first))
    case "elif": if let last = conditions.popLast() { conditions.append(!last && Self.isTrue(arguments.first)) }
    case "else": if let last = conditions.popLast() { conditions.append(!last) }
    case "endif": _ = conditions.popLast()
    case _ where !isActive: break
    case "set":
      if let first = arguments.first { variables[first] = arguments.dropFirst().joined() }
    case "unset": if let first = arguments.first { variables[first] = nil }
    case "getenv": obeyGetenv(arguments)
    case "c", "connect": connect(arguments.count > 1 && arguments[1] != "-" ? arguments[1] : nil)
    case "gset": await store(buffer, prefix: arguments.first ?? "", &script)
    case "gexec": await runResults(of: buffer, &script)
    case "g", "gx", "crosstabview", "watch", "gdesc": if !buffer.isEmpty { await run(buffer, &script) }
    default: report.skippedCommands += 1
    }
  }

  private mutating func obeyGetenv(_ arguments: [String]) {
    guard arguments.count == 2 else { return }
    let known = [
      "PG_ABS_SRCDIR": settings.suite, "PG_ABS_BUILDDIR": settings.results, "PG_LIBDIR": settings.library,
      "PG_DLSUFFIX": ".so",
    ]
    variables[arguments[0]] = known[arguments[1]]
  }

  private mutating func store(_ text: String, prefix: String, _ script: inout PsqlScript) async {
    guard !text.isEmpty else { return }
    await run(text, &script)
    for (column, name) in lastRows.columns.enumerated() { variables[prefix + name] = lastRows.text(0, column) }
  }

  private mutating func runResults(of text: String, _ script: inout PsqlScript) async {
    let outcome = session.run(text)
    for row in outcome.rows.rows {
      for cell in row { if let cell { await run(String(decoding: cell, as: UTF8.self), &script) } }
    }
  }

  private static func isTrue(_ word: String?) -> Bool {
    ["t", "true", "on", "1", "yes", "y"].contains(word?.lowercased() ?? "")
  }
}
