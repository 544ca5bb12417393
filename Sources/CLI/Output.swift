// The answer of a command on its way to standard output.

import Terminal

/// Prints answers, and does not call delivered what was not.
struct Output: Sendable {
  /// - Returns: the exit code given, or failure where the text could not be written. A reader that has left, as `head`
  ///   does, wanted no more.
  func deliver(_ text: String, _ exitCode: ExitCode = .success) -> ExitCode {
    guard case .failed(let reason) = StandardStreams.writeOut(text) else { return exitCode }
    StandardStreams.writeError("pgadvisor: cannot write the answer: \(reason)\n")
    return .failure
  }
}
