// Builds the recommended indexes on a copy, runs what they are for with and without them, and takes them away again.

import Advisor
import Database
import Governance
import IndexTuner

/// How much is run.
struct VerifySettings {
  /// Of each statement with and without, beside one that warms up.
  var runs = 3
  /// For one run.
  var timeout: Duration = .seconds(60)
  /// For building one index.
  var buildTimeout: Duration = .seconds(3_600)
  /// Bytes of a result that are compared.
  var comparedBytes = 64 << 20
  var comparedRows = 200_000
}

/// Verifies one tuning on one session with the copy.
///
/// Statements run as the gate admits them: what only reads, in transactions that only read. They run without the indexes,
/// then with them, then without again, so that what changes with time, such as caches, falls on both sides.
struct Verifier {
  let session: Session
  let settings: VerifySettings
  let stop: StopSignal
  let progress: @Sendable (String) -> Void

  private static let principal = Principal(name: "command line")

  func verification(of tuning: Tuning) async -> Verification {
    var verification = Verification(database: session.server.database, runs: settings.runs)
    var subjects = await subjects(of: tuning, &verification)
    await run(&subjects, as: "without indexes") { $0.before = $1 }
    var names: [String] = []
    for (position, recommendation) in tuning.recommendations.enumerated() where !stop.isRaised {
      progress("building index \(position + 1) of \(tuning.recommendations.count) on the copy")
      // Expressions name functions and types as the statements do.
      let user = tuning.outcomes.first { ($0.uses + $0.mayUse).contains(position) }
      verification.indexes.append(
        await build(recommendation.index, position, through: user?.query.searchPath ?? [], &names))
    }
    await run(&subjects, as: "with the indexes") { $0.with = $1 }
    for name in names.reversed() {
      do throws(VerifyFailure) {
        try await change(by: "DROP INDEX \(name)", timeout: settings.timeout)
      } catch {
        verification.remarks.append("\(name) is still there: \(error.message)")
      }
    }
    await run(&subjects, as: "without indexes again") { $0.after = $1 }
    for subject in subjects {
      if let measured = subject.measured {
        verification.measured.append(measured)
      } else {
        verification.skipped.append(
          Verification.Skipped(outcome: subject.outcome, reason: subject.failure ?? "interrupted before it was run"))
      }
    }
    return verification
  }

  // MARK: - What is run

  /// Every statement that a recommendation is for, as far as it only reads.
  private func subjects(of tuning: Tuning, _ verification: inout Verification) async -> [VerifiedStatement] {
    var subjects: [VerifiedStatement] = []
    for (position, outcome) in tuning.outcomes.enumerated()
    where !(outcome.uses.isEmpty && outcome.mayUse.isEmpty) && !stop.isRaised {
      guard let request = outcome.query.variants.first?.request, !request.isGeneric else {
        verification.skipped.append(
          Verification.Skipped(outcome: position, reason: "no values are known for its parameters"))
        continue
      }
      var executor = executor(for: outcome.query.searchPath, timeout: settings.timeout)
      do throws(ExecutionFailure) {
        let verdict = try await executor.verdict(on: request.text)
        if let strongest = verdict.strongest, strongest <= .read {
          subjects.append(
            VerifiedStatement(outcome: position, request: request, path: outcome.query.searchPath))
        } else {
          let reason = verdict.isRejected ? verdict.message : "it writes, and only what reads is run"
          verification.skipped.append(Verification.Skipped(outcome: position, reason: reason))
        }
      } catch {
        verification.skipped.append(Verification.Skipped(outcome: position, reason: "\(error)"))
      }
    }
    return subjects
  }

  private func run(
    _ subjects: inout [VerifiedStatement], as part: String,
    _ keep: (inout VerifiedStatement, VerifiedStatement.Phase) -> Void
  ) async {
    for position in subjects.indices where subjects[position].failure == nil && !stop.isRaised {
      progress("running \(position + 1) of \(subjects.count) statements \(part)")
      do throws(VerifyFailure) {
        let found = try await phase(of: subjects[position])
        keep(&subjects[position], found)
      } catch {
        subjects[position].failure = error.message
      }
    }
  }

