// The server's part of a configuration, and what fits in each place but comes to nothing together.

import Governance
import HealthChecks
import MCPServer
import YAML

extension ConfigurationBuilder {
  mutating func settings(
    _ root: SettingsSection, _ identities: ConfiguredIdentities
  ) -> ServeSettings {
    var settings = ServeSettings()
    settings.health = Self.thresholds(root)
    guard let section = root.section("server") else { return settings }
    if let text = section.text("http") {
      settings.http = HTTPAddress(text)
      if settings.http == nil {
        problems.error("http is HOST:PORT", at: section.place("http"), "For instance 127.0.0.1:8765, or [::1]:8765")
      }
    }
    settings.tls = tls(section)
    settings.rules = HTTPRules(
      hosts: section.texts("allowed_hosts") ?? [], origins: section.texts("allowed_origins") ?? [])
    checkOrigins(section)
    if let url = section.text("external_url"), Self.isWebAddress(url) {
      settings.rules.hosts.append(Self.host(of: url))
    } else if section.values["external_url"] != nil {
      problems.error(
        "external_url is an address", at: section.place("external_url"), "For instance https://mcp.example.com")
    }
    settings.limits.body = section.size("max_body").map { Int($0) } ?? settings.limits.body
    settings.limits.connections = section.integer("connections") ?? settings.limits.connections
    settings.limits.sessions = section.integer("sessions") ?? settings.limits.sessions
    settings.limits.sessionIdle = section.duration("session_idle") ?? settings.limits.sessionIdle
    settings.limits.drain = section.duration("drain") ?? settings.limits.drain
    Self.take(section, into: &settings.product)
    settings.audit = section.text("audit").map { secrets.absolute($0) }
    settings.store = section.text("store").map { namesServer($0) ? $0 : secrets.absolute($0) }
    settings.storeKey = section.text("store_key_file").map { secrets.absolute($0) }
    settings.retentionDays = section.integer("audit_retention_days")
    if settings.retentionDays != nil && settings.store == nil {
      problems.error(
        "audit_retention_days is of a store", at: section.place("audit_retention_days"), "Say where with store")
    }
    if settings.storeKey != nil && settings.store == nil {
      problems.error("store_key_file is of a store", at: section.place("store_key_file"), "Say where with store")
    }
    settings.localAgent = section.text("local_agent")
    if let id = settings.localAgent, identities.agent(id) == nil {
      let near = nearest(to: id, among: identities.agents.map(\.id)).map { "Did you mean \($0)?" }
      problems.error("there is no agent \(id)", at: section.place("local_agent"), near ?? "List it under agents")
    }
    let hasTokens = root.sections("agents").contains { !$0.written.isDisjoint(with: Self.tokenKeys) }
    checkHTTP(section, settings, hasTokens)
    return settings
  }

  private static func take(_ section: SettingsSection, into limits: inout ProductLimits) {
    limits.patience = section.duration("patience") ?? limits.patience
    limits.jobs = section.integer("jobs") ?? limits.jobs
    limits.jobsOfOne = section.integer("jobs_of_one") ?? limits.jobsOfOne
    limits.jobLifetime = section.duration("job_lifetime") ?? limits.jobLifetime
    limits.resultLifetime = section.duration("result_lifetime") ?? limits.resultLifetime
    limits.resultBytes = section.size("result_bytes").map { Int($0) } ?? limits.resultBytes
  }

  /// Those of `health`; keys have underscores where thresholds have hyphens.
  static func thresholds(_ root: SettingsSection) -> Limits {
    var limits = Limits()
    for (name, value) in root.section("health")?.numbers ?? [] { _ = limits.set(thresholdName(of: name), to: value) }
    return limits
  }

  private static func isWebAddress(_ text: String) -> Bool {
    ["http://", "https://"].contains { text.hasPrefix($0) && text.count > $0.count }
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
  }

