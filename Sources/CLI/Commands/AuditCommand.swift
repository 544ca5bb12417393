// `pgadvisor audit`: read the chain of records that serve keeps, and prove that it is whole.

import IndexTuner
import JSON
import Store
import Terminal

struct AuditCommand: Command {
  let name = "audit"
  let summary = "Read the records that serve keeps in its store, and verify that they are whole."
  let arguments = "verify | tail | search | export | head | retire"
  let argumentWords = ["verify", "tail", "search", "export", "head", "retire"]
  let details = """
    serve --store FILE keeps one record for each call, each bound to all in front of it. verify finds what was edited, \
    removed, moved or cut off; heads that head printed earlier and that were kept elsewhere prove that the records up \
    to there are still the same ones. tail shows the last records, search those that meet all conditions, export \
    writes them as JSON lines or CSV. retire removes what is older than a time, and leaves a record of that.
    """
  let options: [Option] =
    StoreOptions.options + AuditFilter.options + [
      Option("head", .text("NUMBER:LINK"), repeatable: true, "For verify: what head printed once."),
      Option("lines", .integer("N"), "For tail and search: at most so many of the last records; 20, when not said."),
      Option("follow", "For tail: go on with what is added, until Ctrl-C."),
      Option("before", .text("TIME"), "For retire: what is older goes."),
      Option("format", .choice(["text", "json", "csv"]), "text, when not said; json for export."),
      Option("json", "The same as --format json."), Option("no-color", "No colours, also on a terminal."),
    ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Done; verify found the chain whole."), (.findings, "verify found something wrong."),
    (.failure, "The store cannot be read."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor audit tail --store audit.db --follow", "What is going on."),
    ("pgadvisor audit verify --store audit.db --head 1042:9f86…", "Nothing was changed, also not the end."),
    ("pgadvisor audit search --store audit.db --outcome refused --since 2026-11-29", "Refusals of a day."),
    ("pgadvisor audit export --store audit.db --format csv > audit.csv", "All of it for a spreadsheet."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    guard let word = arguments.positionals.first, arguments.positionals.count == 1, argumentWords.contains(word) else {
      let near = arguments.positionals.first.flatMap { nearest(to: $0, among: argumentWords) }
      throw Refusal(
        message: "audit takes one of \(argumentWords.joined(separator: ", "))"
          + (near.map { "; did you mean \($0)?" } ?? ""))
    }
    try Self.check(arguments, for: word)
    let filter = try AuditFilter(arguments)
    let store = try await StoreOptions(arguments, context).open(mayCreate: false)
    do throws(StoreError) {
      switch word {
      case "verify": return try await verify(store, arguments, context)
      case "head": return context.deliver(try await store.books().head.text + "\n")
      case "tail", "search": return try await show(store, filter, arguments, context)
      case "export": return try await export(store, filter, arguments, context)
      default: return try await retire(store, arguments, context)
      }
    } catch {
      throw Refusal(message: error.message, exitCode: .failure)
    }
  }

  /// An option that a word does not know is refused, not ignored.
  private static func check(_ arguments: ParsedArguments, for word: String) throws(Refusal) {
    let filters = AuditFilter.options.map(\.name)
    let known: [String: [String]] = [
      "verify": ["head", "format", "json"], "head": [], "retire": ["before"],
      "tail": filters + ["lines", "follow", "format", "json"], "search": filters + ["lines", "format", "json"],
      "export": filters + ["format", "json"],
    ]
    let others = Set(known.values.joined()).subtracting(known[word] ?? [])
    if let option = others.sorted().first(where: arguments.has) {
      throw Refusal(message: "audit \(word) does not take --\(option)")
    }
    if arguments.text("format") == "csv", word != "export" {
      throw Refusal(message: "only audit export writes CSV")
    }
    if word == "retire", arguments.text("before") == nil { throw Refusal(message: "retire what? Say --before TIME") }
    _ = try AuditFilter.time("before", arguments)
    if let lines = arguments.integer("lines"), !(1...100_000).contains(lines) {
      throw Refusal(message: "--lines takes 1 to 100000")
    }
    _ = try arguments.format()
  }

  private func verify(
    _ store: any AuditStore, _ arguments: ParsedArguments, _ context: Context
  ) async throws(StoreError) -> ExitCode {
    var heads: [ChainHead] = []
    for text in arguments.texts("head") {
      guard let head = ChainHead(text) else {
        StandardStreams.writeError(
          "pgadvisor: --head takes what audit head prints, not \(escaped(elided(text, to: 40)))\n")
        return .usage
      }
      heads.append(head)
    }
    let progress = context.progress
    let result = try await Verification.of(store, heads: heads, cut: AuditEvent.cut) {
      progress.show("\($0) records")
    }
    progress.clear()
    let said = VerificationAnswer(result, heads: heads.count)
    let isJSON = arguments.has("json") || arguments.text("format") == "json"
    return context.deliver(
      isJSON ? said.json.text(pretty: true) + "\n" : said.text(style: context.style(arguments)),
      result.isSound ? .success : .findings)
  }

  private func show(
    _ store: any AuditStore, _ filter: AuditFilter, _ arguments: ParsedArguments, _ context: Context
  ) async throws(StoreError) -> ExitCode {
    let most = arguments.integer("lines") ?? 20
    let isJSON = arguments.has("json") || arguments.text("format") == "json"
    var last: [AuditLine] = []
    var place: Int64 = 0
    if arguments.positionals.first == "tail", AuditFilter.options.allSatisfy({ !arguments.has($0.name) }) {
      // The end is known; the beginning need not be read.
      place = max(0, try await store.books().head.number - Int64(most))
    }
    try await each(store, after: &place, context) { line in
      guard filter.takes(line) else { return true }
      last.append(line)
      // Not one by one, which would move all of them each time.
      if last.count >= 2 * most { last.removeFirst(last.count - most) }
      return true
    }
    last = Array(last.suffix(most))
    if isJSON {
      guard context.deliver(last.map(\.json).joined()) == .success else { return .failure }
    } else if last.isEmpty {
      StandardStreams.writeError("pgadvisor: no record meets the conditions\n")
    } else {
      var table = AuditLine.table
      for line in last { table.add(line.cells) }
      guard context.deliver(table.rendered(style: context.style(arguments)) + "\n") == .success else { return .failure }
    }
    guard arguments.has("follow") else { return .success }
    while !context.stop.isRaised {
      do { try await Task.sleep(for: .milliseconds(300)) } catch { break }
      var isRead = true
      try await each(store, after: &place, context) { line in
        guard filter.takes(line) else { return true }
        isRead =
          StandardStreams.writeOut(isJSON ? line.json : line.cells.map(escaped).joined(separator: "  ") + "\n")
          == .complete
        return isRead
      }
      if !isRead { return .success }
    }
    return .interrupted
  }

  private func export(
    _ store: any AuditStore, _ filter: AuditFilter, _ arguments: ParsedArguments, _ context: Context
  ) async throws(StoreError) -> ExitCode {
    let isCSV = arguments.text("format") == "csv"
    if isCSV, context.deliver(AuditLine.columns.joined(separator: ",") + "\r\n") != .success { return .failure }
    var code = ExitCode.success
    var place: Int64 = 0
    var text = ""
    try await each(store, after: &place, context) { line in
      guard filter.takes(line) else { return true }
      text += isCSV ? line.csv : line.json
      guard text.utf8.count > 1 << 16 else { return true }
      defer { text = "" }
      switch StandardStreams.writeOut(text) {
      case .complete: return true
      case .readerIsGone: return false
      case .failed:
        code = context.deliver("", .failure)
        return false
      }
    }
    if context.stop.isRaised { return .interrupted }
    return code == .success ? context.deliver(text) : code
  }

  private func retire(
    _ store: any AuditStore, _ arguments: ParsedArguments, _ context: Context
  ) async throws(StoreError) -> ExitCode {
    let before = arguments.text("before") ?? ""
    let (count, last) = try await Retirement(store: store).remove(before: before) { context.stop.isRaised }
    if context.stop.isRaised { return .interrupted }
    return context.deliver(
      count == 0 ? "Nothing is older than \(before).\n" : "\(count) records retired, up to \(last).\n")
  }

  /// Record by record, a page at a time; false ends it.
  private func each(
    _ store: any AuditStore, after place: inout Int64, _ context: Context, _ body: (AuditLine) -> Bool
  ) async throws(StoreError) {
    while !context.stop.isRaised {
      let page = try await store.entries(after: place)
      if page.isEmpty { return }
      for entry in page {
        guard body(AuditLine(entry)) else { return }
        place = entry.number
      }
    }
  }
}
