// The real program, run as a person runs it: help, usage errors, exit codes, the reference page.

import JSON
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The program that this test run was built with; it stands beside the tests.
private let program: String = {
  let beside = CommandLine.arguments.first.map { path in
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/pgadvisor"
  }
  let candidates = [variable("PGADVISOR_PROGRAM"), beside, packageFile(".build/debug/pgadvisor")].compactMap { $0 }
  return candidates.first { access($0, X_OK) == 0 } ?? "pgadvisor"
}()

@Suite struct CommandLineTests {
  private func run(_ arguments: String...) throws -> CommandOutput { try runCommand([program] + arguments) }

  @Test func helpSaysOptionsExitCodesAndExamples() throws {
    let overview = try run("--help")
    #expect(overview.status == 0)
    for command in ["advise", "top", "explain", "completions", "reference"] {
      #expect(overview.text.contains("\n  \(command) "))
      let help = try run(command, "--help")
      #expect(help.status == 0)
      #expect(help.text.contains("Exit codes:") && help.text.contains("Examples:"))
    }
    #expect(try run("advise", "--help").text.contains("64  Wrong options."))
  }

  @Test(arguments: [
    (["advise", "--fromat", "json"], "did you mean --format?"), (["advise", "--format", "jsn"], "did you mean json?"),
    (["advise", "--budget", "lots"], "a size such as"),
    (["advise", "--time-limit", "5 parsecs"], "a duration such as"),
    (["advise", "--minimum-improvement", "200%"], "a share such as"), (["advise", "--budget"], "needs a value"),
    (["advise", "a", "b"], "takes one URL"), (["advice"], "did you mean advise?"),
    (["top", "--by", "weight"], "takes one of"),
    (["explain"], "takes one statement"), (["advise", "--budget", "1MB", "--budget", "2MB"], "given twice"),
    (["advise", "--json", "--format", "text"], "contradict each other"), (["help", "advice"], "did you mean advise?"),
    (["advise", "--max-columns", "0"], "takes 1 to 8"), (["completions", "tcsh"], "bash, zsh, fish"),
    (["explain", "--analyze", "--hypothetical", "CREATE INDEX ON t (a)", "SELECT 1"], "leave one out"),
  ])
  func usageErrorsAreOneLineAndExit64(arguments: [String], part: String) throws {
    let result = try runCommand([program] + arguments)
    #expect(result.status == 64)
    #expect(result.text.hasPrefix("pgadvisor: "))
    #expect(result.text.contains(part), "\(result.text)")
    #expect(result.text.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    ("postgresql://127.0.0.1:1/x", "127.0.0.1"), ("postgresql://u:geheim@127.0.0.1:1/x?connect_timeout=2", "127.0.0.1"),
    ("postgresql://%zz", "malformed"), ("host=/nonexistent dbname=x", "/nonexistent"),
  ])
  func whatCannotBeReachedIsSaidInOneLineWithoutThePassword(url: String, part: String) throws {
    let result = try run("advise", url)
    #expect(result.status == 2)
    #expect(result.text.contains(part), "\(result.text)")
    #expect(!result.text.contains("geheim"))
    #expect(result.text.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    ["postgresql://u:geheim@h/db"], ["help", "postgresql://u:geheim@h/db"], ["dbname=x password=geheim"],
    ["advise", "--budget", "postgresql://u:geheim@h/db"], ["advise", "--format", "password=geheim"],
    ["explain", "postgresql://u:geheim@h/db"], ["top", "postgresql://u:geheim@h/db", "x"],
  ])
  func aPasswordInTheWrongPlaceIsNotRepeated(arguments: [String]) throws {
    let result = try runCommand([program] + arguments)
    #expect(result.status == 64)
    #expect(!result.text.contains("geheim"), "\(result.text)")
  }

  @Test func helpIsThereByEveryName() throws {
    let overview = try run("--help").text
    #expect(try run("help").text == overview)
    #expect(try run("help", "top").text == run("top", "--help").text)
    let bare = try run()
    #expect(bare.status == 64)
    #expect(bare.text == overview)
  }

  @Test(.enabled(if: access("/dev/full", W_OK) == 0))
  func anAnswerThatCannotBeWrittenIsAFailure() throws {
    let full = try runCommand(["sh", "-c", "'\(program)' reference > /dev/full"])
    #expect(full.status == 2)
    #expect(full.text == "pgadvisor: cannot write the answer: No space left on device\n")
  }

  @Test func aReaderThatHasLeftIsNoFailure() throws {
    let left = try runCommand(["sh", "-c", "{ sleep 0.2; '\(program)' reference; echo $? >&2; } | true"])
    #expect(left.text == "0\n")
  }

  @Test func standardInputThatCannotBeReadIsAFailure() throws {
    let result = try runCommand(["sh", "-c", "'\(program)' advise --file - < /"])
    #expect(result.status == 2)
    #expect(result.text == "pgadvisor: cannot read standard input: Is a directory\n")
  }

  @Test func aSignalEndsTheWaitForStandardInput() throws {
    // `sleep` keeps the pipe open and says nothing; at its end `explain` would find no statement.
    let result = try runCommand([
      "sh", "-c",
      "sleep 2 | timeout --foreground --preserve-status -s TERM 0.5 '\(program)' explain -; echo $?",
    ])
    #expect(result.text == "130\n")
  }

  /// A server that takes the connection and then says nothing: only the second signal is quick.
  @Test func theSecondSignalEndsTheProcess() throws {
    let listener = try SilentListener()
    let began = ContinuousClock.now
    let result = try runCommand([
      "sh", "-c",
      """
      '\(program)' advise 'postgresql://127.0.0.1:\(listener.port)/x?sslmode=disable&gssencmode=disable&connect_timeout=60' &
      program=$!; sleep 0.5; kill -TERM $program; sleep 0.3; kill -0 $program || echo gone too early
      kill -TERM $program; wait $program; echo $?
      """,
    ])
    #expect(result.text == "130\n")
    #expect(ContinuousClock.now - began < .seconds(30))
  }

  @Test func theReferencePageIsFresh() throws {
    expectGolden(try run("reference").text, at: "docs/reference.md")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsNameEveryCommand(shell: String) throws {
    let script = try run("completions", shell).text
    for command in ["advise", "top", "explain"] { #expect(script.contains(command)) }
    #expect(script.contains("exchange-rate"))
  }
}

/// A port where connections are accepted, by the operating system, and nobody ever answers.
private final class SilentListener {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 4) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isListening else { throw CommandFailure(description: "no port to listen on") }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}

