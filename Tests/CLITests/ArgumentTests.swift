// What is typed, and what it means: options, values, and which word is a server.

import Support
import Testing

@testable import CLI

@Suite struct ArgumentTests {
  private static let options: [Option] = [
    Option("query", short: "q", .text("SQL"), repeatable: true, ""), Option("budget", .size, ""),
    Option("format", .choice(["text", "json"]), ""), Option("json", ""), Option("analyze", ""),
  ]

  private func parse(_ arguments: String...) throws -> ParsedArguments {
    try ParsedArguments(arguments, options: Self.options)
  }

  private func refusal(_ arguments: String...) -> Refusal? {
    do throws(Refusal) {
      _ = try ParsedArguments(arguments, options: Self.options)
      return nil
    } catch {
      return error
    }
  }

  @Test func optionsComeInEveryUsualForm() throws {
    let parsed = try parse("a", "--query", "x", "--query=y=z", "-q", "w", "--analyze", "-", "--", "--budget", "-q")
    #expect(parsed.positionals == ["a", "-", "--budget", "-q"])
    #expect(parsed.texts("query") == ["x", "y=z", "w"])
    #expect(parsed.has("analyze") && !parsed.has("budget") && parsed.text("budget") == nil)
    #expect(try parse("--budget", "2kB").bytes("budget") == 2_048)
  }

  @Test func refusalsAreUsageErrors() {
    #expect(refusal("--budget", "1MB", "--budget", "2MB")?.message == "--budget is given twice")
    #expect(refusal("--analyze=yes")?.message == "--analyze takes no value")
    #expect(refusal("--query")?.message == "--query needs a value (SQL)")
    #expect(refusal("--qwery", "x")?.message == "unknown option --qwery; did you mean --query?")
    #expect(refusal("-x")?.message.hasPrefix("unknown option -x") == true)
    #expect(refusal("--format", "jsn")?.message == "--format takes one of text, json, not \"jsn\"; did you mean json?")
    #expect(refusal("--budget=")?.exitCode == .usage)
    #expect(refusal("--analyze", "--analyze") == nil)
  }

  @Test func jsonIsAFormat() throws {
    #expect(try parse().format() == "text")
    #expect(try parse("--json").format() == "json")
    #expect(try parse("--format=json").format() == "json")
    #expect(try parse("--json", "--format", "json").format() == "json")
    #expect(throws: Refusal(message: "--json and --format text contradict each other")) {
      try parse("--format", "text", "--json").format()
    }
  }

  @Test func durations() {
    #expect(ValueReader.duration("500ms") == .milliseconds(500))
    #expect(ValueReader.duration("30s") == .seconds(30))
    #expect(ValueReader.duration("30") == .seconds(30))
    #expect(ValueReader.duration("1.5 min") == .seconds(90))
    #expect(ValueReader.duration("2h") == .seconds(7_200))
    #expect(ValueReader.duration("0") == .zero)
    for text in ["", "s", "-1s", "1d", "1e3s", "1.2.3s", "1 s s", "99999999999999h", "१s"] {
      #expect(ValueReader.duration(text) == nil, "\(text)")
    }
  }

  /// Units as in postgresql.conf: https://www.postgresql.org/docs/current/config-setting.html
  @Test func sizes() {
    #expect(ValueReader.bytes("64kB") == 65_536)
    #expect(ValueReader.bytes("100MB") == 104_857_600)
    #expect(ValueReader.bytes("1.5GB") == 1_610_612_736)
    #expect(ValueReader.bytes("1 tb") == 1_099_511_627_776)
    #expect(ValueReader.bytes("8192") == 8_192)
    for text in ["", "MB", "-1MB", "1XB", "1.5.2GB", "99999999999TB", "infGB", "1,5GB"] {
      #expect(ValueReader.bytes(text) == nil, "\(text)")
    }
  }

  @Test func shares() {
    #expect(ValueReader.fraction("10%") == 0.1)
    #expect(ValueReader.fraction("0.1") == 0.1)
    #expect(ValueReader.fraction("100 %") == 1)
    // 10 could mean either.
    for text in ["10", "200%", "-1%", "%", "ten"] { #expect(ValueReader.fraction(text) == nil, "\(text)") }
  }

  @Test(arguments: [
    "postgres://h/d", "postgresql://u:p@h/d", "host=/run/postgresql dbname=x", "  service = shop", "sslmode=require",
    "a=b",
  ])
  func serversAreRecognised(text: String) {
    #expect(namesServer(text))
  }

  @Test(arguments: [
    "SELECT * FROM t WHERE user='x'", "SELECT 1 AS port, host = 3 FROM t", "DELETE FROM t WHERE password=''", "-", "",
    "SELECT 1", "TABLE t", "=", "UPDATE t SET user='x'",
  ])
  func statementsAreNotServers(text: String) {
    #expect(!namesServer(text))
  }

  @Test func whatIsNearIsFoundAndNothingElse() {
    let words = ["advise", "top", "explain"]
    #expect(nearest(to: "advice", among: words) == "advise")
    #expect(nearest(to: "explian", among: words) == "explain")
    #expect(nearest(to: "vacuum", among: words) == nil)
    #expect(nearest(to: "x", among: []) == nil)
  }

  @Test func tablesHoldTogether() {
    #expect(Set(allCommands.map(\.name)).count == allCommands.count)
    for command in allCommands {
      let options = command.allOptions
      #expect(Set(options.map(\.name)).count == options.count, "\(command.name)")
      #expect(Set(options.compactMap(\.short)).count == options.compactMap(\.short).count, "\(command.name)")
      #expect(command.exitCodes.contains { $0.code == .usage } && !command.examples.isEmpty, "\(command.name)")
      #expect(options.allSatisfy { $0.help.hasSuffix(".") } && command.summary.hasSuffix("."), "\(command.name)")
      if options.contains(where: { $0.name == "format" }) {
        #expect(options.contains { $0.name == "json" }, "\(command.name)")
      }
      // Every example that names our options parses.
      for example in command.examples {
        #expect(example.line.contains("pgadvisor \(command.name)"), "\(example.line)")
        for word in example.line.split(separator: " ") where word.hasPrefix("--") {
          #expect(options.contains { word.dropFirst(2) == $0.name }, "\(example.line): \(word)")
        }
      }
    }
  }
}
