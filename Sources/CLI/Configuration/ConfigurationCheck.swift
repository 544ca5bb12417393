// What `pgadvisor config check` says: what is wrong, and who may do what where.

import Database
import Governance
import JSON
import Terminal

/// The outcome of one check, for people and for programs. Pure, but for the time.
struct ConfigurationCheck {
  let loaded: LoadedConfiguration

  private var errors: Int { loaded.problems.count { $0.severity == .error } }

  func text(style: Style) -> String {
    var text = loaded.problems.map { $0.line(in: loaded.file) + "\n" }.joined()
    guard let configuration = loaded.configuration else {
      return text + "\(escaped(loaded.file)): \(errors) \(errors == 1 ? "error" : "errors")\n"
    }
    if !text.isEmpty { text += "\n" }
    var connections = Table(columns: [.init("connection"), .init("mode"), .init("schemas"), .init("server")])
    for connection in configuration.connections {
      connections.add([
        connection.name, connection.mode.rawValue,
        connection.schemas.map { $0.sorted().joined(separator: ", ") } ?? "all",
        connection.target.displayName,
      ])
    }
    var agents = Table(columns: [.init("agent"), .init("for"), .init("connection"), .init("may")])
    for agent in configuration.agents {
      let rows = Self.rows(of: agent, configuration.directory)
      for (place, row) in rows.enumerated() {
        agents.add([place == 0 ? agent.id : "", place == 0 ? agent.onBehalfOf ?? "–" : "", row.connection, row.words])
      }
    }
    text += connections.rendered(style: style) + "\n\n"
    if !configuration.agents.isEmpty { text += agents.rendered(style: style) + "\n\n" }
    return text + "\(escaped(loaded.file)): no errors\n"
  }

  private static func rows(of agent: Agent, _ directory: Directory) -> [(connection: String, words: String)] {
    switch directory.standing(of: agent.id) {
    case .userIsGone: return [("–", "nothing: the user is gone")]
    case .expired: return [("–", "nothing: its access has ended")]
    case .active, nil: break
    }
    guard let caller = directory.caller(agent: agent.id), !caller.connections.isEmpty else { return [("–", "nothing")] }
    return caller.connections.map { name in
      (name, words(caller, name).joined(separator: ", "))
    }
  }

  private static func words(_ caller: Caller, _ connection: String) -> [String] {
    (caller.permissions[connection] ?? []).sorted().map(\.rawValue)
      + (caller.proposed[connection] ?? []).sorted().map { "\($0.rawValue) as a proposal" }
  }

  var json: JSONValue {
    var members: JSONObject = [
      "file": .string(loaded.file), "valid": .bool(loaded.configuration != nil),
      "problems": .array(loaded.problems.map { $0.json(in: loaded.file) }),
    ]
    guard let configuration = loaded.configuration else { return .object(members) }
    members["connections"] = .array(
      configuration.connections.map { connection in
        [
          "name": .string(connection.name), "mode": .string(connection.mode.rawValue),
          "schemas": connection.schemas.map { .array($0.sorted().map { .string($0) }) } ?? .null,
          "server": .string(connection.target.displayName),
        ]
      })
    members["agents"] = .array(configuration.agents.map { Self.json(of: $0, configuration) })
    return .object(members)
  }

  private static func json(of agent: Agent, _ configuration: Configuration) -> JSONValue {
    let caller = configuration.directory.caller(agent: agent.id)
    let standing =
      switch configuration.directory.standing(of: agent.id) {
      case .userIsGone: "user is gone"
      case .expired: "expired"
      case .active, nil: "active"
      }
    let grants = (caller?.connections ?? []).map { name in
      (name, JSONValue.array((caller?.permissions[name] ?? []).sorted().map { .string($0.rawValue) }))
    }
    let proposed = (caller?.proposed ?? [:]).sorted { $0.key < $1.key }.map { name, permissions in
      (name, JSONValue.array(permissions.sorted().map { .string($0.rawValue) }))
    }
    return [
      "id": .string(agent.id), "on_behalf_of": agent.onBehalfOf.map { .string($0) } ?? .null,
      "state": .string(standing), "expires": agent.expires.map { .string($0.description) } ?? .null,
      "has_token": .bool(agent.tokenDigest != nil), "local": .bool(configuration.localAgent == agent.id),
      "connections": .object(JSONObject(grants.map { (key: $0.0, value: $0.1) })),
      "proposed": .object(JSONObject(proposed.map { (key: $0.0, value: $0.1) })),
    ]
  }
}
