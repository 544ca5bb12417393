// The evidence for a change, on a governed connection: looked up, and rehearsed in a transaction that is rolled back.

import Database

/// What is examined.
package struct Examination: Sendable {
  /// Runs the statement in a transaction that is rolled back, where that is harmless.
  package var rehearses = true
  package var limits = EvidenceLimits()
  /// What may run in a rehearsal; nil: what the caller may do anyway.
  package var permissions: Set<Permission>?

  /// Somebody answers for it that a rollback undoes what needs admin, too.
  package var vouches = false

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
  /// Of a whole file: what comes later is judged without a run.
  package var wholeTimeout: Duration = .seconds(60)
  /// Statements of pg_stat_statements that are planned before and after.
  package var plannedStatements = 20

  package init() {}
}

extension Governor {
  /// The evidence for one statement; where a policy hides something from the caller, without what it may hide.
  ///
  /// Nothing of it is kept: a rehearsal is rolled back, and takes place only where that undoes everything. Leaves one
  /// record in the audit, as every call does.
  /// - Parameter forReviewer: for somebody else, who decides and from whom nothing is hidden: not to be shown to the
  ///   caller. `ChangeEvidence.withoutHidden` is what may be.
  package func examine(
    _ text: String, _ values: [String?] = [], for call: GovernedCall, forReviewer: Bool = false,
    _ examination: Examination = Examination()
  ) async throws(GovernedFailure) -> ChangeEvidence {
    let start = ContinuousClock.now
    let policy = try policy(for: call)
    let isHidden = (policy?.hides ?? false) && !forReviewer
    var examination = examination
    // What would not be shown is not measured.
    if isHidden { examination.rehearses = false }
    let asked = examination
    let name = try connectionName(for: call)
    let granted = call.caller.permissions[name] ?? []
    let grants = Grants(call.caller.principal, examination.permissions ?? granted, policy: policy)
    let evidence: ChangeEvidence
    do throws(GovernedFailure) {
      let database = try database(for: call)
      evidence = try await database.quotas.counting(call, policy) { () throws(GovernedFailure) in
        try await database.evidence(of: text, values, for: call, by: grants, asked)
      }
    } catch {
      var failure = error
      if isHidden, !failure.isOurs { failure.message = "the change could not be examined" }
      try await note(call, since: start, about: text, .failed, reason: failure.message)
      throw failure
    }
    try await note(call, since: start, about: text, .success, reason: "examined: \(evidence.dryRun.outcome.rawValue)")
    return isHidden ? evidence.withoutHidden : evidence
  }
}

extension GovernedDatabase {
  /// The whole of it, on a session of the pool.
  nonisolated func evidence(
    of text: String, _ values: [String?], for call: GovernedCall, by grants: Grants, _ asked: Examination
  ) async throws(GovernedFailure) -> ChangeEvidence {
    let options = options(under: grants.policy)
    do {
      return try await lend(for: call, ours: false) { session in
        var bounds = Rehearsal.bounds(asked.limits)
        bounds.applicationName = call.label
        return try await session.bounded(.rehearsal, bounds) { session in
          var rehearsal = Rehearsal(on: session, options: options, by: grants, asked)
          return try await rehearsal.examine(text, values)
        }
      }
    } catch let failure as GovernedFailure {
      throw failure
    } catch {
      throw GovernedFailure("the change could not be examined: \(error)")
    }
  }
}
