// What names mean where there is no server to ask: PostgreSQL's own names and those of examined extensions.

package import Database

/// The names of PostgreSQL 15 with what 17 and 18 added. What is not among them is not known: a function or type needs
/// `admin`, and of a relation the verdict says that nobody looked at it.
package struct BuiltInNames: NameSource {
  package init() {}

  package var isComplete: Bool { false }

  package func surroundings() async throws(GateFailure) -> NameSurroundings {
    var surroundings = NameSurroundings()
    surroundings.searchPath = ["pg_catalog", "public"]
    return surroundings
  }

  package func lookUp(_ question: NameQuestion) async throws(GateFailure) -> NameAnswer { answer(question) }

  package func answer(_ question: NameQuestion) -> NameAnswer {
    var answer = NameAnswer()
    for name in question.functions.sorted() {
      answer.functions += BuiltInTables.functionTable[name].compactMap(Self.function)
    }
    for id in question.functionIDs.sorted() {
      answer.functions += BuiltInTables.functionsByID[id].flatMap(Self.function).map { [$0] } ?? []
    }
    for name in question.operators.sorted() {
      answer.operators += BuiltInTables.operatorTable[name].compactMap(Self.operator)
    }
    for name in question.types.sorted() { answer.types += BuiltInTables.typeTable[name].compactMap(Self.type) }
    for id in question.typeIDs.sorted() {
      answer.types += BuiltInTables.typesByID[id].flatMap(Self.type).map { [$0] } ?? []
    }
    for name in question.relations.sorted() {
      answer.relations += BuiltInTables.relationTable[name].compactMap(Self.relation)
    }
    return answer
  }

  /// Extensions are looked for in the schema they are put into most often.
  private static func schema(_ cells: [String]) -> String { cells[3].isEmpty ? cells[1] : "public" }

  private static func origin(_ cells: [String]) -> ObjectOrigin {
    cells[3].isEmpty ? .builtIn : .fromExtension(cells[3])
  }

  private static func function(_ cells: [String]) -> FunctionEntry? {
    guard cells.count == 14, let id = UInt32(cells[0]), let defaults = Int(cells[9]), let variadic = UInt32(cells[10]),
      let result = UInt32(cells[11]), let kind = FunctionEntry.Kind(rawValue: cells[4]),
      let volatility = FunctionEntry.Volatility(rawValue: cells[5])
    else { return nil }
    return FunctionEntry(
      id: id, schema: schema(cells), name: cells[2], origin: origin(cells), kind: kind, volatility: volatility,
      language: cells[6], isPublic: cells[7] == "1",
      argumentTypes: cells[8].split(separator: ",").compactMap { UInt32($0) }, defaultCount: defaults,
      variadicType: variadic, returnType: result, returnsSet: cells[12] == "1",
      signature: "\(schema(cells)).\(cells[2])(\(cells[13]))")
  }

  private static func `operator`(_ cells: [String]) -> OperatorEntry? {
    guard cells.count == 8, let id = UInt32(cells[0]), let left = UInt32(cells[4]), let right = UInt32(cells[5]),
      let result = UInt32(cells[6]), let function = UInt32(cells[7])
    else { return nil }
    return OperatorEntry(
      id: id, schema: schema(cells), name: cells[2], origin: origin(cells), leftType: left, rightType: right,
      resultType: result, function: function)
  }

  private static func type(_ cells: [String]) -> TypeEntry? {
    guard cells.count == 5, let id = UInt32(cells[0]), let kind = TypeEntry.Kind(rawValue: cells[4]) else { return nil }
    return TypeEntry(id: id, schema: schema(cells), name: cells[2], origin: origin(cells), kind: kind)
  }

  /// Of a view's definition only what matters is kept: calls of functions that are not for everybody.
  private static func relation(_ cells: [String]) -> RelationEntry? {
    guard cells.count == 6, let id = UInt32(cells[0]), let kind = RelationEntry.Kind(rawValue: cells[3]) else {
      return nil
    }
    let columns = cells[4].split(separator: ",").compactMap { column -> RelationEntry.Column? in
      let parts = column.split(separator: ":")
      guard parts.count == 2, let type = UInt32(parts[1]) else { return nil }
      return RelationEntry.Column(name: String(parts[0]), type: type)
    }
    let calls = cells[5].split(separator: ",").compactMap { UInt32($0).flatMap { BuiltInTables.functionsByID[$0] } }
    let definition = calls.map { "pg_catalog.\($0[2])()" }.joined(separator: ", ")
    return RelationEntry(
      id: id, schema: cells[1], name: cells[2], origin: .builtIn, kind: kind, columns: columns,
      definition: definition.isEmpty ? nil : "SELECT \(definition)")
  }
}
