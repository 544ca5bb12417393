// `pgadvisor serve` with a file: what options may stand beside it, agents over stdio, and SIGHUP.

import Foundation
import JSON
import Support
import Testing

@testable import CLI

@Suite struct ServeConfigurationTests {
  private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> CommandOutput {
    try runCommand([builtProgram, "serve"] + arguments, environment: environment)
  }

  private static let two = """
    connections: [{name: main, url: "postgresql://h.invalid/d"}]
    agents: [{id: bot, token: 0123456789abcdef}, {id: bat}]
    iam: [{connection: main, permissions: [read], members: ["agent:bot", "agent:bat"]}]
    """

  @Test func whatContradictsAFileIsRefused() async throws {
    let files = [
      "f.yaml": Self.two, "http.yaml": Self.two + "\nserver: {http: \"127.0.0.1:1\", audit: /tmp/a, local_agent: bot}",
      "bad.yaml": "connections: [{name: a}]\nagnts: []", "untoken.yaml": goodFile(),
    ]
    try await withFiles(files) { directory in
      let f = "\(directory)/f.yaml"
      let cases: [(arguments: [String], environment: [String: String], part: String)] = [
        (["--config", f, "postgresql://h/d"], [:], "a URL and --config contradict each other"),
        (["--config", f, "--grant", "write"], [:], "--grant and --config contradict"),
        (["--config", f, "--schema", "x"], [:], "--schema and --config contradict"),
        (["--config", f, "--max-rows", "3"], [:], "--max-rows and --config contradict"),
        (["postgresql://h/d"], ["PGADVISOR_CONFIG": f], "a URL and PGADVISOR_CONFIG contradict"),
        (["--config", "postgresql://u:geheim@h/d"], [:], "--config takes a file"),
        (["--config", f], [:], "has 2 agents: say whose standard input is"),
        (["--config", f, "--agent", "bit"], [:], "there is no agent bit in"),
        (["--config", "\(directory)/http.yaml", "--agent", "bat"], [:], "--agent and"),
        (["--config", "\(directory)/http.yaml", "--http", "127.0.0.1:2"], [:], "--http and"),
        (["--config", "\(directory)/http.yaml", "--audit", "/tmp/b"], [:], "--audit and"),
        (["--config", "\(directory)/untoken.yaml", "--http", "127.0.0.1:2"], [:], "nobody could come over HTTP"),
        (["--http", "x"], [:], "--http takes HOST:PORT"),
        (["--tls-cert", "c"], [:], "--tls-cert and --tls-key go together"),
        (["--tls-cert", "c", "--tls-key", "k"], [:], "TLS is for HTTP"),
        (["--http", "0.0.0.0:0"], [:], "set PGADVISOR_TOKEN"),
        (["--http", "0.0.0.0:0"], ["PGADVISOR_TOKEN": "short"], "less than 16 characters"),
      ]
      for (arguments, environment, part) in cases {
        let output = try run(arguments, environment)
        #expect(output.status == 64 && output.text.contains(part), "\(arguments): \(output.text)")
        #expect(
          !output.text.contains("geheim") && output.text.split(separator: "\n").last?.hasPrefix("pgadvisor: ") == true)
      }
      let bad = try run(["--config", "\(directory)/bad.yaml"])
      #expect(
        bad.status == 64 && bad.text.contains("bad.yaml:1:15: a connection lacks url")
          && bad.text.contains("bad.yaml:2:1:"))
      #expect(try run(["--config", "/nowhere.yaml"]).status == 2)
      let audit = try run(["--config", f, "--agent", "bot", "--audit", "/nowhere/a"])
      #expect(audit.status == 2 && audit.text.contains("cannot write the audit"))
    }
  }

  @Test(.needsServer) func eachAgentOfAFileHasItsOwn() async throws {
    try await withDatabase(schema: "CREATE TABLE public.t (id integer); INSERT INTO public.t VALUES (1)") { shop in
      try await withDatabase(schema: "CREATE TABLE public.u (id integer)") { other in
        let file = """
          connections:
            - {name: shop, url: "${SHOP}", limits: {rows: 1}}
            - {name: other, url: "\(other)", schemas: [public]}
          users: [{name: alice}]
          agents:
            - {id: reader, permissions: [read]}
            - {id: claude, on_behalf_of: alice, connections: [shop]}
          iam:
            - {connection: other, permissions: [read, write], members: ["agent:reader"]}
            - {connection: "*", permissions: [explain, read, write], members: ["user:alice"]}
          server: {audit: audit.jsonl}
          """
        try await withFiles(["f.yaml": file]) { directory in
          let path = "\(directory)/f.yaml"
          let reader = try ServedProcess(["--config", path, "--agent", "reader"], environment: ["SHOP": shop])
          let claude = try ServedProcess(["--agent", "claude"], environment: ["SHOP": shop, "PGADVISOR_CONFIG": path])
          try await reader.shakeHands()
          try await claude.shakeHands()
          let (few, more) = (try await reader.tools(), try await claude.tools())
          #expect(few.contains("query") && !few.contains("write_data") && !few.contains("explain_query"))
          #expect(more.isSuperset(of: ["query", "write_data", "explain_query"]) && !more.contains("run_ddl"))
          let own = try await reader.call("query", #"{"sql":"SELECT count(*) FROM u"}"#)
          #expect(own["result"]?["structuredContent"]?["rows"] == [[0]])
          let denied = try await reader.call("query", #"{"sql":"SELECT 1","connection":"shop"}"#)
          let absent = try await reader.call("query", #"{"sql":"SELECT 1","connection":"no such"}"#)
          #expect(denied["result"]?["isError"] == true && denied["result"] == absent["result"])
          let written = try await claude.call("write_data", #"{"sql":"INSERT INTO t VALUES (2)"}"#)
          #expect(written["result"]?["isError"] != true, "\(written)")
          let rows = try await claude.call("query", #"{"sql":"SELECT id FROM t ORDER BY id"}"#)
          #expect(rows["result"]?["structuredContent"]?["rows"] == [[1]])
          #expect(try await reader.end() == 0)
          #expect(try await claude.end() == 0)
          let records = try (contents(of: "\(directory)/audit.jsonl") ?? "").split(separator: "\n").map {
            try JSONValue(parsing: String($0))
          }
          #expect(records.count == 5)
          let writer = records.first { $0["tool"] == "write_data" }
          #expect(writer?["agent"] == "claude" && writer?["user"] == "alice" && writer?["connection"] == "shop")
        }
      }
    }
  }

  @Test(.needsServer) func aReloadReachesARunningServer() async throws {
    try await withDatabase(schema: "CREATE TABLE public.t (id integer)") { url in
      func file(_ permissions: String, _ more: String = "") -> String {
        """
        connections: [{name: main, url: "\(url)"}]
        agents: [{id: bot}]
        iam: [{connection: main, permissions: \(permissions), members: ["agent:bot"]}]
        server: {audit: audit.jsonl\(more)}
        """
      }
      try await withFiles(["f.yaml": file("[read]")]) { directory in
        let path = "\(directory)/f.yaml"
        let served = try ServedProcess(["--config", path])
        try await served.shakeHands()
        let pid = #"{"sql":"SELECT pg_backend_pid()"}"#
        let backend = try await served.call("query", pid)["result"]?["structuredContent"]?["rows"]
        #expect(try await served.tools().contains("write_data") == false)
        // A call that is running when the file changes is answered.
        served.say(
          #"{"jsonrpc":"2.0","id":900,"method":"tools/call","params":{"name":"query","arguments":{"sql":"SELECT count(*) FROM generate_series(1,5000000)"}}}"#
        )
        try FileManager.default.moveItem(atPath: "\(directory)/audit.jsonl", toPath: "\(directory)/audit.1")
        try write(file("[read, write]"), to: path)
        served.hangUp()
        _ = try await served.waited("the announcement") {
          served.messages.first { $0["method"] == "notifications/tools/list_changed" }
        }
        #expect(served.complaints.contains("\(path) is loaded"))
        #expect(try await served.tools().contains("write_data"))
        let running = try await served.waited("the running call") { served.messages.first { $0["id"] == 900 } }
        #expect(running["result"]?["structuredContent"]?["rows"] == [[5_000_000]])
        // The connection is what it was, and so are its sessions.
        let before = served.messages.count { $0["method"] == "notifications/tools/list_changed" }
        let again = try await served.call("query", pid)["result"]?["structuredContent"]?["rows"]
        #expect(again == backend && contents(of: "\(directory)/audit.jsonl")?.contains("pg_backend_pid") == true)
        // Broken in two places: both are told, and nothing changes.
        for (text, part) in [
          (file("[read, wite]").replacingOccurrences(of: "agents:", with: "agnts: []\nagents:"), "f.yaml:2:1:"),
          (
            file("[read]", ", http: \"127.0.0.1:1\"").replacingOccurrences(
              of: "{id: bot}", with: "{id: bot, token: 0123456789abcdef}"), "server.http can only change by a new start"
          ),
          (file("[read]").replacingOccurrences(of: "audit.jsonl", with: "/nowhere/audit"), "cannot write the audit"),
          (file("[read]").replacingOccurrences(of: "{id: bot}", with: "{id: bot}, {id: bat}"), "has 2 agents"),
        ] {
          try write(text, to: path)
          served.hangUp()
          _ = try await served.waited(part) { served.complaints.contains(part) ? true : nil }
          _ = try await served.waited("the end of the reload") {
            served.complaints.hasSuffix("everything stays as it was\n") ? true : nil
          }
          #expect(try await served.tools().contains("write_data"), "\(part)")
        }
        #expect(served.complaints.contains("f.yaml:4:") && served.complaints.contains("Did you mean write?"))
        try FileManager.default.removeItem(atPath: path)
        served.hangUp()
        _ = try await served.waited("the missing file") { served.complaints.contains("No such file") ? true : nil }
        #expect(served.messages.count { $0["method"] == "notifications/tools/list_changed" } == before)
        #expect(try await served.end() == 0)
      }
    }
  }

  /// A user is taken away, and who acted for that user is nobody; the process goes on.
  @Test func whoActedForAUserThatIsGoneIsRefused() async throws {
    func file(_ users: String) -> String {
      """
      connections: [{name: main, url: "postgresql://h.invalid/d"}]
      users: [\(users)]
      agents: [{id: claude, on_behalf_of: alice}]
      iam: [{connection: main, permissions: [read], members: ["user:alice"]}]
      """
    }
    try await withFiles(["f.yaml": file("{name: alice}")]) { directory in
      let path = "\(directory)/f.yaml"
      let served = try ServedProcess(["--config", path])
      try await served.shakeHands()
      #expect(try await served.tools().contains("query"))
      try write(file("{name: bob}"), to: path)
      served.hangUp()
      _ = try await served.waited("the reload") { served.complaints.contains("is loaded") ? true : nil }
      #expect(served.complaints.contains("warning: agent claude names the user alice, and there is none"))
      #expect(try await served.ask("tools/list")["error"]?["code"] == -32600)
      try write(file("{name: alice}"), to: path)
      served.hangUp()
      _ = try await served.waited("the second reload") {
        served.complaints.split(separator: "\n").count { $0.hasSuffix("is loaded") } == 2 ? true : nil
      }
      #expect(try await served.tools().contains("query"))
      #expect(try await served.end() == 0)
    }
  }

  /// Without a file there is nothing to read again.
  @Test func withoutAFileSIGHUPEnds() async throws {
    let served = try ServedProcess([])
    try await served.shakeHands()
    served.hangUp()
    #expect(try await served.exit() == 130)
  }

  /// Without connecting, and without a word of the password.
  @Test(arguments: [
    "mysql://ada:s3cret@h/d", "postgresql://ada:s3cret@h/d?bogus=1", "postgresql://ada:s3cret@h:65536x/d",
    "host=h dbname",
  ])
  func whatIsNoAddressStopsTheStart(_ url: String) async throws {
    let output = try await onOwnThread { try runCommand([builtProgram, "serve", url]) }
    #expect(
      output.status == 64 && output.text.hasPrefix("pgadvisor: ") && !output.text.contains("s3cret"), "\(output.text)")
  }

  @Test func eitherVariableNamesTheDatabase() async throws {
    for environment in [
      ["DATABASE_URL": "postgresql://h.invalid/d"], ["DATABASE_URI": "postgresql://h.invalid/d"], [:],
    ] {
      let served = try ServedProcess([], environment: environment)
      try await served.shakeHands()
      let answer = try await served.call("list_connections", "{}")
      let text = answer["result"]?["content"]?[0]?["text"]?.string ?? ""
      #expect(
        text.hasPrefix(environment.isEmpty ? "no database is configured" : "main: explain, read"), "\(text)")
      #expect(try await served.end() == 0)
    }
  }
}
