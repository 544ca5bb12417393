// Users, groups, agents and rules of a configuration, and what does not fit between them.

import Cryptography
import Governance
import YAML

/// Identities as they stand in the file.
struct ConfiguredIdentities: Sendable {
  var users: Set<String> = []
  /// Where users see clear text themselves.
  var exemptions: [String: Set<String>] = [:]
  var groups: [Group] = []
  var groupNames: Set<String> = []
  var agents: [Agent] = []
  /// The place of each in `agents`.
  var places: [String: Int] = [:]
  var rules: [GrantRule] = []

  func agent(_ id: String) -> Agent? { places[id].map { agents[$0] } }
}

extension ConfigurationBuilder {
  mutating func identities(_ root: SettingsSection, connections: [String]) -> ConfiguredIdentities {
    var identities = ConfiguredIdentities()
    let connections = Set(connections)
    for section in root.sections("users") {
      guard let name = unique(section, "name", among: &identities.users, "user") else { continue }
      for value in section.list("clear_text") ?? [] where value.text != "*" { checkConnection(value, connections) }
      identities.exemptions[name] = Set(section.texts("clear_text") ?? [])
    }
    for section in root.sections("groups") {
      guard let name = unique(section, "name", among: &identities.groupNames, "group") else { continue }
      for member in section.list("members") ?? [] { checkUser(member, identities.users, "group \(name)") }
      identities.groups.append(Group(name: name, members: Set(section.texts("members") ?? [])))
    }
    var owners: [[UInt8]: String] = [:]
    var ids: Set<String> = []
    for section in root.sections("agents") {
      guard let id = unique(section, "id", among: &ids, "agent") else { continue }
      var agent = Agent(id: id, tokenDigest: digest(section), onBehalfOf: section.text("on_behalf_of"))
      if let user = section.values["on_behalf_of"] { checkUser(user, identities.users, "agent \(id)") }
      agent.proposed = Set((section.texts("propose") ?? []).compactMap(Permission.init))
      if section.text("mode") == "propose" { agent.proposed = Permission.proposable }
      agent.permissions = section.texts("permissions").map { Self.permissions($0) }
      agent.connections = section.list("connections").map { names in
        names.forEach { checkConnection($0, connections) }
        return Set(names.compactMap(\.text))
      }
      agent.expires = section.time("expires")
      if let digest = agent.tokenDigest, let owner = owners.updateValue(id, forKey: digest) {
        let key = Self.tokenKeys.first { section.values[$0] != nil } ?? "id"
        problems.error("agents \(owner) and \(id) have the same token", at: section.place(key), "Make one for each")
      }
      identities.places[id] = identities.agents.count
      identities.agents.append(agent)
    }
    for section in root.sections("iam") {
      if let rule = rule(section, identities, connections) { identities.rules.append(rule) }
    }
    return identities
  }

  static let tokenKeys = ["token", "token_hash", "token_file", "token_env"]

  private static func permissions(_ words: [String]) -> Set<Permission> {
    words.contains("*") ? Set(Permission.allCases) : Set(words.compactMap(Permission.init))
  }

  /// The one that is most like it.
  private static func meant(_ name: String, among names: some Collection<String>) -> String? {
    nearest(to: name, among: names.sorted()).map { "Did you mean \($0)?" }
  }

  /// Not an error: taking a user away must be enough to end what agents do for that user.
  private mutating func checkUser(_ value: SettingValue, _ users: Set<String>, _ who: String) {
    guard let name = value.text, !users.contains(name) else { return }
    problems.warning(
      "\(who) names the user \(name), and there is none: nothing is granted by that", at: value.place,
      Self.meant(name, among: users) ?? "List the user under users, or take the name away here")
  }

  mutating func checkConnection(_ value: SettingValue, _ connections: Set<String>) {
    guard let name = value.text, !connections.contains(name) else { return }
    problems.error(
      SettingsReader.isName(name) ? "there is no connection \(name)" : "there is no such connection", at: value.place,
      Self.meant(name, among: connections) ?? "There are: \(connections.sorted().prefix(20).joined(separator: ", "))")
  }

  // MARK: - Tokens

  private mutating func digest(_ section: SettingsSection) -> [UInt8]? {
    let sources = Self.tokenKeys.filter { section.values[$0] != nil }
    guard let source = sources.first else { return nil }
    guard sources.count == 1 else {
      problems.error(
        "\(sources.joined(separator: " and ")) contradict each other", at: section.place(sources[1]),
        "Give the token in one way")
      return nil
    }
    let place = section.place(source)
    if let hash = section.text("token_hash") {
      guard let digest = Self.bytes(ofHexadecimal: hash), digest.count == 32 else {
        problems.error(
          "token_hash is 64 hexadecimal digits", at: place, "printf %s \"$TOKEN\" | openssl dgst -sha256 -r prints them"
        )
        return nil
      }
      return digest
    }
    if section.values["token"]?.isWritten == true { writtenSecret = writtenSecret ?? place }
    let token: String
    do throws(SecretFailure) {
      guard let found = try self.token(section) else { return nil }
      token = found
    } catch {
      problems.error("\(source): \(error.message)", at: place, error.advice)
      return nil
    }
    guard Self.isToken(token) else {
      problems.error(
        "the token is not 16 to 4,096 of the characters A-Z a-z 0-9 - . _ ~ + / =", at: place,
        "openssl rand -hex 32 makes one")
      return nil
    }
    return sha256(Array(token.utf8))
  }

