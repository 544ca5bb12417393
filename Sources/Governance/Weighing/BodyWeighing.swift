// What a user's function does, as far as its catalog entry and its body tell.

import Database
import SQLSyntax

extension Weigher {
  mutating func functionImplication(_ id: UInt32) -> Implication {
    implication(of: .function(id)) { weigher in
      guard let candidate = weigher.function(id) else {
        var absent = Implication()
        if !id.isBuiltIn { absent.require(.admin, "a function that is not known") }
        return absent
      }
      return weigher.implication(of: candidate)
    }
  }

  private mutating func implication(of candidate: FunctionCandidate) -> Implication {
    let entry = candidate.entry
    var found = Implication()
    if let effect = candidate.effect {
      // Support functions that no statement can call are called by the server, which knows how.
      if effect.permission > .read && effect != .notCallable {
        found.require(effect.permission, "\(entry.name) \(effect.reason)")
        found.lasting = found.lasting ?? candidate.lastingEffect
      }
      // Without a server there is no body to look at.
      if !candidate.hasBody || (entry.language == "sql" && entry.body == nil) { return found }
    } else {
      found.functions.insert(entry.id)
    }
    if options.allowedFunctions.contains(entry.signature) { return found }
    for type in entry.argumentTypes + entry.allTypes + [entry.returnType] where !isPlain(type) {
      found.merge(typeImplication(type), "a type of \(entry.signature)")
    }
    if let defaults = entry.defaults {
      found.merge(implication(ofExpression: defaults, path: definitionPath), "the defaults of \(entry.signature)")
    }
    for part in entry.parts where candidate.effect == nil || !part.isBuiltIn {
      found.merge(functionImplication(part), "a part of \(entry.signature)")
    }
    if entry.kind == .aggregate { return found }
    if entry.isSecurityDefiner {
      found.require(.admin, "\(entry.signature) is SECURITY DEFINER: it runs with its owner's rights")
      return found
    }
    let own = ownPath(of: entry, &found)
    guard found.permission != .admin else { return found }
    guard let body = entry.body else {
      found.require(.admin, "\(entry.signature) is written in \(entry.language), which cannot be judged")
      return found
    }
    let outer = (parameters, parameterTypes)
    parameters = Dictionary(zip(entry.argumentNames, entry.argumentTypes)) { first, _ in first }
    parameterTypes = entry.argumentTypes
    under(own) { $0.weighBody(body, of: entry, &found) }
    (parameters, parameterTypes) = outer
    return found
  }

  private mutating func weighBody(_ body: String, of entry: FunctionEntry, _ found: inout Implication) {
    let place = "the body of \(entry.signature)"
    switch entry.language {
    case "sql" where entry.isStandardBody:
      found.merge(implication(ofStandardBody: "CREATE FUNCTION f() RETURNS void LANGUAGE sql \(body)"), place)
    case "sql": found.merge(implication(ofText: body, path: searchPath), place)
    case "plpgsql": found.merge(implication(ofProcedure: body, path: searchPath), place)
    case "internal": weighInternal(entry, symbol: body, &found)
    default: found.require(.admin, "\(entry.signature) is written in \(entry.language), which cannot be judged")
    }
  }

  /// A function of the server under another name: the constructors that each range type has, or what a superuser made.
  private mutating func weighInternal(_ entry: FunctionEntry, symbol: String, _ found: inout Implication) {
    if Self.constructors.contains(symbol) { return }
    let meant = functions(named: symbol).filter { $0.entry.origin == .builtIn }
    if meant.isEmpty {
      found.require(.admin, "\(entry.signature) is the server's \(symbol), which is not known by name")
    }
    for candidate in meant { found.merge(functionImplication(candidate.entry.id), "the server's \(symbol)") }
  }

  private static let constructors: Set<String> = [
    "range_constructor2", "range_constructor3", "multirange_constructor0", "multirange_constructor1",
    "multirange_constructor2",
  ]