@Suite(.needsServer) struct CommandsOnAServerTests {
  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalCancelsWhatTheServerDoes(number: Int32) throws {
    let cluster = try ScratchCluster.shared()
    let began = ContinuousClock.now
    let result = try runCommand([
      "timeout", "--foreground", "--preserve-status", "-s", "\(number)", "1", program, "explain", "--analyze",
      cluster.url(database: "postgres"), "SELECT pg_sleep(60), 'cancelled by \(number)'",
    ])
    #expect(result.status == 130)
    #expect(result.text.split(separator: "\n").count == 1 && result.text.hasPrefix("pgadvisor: "), "\(result.text)")
    #expect(ContinuousClock.now - began < .seconds(30))
    let running = try cluster.run(
      "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%cancelled by ' || '\(number)%'")
    #expect(running == "0\n", "\(running)")
  }

  /// A statement that takes long to plan gives the signal time to come before the end.
  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalEndsTheSearchWithTheBestFoundSoFar(number: Int32) throws {
    let cluster = try ScratchCluster.shared()
    let name = "cli_\(UInt32.random(in: 0 ... .max))"
    try cluster.run("CREATE DATABASE \(name)")
    defer { _ = try? cluster.run("DROP DATABASE \(name) WITH (FORCE)") }
    try cluster.run("CREATE EXTENSION hypopg; \(Self.schema)", in: name)
    let joined = (1...11).map { "t AS t\($0)" }.joined(separator: ", ")
    let conditions = (2...11).map { "t\($0).a = t\($0 - 1).id" }.joined(separator: " AND ")
    let query = "SELECT * FROM \(joined) WHERE \(conditions) AND t1.a = 3"
    // `timeout` starts its command in the foreground, sends the signal once, and passes the exit code on.
    let result = try runCommand([
      "timeout", "--foreground", "--preserve-status", "-s", "\(number)", "0.5", program, "advise",
      cluster.url(database: name), "--json", "--time-limit", "60s", "--query", query,
    ])
    let advice = try JSONValue(parsing: result.text)
    #expect(["interrupted", "complete"].contains(advice["summary"]?["ending"]?.string ?? ""))
    #expect(result.status == 0 || result.status == 1)
  }

  private static let schema = """
    CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL);
    INSERT INTO t SELECT g, g % 5000 FROM generate_series(1, 20000) g;
    ANALYZE t;
    """

  @Test func exitCodesSayWhatWasFound() throws {
    func run(_ url: String, _ query: String) throws -> CommandOutput {
      try runCommand([program, "advise", url, "--json", "--query", query])
    }
    let cluster = try ScratchCluster.shared()
    let name = "cli_\(UInt32.random(in: 0 ... .max))"
    try cluster.run("CREATE DATABASE \(name)")
    defer { _ = try? cluster.run("DROP DATABASE \(name) WITH (FORCE)") }
    try cluster.run("CREATE EXTENSION hypopg; \(Self.schema)", in: name)
    let url = cluster.url(database: name)
    let found = try run(url, "SELECT * FROM t WHERE a = 3")
    #expect(found.status == 1)
    let statement = try JSONValue(parsing: found.text)["recommendations"]?[0]?["statement"]?.string
    #expect(statement == "CREATE INDEX CONCURRENTLY t_a_idx ON public.t (a);")
    #expect(try run(url, "SELECT * FROM t WHERE id = 3").status == 0)
    #expect(try run(url, "SELECT * FROM missing").status == 2)
    if let statement { try cluster.run(statement, in: name) }
    #expect(try run(url, "SELECT * FROM t WHERE a = 3").status == 0)
  }
}
