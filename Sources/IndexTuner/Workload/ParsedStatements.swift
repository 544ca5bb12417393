// Statements as found, parsed: what needs no server, and is done while one is connected to.

import SQLSyntax

/// Each statement's tree and fingerprint, and those that have none with the reason.
package struct ParsedStatements: Sendable {
  struct Parsed: Sendable {
    var statement: Statement
    var fingerprint: String
    var found: FoundStatement
    /// Relations that it names.
    var names: Set<String>
  }

  private(set) var parsed: [Parsed] = []
  private(set) var skipped: [SkippedStatement] = []
  package private(set) var count = 0

  /// In the order in which they were found, whichever core reads them. Where the task is cancelled, not all of them.
  package init(_ found: [FoundStatement], limits: Limits = Limits()) async {
    count = found.count
    for part in await onAllCores(found, { Task.isCancelled ? ParsedStatements() : ParsedStatements($0, limits) }) {
      parsed += part.parsed
      skipped += part.skipped
    }
  }

  package mutating func append(_ other: ParsedStatements) {
    parsed += other.parsed
    skipped += other.skipped
    count += other.count
  }

  private init() {}

  private init(_ one: FoundStatement, _ limits: Limits) {
    guard one.text.utf8.count <= limits.statementBytes else {
      skipped.append(one.skipped("longer than \(limits.statementBytes) bytes"))
      return
    }
    do throws(SyntaxError) {
      for outer in try Self.statements(of: one.text) {
        let statement = outer.innerQuery ?? outer
        if let reason = Self.reasonNotToPlan(statement) {
          skipped.append(one.skipped(reason, text: statement.text))
          continue
        }
        parsed.append(
          Parsed(
            statement: statement, fingerprint: try fingerprint(statement.text), found: one,
            names: relationNames(in: statement)))
      }
    } catch {
      skipped.append(one.skipped("does not parse: \(error.message)"))
    }
  }

  /// What a driver or mapper logs may have placeholders of its own.
  private static func statements(of text: String) throws(SyntaxError) -> [Statement] {
    do throws(SyntaxError) {
      return try parse(text)
    } catch {
      guard let numbered = numberingPlaceholders(of: text), let statements = try? parse(numbered) else { throw error }
      return statements
    }
  }

  private static func reasonNotToPlan(_ statement: Statement) -> String? {
    switch statement.kind {
    case .select, .insert, .update, .delete, .merge: nil
    case .utility(let name): "a utility statement (\(name)), which has no plan"
    }
  }
}
