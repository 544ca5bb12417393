// What a configuration file says, and everything that can be wrong with one: place, words, way out.

import Cryptography
import Database
import Governance
import MCPServer
import Support
import Testing
import YAML

@testable import CLI

@Suite struct ConfigurationTests {
  @Test func aFileBecomesConnectionsAgentsAndSettings() async throws {
    let text = """
      connections:
        - name: shop
          url: postgresql://u@h.invalid/shop
          password_file: shop.password
          mode: unrestricted
          limits: {rows: 5, bytes: 2kB, cell_bytes: 1kB, statement_timeout: 5s, lock_timeout: 1s, idle_timeout: 6s,
            transaction_timeout: 7s, work_mem: 1MB, temp_file_limit: 2MB, parallel_workers: 0, search_path: [a, b]}
          pool: {sessions: 2, waiting: 3, patience: 4s, idle_time: 5s, connect_timeout: 6s}
          allowed_functions: ["f(integer)"]
        - name: other
          service: other
          password_command: [printf, "%s\\n", "two words"]
          schemas: [public]
      users: [{name: alice}, {name: bob}]
      groups: [{name: dba, members: [alice]}]
      agents:
        - {id: one, token: "${TOKEN}", on_behalf_of: alice, permissions: [read, write], connections: [shop], expires: 2999-01-01}
        - {id: two, token_env: TOKEN_OF_TWO}
        - {id: three, token_file: three.token}
        - {id: four, token_hash: \(String(repeating: "Ab", count: 32))}
      iam:
        - {connection: "*", permissions: ["*"], members: ["group:dba"]}
        - {connection: other, permissions: [explain], members: ["agent:two", "agent:three", "agent:four", "user:bob"]}
      server:
        http: "[::1]:80"
        tls: {certificate: three.token, key: three.token}
        allowed_hosts: [a.example]
        allowed_origins: ["https://a.example:8443"]
        external_url: https://b.example:8080/mcp
        max_body: 1MB
        connections: 7
        sessions: 8
        session_idle: 9s
        drain: 10s
        audit: audit.jsonl
        local_agent: four
      """
    let environment = ["TOKEN": "0123456789abcdef", "TOKEN_OF_TWO": "two-two-two-two-two"]
    let found = try await loaded(
      text, environment, files: ["shop.password": "geheim\n", "three.token": "three.three.three.three\n"])
    #expect(found.problems.isEmpty, "\(found.problems)")
    let configuration = try #require(found.configuration)
    let shop = configuration.connections[0]
    #expect(shop.target == ConnectionTarget(url: "postgresql://u@h.invalid/shop", password: "geheim"))
    #expect(shop.mode == .unrestricted && shop.schemas == nil && shop.allowedFunctions == ["f(integer)"])
    #expect(shop.limits.rows.rows == 5 && shop.limits.rows.bytes == 2_048 && shop.limits.rows.cellBytes == 1_024)
    let bounds = shop.limits.bounds
    #expect(
      bounds.statementTimeout == .seconds(5) && bounds.lockTimeout == .seconds(1) && bounds.idleTimeout == .seconds(6))
    #expect(
      bounds.transactionTimeout == .seconds(7) && bounds.workMemory == 1 << 20 && bounds.temporaryFiles == 2 << 20)
    #expect(bounds.parallelWorkers == 0 && bounds.searchPath == ["a", "b"])
    #expect(
      shop.pool
        == PoolLimits(
          sessions: 2, waiting: 3, patience: .seconds(4), idleTime: .seconds(5), connectTime: .seconds(6)))
    let other = configuration.connections[1]
    #expect(other.target == ConnectionTarget(service: "other", password: "two words") && other.schemas == ["public"])
    let directory = configuration.directory
    func caller(_ token: String) -> Caller? { directory.caller(forToken: Array(token.utf8)) }
    #expect(caller("0123456789abcdef")?.permissions == ["shop": [.read, .write]])
    #expect(caller("0123456789abcdef")?.principal == Principal(name: "one", onBehalfOf: "alice"))
    #expect(caller("two-two-two-two-two")?.permissions == ["other": [.explain]])
    #expect(caller("three.three.three.three")?.principal.name == "three")
    #expect(configuration.agents[3].tokenDigest == [UInt8](repeating: 0xab, count: 32))
    let settings = configuration.settings
    #expect(settings.http == HTTPAddress("[::1]:80") && settings.tls?.key.hasSuffix("/three.token") == true)
    #expect(
      settings.rules.hosts == ["a.example", "b.example:8080"] && settings.rules.origins == ["https://a.example:8443"])
    #expect(settings.audit?.hasSuffix("/audit.jsonl") == true)
    #expect(
      settings.limits
        == ServeLimits(
          body: 1 << 20, connections: 7, sessions: 8, sessionIdle: .seconds(9), drain: .seconds(10)))
    #expect(configuration.localAgent == "four")
  }

  @Test func whatIsLeftOutIsUsual() async throws {
    let found = try await loaded(goodFile())
    let configuration = try #require(found.configuration, "\(found.problems)")
    var usual = GovernedConnection(name: "main", target: ConnectionTarget(url: "postgresql://h.invalid/d"))
    usual.mode = .restricted
    #expect(configuration.connections == [usual] && configuration.settings == ServeSettings())
    #expect(configuration.localAgent == "bot" && found.problems.isEmpty)
  }

  @Test(arguments: [
    ("127.0.0.1:8765", "127.0.0.1:8765", true), ("[::1]:1", "[::1]:1", true), ("localhost:0", "localhost:0", true),
    (":80", "127.0.0.1:80", true), ("80", "127.0.0.1:80", true), ("0.0.0.0:80", "0.0.0.0:80", false),
    ("db.example:65535", "db.example:65535", false), ("[::]:80", "[::]:80", false),
  ])
  func addressesAreRead(text: String, shown: String, isLoopback: Bool) {
    #expect(HTTPAddress(text)?.description == shown && HTTPAddress(text)?.isLoopback == isLoopback)
  }

  @Test(arguments: [
    "", ":", "host", "[]:80", "+80", "host:", "host:70000", "host:x", "::1:80", "http://host:80", "a b:80",
  ])
  func otherTextIsNoAddress(text: String) { #expect(HTTPAddress(text) == nil) }

  @Test(arguments: [
    ("a${B}c", "abbc", false), ("${B}${B}", "bbbb", false), ("$B $5 a$", "$B $5 a$", true), ("$${B}", "${B}", true),
    ("$$${B}", "$${B}", true), ("plain", "plain", true), ("${NESTED}", "${B}", false),
  ])
  func variablesAreReplacedOnce(text: String, expected: String, isWritten: Bool) throws {
    let found = try Interpolation(
      text, ["B": "bb", "NESTED": "${B}"], "url", at: YAMLPlace(line: 1, column: 1)
    ).result
    #expect(found.text == expected && found.isWritten == isWritten)
  }

  @Test(arguments: ["${", "${A", "${}", "${A B}", "${1}", "${UNSET}", "${EMPTY}", "${A:-x}"])
  func otherVariablesAreErrors(text: String) {
    #expect(throws: ConfigurationProblem.self) {
      try Interpolation(text, ["EMPTY": "", "A": "x"], "url", at: YAMLPlace(line: 1, column: 1))
    }
  }
}

