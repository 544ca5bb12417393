// One look at a server in trouble, drawn for a terminal of any size.

package import Database
package import HealthChecks
package import Terminal

/// Draws incidents. Pure.
package struct IncidentText: Sendable {
  package var server: ServerInfo
  package var width: Int
  /// nil: as long as it gets.
  package var height: Int?
  package var style: Style

  package init(server: ServerInfo, width: Int, height: Int?, style: Style) {
    self.server = server
    self.width = width
    self.height = height
    self.style = style
  }

  /// At most `height` lines of at most `width` columns. What is most urgent has its place first.
  package func lines(_ incident: Incident) -> [String] {
    let version = server.versionText.split(separator: " ").first.map(String.init) ?? "\(server.majorVersion)"
    var lines = [
      style.bold(fit("\(server.database) on PostgreSQL \(version), \(incident.time)")), "",
    ]
    lines += section("Connections", incident.connections, connections)
    let room = height.map { max(12, $0 - lines.count - 3) } ?? 120
    let replication = section("Replication", incident.replication) { links($0, atMost: max(2, room / 5)) }
    let locks = section("Locks", incident.locks) { tree($0, atMost: max(4, (room - replication.count) / 2)) }
    lines += locks
    let left = height.map { max(3, $0 - lines.count - replication.count - 4) } ?? 40
    lines += section("Running longest", incident.statements) { statements($0, atMost: left) }
    lines += replication
    if lines.last == "" { lines.removeLast() }
    return height.map { Array(lines.prefix(max(1, $0))) } ?? lines
  }

  private func section<Value>(
    _ title: String, _ part: Incident.Part<Value>, _ draw: (Value) -> [String]
  ) -> [String] {
    switch part {
    case .seen(let value): [style.bold(title)] + draw(value) + [""]
    case .notLookedAt(let reason): [style.bold(title), style.yellow(fit("  not looked at: \(reason)")), ""]
    }
  }

  private func fit(_ text: String) -> String {
    let flat = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let margin = String(text.prefix { $0 == " " })
    return elided(margin + escaped(flat), to: max(1, width))
  }

  private func connections(_ counts: ConnectionCounts) -> [String] {
    let share = counts.limit > 0 ? Double(counts.all) / Double(counts.limit) : 0
    let room = max(10, min(40, width - 30))
    let filled = Int((min(1, max(0, share)) * Double(room)).rounded())
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: room - filled)
    let color = share >= 0.9 ? style.red : share >= 0.75 ? style.yellow : style.green
    var parts = [
      "\(counts.active) active", "\(counts.waiting) waiting for locks",
      "\(counts.idleInTransaction) idle in transaction",
      "\(counts.idle) idle",
    ]
    if counts.hidden > 0 {
      parts.append("\(counts.hidden) not visible: GRANT pg_monitor TO \(quotedIdentifier(server.user))")
    }
    let oldest = counts.oldestTransaction.map { "oldest transaction \(Self.time($0))" } ?? "no transaction is open"
    return [
      "  \(color(bar)) \(counts.all) of \(counts.limit)", fit("  \(parts.joined(separator: ", "))"), fit("  \(oldest)"),
    ]
  }

  private func tree(_ tree: LockTree, atMost limit: Int) -> [String] {
    guard !tree.nodes.isEmpty else { return ["  nobody waits"] }
    var lines: [String] = []
    for node in tree.nodes { lines += self.node(node) }
    guard lines.count > limit else { return lines }
    return Array(lines.prefix(max(1, limit - 1)))
      + [style.dim(fit("  and more: \(tree.waiting) sessions wait in all"))]
  }

  private func node(_ node: LockTree.Node) -> [String] {
    let holder = node.holder
    let who = holder.who.isEmpty ? "" : " (\(holder.who))"
    let name = holder.pid == 0 ? "a prepared transaction" : "\(holder.pid)"
    guard node.depth == 0 else {
      let also = node.also.isEmpty ? "" : ", also behind \(node.also.map(String.init).joined(separator: ", "))"
      let margin = String(repeating: "   ", count: min(node.depth, 12) - 1)
      return [
        fit(
          "  \(margin)└─ \(name)\(who) waits \(Self.time(holder.seconds)) for \(holder.wants ?? "a lock")\(also): \(holder.text)"
        )
      ]
    }
    if node.isInCycle {
      return [
        style.red(fit("  \(name)\(who) waits for itself in the end: a deadlock, which PostgreSQL ends by itself"))
      ]
    }
    let state = holder.pid == 0 ? "" : ", \(holder.state.isEmpty ? "state not visible" : holder.state)"
    let what = "\(name) holds up \(node.waiting)\(holder.pid == 0 ? "" : who)\(state)"
    var lines = [
      style.red(fit("  \(what), open for \(Self.time(holder.seconds)): \(holder.text)"))
    ]
    switch (holder.pid, holder.state) {
    case (0, _): lines.append(style.green(fit("    > see SELECT gid FROM pg_prepared_xacts; ROLLBACK PREPARED 'gid';")))
    case (_, "active"):
      lines.append(
        style.green(
          fit("    > SELECT pg_cancel_backend(\(holder.pid)); or else SELECT pg_terminate_backend(\(holder.pid));")))
    default: lines.append(style.green(fit("    > SELECT pg_terminate_backend(\(holder.pid));")))
    }
    return lines
  }

  private func statements(_ statements: [RunningStatement], atMost limit: Int) -> [String] {
    guard !statements.isEmpty else { return ["  none"] }
    return statements.prefix(max(1, limit)).map { statement in
      let waits = statement.waits.map { ", waits for \($0)" } ?? ""
      let line = fit(
        "  \(Self.time(statement.seconds)), \(statement.pid) (\(statement.who))\(waits): \(statement.text)")
      return statement.seconds >= 60 ? style.yellow(line) : line
    }
  }

  private func links(_ links: [ReplicationLink], atMost limit: Int) -> [String] {
    guard !links.isEmpty else { return ["  no standby and no slot"] }
    return links.prefix(limit).map { link in
      let bytes = link.bytes.map(formatBytes) ?? "an unknown amount"
      switch link.kind {
      case .standby: return fit("  standby \(link.name), \(link.state), \(bytes) not replayed")
      case .slot: return fit("  slot \(link.name), \(link.state), keeps \(bytes) of WAL")
      case .replica:
        let age = link.seconds.map { ", last transaction \(Self.time($0)) ago" } ?? ""
        return fit("  \(link.name), \(link.state), \(bytes) received and not replayed\(age)")
      }
    }
  }

  private static func time(_ seconds: Double) -> String { formatDuration(milliseconds: max(0, seconds) * 1_000) }
}
