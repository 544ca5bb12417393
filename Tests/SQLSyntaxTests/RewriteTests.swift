// Walking, rebuilding, comparing and splicing.

import Testing

@testable import SQLSyntax

struct RewriteTests {
  @Test func walksParentsFirstAndInOrder() throws {
    let node = try single("select f(a, 1) from t where b").node
    var visited: [String] = []
    node.walk { node, field in visited.append("\(field.map { "\($0)" } ?? "-") \(node.kind)") }
    #expect(
      visited == [
        "- selectStmt", "targetList resTarget", "val funcCall", "funcname string", "args columnRef", "fields string",
        "args aConst", "ival integer", "fromClause rangeVar", "whereClause columnRef", "fields string",
      ])
    var kinds: [NodeKind] = []
    node.walkChoosing { node, _ in
      kinds.append(node.kind)
      return node.kind == .funcCall ? .over : .into
    }
    #expect(kinds == [.selectStmt, .resTarget, .funcCall, .rangeVar, .columnRef, .string])
    #expect(node.all(.columnRef).map { $0.children(.fields).map { $0.text(.sval) } } == [["a"], ["b"]])
  }

  @Test func aWalkEndsWhenTheVisitorThrows() throws {
    struct Enough: Error {}
    var count = 0
    let node = try single("select a, b, c").node
    #expect(throws: Enough.self) {
      try node.walk { (_, _) throws(Enough) in
        count += 1
        if count == 3 { throw Enough() }
      }
    }
    #expect(count == 3)
  }

  @Test func comparisonIgnoresPlacesAlone() throws {
    let node = try single("select a from t where b = 'x'").node
    #expect(node.isSame(as: try single("  SELECT  a\nFROM t /* c */ WHERE (b) = 'x'").node))
    for other in [
      "select a from t where b = 'y'", "select a from t where b <> 'x'", "select a from t",
      "select b from t where b = 'x'",
      "select a, a from t where b = 'x'", "select a from t where b = 'x' limit 1",
      "select distinct a from t where b = 'x'",
      "select a from only t where b = 'x'", "select a from t where b = 'X'", "delete from t where b = 'x'",
    ] {
      #expect(!node.isSame(as: try single(other).node), "\(other)")
    }
    // Canonically equivalent in Unicode, but not the same bytes to PostgreSQL.
    #expect(!(try single("select '\u{e9}'").node.isSame(as: try single("select 'e\u{301}'").node)))
    // Here the field called `location` is no place in the text.
    let space = try single("create tablespace a location '/b'").node
    #expect(!space.isSame(as: try single("create tablespace a location '/c'").node))
  }

  @Test func rebuildsOnlyWhatChanges() throws {
    let node = try single("select a, b from t").node
    #expect(node.rebuilt { _ in nil } === node)
    let changed = node.rebuilt { node in
      node.kind == .string && node.text(.sval) == "b" ? Node(.string, [(.sval, .text("c"))]) : nil
    }
    #expect(changed.isSame(as: try single("select a, c from t").node))
    #expect(changed.children(.fromClause).first === node.children(.fromClause).first)
  }

  @Test func splices() {
    #expect(spliced("aébc", [Edit(3..<4, "X"), Edit(0..<1, "")]) == "éXc")
    #expect(spliced("abc", [Edit(1..<1, "-"), Edit(3..<3, "!")]) == "a-bc!")
    #expect(spliced("abc", []) == "abc")
    #expect(spliced("abc", [Edit(0..<2, ""), Edit(1..<3, "")]) == nil)
    #expect(spliced("abc", [Edit(2..<4, "")]) == nil)
    #expect(spliced("é", [Edit(1..<2, "")]) == nil)
  }

  @Test func aRewritingMustMeanWhatIsIntended() throws {
    let statement = try #require(parse("select 1; select a from t where b").last)
    let table = try #require(statement.node.all(.rangeVar).first)
    let place = try #require(statement.place(of: table))
    let intended = statement.node.rebuilt { node in
      node.kind == .rangeVar
        ? Node(.rangeVar, node.fields.map { $0.name == .relname ? ($0.name, .text("u")) : $0 }) : nil
    }
    let rewritten = try #require(statement.rewritten(by: [Edit(place..<place + 1, "u")], into: intended))
    #expect(rewritten.text == "select a from u where b")
    #expect(rewritten.offset == 0)
    #expect(statement.rewritten(by: [Edit(place..<place + 1, "v")], into: intended) == nil)
    #expect(statement.rewritten(by: [Edit(place..<place + 1, "u; drop table t")], into: intended) == nil)
    #expect(statement.rewritten(by: [Edit(place..<place + 1, "(")], into: intended) == nil)
  }

  @Test func parametersAreListedOnceInOrder() throws {
    #expect(parameterNumbers(try single("select $3, $1, $1 from t where a = any($12)")) == [1, 3, 12])
    #expect(parameterNumbers(try single("select '$1', $$ $2 $$")) == [])
  }
}
