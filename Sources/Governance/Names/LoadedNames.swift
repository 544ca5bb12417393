// What has been looked up so far, by name and by OID.

import Database

/// A function with what calling it does, as far as its catalog row tells.
final class FunctionCandidate: Sendable {
  let entry: FunctionEntry
  /// nil: somebody's own, to be judged by its body.
  let effect: FunctionEffect?
  /// PostgreSQL's own or an extension's, and yet not in C: a superuser may have put another body into it.
  let hasBody: Bool
  private let fewest: Int
  private let most: Int

  init(_ entry: FunctionEntry, effect: FunctionEffect?) {
    self.entry = entry
    self.effect = effect
    hasBody =
      effect != nil
      && (entry.kind == .aggregate
        ? entry.parts.contains { !$0.isBuiltIn } : entry.language != "internal" && entry.language != "c")
    let count = entry.argumentTypes.count
    let isVariadic = entry.variadicType != 0
    fewest = max(0, count - entry.defaultCount - (isVariadic ? 1 : 0))
    most = isVariadic ? .max : count
  }

  func takes(_ count: Int) -> Bool { count >= fewest && count <= most }
}

/// A relation that many mentions share.
final class LoadedRelation: Sendable {
  let entry: RelationEntry

  init(_ entry: RelationEntry) { self.entry = entry }

  func hasColumn(_ name: String) -> Bool { entry.columns.contains { $0.name == name } }
}

/// The operators of one name.
struct OperatorSet: Sendable {
  var hasBuiltIn = false
  /// Of the built-in ones, sorted by somebody's own operator class and made of other types.
  var resultTypes: Set<UInt32> = []
  var prefixResultTypes: Set<UInt32> = []
  /// Those that are not built-in; built-in ones compute and do nothing else.
  var others: [OperatorEntry] = []
}

/// A bounded store of entries. Whatever is not in it has not been asked for; an empty list means that there is none.
struct LoadedNames: Sendable {
  private(set) var surroundings: NameSurroundings?
  private(set) var functions: [ExactName: [FunctionCandidate]] = [:]
  private(set) var operators: [ExactName: OperatorSet] = [:]
  private(set) var types: [ExactName: [TypeEntry]] = [:]
  private(set) var relations: [ExactName: [LoadedRelation]] = [:]
  private(set) var functionsByID: [UInt32: FunctionCandidate?] = [:]
  private(set) var typesByID: [UInt32: TypeEntry?] = [:]
  private(set) var relationsByID: [UInt32: LoadedRelation?] = [:]
  /// Built-in types, and their arrays, that are sorted and compared by somebody's own operator class.
  private(set) var sortedTypes: Set<UInt32> = []
  /// Types that somebody's casts lead from or to.
  private(set) var castTypes: Set<UInt32> = []
  private let known: KnownFunctions

  init(known: KnownFunctions) { self.known = known }

  var count: Int { functions.count + operators.count + types.count + relations.count + functionsByID.count }

  mutating func take(_ surroundings: NameSurroundings) {
    self.surroundings = surroundings
    castTypes = Set(surroundings.casts.flatMap { [$0.source, $0.target] })
    sortedTypes = Set(surroundings.operatorClasses.flatMap { [$0.type, $0.arrayType] })
  }

  /// Takes in the answer to a question: what has no entry does not exist.
  mutating func take(_ answer: NameAnswer, to question: NameQuestion) {
    for name in question.functions { functions[ExactName(name)] = [] }
    for name in question.operators { operators[ExactName(name)] = OperatorSet() }
    for name in question.types { types[ExactName(name)] = [] }
    for name in question.relations { relations[ExactName(name)] = [] }
    for id in question.functionIDs { functionsByID[id] = .some(nil) }
    for id in question.typeIDs { typesByID[id] = .some(nil) }
    for id in question.relationIDs { relationsByID[id] = .some(nil) }
    for entry in answer.functions {
      let candidate = FunctionCandidate(entry, effect: known.effect(of: entry))
      functionsByID[entry.id] = .some(candidate)
      if question.functions.contains(entry.name) { functions[ExactName(entry.name), default: []].append(candidate) }
    }
    for entry in answer.operators where question.operators.contains(entry.name) {
      if entry.origin == .builtIn {
        operators[ExactName(entry.name)]?.hasBuiltIn = true
        guard sortedTypes.contains(entry.resultType),
          sortedTypes.isDisjoint(with: [entry.leftType, entry.rightType])
        else { continue }
        if entry.leftType == 0 {
          operators[ExactName(entry.name)]?.prefixResultTypes.insert(entry.resultType)
        } else {
          operators[ExactName(entry.name)]?.resultTypes.insert(entry.resultType)
        }
      } else {
        operators[ExactName(entry.name)]?.others.append(entry)
      }
    }
    for entry in answer.types {
      typesByID[entry.id] = .some(entry)
      if question.types.contains(entry.name) { types[ExactName(entry.name), default: []].append(entry) }
    }
    for entry in answer.relations {
      let loaded = LoadedRelation(entry)
      relationsByID[entry.id] = .some(loaded)
      if question.relations.contains(entry.name) { relations[ExactName(entry.name), default: []].append(loaded) }
    }
  }
}
