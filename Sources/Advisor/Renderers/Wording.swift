// The words and figures that the text and Markdown reports share.

import Database
import IndexTuner
import Terminal

/// Sentences about an advice; pure.
struct Wording {
  private let advice: Advice

  init(_ advice: Advice) { self.advice = advice }

  var headline: String {
    let tuning = advice.tuning
    let unproven = tuning.recommendations.count(where: \.isUnproven)
    let count = tuning.recommendations.count - unproven
    guard count > 0 else {
      if unproven > 0 {
        return "\(Self.counted(unproven, "index is", "indexes are")) worth a trial, unproven: HypoPG cannot price "
          + "\(unproven == 1 ? "it" : "them")."
      }
      if tuning.outcomes.isEmpty { return "No statement could be examined." }
      return namesUnpriced
        ? "No index is recommended by cost; below stands one that the planner cannot be asked about."
        : "No index is recommended: nothing that was examined would gain enough."
    }
    let noun = count == 1 ? "1 index" : "\(count) indexes"
    let verb = tuning.loadUnit == .milliseconds ? "execution time" : "planner cost"
    return "\(noun) would save about \(formatPercent(tuning.improvement)) of the workload's \(verb), "
      + "for \(formatBytes(tuning.bytes)) of disk"
      + (unproven > 0 ? "; \(unproven) more \(unproven == 1 ? "is" : "are") worth a trial." : ".")
  }

  /// A reason names an index for what EXPLAIN does not show, or that needs an extension first.
  private var namesUnpriced: Bool {
    advice.tuning.outcomes.contains { $0.reasons.contains { $0.contains("CREATE INDEX CONCURRENTLY ON ") } }
  }

  var coverage: String {
    let examined = advice.examined
    var text = Self.counted(examined.examinedStatements, "statement") + " examined"
    if let coverage = examined.coverage, let recorded = examined.recordedMilliseconds {
      text += ", \(formatPercent(coverage)) of \(formatDuration(milliseconds: recorded)) recorded"
    }
    if let since = examined.statisticsSince { text += " since \(since)" }
    if examined.skippedStatements > 0 { text += "; \(examined.skippedStatements) skipped" }
    return text
  }

  /// Why the search ended early, if it did.
  var ending: String? {
    switch advice.tuning.ending {
    case .complete: nil
    case .timeLimit: "The time limit was reached: this is the best found so far, not the end of the search."
    case .interrupted: "Interrupted: this is the best found so far, not the end of the search."
    case .indexLimit: "The largest number of indexes was reached."
    }
  }

  var examination: [String] {
    let (examined, tuning) = (advice.examined, advice.tuning)
    var lines = ["sources: \(examined.sources.joined(separator: ", "))"]
    if let statements = examined.recordedStatements, let recorded = examined.recordedMilliseconds {
      lines.append(
        "pg_stat_statements: \(Self.counted(statements, "statement")) of this database, "
          + "\(formatDuration(milliseconds: recorded)) in all"
          + (examined.statisticsSince.map { ", since \($0)" } ?? ", since an unknown time"))
    }
    if let below = examined.belowThresholds, below > 0 {
      lines.append("below the thresholds and not looked at: \(Self.counted(below, "statement"))")
    }
    if examined.hiddenStatements > 0 {
      lines.append(
        "not readable by this role: \(Self.counted(examined.hiddenStatements, "statement")) (grant pg_read_all_stats)")
    }
    if let dropped = examined.deallocations, dropped > 0 {
      lines.append("pg_stat_statements was full and dropped entries \(formatCount(dropped)) times: raise its max")
    }
    lines.append(
      "planner: \(Self.counted(tuning.planningCalls, "what-if plan")) for "
        + "\(Self.counted(tuning.candidateCount, "candidate index", "candidate indexes")); "
        + "\(Self.counted(tuning.rememberedPrices, "price")) followed from plans already known")
    if let bound = tuning.lowerBound, tuning.loadBefore > 0 {
      let gap = max(0, tuning.loadAfter / tuning.loadBefore - bound)
      lines.append(
        gap < 1e-6
          ? "gap: none, no other choice among the plans that were asked for saves more"
          : "gap: at most \(formatPercent(gap)) of the workload is what another choice among the plans that were asked for "
            + "could save more")
    }
    lines.append(
      "search: \(tuning.strategy); HypoPG \(advice.server.hypopgVersion); B-tree and BRIN priced, GIN and GiST estimated"
    )
    if advice.server.isInRecovery { lines.append("server: a read-only replica; build the indexes on its primary") }
    if !tuning.refusedCandidates.isEmpty {
      lines.append("refused by HypoPG: \(Self.counted(tuning.refusedCandidates.count, "candidate"))")
    }
    return lines + examined.remarks
  }

