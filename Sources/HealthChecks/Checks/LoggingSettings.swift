// What the server's log is silent about, and what it should not say.

import Database

struct LoggingSettings: HealthCheck {
  let id = "logging-settings"
  let about = CheckDescription(
    .settings, "What the log says",
    why: "After an incident the log is the only witness; one that tells everything slows the server and keeps "
      + "secrets in the open.",
    rule: "Waits for locks, temporary files, checkpoints, autovacuum or slow statements not logged: info, all "
      + "together; "
      + "every statement logged, or each client's name looked up: warning.",
    judgesSettings: true)

  struct Row: Decodable, Sendable { let samples: Bool }

  private static let silent = [
    (name: "log_lock_waits", isOff: "off", value: "on", bare: "1"),
    (name: "log_temp_files", isOff: "-1", value: "10MB", bare: "10240"),
    (name: "log_checkpoints", isOff: "off", value: "on", bare: "1"),
    (name: "log_autovacuum_min_duration", isOff: "-1", value: "1s", bare: "1000"),
    (name: "log_min_duration_statement", isOff: "-1", value: "1s", bare: "1000"),
  ]

  /// auto_explain may log slow statements in the server's place.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT coalesce(nullif(current_setting('auto_explain.log_min_duration', true), '')::text, '-1') <> '-1' AS "samples"
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let settings = surroundings.settings
    func has(_ name: String, _ value: String) -> Bool {
      settings[name].map { $0.standing == value && $0.isForAll } ?? false
    }
    var findings: [Finding] = []
    let loud = [
      ("log_statement", "all", "ddl", "every statement is logged, with the values in it"),
      ("log_min_duration_statement", "0", "1s", "every statement is logged, with the values in it"),
      ("log_hostname", "on", "off", "each connection waits until its client's name is looked up"),
    ]
    for (name, value, better, meaning) in loud where has(name, value) {
      findings.append(
        finding(
          .warning, .setting, name, "\(name) is \(value): \(meaning)",
          remedies: [changing(name, to: better, bare: better == "1s" ? "1000" : nil, on: surroundings)]))
    }
    let samples =
      rows.first?.samples == true || settings["log_min_duration_sample"].map { $0.standing != "-1" } ?? false
    let missing = Self.silent.filter { has($0.name, $0.isOff) && !($0.name == "log_min_duration_statement" && samples) }
    if !missing.isEmpty {
      let names = missing.map(\.name).joined(separator: ", ")
      findings.append(
        finding(
          .info, .setting, "logging", "the log is silent about some of what explains an incident: \(names)",
          [Figure("off", names)],
          remedies: missing.map { changing($0.name, to: $0.value, bare: $0.bare, on: surroundings) },
          notes: [
            "slow statements are logged with their values: on personal data log_parameter_max_length = 0 "
              + "leaves them out"
          ]))
    }
    return findings
  }
}