  /// Its rows once, which warms up as well, then the times.
  private func phase(of subject: VerifiedStatement) async throws(VerifyFailure) -> VerifiedStatement.Phase {
    var phase = VerifiedStatement.Phase()
    var executor = executor(for: subject.path, timeout: settings.timeout)
    let execution: Execution
    do throws(ExecutionFailure) {
      execution = try await executor.answer(
        to: subject.request.text, subject.request.parameters.map(\.value),
        by: Grants(Self.principal, [.explain, .read]))
    } catch {
      guard error.sqlState == "57014" else { throw VerifyFailure(message: "\(error)") }
      phase.givenUp = milliseconds(settings.timeout)
      return phase
    }
    switch execution {
    case .refused(let verdict), .proposed(let verdict): throw VerifyFailure(message: verdict.message)
    case .finished(let rows, _): phase.rows = RowDigest(rows)
    }
    for _ in 0..<settings.runs where !stop.isRaised {
      do throws(DatabaseError) {
        let plan = try await session.analyze(
          AnalyzeRequest(running: subject.request.text, parameters: subject.request.parameters, timesNodes: false),
          through: subject.path, statementTimeout: settings.timeout)
        if let time = plan.executionTime { phase.times.append(time) }
      } catch {
        guard error.code == .statementTimeout else { throw VerifyFailure(message: error.message) }
        phase.givenUp = milliseconds(settings.timeout)
        return phase
      }
    }
    return phase
  }

  // MARK: - Indexes

  private func build(
    _ index: IndexDefinition, _ position: Int, through path: [String], _ names: inout [String]
  ) async -> Verification.BuiltIndex {
    let name = "pgadvisor_verify_\(position + 1)"
    let qualified = "\(quotedIdentifier(index.schema)).\(name)"
    let began = ContinuousClock.now
    do throws(VerifyFailure) {
      try await change(
        by: "CREATE INDEX \(name) ON \(index.qualifiedTable) \(index.body)", through: path,
        timeout: settings.buildTimeout)
      names.append(qualified)
      let elapsed = milliseconds(ContinuousClock.now - began)
      // There are no statistics on an expression before its index is built.
      if index.keys.contains(where: { $0.expression != nil }) {
        try await change(by: "ANALYZE \(index.qualifiedTable)", timeout: settings.buildTimeout)
      }
      let bytes: [Int] = (try? await session.rows(Self.sizeQuestion, [qualified])) ?? []
      return Verification.BuiltIndex(
        recommendation: position, bytes: bytes.first.map(Int64.init) ?? 0, milliseconds: elapsed)
    } catch {
      return Verification.BuiltIndex(recommendation: position, failure: error.message)
    }
  }

  /// A partitioned table's index is those of its partitions.
  private static let sizeQuestion: SQL = """
    SELECT COALESCE(
      (SELECT pg_catalog.sum(pg_catalog.pg_relation_size(t.relid))
        FROM pg_catalog.pg_partition_tree($1::pg_catalog.regclass) AS t),
      pg_catalog.pg_relation_size($1::pg_catalog.regclass))::bigint
    """

  private func change(
    by text: String, through path: [String] = [], timeout: Duration
  ) async throws(VerifyFailure) {
    var executor = executor(for: path.isEmpty ? ["public"] : path, timeout: timeout)
    let execution: Execution
    do throws(ExecutionFailure) {
      execution = try await executor.answer(to: text, by: Grants(Self.principal, Set(Permission.allCases)))
    } catch {
      throw VerifyFailure(message: "\(error)")
    }
    if case .refused(let verdict) = execution { throw VerifyFailure(message: verdict.message) }
  }

  private func executor(for path: [String], timeout: Duration) -> Executor {
    var limits = ExecutionLimits()
    limits.rows = RowLimits(
      rows: settings.comparedRows, bytes: settings.comparedBytes, cellBytes: 1 << 20, rowBytes: 128 << 20)
    limits.bounds.statementTimeout = timeout
    limits.bounds.transactionTimeout = timeout + .seconds(30)
    limits.bounds.searchPath = path
    return Executor(on: session, limits: limits)
  }

  private func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1_000 + Double(duration.components.attoseconds) / 1e15
  }
}

private struct VerifyFailure: Error {
  var message: String
}
