// What the advice tools share: foreign statements are judged before they are planned.

import Advisor
import Governance
import JSON

extension ToolContext {
  /// Judges statements that are only to be planned as the EXPLAIN that plans them: planning calls functions too, and the
  /// caller's grants have to cover what the gate says of that.
  /// - Returns: the verdict that asks for most.
  @discardableResult
  func admitToPlan(_ statements: [String]) async throws(ToolFailure) -> Verdict? {
    let granted = grantedHere
    let prefix = Self.planning
    var strongest: Verdict?
    for (number, text) in statements.enumerated() {
      let verdict: Verdict
      do throws(GovernedFailure) { verdict = try await governor.judge(prefix + text, for: call) } catch {
        throw ToolFailure(error)
      }
      guard !verdict.isRejected, verdict.permissions.isSubset(of: granted) else {
        var failure = try await refused(verdict, text, behind: prefix.utf8.count)
        if statements.count > 1 { failure.message = "Query \(number + 1) of \(statements.count): \(failure.message)" }
        throw failure
      }
      if (strongest?.strongest).map({ $0 < verdict.strongest ?? $0 }) ?? true { strongest = verdict }
    }
    return strongest
  }

  /// Why a statement may not be planned or measured.
  /// - Parameter prefix: bytes of ours that stood in front of it.
  func refused(_ verdict: Verdict, _ text: String, behind prefix: Int) async throws(ToolFailure) -> ToolFailure {
    var verdict = verdict
    verdict.position = verdict.position.map { max(0, $0 - prefix) }
    guard verdict.rule == "syntax" else { return ToolFailure(refused: verdict, text) }
    // It may be right by itself, and wrong behind EXPLAIN only.
    let itself: Verdict
    do throws(GovernedFailure) { itself = try await governor.judge(text, for: call) } catch { throw ToolFailure(error) }
    guard itself.rule != "syntax", itself.rule != "empty" else { return ToolFailure(refused: itself, text) }
    var failure = ToolFailure(
      "refused", "This kind of statement has no plan",
      hint: "Send one SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE, without EXPLAIN in front.")
    failure.verdict = verdict
    return failure
  }

  private static let planning = "EXPLAIN "

  /// The relations that advice on texts may look at, where a policy hides something; nil: all there are.
  /// - Throws: the refusal of the first that reaches what is hidden or ruled.
  func reach(of texts: [AdviceText]) async throws(ToolFailure) -> Set<UInt32>? {
    do {
      guard let reaches = try await governor.reaches(of: texts, for: call) else { return nil }
      var relations: Set<UInt32> = []
      for (text, reach) in zip(texts, reaches) {
        switch reach {
        case .free(let reached): relations.formUnion(reached)
        case .refused(var verdict):
          guard case .index(let sql) = text else { throw ToolFailure(refused: verdict, "") }
          if let position = verdict.position, position >= sql.utf8.count { verdict.position = nil }
          throw ToolFailure(refused: verdict, sql)
        }
      }
      return relations
    } catch {
      throw ToolFailure(error)
    }
  }

  /// What was recorded of statements that touch nothing that is hidden or ruled, and what these reach; nil where nothing
  /// is hidden from the caller.
  func recordedUnderPolicy() async throws -> (seen: RecordedWorkload.Seen, relations: Set<UInt32>)? {
    guard try governor.hides(from: call) else { return nil }
    // Only texts that are judged below leave this function.
    let recorded = try await governor.lend(
      for: call, needing: .explain, ours: true, isJudged: true, isCounted: false
    ) { session in
      try await RecordedWorkload.read(on: session)
    }
    let texts = recorded.texts
    let reaches = try await governor.reaches(of: texts.map { .recorded($0.sql, path: $0.path) }, for: call) ?? []
    var free: Set<RecordedWorkload.Text> = []
    var relations: Set<UInt32> = []
    for (text, reach) in zip(texts, reaches) {
      guard case .free(let reached) = reach else { continue }
      free.insert(text)
      relations.formUnion(reached)
    }
    return (recorded.seen(free), relations)
  }

  /// The mark under which memory admits a statement to be planned; nil where the database has to be asked.
  func admittedFromMemory(_ text: String) -> (verdict: Verdict, mark: String)? {
    guard let (verdict, mark) = try? governor.judgeFromMemory(Self.planning + text, for: call), !verdict.isRejected,
      verdict.permissions.isSubset(of: grantedHere)
    else { return nil }
    return (verdict, mark)
  }

  /// Reports on the whole database name tables and show statements of every schema.
  func needAllSchemas() throws(ToolFailure) {
    let isWhole: Bool
    do throws(GovernedFailure) { isWhole = try governor.seesAllSchemas(call) } catch { throw ToolFailure(error) }
    guard isWhole else {
      throw ToolFailure(
        "refused", "\(call.tool) looks at the whole database, and this connection allows some schemas only",
        hint: "explain_query and analyze_query_indexes work on statements within them.")
    }
  }

  /// What is hidden from the caller on the connection that is meant; nil: nothing.
  var hidingPolicy: EffectivePolicy? {
    get throws(GovernedFailure) { try governor.policy(for: call).flatMap { $0.hides ? $0 : nil } }
  }

  /// Permissions on the connection that is meant.
  var grantedHere: Set<Permission> {
    let name = call.connection ?? (call.caller.connections.count == 1 ? call.caller.connections.first : nil)
    return name.flatMap { call.caller.permissions[$0] } ?? []
  }
}

extension ToolFailure {
  /// - Parameter prefix: bytes of ours that stood in front of the caller's text.
  init(_ error: GovernedFailure, in text: String, behind prefix: Int = 0) {
    self.init(error)
    if let position = error.position, position >= prefix { place = (text, position - prefix) }
  }

  init(_ error: any Error) {
    switch error {
    case let failure as ToolFailure: self = failure
    case let failure as GovernedFailure:
      self.init("failed", failure.message, hint: failure.advice, sqlState: failure.sqlState)
      detail = failure.detail
      isOurs = failure.isOurs
    case let failure as AdviceFailure:
      self.init("failed", failure.message, hint: failure.advice, sqlState: failure.sqlState)
    default: self.init("failed", "\(error)")
    }
  }
}
