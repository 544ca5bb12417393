// Indexes of methods that HypoPG cannot price: proposed by an estimate of our own, and marked as unproven.

import Database

/// Judges GIN and GiST candidates; pure.
///
/// The planner has told how many rows it expects the condition to leave: its own selectivity estimate needs no index. What
/// a bitmap scan would cost to fetch that many rows follows from the server's formula for pages fetched (Mackert and
/// Lohman, `index_pages_fetched` in costsize.c). What searching the index itself costs is taken as a constant.
struct UnprovenIndexes {
  let workload: Workload
  let settings: SearchSettings
  let features: ServerFeatures

  /// A candidate with what it would do by our estimate.
  struct Proposal {
    var index: IndexDefinition
    var helped: [HelpedQuery]
    var load: Double
    var bytes: Int64
    var notes: [String]
  }

  /// What came of the candidates.
  struct Verdict {
    var proposals: [Proposal] = []
    /// By statement, why a candidate was not proposed.
    var reasons: [Int: [String]] = [:]
  }

  func verdict(on candidates: [IndexDefinition], _ outcomes: [QueryOutcome], _ plans: [Int: Plan]) -> Verdict {
    var verdict = Verdict()
    for index in candidates {
      guard !isCovered(index, by: candidates), let relation = workload.catalog[index.table] else { continue }
      var proposal = Proposal(index: index, helped: [], load: 0, bytes: bytes(of: index, relation), notes: [])
      for outcome in outcomes where asks(outcome.query.shape, for: index) {
        let plan = outcome.planAfter ?? plans[outcome.query.id]
        switch judge(index, outcome, plan, relation) {
        case .success(let help):
          proposal.helped.append(help)
          proposal.load += outcome.load * (help.costBefore - help.costAfter) / max(outcome.costBefore, 0.01)
        case .failure(let refusal): verdict.reasons[outcome.query.id, default: []].append(refusal.reason)
        }
      }
      guard !proposal.helped.isEmpty else { continue }
      proposal.notes =
        notes(on: index, relation) + otherArms(of: index, outcomes, proposal.helped)
        + walked(outcomes, proposal.helped, relation)
      verdict.proposals.append(proposal)
    }
    verdict.proposals.sort { $0.load != $1.load ? $0.load > $1.load : $0.index < $1.index }
    return verdict
  }

  /// The default class of jsonb serves all that `jsonb_path_ops` does.
  private func isCovered(_ index: IndexDefinition, by candidates: [IndexDefinition]) -> Bool {
    guard index.keys.first?.operatorClass == "jsonb_path_ops" else { return false }
    return candidates.contains { other in
      other.table == index.table && other.method == .gin && other.keys.first?.target == index.keys.first?.target
        && other.keys.first?.operatorClass == nil
    }
  }

  private func asks(_ shape: QueryShape, for index: IndexDefinition) -> Bool {
    shape.uses.contains { use in
      guard isSame(use.table, index.table), let key = index.keys.first else { return false }
      guard index.method.isPriced else { return use.lookups.contains { $0.key.target == key.target } }
      return use.expressions.contains { $0.key.target == key.target } && isUnseen(key, use)
    }
  }

  /// Whether HypoPG cannot show the planner an index on the expression: it renumbers no variables, as those of a partition
  /// and of what inherits, and takes no function in SQL apart, as the planner does with the statement.
  private func isUnseen(_ key: IndexDefinition.Key, _ use: TableUse) -> Bool {
    let relation = workload.catalog[use.table]
    let isParent = relation?.kind == .partitionedTable || use.includesChildren && relation?.children.isEmpty == false
    return !use.isLeading || isParent || features.isInlined(key, on: relation?.column(key.column))
  }

  /// Of an OR each arm needs an index: what the others of the same table want.
  private func otherArms(
    of index: IndexDefinition, _ outcomes: [QueryOutcome], _ helped: [HelpedQuery]
  ) -> [String] {
    let statements = Set(helped.map(\.query))
    var wanted: Set<String> = []
    for outcome in outcomes where statements.contains(outcome.query.id) {
      for use in outcome.query.shape.uses where isSame(use.table, index.table) {
        for arm in use.arms where arm.isBesideSpecial {
          wanted.insert("(\((arm.equalities + arm.ranges).map(quotedIdentifier).joined(separator: ", ")))")
        }
      }
    }
    guard !wanted.isEmpty else { return [] }
    return [
      "it serves one arm of an OR, and only beside an index for each of the others: on "
        + wanted.sorted().joined(separator: ", ")
    ]
  }

  /// The indexes in whose order the helped statements are read now, with the conditions tried on each row.
  private func walked(_ outcomes: [QueryOutcome], _ helped: [HelpedQuery], _ relation: Relation) -> [String] {
    let statements = Set(helped.map(\.query))
    let names = outcomes.flatMap { outcome -> [String] in
      guard statements.contains(outcome.query.id), let plan = outcome.planAfter else { return [] }
      return TableScans(of: relation, in: plan, workload.catalog).scans.filter(\.isWalk).compactMap(\.index)
    }
    return Reading.unique(names).sorted().map {
      "with it, these statements need not be read in the order of \($0): build this one first, and ask again"
    }
  }

  private func isSame(_ used: RelationID, _ table: RelationID) -> Bool {
    var place: RelationID? = used
    while let here = place {
      if here == table { return true }
      place = workload.catalog[here]?.parent
    }
    return false
  }

