// Where the process begins: which command, which signals, which exit code.

import IndexTuner
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@main
struct Main {
  /// Not async: an async main would begin on a thread of the pool, and this one would still take signals.
  static func main() {
    blockSignals()
    var arguments = CommandLine.arguments.dropFirst()
    let word = arguments.popFirst()
    switch word {
    case "--version", "version":
      StandardStreams.writeOut("pgadvisor \(productVersion)\n")
      exit(ExitCode.success.rawValue)
    case nil, "--help", "-h", "help":
      StandardStreams.writeOut(Help.overview(allCommands))
      exit(word == nil ? ExitCode.usage.rawValue : ExitCode.success.rawValue)
    default: break
    }
    guard let command = allCommands.first(where: { $0.name == word }) else {
      let near = nearest(to: word ?? "", among: allCommands.map(\.name)).map { "; did you mean \($0)?" } ?? ""
      exit(usage("unknown command \(word ?? "")\(near)", "pgadvisor --help"))
    }
    let stop = StopSignal()
    let rest = Array(arguments)
    Task.detached { exit(await run(command, rest, stop).rawValue) }
    waitForSignals(stop)
  }

  private static func run(_ command: any Command, _ arguments: [String], _ stop: StopSignal) async -> ExitCode {
    do throws(UsageError) {
      let parsed = try ParsedArguments(arguments, options: command.allOptions)
      if parsed.has("help") {
        StandardStreams.writeOut(Help.page(of: command))
        return .success
      }
      return try await command.run(parsed, in: Context(environment: environment(), stop: stop))
    } catch {
      _ = usage(error.message, "pgadvisor \(command.name) --help")
      return .usage
    }
  }

  private static func usage(_ message: String, _ help: String) -> Int32 {
    StandardStreams.writeError("pgadvisor: \(escaped(message)) (see: \(help))\n")
    return ExitCode.usage.rawValue
  }

  private static func environment() -> [String: String] {
    var found: [String: String] = [:]
    for name in ["DATABASE_URL", "NO_COLOR", "TERM"] {
      if let value = getenv(name) { found[name] = String(cString: value) }
    }
    return found
  }
}
