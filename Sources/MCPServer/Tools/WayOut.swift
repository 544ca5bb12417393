// What somebody can do who was refused for want of a permission: another tool, or whom to ask for what.

import Governance

extension ToolContext {
  /// The gate knows what a statement needs; who has it is known here.
  /// - Parameter needs: all that the statement needs.
  /// - Returns: nil where the gate's own way out is the better one.
  func wayOut(ofNeeding needs: Set<Permission>) -> String? {
    let missing = needs.subtracting(grantedHere)
    let tool =
      Self.tools.first { needs.isSubset(of: $0.scope) }?.name ?? (needs.contains(.admin) ? "run_admin" : "execute_sql")
    guard !missing.isEmpty else {
      // Whoever plans has no use for a tool that runs.
      return Self.running.contains(call.tool) ? "\(tool) runs such statements." : nil
    }
    if missing.isSubset(of: proposedHere), Self.running.contains(call.tool), call.tool != tool {
      return "\(tool) makes a proposal of it, which a person approves."
    }
    // What only an operator should run stays the operator's.
    guard !missing.contains(.admin) else { return nil }
    let names = missing.sorted().map(\.rawValue)
    return
      "\(names.joined(separator: " and ")) \(names.count == 1 ? "is" : "are") not granted to you here. An operator can"
      + " grant it (serve --grant \(names[names.count - 1]), or a rule under iam), or run the statement."
  }

  /// In the order of what they may do; each is for statements that need no more than this.
  private static let tools: [(name: String, scope: Set<Permission>)] = [
    ("query", [.explain, .read]), ("write_data", [.explain, .read, .write]), ("run_ddl", [.explain, .read, .ddl]),
  ]
  private static let running: Set<String> = ["query", "write_data", "run_ddl", "run_admin", "execute_sql"]

  private var proposedHere: Set<Permission> { connectionName.flatMap { call.caller.proposed[$0] } ?? [] }
}
