// Workloads from text: scripts, lines of JSON, and what is in neither.

import IndexTuner
import Testing

@Suite struct FromFilesTests {
  private func found(_ text: String, _ name: String) throws -> FromFiles.Found {
    try FromFiles().statements(in: Array(text.utf8), named: name)
  }

  @Test func scriptsAreCutWithTheirLines() throws {
    let script = "-- first\nSELECT 1;\n\nSELECT ';' AS a, $$;$$;\nSELEC 2;\nSELECT 3"
    let statements = try found(script, "a.sql").statements
    #expect(
      statements.map(\.text).map { $0.split(separator: "\n").last ?? "" } == [
        "SELECT 1", "SELECT ';' AS a, $$;$$", "SELEC 2", "SELECT 3",
      ])
    #expect(statements.last?.origin == .file(path: "a.sql", line: 6))
  }

  @Test func commandsOfPsqlDoNotSpoilWhatFollows() throws {
    let all = try found("\\set x 1\n\\timing on\nSELECT 1;\n\\echo done\n", "a.sql")
    #expect(all.statements.map(\.text) == ["SELECT 1"])
    #expect(all.skipped.map(\.text) == ["\\set x 1", "\\timing on", "\\echo done"])
  }

  @Test func linesOfJSONCarryWeights() throws {
    let lines =
      #"{"sql": "SELECT 1", "weight": 2.5}"# + "\n\n" + #"{"sql": "SELECT 2"}"# + "\n" + #"{"sql": 3}"# + "\n{\n"
      + #"{"sql": "SELECT 4", "weight": 0}"#
    let all = try found(lines, "w.jsonl")
    #expect(all.statements.map(\.weight) == [2.5, 1])
    #expect(all.skipped.count == 3)
    #expect(all.skipped.map(\.origin.label) == ["w.jsonl:4", "w.jsonl:5", "w.jsonl:6"])
  }

  @Test func whatIsNotThereOrNotTextIsAnError() {
    #expect(throws: TuningError.self) { try FromFiles().statements(at: "/no/such/file.sql") }
    #expect(throws: TuningError.self) { try FromFiles().statements(in: [0xff, 0xfe], named: "a.sql") }
  }

  @Test(arguments: [
    ("app, public", ["app", "public"]), ("\"My Schema\", \"$user\", Public", ["My Schema", "joe", "public"]),
    ("\"a\"\"b\"", ["a\"b"]), ("\"a,b\" , c", ["a,b", "c"]),
  ])
  func searchPathsAreRead(setting: String, expected: [String]) {
    #expect(FromStatistics.schemas(in: setting, role: "joe") == expected)
  }
}
