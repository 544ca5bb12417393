// Advice as one JSON object, for programs; the keys are a promise.

import Database
import HealthChecks
import IndexTuner
import JSON

/// The whole report as JSON; numbers are plain, sizes in bytes, gains as fractions, times in milliseconds.
package struct JSONRenderer: Renderer {
  package let id = "json"
  package let summary = "One JSON object: every figure of the report, plans as EXPLAIN gives them."

  package init() {}

  package func render(_ advice: Advice) -> String { value(of: advice).text(pretty: true) + "\n" }

  func value(of advice: Advice) -> JSONValue {
    let tuning = advice.tuning
    return [
      "server": [
        "database": .string(advice.server.database), "version": .string(advice.server.version),
        "hypopg": .string(advice.server.hypopgVersion), "in_recovery": .bool(advice.server.isInRecovery),
      ],
      "summary": summary(of: tuning),
      "recommendations": .array(tuning.recommendations.enumerated().map { recommendation($1, rank: $0 + 1, tuning) }),
      "statements": .array(tuning.outcomes.map(statement)),
      "redundant_indexes": .array(tuning.redundant.map(redundant)),
      "droppable_indexes": .array(advice.droppable.map(droppable)),
      "verification": advice.verification.map { $0.json(of: tuning) } ?? .null,
      "skipped": .array(tuning.skipped.map(skipped)),
      "refused_candidates": .array(
        tuning.refusedCandidates.map { ["definition": .string($0.definition), "reason": .string($0.reason)] }),
      "front": .array(
        tuning.front.map {
          [
            "bytes": .integer($0.bytes), "relative_load": .number($0.relativeLoad),
            "indexes": .integer(Int64($0.indexCount)),
          ]
        }),
      "other_budgets": .array(tuning.others.map(otherBudget)),
      "convergence": .array(tuning.convergence.map(convergence)),
      "examined": examined(advice.examined, tuning),
    ]
  }

  private func otherBudget(_ other: OtherBudget) -> JSONValue {
    [
      "budget": .integer(other.budget), "bytes": .integer(other.bytes), "relative_load": .number(other.relativeLoad),
      "indexes": .array(other.indexes.map { .string($0.hypotheticalStatement) }),
    ]
  }

  private func convergence(_ point: ConvergencePoint) -> JSONValue {
    [
      "budget": point.budget.map { .integer($0) } ?? .null, "planning_calls": .integer(Int64(point.planningCalls)),
      "relative_load": .number(point.found.relativeLoad), "bytes": .integer(point.found.bytes),
      "indexes": .integer(Int64(point.found.indexCount)),
    ]
  }

  private func summary(of tuning: Tuning) -> JSONValue {
    [
      "recommendations": .integer(Int64(tuning.recommendations.count)), "bytes": .integer(tuning.bytes),
      "improvement": .number(tuning.improvement), "load_unit": .string(tuning.loadUnit.rawValue),
      "load_before": .number(tuning.loadBefore), "load_after": .number(tuning.loadAfter),
      "cost_before": .number(tuning.costBefore), "cost_after": .number(tuning.costAfter),
      "ending": .string(tuning.ending.rawValue),
    ]
  }

  private func recommendation(_ recommendation: Recommendation, rank: Int, _ tuning: Tuning) -> JSONValue {
    [
      "rank": .integer(Int64(rank)), "name": .string(recommendation.name),
      "schema": .string(recommendation.index.schema), "table": .string(recommendation.index.tableName),
      "columns": .array(recommendation.index.keys.map { .string($0.column) }),
      "method": .string(recommendation.index.method.rawValue),
      "keys": .array(recommendation.index.keys.map { .string($0.text) }),
      "include": .array(recommendation.index.included.map { .string($0) }),
      "where": recommendation.index.predicate.map { .string($0.text) } ?? .null,
      "unproven": .bool(recommendation.isUnproven),
      "statement": .string(recommendation.statements.joined(separator: "\n")),
      "statements": .array(recommendation.statements.map { .string($0) }),
      "bytes": .integer(recommendation.bytes),
      "size_source": .string(recommendation.sizeSource.rawValue),
      "build_time": .string(recommendation.buildTime.rawValue),
      "gain_alone": .number(recommendation.gainAlone),
      "gain_after_earlier": .number(recommendation.gainAfterEarlier),
      "helps": .array(
        recommendation.helped.map {
          [
            "statement": .integer(Int64($0.query + 1)), "cost_before": .number($0.costBefore),
            "cost_after": .number($0.costAfter),
          ]
        }),
      "write_cost": writeCost(recommendation.writeCost),
      "confidence": .string(recommendation.confidence.level.rawValue),
      "doubts": .array(recommendation.confidence.reasons.map { .string($0) }),
      "why": .array(recommendation.why.map { .string($0) }),
      "makes_redundant": .array(recommendation.makesRedundant.map { .string($0) }),
      "notes": .array(recommendation.notes.map { .string($0) }),
    ]
  }

  private func writeCost(_ cost: WriteCost) -> JSONValue {
    guard cost.isKnown else { return .null }
    return [
      "inserted_entries": .integer(cost.insertedEntries), "updated_entries": .integer(cost.updatedEntries),
      "deleted_entries": .integer(cost.deletedEntries),
      "entries_per_second": cost.entriesPerSecond.map { .number($0) } ?? .null,
      "share_of_gain": cost.shareOfGain.map { .number($0) } ?? .null,
      "ended_hot_updates": .integer(cost.endedHotUpdates), "milliseconds": .number(cost.milliseconds),
      "updated_columns": .array(cost.updatedColumns.map { .string($0) }),
    ]
  }

  private func statement(_ outcome: QueryOutcome) -> JSONValue {
    let query = outcome.query
    return [
      "number": .integer(Int64(query.id + 1)), "sql": .string(query.text),
      "fingerprint": .string(query.fingerprint), "origin": .string(query.origin.label),
      "calls": query.calls.map { .integer($0) } ?? .null,
      "total_milliseconds": query.milliseconds.map { .number($0) } ?? .null,
      "weight": .number(query.weight), "load": .number(outcome.load),
      "cost_before": .number(outcome.costBefore), "cost_after": .number(outcome.costAfter),
      "uses": .array(outcome.uses.map { .integer(Int64($0 + 1)) }),
      "may_use": .array(outcome.mayUse.map { .integer(Int64($0 + 1)) }),
      "reasons": .array(outcome.reasons.map { .string($0) }),
      "assumptions": .array(query.assumptions.map { .string($0) }),
      "notes": .array(query.shape.notes.map { .string($0) }),
      "plan_before": outcome.planBefore.map(plan) ?? .null, "plan_after": outcome.planAfter.map(plan) ?? .null,
    ]
  }

  private func plan(_ plan: Plan) -> JSONValue {
    .array(
      PlanLine.lines(of: plan).map { line in
        [
          "depth": .integer(Int64(line.depth)), "node": .string(line.label), "cost": .number(line.totalCost),
          "rows": .number(line.rows), "conditions": .array(line.conditions.map { .string($0) }),
        ]
      })
  }

  private func redundant(_ index: RedundantIndex) -> JSONValue {
    [
      "name": .string(index.name), "table": .string(index.table), "bytes": .integer(index.bytes),
      "covered_by": .integer(Int64(index.coveredBy + 1)),
    ]
  }

  private func droppable(_ finding: Finding) -> JSONValue {
    [
      "name": .string(finding.object.name), "check": .string(finding.check), "reason": .string(finding.seen),
      "statement": finding.remedies.first.map { .string($0.sql) } ?? .null,
      "statements": .array(DroppableIndexes.statements(of: finding).map { .string($0) }),
      "notes": .array(finding.notes.map { .string($0) }),
    ]
  }

  private func skipped(_ statement: SkippedStatement) -> JSONValue {
    [
      "sql": .string(statement.text), "origin": .string(statement.origin.label), "reason": .string(statement.reason),
      "total_milliseconds": statement.milliseconds.map { .number($0) } ?? .null,
    ]
  }

  private func examined(_ examined: Examined, _ tuning: Tuning) -> JSONValue {
    [
      "sources": .array(examined.sources.map { .string($0) }),
      "statistics_since": examined.statisticsSince.map { .string($0) } ?? .null,
      "recorded_statements": examined.recordedStatements.map { .integer(Int64($0)) } ?? .null,
      "recorded_milliseconds": examined.recordedMilliseconds.map { .number($0) } ?? .null,
      "examined_milliseconds": examined.examinedMilliseconds.map { .number($0) } ?? .null,
      "coverage": examined.coverage.map { .number($0) } ?? .null,
      "below_thresholds": examined.belowThresholds.map { .integer(Int64($0)) } ?? .null,
      "hidden_statements": .integer(Int64(examined.hiddenStatements)),
      "deallocations": examined.deallocations.map { .integer($0) } ?? .null,
      "examined_statements": .integer(Int64(examined.examinedStatements)),
      "skipped_statements": .integer(Int64(examined.skippedStatements)),
      "candidates": .integer(Int64(tuning.candidateCount)), "planning_calls": .integer(Int64(tuning.planningCalls)),
      "remembered_prices": .integer(Int64(tuning.rememberedPrices)), "strategy": .string(tuning.strategy),
      "lower_bound": tuning.lowerBound.map { .number($0) } ?? .null,
      "remarks": .array(examined.remarks.map { .string($0) }),
    ]
  }
}
