// One statement's mentions, weighed.

import Database

/// What a statement's mentions come to.
struct Weighing {
  var demands: [Demand] = []
  /// One for each mention of a relation, with its entry if there is one.
  var relations: [(mention: Mentions.Relation, found: LoadedRelation?)] = []
  var functions: [FunctionUse] = []
  var implied = Implication()
  /// Of `implied`, what is read behind the statement's back, by what it calls.
  var codeReads: Set<UInt32> = []
  var notes: [String] = []
  /// Whose hidden schemas are not there, in the statement itself.
  var policy: EffectivePolicy?

  mutating func need(
    _ permission: Permission, _ rule: String, _ message: String, at position: Int?, wayOut: String? = nil,
    note: String? = nil
  ) {
    demands.append(
      Demand(
        need: .permission(permission), rule: rule, message: message, position: position, wayOut: wayOut, note: note))
  }

  /// Takes over what stands behind a name, and what it needs.
  mutating func take(_ other: Implication, _ rule: String, _ what: String, at position: Int?) {
    implied.reads.formUnion(other.reads)
    implied.writes.formUnion(other.writes)
    implied.functions.formUnion(other.functions)
    implied.types.formUnion(other.types)
    implied.lasting = implied.lasting ?? other.lasting
    guard let permission = other.permission else { return }
    let isUnproven = permission == .admin
    need(
      permission, rule,
      isUnproven
        ? "\(what) is not available here: it does not exist, or nobody has shown that it is harmless"
        : "\(what) does more than read",
      at: position, wayOut: isUnproven ? Weighing.allowing : "Ask for it as a proposal that a person approves.",
      note: "\(what): \(other.reason)")
  }

  /// Notes types that values in the statement have, as far as anything depends on it.
  mutating func touch(_ types: some Sequence<UInt32>, in names: LoadedNames) {
    for type in types where !type.isBuiltIn || names.sortedTypes.contains(type) { implied.types.insert(type) }
  }

  static let allowing = "An operator who knows what it does can allow it by its signature, schema.name(argument types)."
}

extension Weigher {
  mutating func weigh(_ mentions: Mentions, path: [String], under policy: EffectivePolicy? = nil) -> Weighing {
    var weighing = Weighing()
    weighing.policy = policy
    weighing.demands = mentions.demands
    weighRelations(mentions, path, &weighing)
    let relationReads = weighing.implied.reads
    weighing.implied.reads = []
    var mentions = mentions
    resolveColumns(&mentions, &weighing)
    for position in weighing.relations.indices { weighing.relations[position].mention = mentions.relations[position] }
    for type in mentions.types { weighType(type, isMentioned: !mentions.isDefinition, path, &weighing) }
    for call in mentions.calls { weighCall(call, mentions, path, &weighing) }
    for selection in mentions.selections { weighSelection(selection, path, &weighing) }
    for use in mentions.operators { weighOperator(use, mentions, path, &weighing) }
    weighOperatorClasses(&weighing)
    weighCasts(mentions, &weighing)
    if mentions.isDefinition { weighEventTriggers(&weighing) }
    weighing.codeReads = weighing.implied.reads
    weighing.implied.reads.formUnion(relationReads)
    return weighing
  }

  private mutating func weighEventTriggers(_ weighing: inout Weighing) {
    for id in names.surroundings?.eventTriggerFunctions ?? [] {
      weighing.take(functionImplication(id), "event-trigger", "what an event trigger runs", at: nil)
    }
  }
}
