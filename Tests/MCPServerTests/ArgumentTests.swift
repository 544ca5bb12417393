// Arguments as models write them: what is meant is taken, what is not is said in few words.

import JSON
import Testing

@testable import MCPServer

@Suite struct ArgumentTests {
  private func failure(_ object: JSONObject, for tool: any Tool) -> String? {
    do throws(ToolFailure) {
      _ = try ToolArguments(object, for: tool)
      return nil
    } catch {
      return error.text
    }
  }

  @Test(arguments: [5, 5.0, "5"] as [JSONValue]) func numbersAreTakenHoweverTheyAreWritten(_ value: JSONValue) throws {
    let arguments = try ToolArguments(["sql": "SELECT 1", "max_rows": value], for: Query())
    #expect(arguments.integer("max_rows") == 5)
  }

  @Test(arguments: [true, "true"] as [JSONValue]) func soAreTruthValues(_ value: JSONValue) throws {
    #expect(try ToolArguments(["sql": "SELECT 1", "analyze": value], for: ExplainQuery()).flag("analyze"))
  }

  @Test(arguments: [["a", 1], #"["a", 1]"#] as [JSONValue]) func soAreLists(_ value: JSONValue) throws {
    let arguments = try ToolArguments(["sql": "SELECT $1", "parameters": value], for: Query())
    #expect(arguments["parameters"] == ["a", 1])
  }

  @Test(
    arguments: [
      (["parameters": "[1"], "parameters has to be of type array"), (["parameters": "1"], "of type array"),
      (["max_rows": 1.5], "max_rows has to be of type integer"), (["max_rows": "five"], "of type integer"),
      (["max_rows": 1e300], "of type integer"), (["max_rows": 0], "max_rows has to be at least 1\n"),
      (["max_rows": "0"], "at least 1\n"), (["sql": 5], "sql has to be of type string"),
      (["format": "jsn"], "has to be one of: text, markdown, json\nWay out: Did you mean json?"),
    ] as [(JSONObject, String)])
  func whatCannotBeMeantIsRefused(_ object: JSONObject, _ words: String) throws {
    var whole: JSONObject = ["sql": "SELECT 1"]
    for (key, value) in object.entries { whole[key] = value }
    let text = try #require(failure(whole, for: Query()))
    #expect((text + "\n").contains(words), "\(text)")
  }

  @Test func longWordsAreNotRepeated() throws {
    let long = String(repeating: "x", count: 100_000)
    #expect(try #require(failure([long: 1], for: Query())).utf8.count < 400)
    #expect(shortened(long).count == 101 && shortened("a\u{200b}") == "a\\u{200b}")
  }

  @Test(
    arguments: [
      (nil, "orders", "public", "orders"), (nil, "sales.orders", "sales", "orders"),
      ("sales", "orders", "sales", "orders"), ("sales", "sales.orders", "sales", "orders"),
      ("public", "sales.orders", "sales", "orders"), ("other", "sales.orders", "other", "sales.orders"),
      (nil, #""Odd. one"."T""#, "Odd. one", "T"), (nil, #""a""b""#, "public", #"a"b"#),
      (#""sales""#, #""orders""#, "sales", "orders"), (nil, #"a"b.c"#, #"a"b"#, "c"),
      (nil, #"""#, "public", #"""#), (nil, #""a"b""#, "public", #""a"b""#), (nil, #""a.b"#, "public", #""a.b"#),
      ("public", "public.a.b", "public", "a.b"), (nil, ".", "", ""),
    ] as [(String?, String, String, String)])
  func namesAreTakenHoweverTheyAreWritten(
    _ schema: String?, _ table: String, _ wantedSchema: String, _ wantedName: String
  ) throws {
    var object: JSONObject = ["table": .string(table)]
    if let schema { object["schema"] = .string(schema) }
    let name = TableName(try ToolArguments(object, for: DescribeTable()))
    #expect(name.schema == wantedSchema && name.name == wantedName)
  }
}
