// `explain`: one statement's plan, with the real indexes, hypothetical ones, or actual times.

package import Database
import IndexTuner
import SQLSyntax

/// What to explain.
package struct ExplainRequest: Sendable {
  package var statement: String
  package var isAnalyzed = false
  package var allowsWrites = false
  /// `CREATE INDEX` statements, handed to HypoPG as bound values.
  package var hypotheticalIndexes: [String] = []
  package var statementTimeout: Duration = .seconds(30)
  /// EXPLAIN's options of these names.
  package var isVerbose = false
  package var showsSettings = false
  /// Schemas that names are looked for in; nil: the session's own.
  package var searchPath: [String]?
  /// Values of `$1`, `$2`, … as PostgreSQL's text, where they are known.
  package var values: [String?] = []
  /// Under which the gate has judged it from memory; nil when it was judged just now.
  package var mark: String?

  package init(statement: String) { self.statement = statement }
}

/// Explains one statement.
package struct Explain: Sendable {
  package init() {}

  package func plan(on target: ConnectionTarget, for request: ExplainRequest) async throws(AdviceFailure)
    -> ExplainedPlan
  {
    // Whatever is wrong with the statement is said without a connection.
    _ = try planned(request)
    let session: Session
    do throws(DatabaseError) { session = try await Session.open(target) } catch { throw AdviceFailure(error) }
    do throws(AdviceFailure) {
      let explained = try await plan(on: session, for: request)
      await session.close()
      return explained
    } catch {
      await session.close()
      throw error
    }
  }

  /// The same on a session that is open already, outside of a transaction.
  /// - Parameter discarding: the session goes back to a pool afterwards.
  package func plan(
    on session: Session, for request: ExplainRequest, discarding: Bool = false
  ) async throws(AdviceFailure) -> ExplainedPlan {
    let text = try planned(request)
    do throws(DatabaseError) {
      return try await explained(text, request, on: session, discarding)
    } catch {
      var failure = AdviceFailure(error)
      failure.position = error.position.flatMap { Self.offset(of: $0, in: text, within: request.statement) }
      throw failure
    }
  }

  /// What was planned is a part of what was given, unless it was re-spelled.
  /// - Parameter character: from 1, as PostgreSQL counts.
  private static func offset(of character: Int, in text: String, within statement: String) -> Int? {
    guard character > 0, let place = statement.firstRange(of: text) else { return nil }
    let before = text.unicodeScalars.prefix(character - 1).reduce(0) { $0 + $1.utf8.count }
    return statement.utf8.distance(from: statement.startIndex, to: place.lowerBound) + before
  }

  /// One statement that can be planned, re-spelled where pg_stat_statements made it unparsable; a SELECT where it is to
  /// be run without leave to write. The read-only transaction stands behind this check, whatever it overlooks.
  private func planned(_ request: ExplainRequest) throws(AdviceFailure) -> String {
    for definition in request.hypotheticalIndexes { try Self.needIndex(definition) }
    let statements: [Statement]
    do throws(SyntaxError) {
      statements = try parse(request.statement)
    } catch {
      throw AdviceFailure(message: "the statement does not parse: \(error.message)")
    }
    guard let statement = statements.first, statements.count == 1 else {
      throw AdviceFailure(
        message: statements.isEmpty ? "there is no statement" : "\(statements.count) statements given",
        advice: "Explain one statement at a time.")
    }
    switch statement.kind {
    case .utility(let name):
      throw AdviceFailure(
        message: "\(name) has no plan",
        advice: "Give a SELECT, INSERT, UPDATE, DELETE or MERGE, without EXPLAIN in front.")
    case .select where !Self.writes(statement.node): break
    case .select, .insert, .update, .delete, .merge:
      guard !request.isAnalyzed || request.allowsWrites else {
        throw AdviceFailure(
          message: "--analyze would run a statement that writes",
          advice:
            "Leave --analyze out, or add --allow-writes: it is rolled back, but its locks, triggers and sequences are real."
        )
      }
    }
    if request.isAnalyzed, !parameterNumbers(statement).isEmpty {
      throw AdviceFailure(
        message: "the statement has parameters ($1, …), and a run needs values",
        advice: "Write the values in their places.")
    }
    return plannableText(statement, serverVersion: 150_000)
  }

  /// HypoPG passes over what is not the definition of an index, and nobody would hear of it.
  private static func needIndex(_ definition: String) throws(AdviceFailure) {
    let advice = "For instance CREATE INDEX ON orders (customer_id)."
    let statements: [Statement]
    do throws(SyntaxError) { statements = try parse(definition) } catch {
      throw AdviceFailure(message: "a hypothetical index does not parse: \(error.message)", advice: advice)
    }
    guard statements.count == 1, statements[0].node.kind == .indexStmt else {
      throw AdviceFailure(message: "a hypothetical index is one CREATE INDEX statement", advice: advice)
    }
  }

  /// A SELECT that changes something: a data-modifying CTE, or INTO. (EXPLAIN ANALYZE of SELECT INTO creates the table
  /// even in a read-only transaction; seen on PostgreSQL 15.)
  private static func writes(_ root: Node) -> Bool {
    var open = [root]
    while let node = open.popLast() {
      switch node.kind {
      case .insertStmt, .updateStmt, .deleteStmt, .mergeStmt, .intoClause: return true
      default: open += node.allChildren
      }
    }
    return false
  }

  private func explained(
    _ text: String, _ request: ExplainRequest, on session: Session, _ discards: Bool
  ) async throws(DatabaseError) -> ExplainedPlan {
    if request.isAnalyzed {
      let plan = try await session.analyze(
        AnalyzeRequest(running: text, allowsWrites: request.allowsWrites), statementTimeout: request.statementTimeout)
      return ExplainedPlan(marking: plan, isAnalyzed: true)
    }
    return try await WhatIfPlan(session: session, request: request, discards: discards).explained(text)
  }
}
