// Texts that are meant to hurt: refused or read, quickly, and never a crash.

import Testing

@testable import SQLSyntax

@Suite(.serialized)
struct HostileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// Nil: read.
    var code: SyntaxError.Code?
    var text: @Sendable () -> String
    /// Megabytes: once is enough.
    var isHuge = false
    var testDescription: String { name }
  }

  static func repeated(_ head: String, _ link: String, _ count: Int, _ tail: String = "") -> @Sendable () -> String {
    { head + String(repeating: link, count: count) + tail }
  }

  static let cases: [Case] = [
    Case(name: "900 additions", text: repeated("select 1", "+1", 900)),
    Case(name: "2,000 additions in place", code: .tooDeep, text: repeated("select 1", "+1", 2_000)),
    Case(name: "8,000 additions unmeasured", code: .tooDeep, text: repeated("select 1", "+1", 8_000)),
    Case(name: "100,000 additions", code: .tooDeep, text: repeated("select 1", "+1", 100_000)),
    Case(name: "1,400,000 additions", code: .tooDeep, text: repeated("select 1", "+1", 1_400_000), isHuge: true),
    Case(name: "8,000,000 additions", code: .tooLong, text: repeated("select 1", "+1", 8_000_000), isHuge: true),
    Case(name: "100,000 casts", code: .tooDeep, text: repeated("select 1", "::int", 100_000)),
    Case(
      name: "2,000,000 tests for null", code: .tooDeep, text: repeated("select a", " isnull", 2_000_000), isHuge: true),
    Case(name: "20,000 UNION arms", code: .tooDeep, text: repeated("select 1", " union select 1", 20_000)),
    Case(name: "100,000 joins", code: .tooDeep, text: repeated("select 1 from a", " natural join b", 100_000)),
    Case(name: "100,000 NOTs", code: .tooDeep, text: repeated("select ", "not ", 100_000, "true")),
    Case(name: "2,000 minus signs", code: .tooDeep, text: repeated("select ", "- ", 2_000, "a")),
    Case(name: "5,000 subselects", code: .tooDeep) {
      String(repeating: "select(", count: 5_000) + "select 1" + String(repeating: ")", count: 5_000)
    },
    Case(name: "10,000 brackets", code: .tooDeep) {
      "select " + String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000)
    },
    Case(name: "2,000 brackets") {
      "select " + String(repeating: "(", count: 2_000) + "1" + String(repeating: ")", count: 2_000)
    },
    Case(name: "1,990 nested arrays", code: .tooDeep) {
      "select array" + String(repeating: "[", count: 1_990) + "1" + String(repeating: "]", count: 1_990)
    },
    Case(name: "1,000,000 IN elements", text: repeated("select 1 where a in (1", ",1", 1_000_000, ")"), isHuge: true),
    Case(name: "100,000 ANDs", text: repeated("select 1 where a", " and a", 100_000)),
    Case(name: "100,000 subscripts", text: repeated("select a", "[1]", 100_000)),
    Case(name: "16 MB string", text: repeated("select '", "a", 16_000_000, "'"), isHuge: true),
    Case(name: "16 MB of semicolons", code: .tooLong, text: repeated("", ";", 16_000_000), isHuge: true),
    Case(name: "17 MB of space", code: .tooLong, text: repeated("select 1", " ", 17 << 20), isHuge: true),
    Case(name: "unterminated string", code: .syntax, text: repeated("select '", "a", 100_000)),
    Case(name: "unterminated comment", code: .syntax, text: repeated("select 1 ", "/*", 100_000)),
    Case(name: "unterminated dollar quote", code: .syntax, text: repeated("select 1; select $a$", "$", 100_000)),
    Case(name: "100,000 operator characters", code: .syntax, text: repeated("select 1 ", "+-", 100_000, "1")),
    Case(name: "100,000 stars and slashes", code: .syntax, text: repeated("select 1 ", "*/", 100_000, "1")),
    Case(name: "100,000 comments side by side", code: .syntax, text: repeated("select 1", "/**/", 100_000)),
    Case(
      name: "100,000 comments inside a comment", code: .syntax, text: repeated("select 1/* ", "/**/", 100_000, "*/")),
    Case(name: "100,000 comments", text: repeated("select 1", " /**/", 100_000)),
    Case(name: "100,000 nested comments") {
      "select 1" + String(repeating: "/* ", count: 100_000) + String(repeating: "*/", count: 100_000)
    },
    Case(
      name: "rules of lines",
      text: repeated("select 1 -- \(String(repeating: "=", count: 10_000))\n/*", "=-*", 30_000, "*/")),
    Case(name: "NUL byte", code: .encoding) { "select 1\0; drop table t" },
    Case(name: "not UTF-8 after escapes", code: .syntax) { "select E'\\xff'" },
    Case(name: "surrogate", code: .syntax) { "select U&'\\D800'" },
  ]

  @Test(arguments: cases)
  func parses(_ one: Case) {
    let text = one.text()
    let clock = ContinuousClock()
    let start = clock.now
    do throws(SyntaxError) {
      let statements = try parse(text)
      #expect(one.code == nil)
      #expect(statements.count == 1)
    } catch {
      #expect(error.code == one.code, "\(error)")
    }
    // Generous for a busy machine and a debug build; quadratic behaviour takes minutes.
    #expect(clock.now - start < .seconds(30))
  }

  @Test(arguments: cases.filter { !$0.isHuge })
  func fingerprints(_ one: Case) {
    let text = one.text()
    do throws(SyntaxError) {
      #expect(try fingerprint(text).utf8.count == 16)
    } catch {
      #expect(error.code == one.code, "\(error)")
    }
  }

  @Test(arguments: cases)
  func splits(_ one: Case) {
    #expect(splitStatements(one.text()).count <= 2)
  }

  @Test func manyStatements() throws {
    #expect(try parse(String(repeating: "select 1;", count: 50_000)).count == 50_000)
  }

  @Test func limitsAreTheCallers() {
    var limits = SyntaxLimits()
    limits.textBytes = 10
    #expect(#expect(throws: SyntaxError.self) { try parse("select 1 + 1", limits: limits) }?.code == .tooLong)
    limits = SyntaxLimits()
    limits.treeDepth = 10
    #expect(throws: Never.self) { try parse("select 1+1+1", limits: limits) }
    let deep = "select 1+1+1+1+1+1+1+1+1+1+1+1"
    #expect(#expect(throws: SyntaxError.self) { try parse(deep, limits: limits) }?.code == .tooDeep)
    limits = SyntaxLimits()
    limits.bytesInPlace = 0
    limits.tokens = 5
    #expect(#expect(throws: SyntaxError.self) { try parse("select 1 + 1 + 1", limits: limits) }?.code == .tooLong)
    limits.tokens = 6
    #expect(throws: Never.self) { try parse("select 1 + 1 + 1", limits: limits) }
  }

  @Test func deepTreesAreReadFromSmallStacks() async throws {
    let deepest = "select 1" + String(repeating: "+1", count: 990)
    let isSame = try await Task.detached {
      let (left, right) = (try single(deepest), try single(deepest))
      return left.node.isSame(as: right.node) && !normalized(left).contains("1+1")
    }.value
    #expect(isSame)
  }

  /// What is parsed on the caller's stack needs 1.5 MB of it.
  @Test(arguments: [("+-", 2_040), ("not ", 4_080), ("- ", 4_080)])
  func theDeepestTextInPlaceFitsIntoTwoMegabytes(_ link: String, _ count: Int) throws {
    let text = "select " + String(repeating: link, count: count) + "a"
    let bytes = try #require(
      LargeStack.run(bytes: 2 << 20) {
        // Without the decoder, whose depth is bounded, but whose frames are large when it is not optimized.
        (try? withProtobuf(of: text) { $0.count }) ?? 0
      })
    #expect(bytes > 10_000)
  }
}
