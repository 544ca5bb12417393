// SIGHUP while serving: the file once more, whole or not at all.

import Governance
import MCPServer
import Store
import Terminal

/// What a reload replaces, and from where.
struct Reload: Sendable {
  let source: ServeSource
  let current: CurrentRegime
  let server: Server
  let audit: AuditTrail
  /// Through which the governor writes its records.
  let log: any AuditLog
  let store: (any QuotaLedger & ProposalStore)?
  /// What was started with: some of it can only change by a new start.
  let settings: ServeSettings

  /// One reload for each signal, until the task is cancelled.
  func run(at signals: AsyncStream<Void>) async {
    for await _ in signals { await now() }
  }

  /// - Returns: whether the new file holds.
  @discardableResult
  func now() async -> Bool {
    let path = source.file?.path ?? ""
    do throws(Refusal) {
      let (plan, problems) = try await source.plan()
      Self.tell(problems, of: path)
      guard let plan else { throw Refusal(message: "\(path) has errors") }
      if let fixed = plan.settings.changedFixed(from: settings) {
        throw Refusal(message: "\(path): server.\(fixed) can only change by a new start")
      }
      let file = try Self.audit(plan.settings)
      try await audit.keep(AuditEvent(kind: .reloaded, configuration: plan.digest))
      // Nothing fails from here on.
      audit.file.take(file)
      current.replace(with: plan.regime(audit: log, store: store, after: current.governor))
      await server.regimeChanged { [current] in current.knows($0) }
      StandardStreams.writeError("pgadvisor: \(escaped(path)) is loaded\n")
      return true
    } catch {
      StandardStreams.writeError("pgadvisor: \(escaped(error.message)); everything stays as it was\n")
      return false
    }
  }

  static func audit(_ settings: ServeSettings) throws(Refusal) -> AuditDescriptor? {
    guard let path = settings.audit else { return nil }
    do throws(AuditFailure) { return try AuditDescriptor(at: path) } catch {
      throw Refusal(message: error.message, exitCode: .failure)
    }
  }

  /// One line for each.
  static func tell(_ problems: [ConfigurationProblem], of path: String) {
    for problem in problems { StandardStreams.writeError(problem.line(in: path) + "\n") }
  }
}
