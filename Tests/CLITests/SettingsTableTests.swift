// The one table: its example is whole and good, its page is kept, and each key makes a difference.

import Database
import Governance
import HealthChecks
import Support
import Testing
import YAML

@testable import CLI

@Suite struct SettingsTableTests {
  /// `agents.token`, with all that hold keys.
  private static func keys(_ settings: [Setting] = allSettings, _ path: String = "") -> [(
    path: String, setting: Setting
  )] {
    settings.flatMap { setting -> [(String, Setting)] in
      let own = path.isEmpty ? setting.key : "\(path).\(setting.key)"
      return [(own, setting)] + keys(setting.inner, own)
    }
  }

  @Test func theExampleIsGood() async throws {
    let found = try await loaded(ConfigurationExample.text, mode: 0o644)
    #expect(found.problems.isEmpty, "\(found.problems.map { $0.line(in: "f") })")
    #expect(found.configuration?.agents.count == 3)
  }

  @Test func theExampleHasEveryKey() {
    let lines = ConfigurationExample.text.split(separator: "\n").map { line in
      String(line.drop { " #-".contains($0) })
    }
    for (path, setting) in Self.keys() {
      #expect(lines.contains { $0.hasPrefix("\(setting.key):") }, "\(path)")
      #expect(setting.inner.isEmpty == !setting.example.isEmpty, "\(path)")
    }
  }

