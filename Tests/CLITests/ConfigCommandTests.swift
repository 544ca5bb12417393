// `pgadvisor config` as a person runs it: exit codes, the table of grants, JSON, and no secret anywhere.

import JSON
import Support
import Testing

@testable import CLI

@Suite struct ConfigCommandTests {
  private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> CommandOutput {
    try runCommand([builtProgram, "config"] + arguments, environment: environment)
  }

  private static let text = """
    connections:
      - {name: shop, url: "postgresql://u@h.invalid/shop"}
      - {name: reports, url: "postgresql://u@h.invalid/reports"}
    users: [{name: alice}]
    agents:
      - {id: claude, token: "${TOKEN}", on_behalf_of: alice, permissions: [read, explain]}
      - {id: bot, token_hash: \(String(repeating: "0a", count: 32))}
      - {id: old, token_hash: \(String(repeating: "0b", count: 32)), expires: 2020-01-01}
      - {id: orphan, token_hash: \(String(repeating: "0c", count: 32)), on_behalf_of: carol}
      - {id: nobody, token_hash: \(String(repeating: "0d", count: 32))}
    iam:
      - {connection: "*", permissions: ["*"], members: ["user:alice"]}
      - {connection: shop, permissions: [ddl, read], members: ["agent:bot"]}
    """

  @Test func aGoodFileShowsWhoMayDoWhat() async throws {
    try await withFiles(["f.yaml": Self.text]) { directory in
      let output = try run(["check", "\(directory)/f.yaml"], ["TOKEN": "0123456789abcdef"])
      #expect(output.status == 0)
      let table = """

        connection  mode        schemas  server
        shop        restricted  all      u@h.invalid/shop
        reports     restricted  all      u@h.invalid/reports

        agent   for    connection  may
        claude  alice  reports     explain, read
                       shop        explain, read
        bot     –      shop        read, ddl
        old     –      –           nothing: its access has ended
        orphan  carol  –           nothing: the user is gone
        nobody  –      –           nothing

        \(directory)/f.yaml: no errors

        """
      #expect(output.text.hasSuffix(table), "\(output.text)")
      #expect(output.text.hasPrefix("\(directory)/f.yaml:8:"))
    }
  }