  /// A function's own search path, if it has one. Needs `admin` if it changes settings that could hide something.
  private func ownPath(of entry: FunctionEntry, _ found: inout Implication) -> [String]? {
    var path: [String]?
    for setting in entry.settings {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      guard let name = parts.first?.lowercased(), parts.count == 2 else { continue }
      if name == "search_path", let schemas = SearchPath.schemas(in: parts[1]) {
        path = schemas
      } else if !Self.harmlessSettings.contains(name) && !name.hasPrefix("enable_") {
        found.require(.admin, "\(entry.signature) runs with its own \(name)")
        return nil
      }
    }
    return path
  }

  private static let harmlessSettings: Set<String> = [
    "work_mem", "timezone", "datestyle", "intervalstyle", "extra_float_digits", "jit", "plan_cache_mode",
    "from_collapse_limit", "join_collapse_limit", "geqo", "random_page_cost", "seq_page_cost", "cursor_tuple_fraction",
    "max_parallel_workers_per_gather", "default_text_search_config", "bytea_output", "lc_numeric", "lc_time",
    "lc_monetary", "hash_mem_multiplier", "constraint_exclusion", "parallel_setup_cost", "parallel_tuple_cost",
  ]

  private mutating func implication(ofStandardBody text: String) -> Implication {
    var found = Implication()
    do throws(SyntaxError) {
      for statement in try parse(text) {
        guard let body = statement.node.child(.sqlBody) else { continue }
        found.merge(implication(of: .mentions(ofPart: body), path: definitionPath), "its statement")
      }
    } catch {
      found.require(.admin, "it cannot be parsed: \(error.message)")
    }
    return found
  }

  private mutating func implication(ofProcedure body: String, path: [String]) -> Implication {
    var found = Implication()
    do throws(SyntaxError) {
      let read = try ProceduralBody(parsing: body)
      for refusal in read.refusals { found.require(.admin, "\(refusal)") }
      for piece in read.pieces {
        switch piece {
        case .expression(let text, _): found.merge(implication(ofExpression: text, path: path), "an expression")
        case .statement(let text, _): found.merge(implication(ofText: text, path: path), "a statement")
        case .type(let text, _):
          guard let row = Self.rowType(text) else { continue }
          found.merge(implication(ofText: "SELECT NULL::\(row)", path: path), "a type")
        }
      }
    } catch {
      found.require(.admin, "it cannot be read as PL/pgSQL: \(error.message)")
    }
    return found
  }
}

extension Weigher {
  /// A declared type as a cast would name it: `t%ROWTYPE` is the row type of `t`, and `t.c%TYPE` is covered by it; nil
  /// for `variable%TYPE`, whose type was looked at where the variable is declared.
  private static func rowType(_ text: String) -> String? {
    guard let mark = text.firstIndex(of: "%") else { return text }
    let name = text[..<mark]
    if text[mark...].dropFirst().drop(while: \.isWhitespace).lowercased().hasPrefix("rowtype") { return String(name) }
    guard let dot = name.lastIndex(of: ".") else { return nil }
    return String(name[..<dot])
  }
}

extension FunctionCandidate {
  /// Its name, where it is not known that a rollback undoes what it does. Numbers from a sequence are lost with every
  /// INSERT that fails, and nobody misses them.
  var lastingEffect: String? {
    guard let effect, effect.permission > .read, entry.name != "nextval" || entry.origin != .builtIn else { return nil }
    return entry.name
  }
}

/// The text form of the setting `search_path`.
enum SearchPath {
  /// The schemas in order, with `pg_catalog` in front unless it stands somewhere; nil if `"$user"` is among them, which
  /// is another schema for everybody.
  static func schemas(in text: String) -> [String]? {
    var schemas: [String] = []
    var current = ""
    var isQuoted = false
    for character in text {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        schemas.append(current)
        current = ""
      case " " where !isQuoted: continue
      default: current.append(character)
      }
    }
    schemas.append(current)
    if schemas.contains("$user") { return nil }
    schemas = schemas.filter { !$0.isEmpty }
    return schemas.contains("pg_catalog") ? schemas : ["pg_catalog"] + schemas
  }
}
