// One look drawn: within the terminal, the most urgent first, and steered by nobody's data.

import Advisor
import Database
import HealthChecks
import Terminal
import Testing

@Suite struct IncidentTextTests {
  private let server = ServerInfo(versionNumber: 150_010, versionText: "15.10", database: "shop", user: "watcher")

  private func incident(_ holders: [LockHolder], statements: Int = 3) -> Incident {
    Incident(
      time: "2026-11-29 10:00:00 UTC",
      connections: .seen(
        ConnectionCounts(all: 90, limit: 97, active: 5, waiting: 3, idle: 70, idleInTransaction: 12, hidden: 2)),
      locks: .seen(LockTree(holders)),
      statements: .seen(
        (0..<statements).map {
          RunningStatement(
            pid: 100 + Int64($0), who: "app, shop", seconds: 90, waits: "IO: DataFileRead", text: "SELECT 1")
        }),
      replication: .seen([
        ReplicationLink(kind: .standby, name: "replica at 10.0.0.2", state: "streaming", bytes: 5 << 20),
        ReplicationLink(kind: .slot, name: "old", state: "inactive", bytes: 3 << 30),
      ]))
  }

  private let chain = [
    LockHolder(pid: 11, blockers: [], who: "app, shop", state: "idle in transaction", seconds: 240, text: "UPDATE t"),
    LockHolder(
      pid: 12, blockers: [11], who: "dba", wants: "AccessExclusive lock on public.t", seconds: 60, text: "ALTER TABLE t"
    ),
    LockHolder(pid: 13, blockers: [12], wants: "AccessShare lock on public.t", seconds: 50, text: "SELECT FROM t"),
  ]

  @Test func whoHoldsUpTheOthersIsNamedWithTheWayOut() {
    let text = IncidentText(server: server, width: 120, height: nil, style: .plain).lines(incident(chain))
      .joined(separator: "\n")
    #expect(text.contains("11 holds up 2 (app, shop), idle in transaction, open for 4 min 0 s: UPDATE t"))
    #expect(text.contains("> SELECT pg_terminate_backend(11);") && !text.contains("pg_cancel_backend"))
    #expect(text.contains("\n  └─ 12 (dba) waits 60.0 s for AccessExclusive lock on public.t: ALTER TABLE t"))
    #expect(text.contains("\n     └─ 13 waits"))
    #expect(text.contains("90 of 97") && text.contains("2 not visible: GRANT pg_monitor TO watcher"))
    #expect(text.contains("standby replica at 10.0.0.2, streaming, 5.0 MB not replayed"))
    #expect(text.contains("slot old, inactive, keeps 3.0 GB of WAL"))
  }

  @Test func whatWorksIsCancelledFirst() {
    let holders = [LockHolder(pid: 21, blockers: [], text: "VACUUM FULL t"), LockHolder(pid: 22, blockers: [21])]
    let text = IncidentText(server: server, width: 120, height: nil, style: .plain).lines(incident(holders))
    #expect(text.contains("    > SELECT pg_cancel_backend(21); or else SELECT pg_terminate_backend(21);"))
  }

  @Test(arguments: [(80, 24), (40, 12), (200, 50), (20, 5), (1, 1)])
  func itFits(width: Int, height: Int) {
    let many = chain + (20..<80).map { LockHolder(pid: $0, blockers: [12], text: String(repeating: "x", count: 300)) }
    let lines = IncidentText(server: server, width: width, height: height, style: .plain)
      .lines(incident(many, statements: 20))
    #expect(lines.count <= height)
    // The bar is never shorter than it can be read.
    #expect(lines.allSatisfy { displayWidth($0) <= max(width, 26) }, "\(lines)")
    if height >= 12 { #expect(lines.contains { $0.contains("holds up 62") }) }
  }

  @Test func namesAndStatementsSteerNothing() {
    let holders = [
      LockHolder(pid: 1, blockers: [], who: "a\u{1b}[2Jb\n", state: "active", text: "SELECT '\u{1b}]0;x\u{7}'\n\n;"),
      LockHolder(pid: 2, blockers: [1], wants: "lock on \u{9b}1m"),
    ]
    let lines = IncidentText(server: server, width: 120, height: nil, style: .plain).lines(incident(holders))
    #expect(
      lines.allSatisfy { line in !line.unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) } }
    )
  }

  @Test func whatWasNotLookedAtIsSaid() {
    var blind = incident([])
    blind.locks = .notLookedAt("canceling statement due to statement timeout")
    let text = IncidentText(server: server, width: 120, height: 24, style: .plain).lines(blind).joined(separator: "\n")
    #expect(text.contains("Locks\n  not looked at: canceling statement due to statement timeout"))
  }
}
