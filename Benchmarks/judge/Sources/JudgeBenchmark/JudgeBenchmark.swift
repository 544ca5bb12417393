// Times the gate on whole files, in this process, and shows what a million judged statements leave behind.

import Database
import Governance
import SQLSyntax

@main
enum JudgeBenchmark {
  private static let usage = """
    usage: JudgeBenchmark [--connection URL --setup FILE] FILE…
           JudgeBenchmark --memory
    One line a file: its name, and the microseconds that parsing and judging it take, medians.

    """

  static func main() async throws {
    var files: [String] = []
    var options: [String: String] = [:]
    var arguments = CommandLine.arguments.dropFirst()
    while let argument = arguments.popFirst() {
      switch argument {
      case "--memory": return try await showMemory()
      case "--connection", "--setup": options[argument] = arguments.popFirst()
      default: files.append(argument)
      }
    }
    guard !files.isEmpty else { return print(usage, terminator: "") }
    guard let url = options["--connection"] else { return try await time(files, UnknownNames()) }
    let session = try await Session.open(ConnectionTarget(url: url))
    let setup = try options["--setup"].map(TextFile.contents) ?? ""
    let names = files
    try await session.snapshot(
      after: splitStatements(setup).map { SetupStatement(preparing: $0.text) },
      onFailure: { print("statement \($0 + 1) of the setup: \($1.message)") },
      { session in try await time(names, LiveNames(on: session)) })
    await session.close()
  }

  private static func time(_ files: [String], _ names: any NameSource) async throws {
    for path in files {
      let text = try TextFile.contents(of: path)
      var gate = Gate(names: names)
      let parsing = try await ProcessTime.median { try parse(text).count }
      let judging = try await ProcessTime.median { try await gate.judge(text).rule.utf8.count }
      print("\(path) \(parsing) \(judging)")
    }
  }

  // MARK: - Memory

  private static let statements = 1_000_000

  private static func showMemory() async throws {
    var gate = Gate(names: UnknownNames())
    var sink = 0
    // Whatever is made once is there before the first figure.
    for number in 0..<20_000 { sink += try await gate.judge(VariedStatements.text(number)).rule.utf8.count }
    print("resident at the start, KiB: \(TextFile.residentMemory())")
    for number in 0..<statements {
      sink += try await gate.judge(VariedStatements.text(number)).rule.utf8.count
      let count = number + 1
      if count % (statements / 4) == 0 { print("after \(count) statements, KiB: \(TextFile.residentMemory())") }
    }
    precondition(sink > 0)
  }
}

/// No server: names mean nothing.
private struct UnknownNames: NameSource {
  var isComplete: Bool { false }
  func surroundings() async throws(GateFailure) -> NameSurroundings { NameSurroundings() }
  func lookUp(_ question: NameQuestion) async throws(GateFailure) -> NameAnswer { NameAnswer() }
}
