// What PostgreSQL's own functions and those of examined extensions do: four rules over the catalog row, and exceptions.

package import Database

/// Classes functions by their catalog entry. A function of a newer version that is VOLATILE and not listed is unknown:
/// upgrades fail closed.
package struct KnownFunctions: Sendable {
  package init() {}

  /// nil for functions of users and of extensions that were not examined.
  package func effect(of entry: FunctionEntry) -> FunctionEffect? {
    switch entry.origin {
    case .user: return nil
    case .fromExtension(let name) where !Self.examinedExtensions.contains(name): return nil
    case .fromExtension, .builtIn: break
    }
    if let listed = Self.listed[entry.name] { return listed }
    if entry.name == "ts_rewrite" { return entry.argumentTypes.count == 2 ? .sqlText : FunctionEffect.none }
    for (prefix, effect) in Self.prefixes where entry.name.hasPrefix(prefix) { return effect }
    if !entry.isPublic { return .restricted }
    if entry.volatility != .volatile { return FunctionEffect.none }
    return Self.harmless.contains(entry.name) || entry.name.hasPrefix("pg_stat_get_xact_")
      ? FunctionEffect.none : .unknown
  }
}
