// `pgadvisor judge` as it is run: lines in, lines out, in order and whatever they hold; text for people; setup scripts.

import JSON
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

private let program: String = {
  let beside = CommandLine.arguments.first.map { path in
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/pgadvisor"
  }
  let candidates = [variable("PGADVISOR_PROGRAM"), beside, packageFile(".build/debug/pgadvisor")].compactMap { $0 }
  return candidates.first { access($0, X_OK) == 0 } ?? "pgadvisor"
}()

private func judge(_ arguments: String..., input: String) throws -> CommandOutput {
  try runCommand([program, "judge"] + arguments, input: input)
}

/// The answers, one a line.
private func answers(_ output: CommandOutput) throws -> [JSONValue] {
  try output.text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
}

@Suite struct JudgeLinesTests {
  @Test func everyLineIsAnsweredInOrder() throws {
    let lines = (1...3_000).map { number in
      number % 3 == 0 ? "not JSON \(number)" : "{\"id\": \(number), \"sql\": \"SELECT \(number)\"}"
    }
    let output = try judge("--jsonl", input: lines.joined(separator: "\n"))
    #expect(output.status == 1)
    let found = try answers(output)
    #expect(found.count == 3_000)
    for (number, answer) in zip(1..., found) {
      #expect(answer["id"] == (number % 3 == 0 ? .null : .integer(Int64(number))))
      #expect(answer["verdict"]?.string == (number % 3 == 0 ? "reject" : "read"))
    }
  }