/// One thing that is wrong each.
@Suite struct ConfigurationProblemTests {
  private func problems(_ text: String, _ environment: [String: String] = [:]) async throws -> [String] {
    try await loaded(text, environment).problems.map { $0.line(in: "f") }
  }

  @Test(arguments: [
    ("connectons: []", "f:1:1: \"connectons\" is no key of the configuration. Did you mean connections?"),
    ("server: {htp: x}", "f:1:10: \"htp\" is no key of server. Did you mean http?"),
    ("token: x", "f:1:1: \"token\" is no key of the configuration. It belongs to agents"),
    ("xyzzy: 1", "f:1:1: \"xyzzy\" is no key of the configuration. The configuration has the keys connections, users,"),
    ("users: []", "f:1:1: the configuration lacks connections"), ("[]", "f:1:1: the configuration is made of keys"),
    ("", "f: the file says nothing. pgadvisor config example"),
    ("connections: []", "f:1:14: there is no connection"),
    ("connections: {}", "f:1:14: connections is a list of sections"),
    ("connections: x", "f:1:14: connections is a list of sections"),
    ("connections: [x]", "f:1:15: connections[1] is made of keys and values"),
    ("connections: [{url: x}]", "f:1:15: connections[1] lacks name. For instance name: shop"),
    ("connections: [{name: a}]", "f:1:15: a connection lacks url"),
    ("connections: [{name: a, url: x, service: y}]", "f:1:42: url and service contradict each other"),
    ("connections: [{name: a b, url: x}]", "f:1:22: name is a name: 1 to 64"),
    ("connections: [{name: '', url: x}]", "f:1:22: name is a name"),
    ("connections: [{name: '${A}', url: x}]", "Names are written out"),
    ("connections: [{name: a, url: x}, {name: a, url: y}]", "f:1:41: there are two connections a"),
    ("connections: [{name: a, url: [x]}]", "f:1:30: url is one value (a secret), and no list or section"),
    ("connections: [{name: a, url: }]", "f:1:30: url has no value"),
    ("connections: [{name: a, url: ''}]", "f:1:30: url is empty"),
    ("connections: [{name: a, url: '${NOWHERE}'}]", "f:1:30: url takes the variable NOWHERE, which the environment"),
    ("connections: [{name: a, url: 'http://h/d'}]", "does not begin with postgresql://"),
    (
      "connections: [{name: a, url: x, mode: restrictd}]",
      "mode is one of restricted, unrestricted. Did you mean restricted?"
    ),
    ("connections: [{name: a, url: x, schemas: public}]", "schemas is a list. Put it in brackets"),
    ("connections: [{name: a, url: x, schemas: []}]", "schemas is an empty list, which would allow nothing"),
    ("connections: [{name: a, url: x, schemas: [p, p]}]", "f:1:46: an element of schemas stands there twice"),
    (
      "connections: [{name: a, url: x, schemas: [p], mode: unrestricted}]",
      "warning: mode: unrestricted changes nothing"
    ),
    ("connections: [{name: a, url: x, limits: {rows: ten}}]", "rows is a number from 1 to 1,000,000"),
    ("connections: [{name: a, url: x, limits: {rows: '10'}}]", "Write it without quotes"),
    ("connections: [{name: a, url: x, limits: {rows: 0}}]", "rows is a number from 1 to 1,000,000"),
    ("connections: [{name: a, url: x, limits: {bytes: lots}}]", "bytes is a size from 1.0 kB to 1.0 GB"),
    ("connections: [{name: a, url: x, limits: {statement_timeout: 0}}]", "is a duration from 1ms to 24h"),
    ("connections: [{name: a, url: x, limits: {statement_timeout: 5 days}}]", "For instance 500ms, 30s, 5min or 1h"),
    ("connections: [{name: a, url: x, limits: 5}]", "limits is a section"),
    (
      "connections: [{name: a, url: x, password_file: /nowhere/at/all}]",
      "password_file: the file cannot be read: No such"
    ),
    ("connections: [{name: a, url: x, password_command: 'pass x'}]", "password_command is a list"),
    (
      "connections: [{name: a, url: x, password_command: [/nowhere]}]",
      "password_command: the program gives no password: No such"
    ),
    ("connections: [{name: a, url: x, password_command: ['false']}]", "it has ended with 1"),
    ("connections: [{name: a, url: x, password_command: ['true']}]", "it has said nothing"),
    (
      "connections: [{name: a, url: 'postgresql://u:p@h/d', password_file: /x}]",
      "the password in url and password_file contradict"
    ),
    (
      "connections: [{name: a, url: x, password_file: /x, password_command: [y]}]",
      "password_file and password_command contradict"
    ),
  ])
  func theConnectionsPart(text: String, expected: String) async throws {
    let found = try await problems(text)
    #expect(found.contains { $0.contains(expected) }, "\(found)")
  }

