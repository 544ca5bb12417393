// Limits of time that nobody has set, or that somebody has lifted.

import Database

struct MissingTimeouts: HealthCheck {
  let id = "missing-timeouts"
  let about = CheckDescription(
    .settings, "Limits of time that are not set",
    why: "One statement or one forgotten transaction may then hold its locks for days.",
    rule: "statement_timeout or idle_in_transaction_session_timeout off for the server (the latter may be covered by "
      + "transaction_timeout), or lifted for a role or database where the server has one; wal_sender_timeout off: "
      + "info.",
    judgesSettings: true)

  private static let names = [
    (name: "idle_in_transaction_session_timeout", value: "5min", bare: "300000"),
    (name: "statement_timeout", value: "1min", bare: "60000"),
  ]

  func question(for server: ServerInfo) -> SQL? { SettingOverride.question }

  private static func isOff(_ value: String?) -> Bool {
    value.map { value in value.prefix { $0.isNumber }.allSatisfy { $0 == "0" } && value.first?.isNumber == true }
      ?? false
  }

  func judge(_ rows: [SettingOverride], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let settings = surroundings.settings
    let hasWhole = settings["transaction_timeout"].map { !Self.isOff($0.standing) } ?? false
    var findings: [Finding] = []
    for (name, value, bare) in Self.names {
      let own = rows.filter { $0.name == name }
      // Our own login has one: what the server has cannot be seen behind it.
      guard !own.contains(where: \.isOurs), let setting = settings[name], setting.isForAll else { continue }
      if Self.isOff(setting.standing) {
        if hasWhole && name.hasPrefix("idle") { continue }
        let others = own.filter { !Self.isOff($0.value) }.map(\.place)
        findings.append(
          finding(
            .info, .setting, name, "\(name) is off",
            others.isEmpty ? [] : [Figure("have_their_own", others.prefix(20).joined(separator: ", "))],
            remedies: name.hasPrefix("idle") ? [changing(name, to: value, bare: bare, on: surroundings)] : [],
            notes: name.hasPrefix("idle")
              ? ["an application that means to wait in a transaction gets an error"]
              : [
                "for each role by what it does: ALTER ROLE … SET \(name) = '\(value)'; for all, backups would "
                  + "end too"
              ]))
      } else {
        findings += own.filter { Self.isOff($0.value) }.map { row in
          finding(
            .info, .setting, "\(name) of \(row.place)", "\(name) is lifted for \(row.place)",
            remedies: [Remedy("ALTER \(row.place) RESET \(name);", risk: "holds from the next session on")],
            notes: ["for backups and maintenance it may be meant"])
        }
      }
    }
    if let sender = settings["wal_sender_timeout"], Self.isOff(sender.standing) {
      findings.append(
        finding(
          .info, .setting, sender.name, "wal_sender_timeout is off: a standby that is gone is never noticed",
          remedies: [changing(sender.name, to: "1min", bare: "60000", on: surroundings)]))
    }
    return findings
  }
}