  // MARK: - Figures

  static func gain(_ recommendation: Recommendation) -> String {
    if recommendation.isUnproven {
      return
        "about \(formatPercent(recommendation.gainAlone)) of the workload by our own estimate; unproven, outside of the totals"
    }
    return
      "\(formatPercent(recommendation.gainAfterEarlier)) of the workload after the earlier ones, "
      + "\(formatPercent(recommendation.gainAlone)) alone"
  }

  static func size(_ recommendation: Recommendation) -> String {
    let source =
      switch recommendation.sizeSource {
      case .statistics: ""
      case .sample: ", its keys counted in a sample"
      case .hypopg: " by HypoPG's estimate"
      case .guess: ", a guess"
      }
    return "\(formatBytes(recommendation.bytes))\(source); builds in \(recommendation.buildTime.rawValue)"
  }

  /// The recommendations for one statement by their numbers, unproven ones in brackets.
  static func indexes(of outcome: QueryOutcome) -> String {
    (outcome.uses.map { "\($0 + 1)" } + outcome.mayUse.map { "(\($0 + 1))" }).joined(separator: " ")
  }

  static func writes(_ cost: WriteCost) -> String {
    guard cost.isKnown else { return "unknown: pg_stat_user_tables could not be read" }
    guard cost.insertedEntries + cost.updatedEntries + cost.deletedEntries + cost.endedHotUpdates > 0 else {
      return "none: nothing was inserted, updated or deleted since the counters began"
    }
    var parts = ["\(formatCount(cost.insertedEntries)) inserts"]
    parts.append("\(formatCount(cost.updatedEntries)) non-HOT updates")
    if cost.deletedEntries > 0 { parts.append("\(formatCount(cost.deletedEntries)) deletes") }
    parts.append(
      cost.endedHotUpdates > 0
        ? "\(formatCount(cost.endedHotUpdates)) HOT updates ended (\(cost.updatedColumns.joined(separator: ", ")) is updated)"
        : "no HOT update ended")
    var text = parts.joined(separator: ", ")
    text += "; about \(formatDuration(milliseconds: cost.milliseconds)) since the counters began"
    if let rate = cost.entriesPerSecond {
      text += ", \(formatDecimal(rate, places: rate < 10 ? 1 : 0)) entries a second"
    }
    if let share = cost.shareOfGain { text += "; \(formatPercent(share)) of what it saves" }
    return text
  }

  static func confidence(_ confidence: Confidence) -> String {
    confidence.reasons.isEmpty
      ? confidence.level.rawValue : "\(confidence.level.rawValue): \(confidence.reasons.joined(separator: "; "))"
  }

  static func cost(_ cost: Double) -> String {
    cost >= 1_000 ? formatCount(Int64(cost.rounded())) : formatDecimal(cost, places: 2)
  }

  static func rows(_ rows: Double) -> String { "\(formatCount(Int64(rows.rounded()))) rows" }

  /// `1,461x`, `1.3x`, empty where nothing changed.
  static func factor(_ before: Double, _ after: Double) -> String {
    let factor = before / max(after, 0.01)
    if factor > 0.995 && factor < 1.005 { return "" }
    return factor >= 10 ? "\(formatCount(Int64(factor.rounded())))x" : "\(formatDecimal(factor, places: 1))x"
  }

  /// One line of a statement, white space folded, at most `width` columns.
  static func excerpt(of text: String, width: Int) -> String {
    elided(escaped(text.split(whereSeparator: \.isWhitespace).joined(separator: " ")), to: width)
  }

  static func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(formatCount(Int64(count))) \(count == 1 ? one : many ?? one + "s")"
  }
}