  /// What is commented out is no less right: each such line is understood where it stands.
  @Test func alternativesOfTheExampleAreKnown() async throws {
    let lines = ConfigurationExample.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var count = 0
    let names = Set(Self.keys().map(\.setting.key))
    for (number, line) in lines.enumerated() {
      let margin = line.prefix { $0 == " " }
      let rest = line.dropFirst(margin.count)
      guard rest.hasPrefix("# "), let colon = rest.firstIndex(of: ":"),
        names.contains(String(rest.dropFirst(2)[..<colon])), !rest.hasPrefix("# tls")
      else { continue }
      var changed = lines
      changed[number] = margin + String(rest.dropFirst(2))
      let found = try await loaded(changed.joined(separator: "\n"))
      let unknown = found.problems.filter { $0.message.contains("no key") || $0.message.contains("in the document") }
      #expect(unknown.isEmpty, "\(line): \(unknown)")
      #expect(found.problems.allSatisfy { !$0.message.contains(" is a ") }, "\(line): \(found.problems)")
      count += 1
    }
    #expect(count == 18)
    let tls = lines.map { $0.hasPrefix("  # tls") || $0.hasPrefix("  #   ") ? "  " + $0.dropFirst(4) : $0 }
    let found = try await loaded(tls.joined(separator: "\n"))
    #expect(
      found.problems.map(\.message).allSatisfy { $0.contains("the file cannot be read") } && found.problems.count == 2)
  }

  @Test func thePageIsKept() { expectGolden(ConfigurationPage.text, at: "docs/configuration.md") }

  @Test func thePageHasEveryKey() {
    for (path, setting) in Self.keys() { #expect(ConfigurationPage.text.contains("`\(setting.key)`"), "\(path)") }
  }

  /// A key that nobody reads would be a lie: setting one changes what the file comes to.
  @Test func everyKeyMakesADifference() async throws {
    let base = """
      connections:
        - {name: a, url: "postgresql://h.invalid/d"}
      users: [{name: u}]
      groups: [{name: g, members: [u]}]
      agents: [{id: x}, {id: y, on_behalf_of: u}, {id: w, token_hash: \(String(repeating: "11", count: 32))}]
      iam: [{connection: a, permissions: [read, write], members: ["user:u", "group:g", "agent:x"]}]
      server: {http: "127.0.0.1:1"}
      """
    let changes: [(key: String, from: String, to: String)] = [
      ("connections.password_file", "/d\"}", "/d\", password_file: secret}"),
      ("connections.password_command", "/d\"}", "/d\", password_command: [echo, x]}"),
      ("connections.service", "url: \"postgresql://h.invalid/d\"", "service: s"),
      ("connections.mode", "/d\"}", "/d\", mode: unrestricted}"),
      ("connections.schemas", "/d\"}", "/d\", schemas: [p]}"),
      ("connections.allowed_functions", "/d\"}", "/d\", allowed_functions: [\"f()\"]}"),
      ("connections.url", "h.invalid", "i.invalid"), ("connections.name", "name: a", "name: b"),
      ("users.name", "[{name: u}]", "[{name: v}]"),
      ("users.clear_text", "[{name: u}]", "[{name: u, clear_text: [a]}]"), ("groups.name", "name: g", "name: h"),
      ("groups.members", "members: [u]", "members: [v]"), ("agents.id", "id: y", "id: z"),
      ("agents.token", "{id: x}", "{id: x, token: 0123456789abcdef}"),
      ("agents.token_hash", "{id: x}", "{id: x, token_hash: \(String(repeating: "00", count: 32))}"),
      ("agents.token_file", "{id: x}", "{id: x, token_file: secret}"),
      ("agents.token_env", "{id: x}", "{id: x, token_env: TOKEN}"), ("agents.on_behalf_of", ", on_behalf_of: u", ""),
      ("agents.permissions", "{id: x}", "{id: x, permissions: [read]}"),
      ("agents.connections", "{id: x}", "{id: x, connections: [a]}"),
      ("agents.propose", "{id: x}", "{id: x, propose: [write]}"), ("agents.mode", "{id: x}", "{id: x, mode: propose}"),
      ("iam.propose", "[read, write]", "[read, write], propose: [ddl]"),
      ("iam.mode", "[read, write]", "[read, write], mode: propose"),
      ("agents.expires", "{id: x}", "{id: x, expires: 2999-01-01}"),
      ("iam.connection", "connection: a", "connection: c"), ("iam.permissions", "[read, write]", "[read]"),
      ("iam.members", "\"agent:x\"", "\"user:u2\""), ("server.http", "127.0.0.1:1", "127.0.0.1:2"),
    ]
    let serverKeys: [(String, String)] = [
      ("allowed_hosts", "[h]"), ("allowed_origins", "[\"https://h\"]"), ("external_url", "https://h"),
      ("max_body", "2MB"),
      ("connections", "3"), ("sessions", "3"), ("session_idle", "3s"), ("drain", "3s"), ("audit", "f"),
      ("store", "f"), ("store_key_file", "k, store: f"),
      ("audit_retention_days", "7, store: f"),
      ("patience", "3s"), ("jobs", "3"), ("jobs_of_one", "3"), ("job_lifetime", "3s"), ("result_lifetime", "3s"),
      ("result_bytes", "3MB"),
      ("local_agent", "x"),
      ("tls", "{certificate: secret, key: secret}"),
    ]
    let proposalKeys: [(String, String)] = [
      ("self_approval", "true"), ("lifetime", "7s"), ("open", "7"), ("text_bytes", "7kB"), ("lock_timeout", "7s"),
      ("statement_timeout", "7s"), ("tries", "7"), ("row_factor", "7"),
    ]
    let approver = "{connection: a, permissions: [write], members: [\"user:u\"]}"
    let limitKeys: [(String, String)] = [
      ("rows", "7"), ("bytes", "7kB"), ("cell_bytes", "7kB"), ("statement_timeout", "7s"), ("lock_timeout", "7s"),
      ("idle_timeout", "7s"), ("transaction_timeout", "7s"), ("work_mem", "7MB"), ("temp_file_limit", "7MB"),
      ("parallel_workers", "7"), ("search_path", "[p]"), ("kept_pages", "7"), ("kept_bytes", "7MB"),
    ]
    let poolKeys: [(String, String)] = [
      ("sessions", "7"), ("waiting", "7"), ("patience", "7s"), ("idle_time", "7s"), ("connect_timeout", "7s"),
    ]
    let policyKeys: [(String, String)] = [
      ("allow_schemas", "[p]"), ("deny_schemas", "[p]"), ("allow_tables", "[t]"), ("deny_tables", "[t]"),
      ("hash_key", "k"), ("max_rows_per_query", "7"), ("max_bytes_per_query", "7kB"), ("max_queries_per_minute", "7"),
      ("max_queries_per_hour", "7"), ("max_concurrent_calls", "7"),
      ("max_cost", "7"), ("max_full_scan_rows", "7"),
    ]
    let tableKeys: [(String, String)] = [
      ("allow_columns", "[c]"), ("deny_columns", "[c]"), ("mask", "{c: email}"), ("mask_columns", "{c: x}"),
      ("row_filter", "c = 1"),
    ]
    var all = changes
    for (section, open, close) in [("policy", "{", "}"), ("policies", "[{connection: a, ", "}]")] {
      all += policyKeys.map { ("\(section).\($0.0)", ":1\"}", ":1\"}\n\(section): \(open)\($0.0): \($0.1)\(close)") }
      all += tableKeys.map { key, value in
        ("\(section).tables.\(key)", ":1\"}", ":1\"}\n\(section): \(open)tables: {t: {\(key): \(value)}}\(close)")
      }
    }
    all += [
      ("policies.connection", ":1\"}", ":1\"}\npolicies: [{connection: a, deny_tables: [t]}]"),
      ("policies.members", ":1\"}", ":1\"}\npolicies: [{members: [\"agent:x\"], deny_tables: [t]}]"),
    ]
    all += Limits.defaults.map { limit in
      let key = limit.name.replacing("-", with: "_")
      return ("health.\(key)", ":1\"}", ":1\"}\nhealth: {\(key): \(limit.value + 1)}")
    }
    all += proposalKeys.map { ("proposals.\($0.0)", ":1\"}", ":1\"}\nproposals: {\($0.0): \($0.1)}") }
    let others = [
      ("connection: a", "connection: b"), ("[write]", "[ddl]"), ("user:u", "group:g"),
      ("\"]}", "\"], in_client: true}"),
    ]
    all += others.map { old, new in
      let keys = ["connection: a": "connection", "[write]": "permissions", "\"]}": "in_client"]
      let key = keys[old] ?? "members"
      return (
        "proposals.approvers.\(key)", ":1\"}", ":1\"}\nproposals: {approvers: [\(approver.replacing(old, with: new))]}"
      )
    }
    all += serverKeys.map { ("server.\($0.0)", ":1\"}", ":1\", \($0.0): \($0.1)}") }
    all += limitKeys.map { ("connections.limits.\($0.0)", "/d\"}", "/d\", limits: {\($0.0): \($0.1)}}") }
    all += poolKeys.map { ("connections.pool.\($0.0)", "/d\"}", "/d\", pool: {\($0.0): \($0.1)}}") }
    let leaves = Self.keys().filter { $0.setting.inner.isEmpty }.map(\.path)
    // These two are a pair, and stand in one change.
    let named = Set(all.map(\.key)).union(["server.tls.certificate", "server.tls.key"])
    #expect(Set(leaves).subtracting(named) == [])
    let usual = try await comesTo(base)
    #expect(usual.contains("ServeSettings"))
    for change in all {
      let text = base.replacing(change.from, with: change.to)
      #expect(text != base, "\(change)")
      #expect(try await comesTo(text) != usual, "\(change.key)")
    }
  }

  /// All that the file comes to, as text.
  private func comesTo(_ text: String) async throws -> String {
    let found = try await loaded(
      text, ["TOKEN": "0123456789abcdef"], files: ["secret": "fedcba9876543210"])
    // Passwords are in no description.
    let passwords = found.configuration.map { configuration in
      configuration.connections.map { $0.target == ConnectionTarget(url: "postgresql://h.invalid/d") }
    }
    let callers = found.configuration.map { configuration in
      configuration.agents.map { configuration.directory.caller(agent: $0.id)?.permissions["a"]?.sorted() }
    }
    let isClear = found.configuration?.directory.seesClearText("u", on: "a")
    let policies = found.configuration.map { configuration in
      configuration.agents.map { configuration.directory.caller(agent: $0.id)?.policies["a"]?.layers }
    }
    return
      "\(String(describing: isClear)) \(String(describing: policies)) \(found.problems) \(String(describing: callers)) \(String(describing: found.configuration?.connections)) \(String(describing: passwords))"
      + " \(String(describing: found.configuration?.agents)) \(String(describing: found.configuration?.settings))"
  }
}
