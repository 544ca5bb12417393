// Settings that risk the data, for the server or for a role or database.

import Database

struct DangerousSettings: HealthCheck {
  let id = "dangerous-settings"
  let about = CheckDescription(
    .settings, "Settings that risk the data", why: "A crash, or nothing at all, may then lose or corrupt data.",
    rule: "fsync, full_page_writes, checks of damage and the like switched off: critical; synchronous_commit or a plan "
      + "type off for everybody: warning.",
    judgesSettings: true)

  /// What each must not be.
  private static let dangers: [(name: String, value: String, safe: String, isCritical: Bool)] = [
    ("fsync", "off", "on", true), ("full_page_writes", "off", "on", true), ("zero_damaged_pages", "on", "off", true),
    ("ignore_checksum_failure", "on", "off", true), ("ignore_invalid_pages", "on", "off", true),
    ("ignore_system_indexes", "on", "off", true), ("allow_system_table_mods", "on", "off", true),
    ("data_sync_retry", "on", "off", true), ("session_replication_role", "replica", "origin", true),
    ("synchronous_commit", "off", "on", false), ("enable_seqscan", "off", "on", false),
    ("enable_indexscan", "off", "on", false), ("enable_bitmapscan", "off", "on", false),
    ("enable_hashjoin", "off", "on", false), ("enable_nestloop", "off", "on", false),
    ("enable_mergejoin", "off", "on", false), ("enable_sort", "off", "on", false),
    ("enable_hashagg", "off", "on", false),
  ]
  /// What a storage of its own answers for.
  private static let storage = ["fsync", "full_page_writes", "data_sync_retry"]

  func question(for server: ServerInfo) -> SQL? { SettingOverride.question }

  func judge(_ rows: [SettingOverride], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let storage = surroundings.platform.hasOwnStorage ? Self.storage : []
    let dangers = Self.dangers.filter { !storage.contains($0.name) }
    let forAll = dangers.compactMap { danger -> Finding? in
      guard let setting = surroundings.settings[danger.name], setting.standing == danger.value, setting.isForAll else {
        return nil
      }
      return finding(
        danger.isCritical ? .critical : .warning, .setting, danger.name, "\(danger.name) is \(danger.value)",
        remedies: [changing(danger.name, to: danger.safe, on: surroundings, restarts: setting.restarts)])
    }
    return forAll
      + rows.filter { row in
        dangers.contains { $0.isCritical && $0.name == row.name && $0.value == row.value }
      }.map { row in
        finding(
          .critical, .setting, "\(row.name) of \(row.place)", "\(row.name) is \(row.value) for \(row.place)",
          remedies: [Remedy("ALTER \(row.place) RESET \(row.name);", risk: "holds from the next session on")])
      }
  }

  func omissions(_ rows: [SettingOverride], _ surroundings: Surroundings) -> [String] {
    guard surroundings.platform.hasOwnStorage else { return [] }
    return ["\(Self.storage.joined(separator: ", ")): \(surroundings.platform.rawValue)'s storage answers for them"]
  }
}
