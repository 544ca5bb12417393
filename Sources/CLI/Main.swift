// Where the process begins: which command, which signals, which exit code.

import FoundationEssentials
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
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard let word = arguments.first else {
      StandardStreams.writeError(Help.overview(allCommands))
      exit(ExitCode.usage.rawValue)
    }
    let output = Output()
    switch word {
    case "--version", "version": exit(output.deliver("pgadvisor \(productVersion)\n").rawValue)
    case "help" where arguments.count > 1: exit(help(on: arguments[1]).rawValue)
    case "--help", "-h", "help": exit(output.deliver(Help.overview(allCommands)).rawValue)
    default: break
    }
    guard let command = command(named: word) else { exit(unknown(word).rawValue) }
    let (stop, hangUp) = (StopSignal(), HangUp())
    let context = Context(environment: ProcessInfo.processInfo.environment, stop: stop, hangUp: hangUp)
    let work = Task.detached { leave(await run(command, Array(arguments.dropFirst()), context)) }
    let first: () -> Void = {
      stop.raise()
      switch command.interruption {
      case .cancels: work.cancel()
      case .endsEarly where StandardStreams.isTerminal(2):
        StandardStreams.writeError("\nStopping: the best found so far follows. Once more to quit at once.\n")
      case .endsEarly: break
      }
    }
    waitForSignals(hangUp, first) { context.screen.leave() }
  }

  private static func run(_ command: any Command, _ arguments: [String], _ context: Context) async -> ExitCode {
    do throws(Refusal) {
      let parsed = try ParsedArguments(arguments, options: command.allOptions)
      if parsed.has("help") { return Output().deliver(Help.page(of: command)) }
      let code = try await command.run(parsed, in: context)
      let isCancelled = context.stop.isRaised && command.interruption == .cancels
      return isCancelled && code == .failure ? .interrupted : code
    } catch {
      return refuse(error, "pgadvisor \(command.name) --help")
    }
  }

  private static func help(on word: String) -> ExitCode {
    command(named: word).map { Output().deliver(Help.page(of: $0)) } ?? unknown(word)
  }

  private static func command(named word: String) -> (any Command)? { allCommands.first { $0.name == word } }

  private static func unknown(_ word: String) -> ExitCode {
    let near = nearest(to: word, among: allCommands.map(\.name)).map { "; did you mean \($0)?" } ?? ""
    // Not repeated when it is a connection string: that may hold a password.
    let message = namesServer(word) ? "a command comes before the URL" : "unknown command \(word)\(near)"
    return refuse(Refusal(message: message), "pgadvisor --help")
  }

  private static func refuse(_ refusal: Refusal, _ help: String) -> ExitCode {
    let pointer = refusal.exitCode == .usage ? " (see: \(help))" : ""
    if !refusal.message.isEmpty { StandardStreams.writeError("pgadvisor: \(escaped(refusal.message))\(pointer)\n") }
    return refusal.exitCode
  }
}
