// The gate under libFuzzer: names mean whatever makes it read more of the text.

import Database
import Dispatch
import Governance

/// The verdict on a text, in a catalog whose views and functions are made of that text.
func judge(_ text: String) {
  let done = DispatchSemaphore(value: 0)
  Task.detached {
    var gate = Gate(names: InventedNames(text: text))
    _ = try? await gate.judge(text)
    done.signal()
  }
  done.wait()
}

/// A name is a table, a view or a function, by its length.
private struct InventedNames: NameSource {
  let text: String

  var isComplete: Bool { true }

  func surroundings() async throws(GateFailure) -> NameSurroundings {
    var surroundings = NameSurroundings()
    surroundings.searchPath = ["pg_catalog", "public"]
    surroundings.versionNumber = 150_000
    return surroundings
  }

  func lookUp(_ question: NameQuestion) async throws(GateFailure) -> NameAnswer {
    var answer = NameAnswer()
    answer.relations = question.relations.sorted().map(relation)
    answer.functions = question.functions.sorted().flatMap(functions)
    return answer
  }

  private func relation(_ name: String) -> RelationEntry {
    var entry = RelationEntry(
      id: number(of: name), schema: "public", name: name, origin: .user, kind: .table,
      columns: [RelationEntry.Column(name: "a", type: 23), RelationEntry.Column(name: "b", type: 25)])
    switch name.utf8.count % 4 {
    case 1:
      entry.kind = .view
      entry.definition = text
    case 2:
      entry.policies = [text]
      entry.rules = ["CREATE RULE r AS ON UPDATE TO public.\(name) DO ALSO \(text)"]
    case 3: entry.writeExpressions = [text]
    default: break
    }
    return entry
  }

  private func functions(_ name: String) -> [FunctionEntry] {
    (0..<3).map { count in
      let isProcedural = (name.utf8.count + count) % 2 == 0
      return FunctionEntry(
        id: number(of: name) &+ UInt32(count), schema: "public", name: name, origin: .user, volatility: .volatile,
        language: isProcedural ? "plpgsql" : "sql", isSecurityDefiner: count == 2,
        argumentTypes: Array(repeating: 23, count: count), returnType: 23,
        body: isProcedural ? "begin \(text); return 1; end" : text, signature: "public.\(name)()")
    }
  }

  /// Above the numbers of what is built in.
  private func number(of name: String) -> UInt32 {
    name.utf8.reduce(16_384) { ($0 &* 31 &+ UInt32($1)) | 1 << 20 }
  }
}