  private static let connections = "connections: [{name: main, url: x}]\n"

  @Test(arguments: [
    ("agents: [{token: 0123456789abcdef}]", "f:2:10: agents[1] lacks id"),
    ("agents: [{id: a}, {id: a}]", "f:2:24: there are two agents a"),
    ("users: [{name: u}, {name: u}]", "there are two users u"), ("groups: [{name: g}]", "groups[1] lacks members"),
    ("groups: [{name: g, members: [bob]}]", "f:2:30: warning: group g names the user bob, and there is none"),
    ("users: [{name: bob}]\ngroups: [{name: g, members: [bib]}]", "Did you mean bob?"),
    ("agents: [{id: a, token: short}]", "f:2:25: the token is not 16 to 4,096 of the characters"),
    ("agents: [{id: a, token: 'blanks are not fine'}]", "the token is not 16 to 4,096"),
    ("agents: [{id: a, token_hash: abc}]", "token_hash is 64 hexadecimal digits. printf %s"),
    ("agents: [{id: a, token_env: NOT_THERE}]", "token_env: the environment has no variable NOT_THERE"),
    ("agents: [{id: a, token_file: /nowhere}]", "token_file: the file cannot be read"),
    ("agents: [{id: a, token: 0123456789abcdef, token_env: X}]", "token and token_env contradict each other"),
    (
      "agents: [{id: a, token: 0123456789abcdef}, {id: b, token: 0123456789abcdef}]",
      "f:2:59: agents a and b have the same token"
    ),
    ("agents: [{id: a, on_behalf_of: bob}]", "warning: agent a names the user bob, and there is none"),
    (
      "users: [{name: bob}]\nagents: [{id: a, on_behalf_of: bob}]",
      "f:3:15: warning: nothing is granted to agent a. Add a rule with user:bob"
    ),
    ("agents: [{id: a}]", "warning: nothing is granted to agent a. Add a rule with agent:a under iam"),
    (
      "agents: [{id: a, permissions: [reed]}]",
      "an element of permissions is one of explain, read, write, ddl, admin, *. Did you mean read?"
    ),
    ("agents: [{id: a, permissions: read}]", "permissions is a list. For instance [explain, read]"),
    ("agents: [{id: a, permissions: []}]", "permissions is an empty list"),
    ("agents: [{id: a, connections: [mian]}]", "there is no connection mian. Did you mean main?"),
    ("agents: [{id: a, expires: tomorrow}]", "expires is a date or time. For instance 2027-12-31"),
    ("agents: [{id: a, expires: 2020-01-01}]", "warning: the access of agent a has ended"),
    ("agents: [{id: a}, {id: b}]", "warning: agent a has no token and is not the local agent"),
    (
      "iam: [{connection: mian, permissions: [read], members: ['user:x']}]",
      "there is no connection mian. Did you mean main?"
    ),
    ("iam: [{connection: main, members: ['user:x']}]", "a rule lacks permissions"),
    ("iam: [{connection: main, permissions: [read], members: ['agent:x']}]", "there is no agent x. There are none"),
    (
      "agents: [{id: bot}]\niam: [{connection: main, permissions: [read], members: ['agent:bat']}]",
      "there is no agent bat. Did you mean bot?"
    ),
    ("iam: [{connection: main, permissions: [read], members: ['group:x']}]", "there is no group x"),
    ("iam: [{connection: main, permissions: [read], members: ['user:x']}]", "warning: a rule names the user x"),
    (
      "agents: [{id: bot}]\niam: [{connection: main, permissions: [read], members: [bot]}]",
      "a member is agent:ID, user:NAME or group:NAME. Write agent:bot"
    ),
    ("iam: [{connection: main, permissions: [read], members: ['*']}]", "Nothing is granted to everybody"),
    ("iam: [{connection: main, permissions: [read], members: ['role:x']}]", "a member is agent:ID"),
    (
      "users: [{name: u}]\nagents: [{id: a, on_behalf_of: u}]\niam: [{connection: main, permissions: [read], members: ['agent:a']}]",
      "f:4:57: agent a acts for u and has what that user has: a rule for the agent gives it nothing. Name user:u"
    ),
    ("server: {http: here}", "f:2:16: http is HOST:PORT. For instance 127.0.0.1:8765"),
    ("server: {http: '127.0.0.1:1'}", "there is http and no agent with a token: nobody could come"),
    (
      "server: {http: '0.0.0.0:1'}\nagents: [{id: a, token: 0123456789abcdef}]",
      "warning: others can reach 0.0.0.0:1, and tokens travel there unencrypted"
    ),
    ("server: {http: '127.0.0.1:1', tls: {certificate: c}}", "f:2:36: tls lacks key"),
    (
      "server: {http: '127.0.0.1:1', tls: {certificate: /nowhere, key: /nowhere}}",
      "certificate: the file cannot be read"
    ),
    ("server: {tls: {certificate: /nowhere, key: /nowhere}}", "warning: tls means nothing without http"),
    ("server: {allowed_hosts: [a]}", "warning: allowed_hosts means nothing without http"),
    ("server: {allowed_origins: ['https://a/b']}", "an origin is a scheme with a host"),
    ("server: {allowed_hosts: ['https://a']}", "an allowed host is a name"),
    ("server: {external_url: a}", "external_url is an address"),
    ("server: {local_agent: x}", "there is no agent x. List it under agents"),
    ("agents: [{id: bot}]\nserver: {local_agent: bat}", "there is no agent bat. Did you mean bot?"),
    ("server: {http: ['a:1']}", "http is one value (text), and no list"), ("server: []", "server is a section"),
  ])
  func theOtherParts(text: String, expected: String) async throws {
    let found = try await problems(Self.connections + text)
    #expect(found.contains { $0.contains(expected) }, "\(found)")
  }

