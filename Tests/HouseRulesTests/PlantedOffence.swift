// Files that break a rule, or nearly: what the rules must catch, and what they must leave alone.

import Testing

struct PlantedOffence: Sendable, CustomTestStringConvertible {
  let rule: String
  let path: String
  let text: String
  var isOffence = true

  var testDescription: String { "\(rule): \(isOffence ? "" : "not ")\(text.prefix(60))" }

  private static func file(_ rule: String, _ path: String, _ lines: String...) -> PlantedOffence {
    PlantedOffence(rule: rule, path: "Sources/\(path)", text: (["// What it is for."] + lines).joined(separator: "\n"))
  }

  private var allowed: PlantedOffence {
    var planted = self
    planted.isOffence = false
    return planted
  }

  static let all = arrows + memory + forms + words + foreignText + units

  private static let arrows: [PlantedOffence] = {
    let rule = "imports go only where the arrows point"
    return [
      file(rule, "JSON/A.swift", "import Terminal"), file(rule, "JSON/A.swift", "import Foundation"),
      file(rule, "Database/A.swift", "@preconcurrency package import SQLSyntax"),
      file(rule, "HealthChecks/A.swift", "import struct IndexTuner.Limits"),
      file(rule, "MCPServer/A.swift", "import Database"), file(rule, "Terminal/A.swift", "import CLibPQ"),
      file(rule, "Core/A.swift", "let a = 1"), file(rule, "Governance/A.swift", "import Store").allowed,
      file(rule, "JSON/A.swift", "import FoundationEssentials", "// import Terminal", "let a = \"import CLI\"").allowed,
    ]
  }()

  private static let memory: [PlantedOffence] = {
    let (system, raw) = ("the system's C is for rooms that wrap C", "raw memory stays in the rooms that wrap C")
    let library = "a C library is called in one room"
    return [
      file(system, "JSON/A.swift", "#if canImport(Glibc)", "  import Glibc", "#endif"),
      file(system, "Database/A.swift", "import Glibc").allowed,
      file(raw, "JSON/A.swift", "let a = bytes.withUnsafeBytes { $0.count }"),
      file(raw, "Advisor/A.swift", "let a = unsafeBitCast(1, to: Int.self)"),
      file(raw, "CLI/A.swift", "func a(_ b: UnsafeRawPointer) {}"),
      file(raw, "SQLSyntax/A.swift", "func a(_ b: UnsafeRawPointer) {}").allowed,
      file(raw, "CLI/A.swift", "/// An UnsafeRawPointer.", "let a = \"Unsafe\"").allowed,
      file(library, "Advisor/A.swift", "let a = PQstatus(b)"), file(library, "CLI/A.swift", "pg_query_init()"),
      file(library, "Governance/A.swift", "sqlite3_open(a, b)"),
      file(library, "Database/A.swift", "let a = PQstatus(b)").allowed,
    ]
  }()

  private static let forms: [PlantedOffence] = {
    let (opening, file, function, line) = (
      "a file opens with what it is for", "files are short", "functions are short", "lines are short"
    )
    func text(_ rule: String, _ text: String) -> PlantedOffence {
      PlantedOffence(rule: rule, path: "Sources/JSON/A.swift", text: text)
    }
    func lines(_ count: Int) -> String { String(repeating: "  a()\n", count: count) }
    return [
      text(opening, "import JSON\n"), text(opening, ""), text(opening, "// no sentence\n"),
      text(opening, "// Short.\n"),
      text(opening, "// A sentence that\n// goes on.\n// https://www.postgresql.org/docs\n\nlet a = 1\n").allowed,
      PlantedOffence(rule: opening, path: "Tests/JSONTests/A.swift", text: "import Testing\n"),
      text(file, "// What it is for.\n" + lines(300)), text(file, "// What it is for.\n" + lines(299)).allowed,
      text(function, "func a() {\n\(lines(59))}\n"), text(function, "func a() {\n\(lines(58))}\n").allowed,
      text(function, "protocol P { func b() }\nstruct S {\n  init(\n  ) {\n\(lines(59))  }\n}\n"),
      text(function, "struct S {\n  var a: Int {\n\(lines(59))  }\n}\n"),
      text(line, "let a = " + String(repeating: "b + ", count: 30)),
      text(line, "let a = \"" + String(repeating: "b", count: 120) + "\"").allowed,
      text(line, "let a = \"" + String(repeating: "b", count: 140) + "\""),
    ]
  }()

