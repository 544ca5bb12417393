// What the advice tools share: foreign statements are judged before they are planned.

import Advisor
import Governance
import JSON

extension ToolContext {
  /// Judges statements that are only to be planned: they may need no more than a run of them would.
  func admitToPlan(_ statements: [String]) async throws(ToolFailure) {
    let granted = grantedHere
    for text in statements {
      let verdict: Verdict
      do throws(GovernedFailure) { verdict = try await governor.judge(text, for: call) } catch {
        throw ToolFailure(error)
      }
      // Planning calls functions of constants: what only admin may run is not planned either.
      guard !verdict.isRejected, verdict.strongest != .admin || granted.contains(.admin) else {
        throw ToolFailure(refused: verdict, text)
      }
    }
  }

  /// Permissions on the connection that is meant.
  var grantedHere: Set<Permission> {
    let name = call.connection ?? (call.caller.connections.count == 1 ? call.caller.connections.first : nil)
    return name.flatMap { call.caller.permissions[$0] } ?? []
  }
}

extension ToolFailure {
  init(_ error: any Error) {
    switch error {
    case let failure as ToolFailure: self = failure
    case let failure as GovernedFailure:
      self.init("failed", failure.message, hint: failure.advice, sqlState: failure.sqlState)
      detail = failure.detail
    case let failure as AdviceFailure: self.init("failed", failure.message, hint: failure.advice)
    default: self.init("failed", "\(error)")
    }
  }
}
