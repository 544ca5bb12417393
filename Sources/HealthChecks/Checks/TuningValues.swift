// The settings that people tune first, as they are: nothing is judged that needs the machine's memory.

import Database

struct TuningValues: HealthCheck {
  let id = "tuning-values"
  let about = CheckDescription(
    .settings, "Settings that are usually tuned", why: "PostgreSQL's defaults are made to start on any machine.",
    rule:
      "shared_buffers at its default of 128 MB beside a database of more than large-bytes: notice; random_page_cost at 4, "
      + "a setting for spinning disks: info.",
    judgesSettings: true)

  func question(for server: ServerInfo) -> SQL? { sizesQuestion }

  func judge(_ rows: [SizeRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let bytes = rows.first { $0.table == nil }?.bytes ?? 0
    guard Double(bytes) > limits["large-bytes"] else { return [] }
    return ["random_page_cost", "shared_buffers"].compactMap { surroundings.settings[$0] }.filter { setting in
      let pages = Double(setting.value ?? "") ?? 0
      return setting.name == "random_page_cost"
        ? pages == 4 : pages * Double(surroundings.server.blockSize) <= 134_217_728
    }.map { setting in
      let value = setting.shown ?? setting.value ?? ""
      let figures = [Figure("value", value), Figure("database_bytes", bytes, .bytes)]
      if setting.name == "shared_buffers" {
        return finding(
          .notice, .setting, setting.name,
          "shared_buffers is \(value), and the database has \(size(bytes))",
          figures, notes: ["a quarter of the machine's memory is a usual beginning; it needs a restart"])
      }
      return finding(
        .info, .setting, setting.name, "random_page_cost is \(value), which is meant for spinning disks", figures,
        remedies: [changing("random_page_cost", to: "1.1", on: surroundings)],
        notes: ["on solid state disks 1.1 is usual: plans change, towards indexes"])
    }
  }
}