  /// What clients send as Host.
  private static func host(of url: String) -> String {
    String(url.split(separator: "/", omittingEmptySubsequences: false)[2])
  }

  private mutating func checkOrigins(_ section: SettingsSection) {
    for value in section.list("allowed_origins") ?? [] {
      guard let origin = value.text, origin != "*" else { continue }
      let rest = origin.split(separator: "/", omittingEmptySubsequences: false)
      guard Self.isWebAddress(origin), rest.count == 3 else {
        problems.error(
          "an origin is a scheme with a host and perhaps a port", at: value.place,
          "For instance https://console.example.com")
        continue
      }
    }
    for value in section.list("allowed_hosts") ?? [] where value.text?.contains("/") == true {
      problems.error(
        "an allowed host is a name, with or without a port", at: value.place, "For instance mcp.example.com")
    }
  }

  private mutating func tls(_ section: SettingsSection) -> TLSFiles? {
    guard let tls = section.section("tls") else { return nil }
    for key in ["certificate", "key"] where secrets.isReading {
      guard let path = tls.text(key) else { continue }
      do throws(SmallFile.Failure) {
        let file = try SmallFile(at: secrets.absolute(path), limit: 1 << 20)
        if key == "key" && file.isReadableByAll { warnOfReaders(of: tls.place(key)) }
      } catch {
        problems.error("\(key): the file cannot be read: \(error.reason)", at: tls.place(key))
      }
    }
    guard let certificate = tls.text("certificate"), let key = tls.text("key") else { return nil }
    return TLSFiles(certificate: secrets.absolute(certificate), key: secrets.absolute(key))
  }

  private mutating func checkHTTP(_ section: SettingsSection, _ settings: ServeSettings, _ hasTokens: Bool) {
    guard let address = settings.http else {
      // Perhaps --http says where.
      if section.values["http"] != nil { return }
      for key in ["tls", "allowed_hosts", "allowed_origins", "external_url"] {
        guard let value = section.values[key] else { continue }
        problems.warning(
          "\(key) means nothing without http", at: value.place, "Set http, or start with --http HOST:PORT")
      }
      return
    }
    if !hasTokens {
      problems.error(
        "there is http and no agent with a token: nobody could come", at: section.place("http"),
        "Give an agent a token_hash, or take http away")
    }
    if !address.isLoopback && settings.tls == nil && section.values["tls"] == nil {
      problems.warning(
        "others can reach \(address), and tokens travel there unencrypted", at: section.place("http"),
        "Set tls, or listen on 127.0.0.1 behind a proxy that encrypts")
    }
  }

  /// Agents that can do nothing, or that nobody can be.
  mutating func warnOfIdleness(
    _ root: SettingsSection, _ identities: ConfiguredIdentities, _ directory: Directory, _ settings: ServeSettings
  ) {
    for section in root.sections("agents") {
      guard let id = section.text("id"), let agent = identities.agent(id) else { continue }
      switch directory.standing(of: id) {
      case .expired:
        problems.warning(
          "the access of agent \(id) has ended", at: section.place("expires"),
          "Take the agent away, or give it more time")
        continue
      case .active: break
      case .userIsGone, nil: continue
      }
      if directory.caller(agent: id)?.connections.isEmpty ?? true {
        let who = agent.onBehalfOf.map { "user:\($0)" } ?? "agent:\(id)"
        problems.warning(
          "nothing is granted to agent \(id)", at: section.place("id"), "Add a rule with \(who) under iam")
      }
      let hasToken = !section.written.isDisjoint(with: Self.tokenKeys)
      let isLocal = settings.localAgent == id || (settings.localAgent == nil && identities.agents.count == 1)
      if !hasToken && !isLocal {
        problems.warning(
          "agent \(id) has no token and is not the local agent: only serve --agent \(id) makes use of it",
          at: section.place("id"), "Give it a token_hash")
      }
    }
  }
}