  @Test func programsGetTheSame() async throws {
    try await withFiles(["f.yaml": Self.text]) { directory in
      let path = "\(directory)/f.yaml"
      let output = try run(["check", "--json"], ["TOKEN": "0123456789abcdef", "PGADVISOR_CONFIG": path])
      let found = try JSONValue(parsing: output.text)
      #expect(output.status == 0 && found["valid"] == true && found["file"]?.string == path)
      #expect(found["agents"]?[0]?["connections"]?["shop"] == ["explain", "read"])
      #expect(found["agents"]?[0]?["on_behalf_of"] == "alice" && found["agents"]?[0]?["has_token"] == true)
      #expect(
        (found["agents"]?.array ?? []).map { $0["state"]?.string } == [
          "active", "active", "expired", "user is gone", "active",
        ])
      #expect(
        found["problems"]?.array?.allSatisfy { $0["severity"] == "warning" && $0["line"]?.integer != nil } == true)
    }
  }

  @Test func errorsAreFindings() async throws {
    try await withFiles(["f.yaml": "connections: [{name: a, urk: x}]\nagent: []\n"]) { directory in
      let path = "\(directory)/f.yaml"
      let output = try run(["check", path])
      #expect(output.status == 1)
      #expect(output.text.split(separator: "\n").count == 4)
      #expect(output.text.contains("\(path):1:25: \"urk\" is no key of connections[1]. Did you mean url?"))
      #expect(output.text.hasSuffix("\(path): 3 errors\n"))
      let json = try JSONValue(parsing: try run(["check", "--json", path]).text)
      #expect(json["valid"] == false && json["problems"]?.array?.count == 3 && json["agents"] == nil)
      #expect(json["problems"]?[0]?["column"]?.integer != nil)
    }
  }

  @Test func otherUsesAreOneLine() throws {
    for (arguments, status, part) in [
      ([], Int32(64), "check, example, reference"), (["chek"], 64, "did you mean check?"),
      (["check"], 64, "PGADVISOR_CONFIG"),
      (["check", "a", "b"], 64, "one file"), (["example", "x"], 64, "no argument"),
      (["check", "/nowhere.yaml"], 2, "No such file"),
      (["check", "postgresql://u:geheim@h/d"], 64, "not a connection string"),
    ] {
      let output = try run(arguments)
      #expect(
        output.status == status && output.text.contains(part) && !output.text.contains("geheim"), "\(output.text)")
      #expect(output.text.split(separator: "\n").count == 1)
    }
    #expect(try run(["example"]).text == ConfigurationExample.text)
    #expect(try run(["reference"]).text == ConfigurationPage.text)
  }

  /// In every place that takes one, in good files and in bad ones, in text and in JSON.
  @Test func noSecretIsPrinted() async throws {
    let secret = "geheim-geheim-geheim"
    let places = [
      "url: 'postgresql://u:\(secret)@h.invalid/d'", "url: 'postgresql://u:\(secret)@@h.invalid/d'",
      "url: 'host=h password=\(secret)'", "url: 'host=h password=\(secret) nonsense'",
      "url: 'host=\"h password=\(secret)'",
      "url: 'http://u:\(secret)@h/d'", "url: x\n    password_file: secret", "url: x\n    password_file: \(secret)",
      "url: x\n    password_command: [cat, secret]",
      "url: x\n    password_command: [sh, -c, 'cat secret >&2; cat secret; exit 3']",
      "url: x\n    password_command: '\(secret)'", "url: x\n    mode: \(secret)",
      "url: x\n    limits: {rows: \(secret)}",
      "url: x\n    schemas: \(secret)", "url: x\n    pool: \(secret)", "url: [\(secret)]", "url: {\(secret): }",
      "url: 'postgresql://u:${SECRET}@h.invalid/d'", "url: 'host=h password=${SECRET}'",
      "url: x\n    limits: {statement_timeout: \(secret)}",
      "service: \(secret)\n    url: y", "url: \"\(secret)", "url: \(secret): \(secret)", "url: *\(secret)",
    ]
    let agents = [
      "token: \(secret)", "token: ${SECRET}", "token: ${SECRET", "token: [\(secret)]", "token: \"\(secret) \"",
      "token_file: secret",
      "token_env: SECRET", "token_hash: \(secret)", "expires: \(secret)", "token: \(secret)\n    token_env: SECRET",
      "permissions: [\(secret)]", "permissions: \(secret)", "token: \(secret)\n  - {id: other, token: \(secret)}",
      "token: \(secret)\n\ttoken: x",
    ]
    let files = places.map { goodFile(connection: $0) } + agents.map { goodFile(agent: $0) }
    for text in files {
      try await withFiles(["f.yaml": text, "secret": secret + "\n"], mode: 0o644) { directory in
        for arguments in [["check", "\(directory)/f.yaml"], ["check", "--json", "\(directory)/f.yaml"]] {
          let output = try run(arguments, ["SECRET": secret])
          #expect([0, 1].contains(output.status), "\(text)")
          // A path is no secret, and neither is a service's name: those are what one writes there.
          let isName = text.contains("password_file: \(secret)") || text.contains("service: \(secret)")
          #expect(isName || !output.text.contains("geheim"), "\(text)\n\(output.text)")
        }
        let served = try runCommand(
          [builtProgram, "serve", "--config", "\(directory)/f.yaml"], environment: ["SECRET": secret])
        #expect(!served.text.contains("geheim"), "\(text)\n\(served.text)")
      }
    }
  }

  @Test func secretsAreLeftAloneWhereThatIsSaid() async throws {
    let text = goodFile(connection: "url: x\n    password_command: [touch, \"${MARK}\"]", agent: "token_file: /nowhere")
    try await withFiles(["f.yaml": text]) { directory in
      let mark = "\(directory)/mark"
      let without = try run(["check", "--no-secrets", "\(directory)/f.yaml"], ["MARK": mark])
      #expect(without.status == 0 && contents(of: mark) == nil, "\(without.text)")
      let with = try run(["check", "\(directory)/f.yaml"], ["MARK": mark])
      #expect(with.status == 1 && contents(of: mark) != nil)
    }
  }

  /// A program that does not end, one whose child holds on, and one that says too much.
  @Test func programsHaveLittleTime() async throws {
    for (script, part) in [
      ("sleep 60", "takes longer"), ("sleep 60 & echo secret", "takes longer"), ("yes", "says too much"),
      ("exec >&-; sleep 60", "does not end"), ("kill -9 $$", "ended with 137"),
      ("printf 'a\\000b'", "nothing that is a secret"),
    ] {
      let began = ContinuousClock.now
      var command = SecretCommand(words: ["sh", "-c", script], environment: ["PATH": variable("PATH") ?? ""])
      command.patience = .milliseconds(500)
      let failure = await #expect(throws: SecretCommand.Failure.self) { try await command.output() }
      #expect(failure?.reason.contains(part) == true, "\(script): \(failure?.reason ?? "")")
      #expect(.now - began < .seconds(20))
    }
    let command = SecretCommand(
      words: ["sh", "-c", "cat; echo $A; echo rest"], environment: ["A": "b c", "PATH": variable("PATH") ?? ""])
    #expect(try await command.output() == "b c")
  }
}
