// The gate: what a text needs before it may run, or why it never may.

import Database
import SQLSyntax

/// Judges texts against one state of the catalog.
///
/// What names mean is kept from text to text. Whoever holds a gate decides how long that is true: for one snapshot of
/// a transaction, or until `CatalogStamp` says that something has changed; then `forget()`.
package struct Gate: Sendable {
  var source: any NameSource
  let options: GateOptions
  var weigher: Weigher

  package init(names source: any NameSource, options: GateOptions = GateOptions()) {
    self.source = source
    self.options = options
    weigher = Weigher(names: LoadedNames(known: KnownFunctions()), options: options)
  }

  /// The same gate over another way to the same catalog; what was remembered is only as good as its stamp.
  func standing(on source: any NameSource) -> Gate {
    var gate = self
    gate.source = source
    return gate
  }

  /// Everything looked up so far is asked for again.
  package mutating func forget() {
    weigher = Weigher(names: LoadedNames(known: KnownFunctions()), options: options)
  }

  /// The relations whose entries are kept, for `CatalogStamp`.
  package var rememberedRelations: [UInt32] { weigher.names.relationsByID.keys.sorted() }

  /// The verdict on a whole text. Asks the catalog only for names it has not met.
  /// - Parameter policy: what it hides is not there; the gate's options have to be the policed ones then.
  package mutating func judge(
    _ text: String, under policy: EffectivePolicy? = nil
  ) async throws(GateFailure) -> Verdict {
    switch single(text) {
    case .failure(let refusal): return verdict(on: refusal)
    case .success(let statement):
      return try await judge(StatementReader.mentions(of: statement), of: statement, under: policy)
    }
  }

  private mutating func judge(
    _ mentions: Mentions, of statement: Statement, under policy: EffectivePolicy?
  ) async throws(GateFailure) -> Verdict {
    try await settled { gate in gate.verdict(on: mentions, of: statement, under: policy) }
  }

  /// Looks, and asks the catalog for what was missing, until nothing is any more.
  /// - Parameter look: nil while something is.
  mutating func settled<Found>(_ look: (inout Gate) -> Found?) async throws(GateFailure) -> Found {
    if weigher.names.count > options.limits.rememberedNames { forget() }
    if weigher.names.surroundings == nil { weigher.take(try await source.surroundings()) }
    for _ in 0..<options.limits.rounds {
      if let found = look(&self) { return found }
      let question = weigher.takeMissing()
      weigher.names.take(try await source.lookUp(question), to: question)
    }
    throw GateFailure(
      .tooManyQuestions, "the statement leads to definitions of definitions without an end",
      advice: "Simplify the views and functions it uses")
  }

  /// The same without waiting: nil when a name was never looked up.
  package mutating func judgeFromMemory(_ text: String, under policy: EffectivePolicy? = nil) -> Verdict? {
    switch single(text) {
    case .failure(let refusal): return verdict(on: refusal)
    case .success(let statement):
      guard weigher.names.surroundings != nil else { return nil }
      defer { _ = weigher.takeMissing() }
      return verdict(on: StatementReader.mentions(of: statement), of: statement, under: policy)
    }
  }

  struct Refusal: Error {
    var verdict: Verdict
    /// The parser does not know the text, and a newer server might.
    var isUnproven = false
  }

  private var runsUnproven: Bool { options.runsUnproven && options.allowedSchemas == nil }

  private func verdict(on refusal: Refusal) -> Verdict {
    guard refusal.isUnproven && runsUnproven else { return refusal.verdict }
    var verdict = refusal.verdict
    verdict.isRejected = false
    verdict.permissions = [.admin]
    return verdict
  }

  /// The one statement of a text.
  func single(_ text: String) -> Result<Statement, Refusal> {
    do throws(SyntaxError) {
      let statements = try parse(text)
      guard let first = statements.first else {
        return .failure(
          refusal("empty", "there is no statement in the text", at: nil, wayOut: "Send one SQL statement."))
      }
      guard statements.count == 1 else {
        return .failure(
          refusal(
            "several-statements", "the text holds \(statements.count) statements", at: statements[1].offset,
            wayOut: "Send them one at a time."))
      }
      return .success(first)
    } catch {
      return .failure(refusal(error))
    }
  }

  private func refusal(_ error: SyntaxError) -> Refusal {
    switch error.code {
    case .syntax:
      Refusal(
        verdict: refusal(
          "syntax", error.message, at: error.position,
          wayOut:
            "Correct it. Syntax that is newer than PostgreSQL \(parserVersion / 10_000), whose grammar this program"
            + " has, is refused as well."
        ).verdict, isUnproven: true)
    case .tooDeep:
      refusal("too-deep", error.message, at: error.position, wayOut: "Nest less, or use a list such as IN or ARRAY.")
    case .tooLong: refusal("too-long", error.message, at: error.position, wayOut: "Send less at a time.")
    case .encoding: refusal("encoding", error.message, at: error.position, wayOut: "Send UTF-8 text without NUL.")
    default: refusal("not-readable", error.message, at: error.position, wayOut: "Use another way to say it.")
    }
  }

  private func refusal(_ rule: String, _ message: String, at position: Int?, wayOut: String) -> Refusal {
    Refusal(
      verdict: Verdict(isRejected: true, rule: rule, message: message, position: position, wayOut: wayOut))
  }

  /// Nil while names are missing.
  private mutating func verdict(
    on mentions: Mentions, of statement: Statement, under policy: EffectivePolicy?
  ) -> Verdict? {
    let path = weigher.names.surroundings?.searchPath ?? []
    var weighing = weigher.weigh(mentions, path: path, under: policy.flatMap { $0.hides ? $0 : nil })
    if let policy, policy.hides {
      return policed(weighing, statement, policy)
    }
    if runsUnproven {
      for place in weighing.demands.indices where weighing.demands[place].need == .unproven {
        weighing.demands[place].need = .permission(.admin)
      }
    }
    guard weigher.isComplete else { return nil }
    return verdict(on: weighing)
  }

  func verdict(on weighing: Weighing) -> Verdict {
    let verdict = Verdict(weighing, names: weigher.names, isCatalogComplete: source.isComplete)
    return options.allowedSchemas.flatMap { verdict.outside($0) } ?? verdict
  }

  /// Relations come first: of what is hidden nothing else is said.
  private mutating func policed(_ weighing: Weighing, _ statement: Statement, _ policy: EffectivePolicy) -> Verdict? {
    guard options.isPoliced else { return .unwritable }
    let screening = weigher.screen(statement, weighing, by: policy)
    guard weigher.isComplete else { return nil }
    switch screening {
    case .refused(let refusal): return refusal
    case .passed(let standIns):
      var verdict = verdict(on: weighing)
      if verdict.isRejected { return verdict.withoutNames }
      guard verdict.permissions.isSubset(of: [.explain, .read, .write]) else { return verdict.beyondPolicy }
      guard let text = weigher.rewritten(statement, standIns, under: policy) else { return .unwritable }
      verdict.policed = text
      return verdict
    }
  }
}

extension Verdict {
  /// What stands behind the statement's own words is nobody's business here.
  var withoutNames: Verdict {
    var verdict = self
    verdict.relations = []
    verdict.functions = []
    verdict.notes = []
    return verdict
  }

  fileprivate var beyondPolicy: Verdict {
    var verdict = withoutNames
    verdict.isRejected = true
    verdict.permissions = []
    verdict.rule = "policy-permission"
    verdict.wayOut = "A policy holds here: only what reads or changes data runs under it."
    return verdict
  }
}