  @Test func everythingIsToldAtOnceAndInOrder() async throws {
    let found = try await loaded(
      """
      server: {http: x, auditt: x}
      connections:
        - name: main
          url: postgresql://h/d
          limits: {rows: many, byte: 3}
      agents:
        - {id: a, token: x}
      iam:
        - {connection: elsewhere, permissions: [all], members: [a]}
      """)
    #expect(found.configuration == nil)
    #expect(
      found.problems.filter { $0.severity == .error }.map { $0.place?.line } == [1, 1, 5, 5, 7, 9, 9, 9],
      "\(found.problems.map { $0.line(in: "f") })")
  }

  /// One mistake is one error: what refers to it is not at fault as well.
  @Test(arguments: [
    goodFile(connection: "url: ''"), goodFile(connection: "url: 'http://h'"), goodFile(agent: "token: short"),
    goodFile("server: {http: '127.0.0.1:1'}", agent: "token: short"), goodFile(connection: "url: x\n    mode: y"),
    goodFile(connection: "url: x\n    password_file: /nowhere"), goodFile("groups: [{name: g, member: []}]"),
  ])
  func errorsHaveNoEcho(text: String) async throws {
    let errors = try await loaded(text).problems.filter { $0.severity == .error }
    #expect(errors.count == (text.contains("member: []") ? 2 : 1), "\(errors.map { $0.line(in: "f") })")
  }

  /// Nothing in it grows with the square of what is written.
  @Test(.timeLimit(.minutes(1))) func manyAgentsAndManyMistakesTakeNoTime() async throws {
    func file(_ count: Int, token: (Int) -> String, member: (Int) -> String) -> String {
      let agents = (0..<count).map { "{id: agent-\($0), token: \(token($0))}" }.joined(separator: ",\n")
      let rules = (0..<count).map { "{connection: main, permissions: [read], members: ['\(member($0))']}" }
      return "connections: [{name: main, url: x}]\nagents: [\(agents)]\niam: [\(rules.joined(separator: ",\n"))]"
    }
    let good = try await loaded(
      file(4_000, token: { "token-of-agent-\(10_000 + $0)" }, member: { "agent:agent-\($0)" }))
    #expect(good.configuration?.agents.count == 4_000 && good.problems.isEmpty)
    let bad = try await loaded(file(4_000, token: { _ in "token-of-everybody" }, member: { "agent:agant-\($0)" }))
    #expect(bad.configuration == nil && bad.problems.count == ConfigurationProblems.limit)
  }

  /// Whatever is left of a file after accidents, it is a configuration or a list of errors.
  @Test func damagedFilesAreLoadedOrRefused() async {
    let lines = ConfigurationExample.text.split(separator: "\n").map(String.init)
    await withSeededRandom { random in
      for round in 0..<300 {
        var changed = lines
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let place = changed.indices.randomElement(using: &random) ?? 0
          switch Int.random(in: 0..<6, using: &random) {
          case 0: changed.remove(at: place)
          case 1: changed.insert(changed.randomElement(using: &random) ?? "", at: place)
          case 2: changed[place] = " " + changed[place]
          case 3: changed[place] = String(changed[place].dropFirst())
          case 4: changed[place] = String(changed[place].filter { _ in Int.random(in: 0..<8, using: &random) > 0 })
          default: changed[place] = changed[place].replacing("# ", with: "")
          }
        }
        var builder = ConfigurationBuilder(Secrets(directory: "", environment: [:], isReading: false))
        guard let root = try? YAMLNode.read(Array(changed.joined(separator: "\n").utf8)) else { continue }
        _ = await builder.configuration(root, [:])
        let last = changed.count + 1
        #expect(
          builder.problems.inOrder.allSatisfy { problem in
            !problem.message.isEmpty && problem.place.map { (1...last).contains($0.line) } ?? true
          }, "round \(round) (\(random))")
      }
    }
  }

  @Test func faultsOfTheDocumentAreProblems() async throws {
    #expect(
      try await problems("connections: [\n") == [
        "f:2:1: did not find expected node content while parsing a flow node that begins in line 2"
      ])
    #expect(try await problems("a: 1\na: 2").first?.hasPrefix("f:2:1: the key \"a\" stands here a second time") == true)
  }

  @Test func whatAnybodyCanReadIsWarnedOf() async throws {
    func found(_ text: String, mode: Int) async throws -> [String] {
      try await loaded(text, ["TOKEN": "0123456789abcdef"], mode: mode).problems.map { $0.line(in: "f") }
    }
    let written = goodFile(agent: "token: 0123456789abcdef")
    #expect(
      try await found(written, mode: 0o644) == [
        "f:6:12: warning: everybody on this machine can read this file, and a secret stands in it. chmod go= the file, or keep the secret elsewhere"
      ])
    #expect(try await found(written, mode: 0o640).isEmpty)
    #expect(try await found(goodFile(agent: "token: ${TOKEN}"), mode: 0o644).isEmpty)
    let url = goodFile(connection: "url: postgresql://u:geheim@h.invalid/d")
    #expect(try await found(url, mode: 0o644).count == 1)
    try await withFiles(["t": "0123456789abcdef"], mode: 0o644) { directory in
      let lines = try await found(goodFile(agent: "token_file: \(directory)/t"), mode: 0o600)
      #expect(lines == ["f:6:17: warning: everybody on this machine can read this file. chmod go= the file"])
    }
  }

  @Test func anUnreadableFileIsRefused() async throws {
    let file = ConfigurationFile(path: "/nowhere/pgadvisor.yaml", environment: [:])
    let refusal = await #expect(throws: Refusal.self) { try await file.load() }
    #expect(refusal?.exitCode == .failure && refusal?.message.contains("No such file") == true)
    let directory = await #expect(throws: Refusal.self) {
      try await ConfigurationFile(path: "/tmp", environment: [:]).load()
    }
    #expect(directory?.message.contains("directory") == true)
  }
}
