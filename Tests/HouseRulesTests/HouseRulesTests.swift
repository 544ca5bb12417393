// The tidy test: the rules of ARCHITECTURE.md that a program can check, and that each of them catches its offence.

import Support
import Testing

@Suite struct HouseRulesTests {
  @Test(arguments: allRules)
  func theTreeKeeps(rule: Rule) {
    for offence in rule.offences(in: SourceFile.tree) { Issue.record("\(offence)") }
  }

  @Test func theTreeIsRead() {
    let sources = SourceFile.tree.filter(\.isSource)
    #expect(sources.count > 100)
    #expect(
      Set(sources.map(\.room)).isSuperset(of: ["JSON", "Terminal", "SQLSyntax", "Database", "IndexTuner", "CLI"]))
    #expect(sources.map(\.functions.count).reduce(0, +) > 1_000)
    #expect(sources.contains { $0.isGenerated } && sources.contains { !$0.isGenerated && $0.path.contains("/Schema/") })
    #expect(Set(allRules.map(\.id)).count == allRules.count)
  }

  /// The part of the tree that rules compare a file with.
  private static let units = SourceFile.tree.filter { file in
    ["/Candidates/", "/Search/", "/Renderers/", "/Commands/", "/Tools/", "Sources/HealthChecks/"].contains {
      file.path.contains($0)
    }
  }

  /// A rule that catches nothing is none.
  @Test(arguments: PlantedOffence.all)
  func isCaught(_ planted: PlantedOffence) throws {
    let rule = try #require(allRules.first { $0.id == planted.rule }, "there is no rule \"\(planted.rule)\"")
    let others = Self.units.filter { $0.path != planted.path }
    let found = rule.offences(in: others + [SourceFile(path: planted.path, text: planted.text)])
    #expect(found.contains { $0.path == planted.path } == planted.isOffence, "\(found)")
  }

  @Test func everyRuleHasAPlantedOffence() {
    let caught = Set(PlantedOffence.all.filter(\.isOffence).map(\.rule))
    // This one looks at what is missing.
    #expect(Set(allRules.map(\.id)).subtracting(caught) == ["a family has members"])
    let families = allRules.first { $0.id == "a family has members" }
    #expect(families?.offences(in: Self.units.filter { $0.room != "CLI" }).map(\.path) == ["Sources/CLI/Commands/"])
  }

  @Test func anExceptionThatIsNotNeededIsAnOffence() {
    let rule = Rule.perFile("nothing is long", exceptions: ["Sources/JSON/A.swift": "a reason"]) { file in
      file.lines.count > 1 ? [(nil, "long")] : []
    }
    let (short, long) = ("// One line.\n", "// Two\n// lines.\n")
    #expect(rule.offences(in: [SourceFile(path: "Sources/JSON/A.swift", text: long)]).isEmpty)
    #expect(rule.offences(in: [SourceFile(path: "Sources/JSON/A.swift", text: short)]).count == 1)
    #expect(rule.offences(in: []).count == 1)
    #expect(rule.offences(in: [SourceFile(path: "Sources/JSON/B.swift", text: long)]).count == 2)
  }
}

@Suite struct SwiftTokensTests {
  private func words(_ text: String) -> [String] { SwiftTokens.read(text).filter { $0.kind == .word }.map(\.text) }

  @Test func commentsAndStringsAreNoCode() {
    #expect(words("a // b\nc /* d /* e */ f */ g") == ["a", "c", "g"])
    #expect(words(#"a "b \" c" d"#) == ["a", "d"])
    #expect(words(##"a #"b \(c) " d"# e"##) == ["a", "e"])
    #expect(words("a \"\"\"\n b \"c\" { \n \"\"\" d") == ["a", "d"])
    #expect(words("a \"// b\" c") == ["a", "c"])
  }

  @Test func interpolatedCodeIsCode() {
    #expect(words(#"a "b \(c(d) + "e \(f)") g" h"#) == ["a", "c", "d", "f", "h"])
    #expect(words(###"a #"b \#(c) \(d)"# e"###) == ["a", "c", "e"])
  }

  @Test func linesAreCounted() {
    let tokens = SwiftTokens.read("a\n/*\n*/ b\n\"\"\"\nx\n\"\"\" c")
    #expect(tokens.map(\.line) == [1, 3, 4, 6])
  }

  @Test func declarationsAreFound() {
    let file = SourceFile(
      path: "Sources/JSON/A.swift",
      text: """
        // A file.
        @testable import struct Foo.Bar
        package import Baz
        protocol P: Sendable { func f(_ a: Int) throws(E) -> [Int]; var v: Int { get } }
        struct S<T: Q>: P, R where T: X {
          let a = 1, b = { 2 }
          init?(x: Int = { 3 }()) {
            self.init(y: .init())
          }
          var c: Int {
            1
          }
          func g()
            -> Int
          {
            1
          }
        }
        extension S: Z {}
        """)
    #expect(file.imports.map(\.module) == ["Foo", "Baz"])
    #expect(file.functions.map(\.name) == ["f", "v", "init", "c", "g"])
    #expect(file.functions.map(\.lineCount) == [1, 1, 3, 3, 5])
    #expect(file.types.map(\.name) == ["P", "S", "S"])
    #expect(file.types.map(\.conformances) == [["Sendable"], ["P", "R"], ["Z"]])
  }
}