  private mutating func token(_ section: SettingsSection) throws(SecretFailure) -> String? {
    if let token = section.text("token") { return token }
    guard secrets.isReading else { return nil }
    if let name = section.text("token_env") { return try secrets.variable(name) }
    guard let path = section.text("token_file") else { return nil }
    let (text, isReadableByAll) = try secrets.contents(of: path)
    if isReadableByAll { warnOfReaders(of: section.place("token_file")) }
    return text
  }

  /// What can stand behind `Bearer` (RFC 6750), and is not guessed in a lifetime.
  private static func isToken(_ text: String) -> Bool {
    (16...4_096).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
          || "-._~+/=".utf8.contains(byte)
      }
  }

  private static func bytes(ofHexadecimal text: String) -> [UInt8]? {
    let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count % 2 == 0, digits.allSatisfy({ $0 != nil }) else { return nil }
    let values = digits.compactMap { $0 }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
  }

  // MARK: - Rules

  mutating func rule(
    _ section: SettingsSection, _ identities: ConfiguredIdentities, _ connections: Set<String>
  ) -> GrantRule? {
    if let value = section.values["connection"], value.text != "*" { checkConnection(value, connections) }
    let members = (section.list("members") ?? []).compactMap { grantee($0, identities) }
    if section.written.isDisjoint(with: ["permissions", "propose"]) {
      problems.error("a rule lacks permissions", at: section.place, "For instance permissions: [explain, read]")
    }
    guard let connection = section.text("connection") else { return nil }
    var permissions = Self.permissions(section.texts("permissions") ?? [])
    var proposed = Set((section.texts("propose") ?? []).compactMap(Permission.init))
    if section.text("mode") == "propose" {
      proposed.formUnion(permissions.intersection(Permission.proposable))
      permissions.subtract(Permission.proposable)
      if proposed.isEmpty {
        problems.warning(
          "mode: propose is of what changes anything, and this rule grants nothing of it", at: section.place("mode"),
          "Take it away, or grant write, ddl or admin")
      }
    }
    return GrantRule(
      connection: connection == "*" ? nil : connection, permissions: permissions, proposed: proposed,
      members: Set(members))
  }

  mutating func grantee(
    _ value: SettingValue, _ identities: ConfiguredIdentities, isNarrowing: Bool = false
  ) -> Grantee? {
    let parts = (value.text ?? "").split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, SettingsReader.isName(parts[1]) else {
      problems.error(
        "a member is agent:ID, user:NAME or group:NAME", at: value.place, Self.advice(on: value.text, identities))
      return nil
    }
    let name = parts[1]
    switch parts[0] {
    case "agent":
      guard let agent = identities.agent(name) else {
        absent("agent", name, at: value.place, Set(identities.places.keys))
        return nil
      }
      if let user = agent.onBehalfOf, !isNarrowing {
        problems.error(
          "agent \(name) acts for \(user) and has what that user has: a rule for the agent gives it nothing",
          at: value.place, "Name user:\(user), or take on_behalf_of away from the agent")
      }
      return .agent(name)
    case "user":
      checkUser(SettingValue(content: .text(name), place: value.place), identities.users, "a rule")
      return .user(name)
    case "group":
      guard identities.groupNames.contains(name) else {
        absent("group", name, at: value.place, identities.groupNames)
        return nil
      }
      return .group(name)
    default:
      problems.error("a member is agent:ID, user:NAME or group:NAME", at: value.place)
      return nil
    }
  }

  private static func advice(on text: String?, _ identities: ConfiguredIdentities) -> String? {
    guard let text else { return nil }
    if text == "*" { return "Nothing is granted to everybody: name them, or make a group" }
    let kinds = [
      ("agent", Set(identities.places.keys)), ("user", identities.users), ("group", identities.groupNames),
    ]
    return kinds.first { $0.1.contains(text) }.map { "Write \($0.0):\(text)" }
  }

  private mutating func absent(_ what: String, _ name: String, at place: YAMLPlace, _ names: Set<String>) {
    func known() -> String {
      names.isEmpty ? "There are none" : "There are: \(names.sorted().prefix(20).joined(separator: ", "))"
    }
    problems.error("there is no \(what) \(name)", at: place, Self.meant(name, among: names) ?? known())
  }
}
