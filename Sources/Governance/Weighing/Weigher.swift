// From mentions and catalog entries to demands: pure, and says which entries it lacks.

import Database
import SQLSyntax

/// Weighs statements against what has been looked up. Names that have not been are noted in `missing`, and the result
/// does not count then.
struct Weigher {
  /// The same function can mean something else under another search path, as can all that calls it.
  struct Key: Hashable {
    var subject: Subject
    var path: Int
    var isPoliced: Bool
  }

  /// What an implication is about.
  enum Subject: Hashable {
    case function(UInt32)
    case readOf(UInt32)
    case writeOf(UInt32)
    case refreshOf(UInt32)
    case type(UInt32)
  }

  let options: GateOptions
  /// Whether what is called may look at nothing but its arguments.
  private var isPoliced: Bool
  var names: LoadedNames
  private(set) var missing = NameQuestion()
  /// What was found behind names; kept from text to text, as long as the names are.
  var implications: [Key: Implication] = [:]
  /// What stands for relations that a policy rules.
  var standInQueries: [StandInQuery.Key: StandInQuery] = [:]
  var relationRules: [RuleKey: RelationRule] = [:]
  var followedViews: [RuleKey: FollowedView] = [:]
  /// The parameters of the function whose body is being weighed, by name and in order, with their types.
  var parameters: [String: UInt32] = [:]
  var parameterTypes: [UInt32] = []
  /// The search paths that were met; the first is the session's.
  private var paths: [[String]] = []
  /// The one that holds now, by its place.
  private var path = 0
  /// Found while names were missing: holds for this round only.
  private var provisional: [Key: Implication] = [:]
  /// Being weighed, with their depth: what leads back to itself adds nothing.
  private var open: [Key: Int] = [:]
  /// The least depth of an open subject that was met again.
  private var lowestMet = Int.max

  init(names: LoadedNames, options: GateOptions) {
    self.names = names
    self.options = options
    isPoliced = options.isPoliced
  }

  mutating func take(_ surroundings: NameSurroundings) {
    names.take(surroundings)
    paths = [surroundings.searchPath]
  }

  /// What the last texts lacked, to be asked for.
  mutating func takeMissing() -> NameQuestion {
    defer {
      missing = NameQuestion()
      provisional.removeAll()
    }
    return missing
  }

  /// Whether everything that was needed has been looked up.
  var isComplete: Bool { missing.isEmpty }

  // MARK: - Looking up, or noting that it cannot be done yet

  mutating func functions(named name: String) -> [FunctionCandidate] {
    if let found = names.functions[ExactName(name)] { return found }
    missing.functions.insert(name)
    return []
  }

  mutating func operators(named name: String) -> OperatorSet? {
    if let found = names.operators[ExactName(name)] { return found }
    missing.operators.insert(name)
    return nil
  }

  mutating func types(named name: String) -> [TypeEntry] {
    if let found = names.types[ExactName(name)] { return found }
    missing.types.insert(name)
    return []
  }

  mutating func relations(named name: String) -> [LoadedRelation] {
    if let found = names.relations[ExactName(name)] { return found }
    missing.relations.insert(name)
    return []
  }

  mutating func function(_ id: UInt32) -> FunctionCandidate? {
    if let found = names.functionsByID[id] { return found }
    missing.functionIDs.insert(id)
    return nil
  }

  mutating func type(_ id: UInt32) -> TypeEntry? {
    if let found = names.typesByID[id] { return found }
    missing.typeIDs.insert(id)
    return nil
  }

  mutating func relation(_ id: UInt32) -> RelationEntry? {
    if let found = names.relationsByID[id] { return found?.entry }
    missing.relationIDs.insert(id)
    return nil
  }

  // MARK: - Weighing once

  /// The implication of a subject, weighed the first time. Nothing is kept while names are missing.
  mutating func implication(of subject: Subject, _ weigh: (inout Weigher) -> Implication) -> Implication {
    let key = Key(subject: subject, path: path, isPoliced: isPoliced)
    if let known = implications[key] ?? provisional[key] { return known }
    if let depth = open[key] {
      lowestMet = min(lowestMet, depth)
      return Implication()
    }
    let depth = open.count
    guard depth < options.limits.depth else {
      var tooDeep = Implication()
      tooDeep.require(.admin, "definitions stand in definitions more than \(options.limits.depth) deep")
      return tooDeep
    }
    let outerLowest = lowestMet
    lowestMet = .max
    open[key] = depth
    let found = weigh(&self)
    open[key] = nil
    // Inside a circle the parts know only half of it: only where it was entered is all of it known.
    let isWhole = lowestMet >= depth
    lowestMet = isWhole ? outerLowest : min(outerLowest, lowestMet)
    if isWhole {
      if isComplete { implications[key] = found } else { provisional[key] = found }
    }
    return found
  }

  /// Weighs what the server looks at by itself, such as row security: the statement does not see it.
  mutating func unseen(_ weigh: (inout Weigher) -> Implication) -> Implication {
    let outer = isPoliced
    isPoliced = false
    defer { isPoliced = outer }
    return weigh(&self)
  }

  /// Whether a call is looked at as a policy demands.
  var looksForPolicy: Bool { isPoliced }

  /// Weighs what runs under a function's own search path.
  mutating func under(_ own: [String]?, _ weigh: (inout Weigher) -> Void) {
    guard let own else { return weigh(&self) }
    let outer = path
    if let known = paths.firstIndex(of: own) {
      path = known
    } else {
      paths.append(own)
      path = paths.count - 1
    }
    weigh(&self)
    path = outer
  }

  /// What holds where a function without a search path of its own is called.
  var searchPath: [String] { paths.indices.contains(path) ? paths[path] : definitionPath }

  /// What a text in a definition implies. What cannot be parsed cannot be proven.
  mutating func implication(ofText text: String, path: [String]) -> Implication {
    var found = Implication()
    do throws(SyntaxError) {
      for statement in try parse(text) {
        let mentions = StatementReader.mentions(of: statement, isOutermost: false)
        found.merge(implication(of: mentions, path: path), "in its definition")
      }
    } catch {
      found.require(.admin, "its definition cannot be parsed: \(error.message)")
    }
    return found
  }

  /// The same for an expression.
  mutating func implication(ofExpression text: String, path: [String]) -> Implication {
    implication(ofText: "SELECT \(text)", path: path)
  }

  mutating func implication(of mentions: Mentions, path: [String]) -> Implication {
    let weighing = weigh(mentions, path: path)
    var found = weighing.implied
    for demand in weighing.demands {
      switch demand.need {
      case .permission(let permission) where permission > .read:
        found.require(permission, demand.note ?? demand.message)
      case .permission: continue
      case .rejection, .unproven: found.require(.admin, demand.message)
      }
    }
    return found
  }
}

extension String {
  /// A schema that a search path means by this name: `pg_temp` is an alias of the session's own.
  func names(schema: String) -> Bool { self == schema || (self == "pg_temp" && schema.hasPrefix("pg_temp_")) }
}
