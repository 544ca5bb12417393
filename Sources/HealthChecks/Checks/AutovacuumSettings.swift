// Settings by which autovacuum comes too seldom, too late or too slowly.

import Database

struct AutovacuumSettings: HealthCheck {
  let id = "autovacuum-settings"
  let about = CheckDescription(
    .settings, "Settings of autovacuum",
    why: "What is cleaned too late is bloat by then, and the last call is "
      + "wraparound.",
    rule: "autovacuum_freeze_max_age above 800 million: warning; autovacuum_naptime above five minutes, more "
      + "workers than "
      + "three at the default cost limit, which they share, or a scale factor of a fifth or more beside tables of "
      + "vast-rows rows that have none of their own: info.",
    judgesSettings: true)

  func question(for server: ServerInfo) -> SQL? { TableSize.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { TableSize.questions(surroundings) }
  func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]] { TableSize.values(limits) }

  func judge(_ rows: [TableSize], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    func number(_ name: String) -> Double? { surroundings.settings[name]?.standing.flatMap(Double.init) }
    var findings: [Finding] = []
    if let age = number("autovacuum_freeze_max_age"), age > 800_000_000 {
      findings.append(
        finding(
          .warning, .setting, "autovacuum_freeze_max_age",
          "autovacuum freezes old rows only from \(whole(age)) "
            + "transactions",
          [Figure("age", age, .transactions)],
          remedies: [changing("autovacuum_freeze_max_age", to: "500000000", on: surroundings, restarts: true)],
          notes: ["at two thousand million nothing can be written any more, and freezing a large table takes days"]))
    }
    if let pause = number("autovacuum_naptime"), pause > 300 {
      findings.append(
        finding(
          .info, .setting, "autovacuum_naptime", "autovacuum looks at a database only every \(whole(pause)) s",
          [Figure("pause", pause, .seconds)],
          remedies: [changing("autovacuum_naptime", to: "1min", bare: "60", on: surroundings)]))
    }
    let limit = number("autovacuum_vacuum_cost_limit").flatMap { $0 < 0 ? number("vacuum_cost_limit") : $0 }
    if let workers = number("autovacuum_max_workers"), workers > 3, let limit, limit <= 200,
      (number("autovacuum_vacuum_cost_delay") ?? 0) != 0
    {
      findings.append(
        finding(
          .info, .setting, "autovacuum_vacuum_cost_limit",
          "\(whole(workers)) workers of autovacuum share a cost limit of \(whole(limit))",
          [Figure("workers", workers, .count), Figure("cost_limit", limit, .count)],
          remedies: [changing("autovacuum_vacuum_cost_limit", to: "2000", on: surroundings)],
          notes: ["more workers alone make each of them slower"]))
    }
    let vast = rows.filter { $0.tuples >= limits["vast-rows"] && !$0.hasOwnVacuum }.sorted { $0.tuples > $1.tuples }
    // From 18 a table of any size is vacuumed from autovacuum_vacuum_max_threshold dead rows on.
    if let factor = number("autovacuum_vacuum_scale_factor"), factor >= 0.2, let first = vast.first,
      surroundings.server.majorVersion < 18
    {
      let table = first.table
      findings.append(
        finding(
          .info, .setting, "autovacuum_vacuum_scale_factor",
          "autovacuum waits until \(whole(factor * 100)) % of a table's rows are dead, of \(table) those are "
            + "\(whole(first.tuples * factor))",
          [Figure("scale_factor", factor, .count), Figure("tables", Int64(vast.count)), Figure("largest", table)],
          remedies: vast.prefix(3).map {
            Remedy("ALTER TABLE \($0.table) SET (autovacuum_vacuum_scale_factor = 0.01);", .shareUpdateExclusive)
          }))
    }
    return findings
  }

  func omissions(_ rows: [TableSize], _ surroundings: Surroundings) -> [String] { surroundings.hiddenColumns }
}
