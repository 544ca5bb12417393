// What a script of definitions makes, for judging without a server.

package import Database
package import SQLSyntax

/// The built-in names and what a script adds to them: tables, views, functions, types, operators, casts. What it cannot
/// follow (DO, ALTER of what it does not know, grants) is noted, and names that it may have made stay unknown: code
/// that is not known needs `admin`.
package struct ScriptedNames: NameSource {
  private let builtIn = BuiltInNames()
  private var script = ScriptReader()

  /// - Parameter statements: parsed, in the order they would run.
  package init(_ statements: [Statement]) {
    for statement in statements { script.read(statement) }
  }

  package var isComplete: Bool { false }

  /// Statements that were not followed, by their kind, once each.
  package var notes: [String] { script.notes }

  package func surroundings() async throws(GateFailure) -> NameSurroundings {
    var surroundings = NameSurroundings()
    surroundings.searchPath = ["pg_catalog"] + script.path.filter { $0 != "pg_catalog" }
    surroundings.definitionPath = surroundings.searchPath
    surroundings.casts = script.casts()
    surroundings.operatorClasses = script.defaultClasses
    return surroundings
  }

  package func lookUp(_ question: NameQuestion) async throws(GateFailure) -> NameAnswer {
    var answer = builtIn.answer(question)
    answer.functions += script.functions.filter {
      question.functions.contains($0.name) || question.functionIDs.contains($0.id)
    }
    answer.operators += script.resolvedOperators().filter { question.operators.contains($0.name) }
    answer.types += script.types.filter { question.types.contains($0.name) || question.typeIDs.contains($0.id) }
    answer.relations += script.relations.filter {
      question.relations.contains($0.name) || question.relationIDs.contains($0.id)
    }
    return answer
  }
}
