// The evidence for a change, on a governed connection: looked up, and rehearsed in a transaction that is rolled back.

import Database

/// What is examined.
package struct Examination: Sendable {
  /// Runs the statement in a transaction that is rolled back, where that is harmless.
  package var rehearses = true
  package var limits = EvidenceLimits()

  package init() {}
}

/// Bounds of an examination.
package struct EvidenceLimits: Sendable, Equatable {
  /// A rehearsal waits no longer for a lock: behind it, others would wait too.
  package var lockTimeout: Duration = .milliseconds(300)
  package var statementTimeout: Duration = .seconds(5)
  /// No rehearsal goes through a larger relation under a lock that others feel.
  package var largestRelation: Int64 = 64 << 20
  /// Scans and changed rows per second: on a relation that is busier no lock that others feel is taken.
  package var busiestRelation = 100.0
  /// No rehearsal changes more rows, by the planner's estimate: each leaves a dead version.
  package var mostRows = 100_000.0
  /// Statements of pg_stat_statements that are planned before and after.
  package var plannedStatements = 20

  package init() {}
}

extension Governor {
  /// The evidence for one statement, as far as the caller's grants reach; where a policy hides something from the caller,
  /// without what it may hide.
  ///
  /// Nothing of it is kept: a rehearsal is rolled back, and takes place only where that undoes everything.
  /// - Parameter forReviewer: for somebody else, who decides and from whom nothing is hidden: not to be shown to the caller.
  ///   `ChangeEvidence.withoutHidden` is what may be.
  package func examine(
    _ text: String, _ values: [String?] = [], for call: GovernedCall, forReviewer: Bool = false,
    _ examination: Examination = Examination()
  ) async throws(GovernedFailure) -> ChangeEvidence {
    let verdict = try await judge(text, for: call)
    let evidence = ChangeEvidence(
      statement: text, action: "", verdict: verdict.strongest?.rawValue ?? "reject", rule: verdict.rule,
      message: verdict.message)
    let isHidden = try hides(from: call) && !forReviewer
    return isHidden ? evidence.withoutHidden : evidence
  }
}