  private static let words: [PlantedOffence] = {
    let (banned, promises, names) = ("banned words", "no promises", "names say what a thing is")
    return [
      file(banned, "CLI/A.swift", "public struct A {}"), file(banned, "CLI/A.swift", "let a = try! b()"),
      file(banned, "CLI/A.swift", "let a = b as! Int"), file(banned, "CLI/A.swift", "guard a else { fatalError() }"),
      file(banned, "CLI/A.swift", "final class A: @unchecked Sendable {}"),
      file(banned, "CLI/A.swift", "nonisolated(unsafe) var a = 1"), file(banned, "CLI/A.swift", "print(1)"),
      file(banned, "CLI/A.swift", "struct A { static let shared = A() }"),
      file(banned, "CLI/A.swift", "// public, try! and fatalError() are banned", "let a = \"public try!\"").allowed,
      file(promises, "CLI/A.swift", "// TODO: later"), file(promises, "CLI/A.swift", "let a = \"FIXME\""),
      file(promises, "CLI/A.swift", "let todo = 1").allowed,
      file(names, "CLI/A.swift", "struct SessionManager<T> {}"), file(names, "CLI/A.swift", "enum StringUtils: A {}"),
      file(names, "CLI/A.swift", "struct Session {}").allowed,
    ]
  }()

  private static let foreignText: [PlantedOffence] = {
    let (planned, own) = ("foreign text is planned in few places", "our own SQL is made of literals")
    let (sent, executed) = ("text is handed to libpq in two files", "no function executes a String")
    return [
      file(planned, "Advisor/A.swift", "let a = PlanRequest(planning: text)"),
      file(planned, "Advisor/A.swift", "let a: PlanRequest = .init(planning: text)"),
      file(planned, "CLI/A.swift", "let a = AnalyzeRequest.init(running: text, allowsWrites: true)"),
      file(planned, "Advisor/WhatIfPlan.swift", "let a = PlanRequest(planning: text)").allowed,
      file(own, "Advisor/A.swift", "let a = SQL(stringLiteral: text)"),
      file(own, "IndexTuner/A.swift", "let a: SQL = .init(stringLiteral: text)"),
      file(own, "Database/SQL.swift", "struct SQL {", "  package init(_ text: String) { body = text }", "}"),
      file(
        own, "Database/SQL.swift", "struct SQL {", "  package init(stringLiteral literal: StaticString) {}",
        "  private init(_ text: String) {}", "}"
      ).allowed,
      file(sent, "Database/Session.swift", "let a = PQexec(b, c)"),
      file(executed, "Database/A.swift", "extension Session { func execute(_ text: String) async {} }"),
      file(executed, "Store/A.swift", "func load(_ sql: String) async throws {}"),
      file(executed, "Database/A.swift", "func execute(_ text: SQL, _ values: [String?]) async {}").allowed,
      file(executed, "Database/A.swift", "func ask(_ steps: [Step], in schema: String? = nil) async {}").allowed,
    ]
  }()

  private static let units: [PlantedOffence] = {
    let (unit, id) = ("a unit is a file of its name and a line in its list", "a unit has an id of its own")
    return [
      file(unit, "IndexTuner/Candidates/Unlisted.swift", "struct Unlisted: Sendable, CandidateGenerator {}"),
      file(unit, "CLI/TopCommand.swift", "struct TopCommand: Command {}"),
      file(unit, "CLI/Commands/Other.swift", "extension TopCommand: Command {}"),
      file(unit, "CLI/Commands/TopCommand.swift", "struct TopCommand: Command {}").allowed,
      file(id, "CLI/Commands/Twice.swift", "struct Twice: Command {", "  let name = \"top\"", "}"),
      file(id, "IndexTuner/Candidates/None.swift", "struct None: CandidateGenerator {", "  var id: String { a }", "}"),
      file(id, "CLI/Commands/Once.swift", "struct Once: Command {", "  let name = \"once\"", "}").allowed,
    ]
  }()
}