  @Test func theKeysStandInOrder() throws {
    let output = try judge("--jsonl", input: "{\"sql\": \"SELECT 1\", \"id\": \"x\"}\n")
    #expect(output.status == 0)
    let keys = try answers(output)[0].object?.entries.map(\.key)
    #expect(
      keys == [
        "id", "verdict", "permissions", "rule", "message", "position", "relations", "functions", "columns", "notes",
        "way_out",
      ])
  }

  @Test(arguments: [
    "1.50", "18446744073709551615", "\"k\\u00e9\"", "null", "true", "[1,  {\"a\": \"]\"}]", "{\"a\": [ ]}", "1e3",
    "\"\"",
  ])
  func anIDComesBackAsItWas(id: String) throws {
    for line in ["{\"id\": \(id), \"sql\": \"SELECT 1\"}", "{\"sql\":\"SELECT 1\" ,\"id\":\(id)}"] {
      let output = try judge("--jsonl", input: line)
      #expect(output.text.hasPrefix("{\"id\":\(id),\"verdict\":\"read\","), "\(output.text)")
    }
  }

  /// What is wrong with a line, and the id that can still be told.
  @Test(arguments: [
    ("", "null", "the line is empty"), ("nonsense", "null", "not JSON"), ("[1]", "null", "not a JSON object"),
    ("{\"id\": 7}", "7", "no \"sql\""), ("{\"id\": 7, \"sql\": 5}", "7", "\"sql\" is not a string"),
    ("{\"id\": 7, \"sql\": \"SELECT", "7", "not JSON"), ("{\"id\": 7, \"sql\": \"\\ud800\"}", "7", "lone surrogate"),
    ("{\"id\": 7, \"id\": 8, \"sql\": \"\"}", "7", "duplicate key"), ("{\"id\": x, \"sql\": \"\"}", "null", "not JSON"),
    ("{\"sql\": \"\u{1}\", \"id\": 7}", "7", "control character"), ("{\"id\": 7, \"sql\": \"\"} {}", "7", "not JSON"),
  ])
  func aBadLineIsRejectedAndTheNextIsJudged(line: String, id: String, part: String) throws {
    let output = try judge("--jsonl", input: line + "\n{\"id\": 9, \"sql\": \"SELECT 1\"}\n")
    #expect(output.status == 1)
    let found = output.text.split(separator: "\n").map(String.init)
    #expect(found.count == 2)
    #expect(
      found[0].hasPrefix("{\"id\":\(id),\"verdict\":\"reject\",\"permissions\":[],\"rule\":\"bad-input\""),
      "\(found[0])")
    #expect(try JSONValue(parsing: found[0])["message"]?.string?.contains(part) == true, "\(found[0])")
    #expect(found[1].hasPrefix("{\"id\":9,\"verdict\":\"read\""))
  }

  @Test func bytesThatAreNoTextAreRejected() throws {
    let script =
      #"printf '{"id":1,"sql":"SELECT \377"}\n{"id":2,"sql":"SELECT \0"}\n{"id":3,"sql":"SELECT \\u0000"}\n"#
      + #"\357\273\277{"id":4,"sql":"SELECT 1"}\r\n' | "$0" judge --jsonl"#
    let output = try runCommand(["sh", "-c", script, program])
    #expect(output.status == 1)
    let found = try answers(output)
    #expect(found.map { $0["id"]?.integer } == [1, 2, 3, 4])
    #expect(found.map { $0["verdict"]?.string } == ["reject", "reject", "reject", "read"])
    #expect(found.prefix(2).allSatisfy { $0["rule"]?.string == "bad-input" })
  }

  /// Lines of any length, wherever the pieces end in which they are read; with and without a last line feed.
  @Test func linesOfAnyLengthKeepTheirOrder() async {
    await withSeededRandom { random in
      for _ in 0..<8 {
        let lines = (0..<Int.random(in: 0...200, using: &random)).map { number in
          let length = Bool.random(using: &random) ? 5 : Int.random(in: 0...80_000, using: &random)
          return "{\"id\":\(number),\"sql\":\"SELECT '\(String(repeating: "é", count: length))'\"}"
        }
        let end = ["", "\n", "\r\n"].randomElement(using: &random) ?? ""
        let output = try judge("--jsonl", input: lines.joined(separator: end.isEmpty ? "\n" : end) + end)
        let ids = try answers(output).map { $0["id"]?.integer }
        #expect(ids == lines.indices.map { Int64($0) }, "\(random)")
        #expect(output.status == 0, "\(random)")
      }
    }
  }

  @Test func positionsAreCharacters() throws {
    let found = try answers(judge("--jsonl", input: "{\"id\": 1, \"sql\": \"SELECT 'äé😀' FROM ;\"}\n"))[0]
    #expect(found["verdict"]?.string == "reject")
    #expect(found["position"]?.integer == 19)
  }

  @Test func longLinesAreJudgedAndLongerOnesSkipped() throws {
    let script = #"""
      long() { printf '{"id":%s,"sql":"SELECT \047' "$1"; head -c "$2" /dev/zero | tr '\0' x; printf '\047"}\n'; }
      { long 1 16000000; long 2 60000000; long 3 10; } | "$0" judge --jsonl
      """#
    let found = try answers(try runCommand(["sh", "-c", script, program]))
    #expect(found.map { $0["id"]?.integer } == [1, 2, 3])
    #expect(found.map { $0["verdict"]?.string } == ["read", "reject", "read"])
    #expect(found[1]["rule"]?.string == "bad-input")
  }

  /// A line is answered before the next one is there.
  @Test func answersComeAtOnce() throws {
    let script = #"""
      directory=$(mktemp -d); mkfifo "$directory/in" "$directory/out"
      exec 3<> "$directory/in" 4<> "$directory/out"
      "$0" judge --jsonl "$directory/in" > "$directory/out" 3>&- 4>&- &
      for number in 1 2 3; do
        echo "{\"id\": $number, \"sql\": \"SELECT 1\"}" >&3
        timeout 20 head -n 1 <&4 | cut -c1-8
      done
      exec 3>&-; wait; rm -r "$directory"
      """#
    #expect(try runCommand(["sh", "-c", script, program]).text == "{\"id\":1,\n{\"id\":2,\n{\"id\":3,\n")
  }

  @Test func aReaderThatHasLeftEndsTheRun() throws {
    let script =
      #"yes '{"id":1,"sql":"SELECT 1"}' | { timeout 60 "$0" judge --jsonl; echo $? >&2; } | head -n 1 | cut -c1-7"#
    let text = try runCommand(["sh", "-c", script, program]).text
    #expect(Set(text.split(separator: "\n")) == ["{\"id\":1", "0"])
  }
}

@Suite struct JudgeTextTests {
  @Test func aVerdictIsDrawnWithItsPlace() throws {
    let output = try judge(input: "SELECT 1,\n  'ä' || FROM t\n")
    #expect(output.status == 1)
    let lines = output.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0] == "pgadvisor: judged without a server; --connection URL resolves names in its catalog")
    #expect(lines[1] == "REJECT  syntax")
    let place = try #require(lines.firstIndex { $0.contains("|| FROM t") })
    let column = lines[place].prefix { $0 != "F" }.count
    #expect(lines[place + 1] == String(repeating: " ", count: column) + "^")
    #expect(!output.text.contains("\u{1b}"))
  }

  @Test func theWholeInputIsOneText() throws {
    let output = try judge(input: "SELECT 1; SELECT 2")
    #expect(output.status == 1)
    #expect(output.text.contains("REJECT  several-statements"))
    #expect(try judge(input: "").text.contains("REJECT  empty"))
    #expect(try judge(input: "SELECT 1;").status == 0)
  }

  @Test func jsonIsOneObject() throws {
    let output = try judge("--json", "-", input: "SELECT 1")
    #expect(output.status == 0)
    let verdict = try JSONValue(parsing: output.text)
    #expect(verdict["verdict"]?.string == "read")
    #expect(verdict["id"] == nil)
  }

  @Test func controlCharactersDoNotReachTheTerminal() throws {
    let output = try judge(input: "SELECT 1 \u{1b}[31m FROM \u{202e}x;;")
    #expect(!output.text.contains("\u{1b}") && !output.text.contains("\u{202e}"))
  }

  @Test func aLongLineIsCutAroundThePlace() throws {
    let output = try judge(input: "SELECT " + String(repeating: "1, ", count: 5_000) + "FROM ,")
    let lines = output.text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count < 160 }, "\(output.text)")
    let mark = try #require(lines.firstIndex { $0.hasSuffix("^") && !$0.contains("SELECT") })
    #expect(lines[mark - 1].dropFirst(lines[mark].count - 1).hasPrefix("FROM") || lines[mark - 1].contains("FROM"))
  }

  @Test(arguments: [
    (["a", "b"], "one file"), (["postgresql://u:geheim@h/db"], "behind --connection"),
    (["--offline", "--connection", "x"], "contradict"), (["--json", "--jsonl"], "two formats"),
    (["--format", "jsnl"], "did you mean"),
  ])
  func usageErrors(arguments: [String], part: String) throws {
    let output = try runCommand([program, "judge"] + arguments)
    #expect(output.status == 64)
    #expect(output.text.contains(part) && !output.text.contains("geheim"), "\(output.text)")
  }

  @Test func whatCannotBeReadIsAFailure() throws {
    for arguments in [
      ["/nonexistent"], ["--setup-sql", "/nonexistent"], ["--connection", "postgresql://127.0.0.1:1/x"], ["/"],
    ] {
      let output = try runCommand([program, "judge"] + arguments)
      #expect(output.status == 2, "\(output.text)")
      #expect(output.text.split(separator: "\n").last?.hasPrefix("pgadvisor: ") == true, "\(output.text)")
    }
  }

  @Test func commandsOfPsqlAreAnError() throws {
    let script =
      #"printf 'SELECT 1;\n\n\\connect other\nSELECT 2;' > "$1"; echo 'SELECT 1' | "$0" judge --setup-sql "$1"; code=$?; rm "$1"; exit $code"#
    let output = try runCommand(["sh", "-c", script, program, "/tmp/judge-\(UInt32.random(in: 0 ... .max)).sql"])
    #expect(output.status == 2)
    #expect(output.text.contains(":3: \\connect is a command of psql"), "\(output.text)")
  }
}