  private func judge(
    _ index: IndexDefinition, _ outcome: QueryOutcome, _ plan: Plan?, _ relation: Relation
  ) -> Result<HelpedQuery, CandidateRefusal> {
    let what = "\(Self.articles[index.method] ?? "an") index on \(index.keys[0].target)"
    if index.keys[0].operatorClass == Trigrams.operatorClass, !features.hasTrigrams {
      return .failure(CandidateRefusal(reason: features.missingTrigrams(for: index)))
    }
    if let existing = existing(like: index, on: relation) {
      return .failure(CandidateRefusal(reason: "\(existing) exists already, and the planner prefers this plan to it"))
    }
    guard let plan, let rows = relation.rowEstimate else {
      return .failure(
        CandidateRefusal(reason: "\(what) may serve it, but the table was never analysed: run ANALYZE first"))
    }
    let scans = TableScans(of: relation, in: plan, workload.catalog)
    let whole = scans.scans.filter { $0.isWhole || $0.isWalk }
    guard !whole.isEmpty else {
      let served = scans.indexes.first.map { ": \($0) finds the rows" } ?? ""
      return .failure(CandidateRefusal(reason: "\(what) would serve it, but no whole table is read\(served)"))
    }
    let isNearest = outcome.query.shape.uses.contains { use in
      use.lookups.contains {
        $0.key.target == index.keys[0].target && $0.operatorName.hasPrefix("<") && $0.operatorName.hasSuffix(">")
      }
    }
    // The nearest come in order: as many are read as are returned.
    let matching = isNearest ? plan.root.rows : whole.reduce(0) { $0 + $1.rows }
    let before = outcome.costAfter
    let after =
      max(before - whole.reduce(0) { $0 + min($1.cost, before) }, 0)
      + Self.cost(ofFetching: matching, of: rows, relation)
    guard after < before * (1 - settings.minimumImprovement) else {
      let share = Int((100 * matching / max(rows, 1)).rounded())
      return .failure(
        CandidateRefusal(
          reason: "\(what) would have to fetch about \(share) % of the rows of \(relation.name), which reading all of "
            + "them does as cheaply"))
    }
    return .success(HelpedQuery(query: outcome.query.id, costBefore: before, costAfter: after))
  }

  private static let articles: [IndexDefinition.Method: String] = [.gin: "a GIN", .gist: "a GiST", .btree: "a btree"]

  /// Cost of a bitmap scan that finds `matching` of `rows` rows, at the server's default cost settings.
  static func cost(ofFetching matching: Double, of rows: Double, _ relation: Relation) -> Double {
    let pages = max(relation.heapPages, 1)
    let fetched = min(2 * pages * matching / (2 * pages + matching), pages)
    let page = 4 - (4 - 1) * (fetched / pages).squareRoot()
    return 20 + fetched * page + matching * (0.01 + 0.0025 + 0.005)
  }

  /// Rough: what is in such an index depends on the values.
  private func bytes(of index: IndexDefinition, _ relation: Relation) -> Int64 {
    let key = index.keys[0]
    let width = ([key.column] + key.furtherColumns).reduce(0.0) {
      $0 + Double(relation.column($1)?.averageWidth ?? 32)
    }
    // Of trigrams there are about as many as letters, each an entry of some bytes in a compressed list.
    let entry =
      key.operatorClass == Trigrams.operatorClass ? width * 3 : index.method == .gin ? (width + 8) * 0.6 : width + 24
    return max(8_192, Int64((relation.rowEstimate ?? 0) * entry))
  }

  /// An index of the same method and operator class on the same key.
  private func existing(like index: IndexDefinition, on relation: Relation) -> String? {
    relation.indexes.first { other in
      other.method == index.method.rawValue && other.isValid && other.predicate == nil
        && Self.isSame(other, index.keys[0], onlyClass: true)
    }?.name
  }

  private static func isSame(_ other: Index, _ key: IndexDefinition.Key, onlyClass: Bool) -> Bool {
    guard let first = other.keys.first, key.expression == nil ? first.column == key.column : first.column == nil
    else { return false }
    let text = other.definition
    if key.expression != nil, !text.contains(key.column) { return false }
    guard onlyClass, let wanted = key.operatorClass else { return !text.contains("jsonb_path_ops") }
    return text.contains(wanted) || (wanted == "jsonb_path_ops" && !text.contains("_ops"))
  }

  private func notes(on index: IndexDefinition, _ relation: Relation) -> [String] {
    guard !index.method.isPriced else {
      return [
        (index.keys.contains { features.isInlined($0, on: relation.column($0.column)) }
          ? "the planner takes functions in SQL apart, and HypoPG's index on such an expression is not what it looks for"
          : "HypoPG shows the planner an index on an expression only where its table stands first in the statement and has "
            + "no parts")
          + ": the gain is our own estimate, from the share of rows that the planner assumes without statistics; ANALYZE after building it"
      ]
    }
    var notes = [
      "HypoPG cannot price \(index.method.rawValue.uppercased()) indexes: the gain is our own estimate from the planner's "
        + "row counts, the size a guess; build it on a copy, ANALYZE, and look at EXPLAIN before you trust it"
    ]
    if index.method == .gin {
      notes.append("a GIN index makes each write of its column dearer; fastupdate defers that to VACUUM")
    }
    let others = relation.indexes.filter { other in
      other.method == index.method.rawValue && Self.isSame(other, index.keys[0], onlyClass: false)
    }
    notes += others.map { "\($0.name) has another operator class and cannot serve these statements" }
    return notes
  }
}
