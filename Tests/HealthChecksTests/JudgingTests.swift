// Judging alone, where a live server cannot be brought into the state: lag of minutes, releases that are not installed.

import Database
import JSON
import Support
import Testing

@testable import HealthChecks

@Suite struct JudgingTests {
  private let surroundings = Surroundings(server: ServerInfo(versionNumber: 150_010, database: "shop"))

  /// Planted in `NetworkFaultTests`, where the machine has an address in a network.
  @Test func connectionsWithoutTLS() {
    let check = UnencryptedConnections()
    let rows = [UnencryptedConnections.Row(role: "app", connections: 3, serverHasTLS: true)]
    let found = check.judge(rows, surroundings, Limits())
    #expect(found.map(\.fingerprint) == ["unencrypted-connections/app"])
    #expect(found[0].remedies.isEmpty && found[0].notes.contains { $0.contains("hostssl") })
    #expect(check.judge([], surroundings, Limits()).isEmpty)
  }

  @Test func lagIsJudgedByTimeAndBytesTogether() {
    let check = ReplicaLag()
    func judged(_ seconds: Double?, _ bytes: Int64?, receivers: Int64 = 1) -> [Severity] {
      let row = ReplicaLag.Row(
        seconds: seconds, bytes: bytes, isPaused: false, receivers: receivers, streams: true, delay: "0")
      return check.judge([row], surroundings, Limits()).map(\.severity)
    }
    #expect(judged(40, 1_000) == [.warning])
    #expect(judged(400, 1_000) == [.critical])
    // An idle primary: time passes, and nothing is missing.
    #expect(judged(4_000, 0).isEmpty)
    #expect(judged(nil, nil).isEmpty)
    #expect(judged(5, 1_000).isEmpty)
    // Received equal to replayed, since nobody receives.
    #expect(judged(4_000, 0, receivers: 0) == [.critical])
  }

  @Test func standbysAreJudgedByWAL() {
    func judged(_ bytes: Int64?) -> [Severity] {
      let row = StandbyLag.Row(
        name: "replica at 10.0.0.2", state: "streaming", bytes: bytes, lacksSynchronous: false, waiting: 0)
      return StandbyLag().judge([row], surroundings, Limits()).map(\.severity)
    }
    #expect(judged(1 << 20).isEmpty && judged(nil).isEmpty)
    #expect(judged(200 << 20) == [.warning])
    #expect(judged(2 << 30) == [.critical])
  }

  @Test func slotsAreJudgedByStateAndWAL() {
    func judged(_ status: String?, active: Bool, _ bytes: Int64?) -> [Severity] {
      let row = ReplicationSlots.Row(name: "s", kind: "logical", isActive: active, bytes: bytes, status: status)
      return ReplicationSlots().judge([row], surroundings, Limits()).map(\.severity)
    }
    #expect(judged("reserved", active: true, 1_000).isEmpty)
    #expect(judged("reserved", active: false, 1_000) == [.notice])
    #expect(judged("extended", active: false, 2 << 30) == [.warning])
    #expect(judged("extended", active: true, 60 << 30) == [.critical])
    #expect(judged("unreserved", active: true, 1_000) == [.warning])
    #expect(judged("lost", active: false, nil) == [.critical])
  }

  /// The end is three million before the last number, and one million on 13.
  @Test func wraparoundCountsFromWhereWritesStop() {
    func judged(_ age: Int64, major: Int) -> (severity: Severity?, left: Int64?) {
      let server = ServerInfo(versionNumber: major * 10_000)
      let row = TransactionIDWraparound.Row(name: "shop", isDatabase: true, isOurs: true, age: age)
      let found = TransactionIDWraparound().judge([row], Surroundings(server: server), Limits()).first
      return (found?.severity, found?.figures.last?.value.integer)
    }
    #expect(judged(200_000_000, major: 15).severity == nil)
    #expect(judged(1_200_000_000, major: 15).severity == .warning)
    #expect(judged(1_700_000_000, major: 15).severity == .critical)
    #expect(judged(2_144_483_647, major: 15).left == 0)
    #expect(judged(2_144_483_647, major: 13).left == 2_000_000)
  }

  /// Not planted: a server has the version that it has.
  @Test func releasesComeToAnEnd() {
    func judged(_ number: Int, on day: String) -> [String] {
      let server = ServerInfo(versionNumber: number)
      let around = Surroundings(server: server, today: day)
      return ServerVersion().judge([.init(number: Int64(number))], around, Limits()).map {
        "\($0.severity.rawValue) \($0.object.name)"
      }
    }
    #expect(judged(150_020, on: "2026-11-29").isEmpty)
    #expect(judged(150_019, on: "2026-11-29") == ["notice minor release of PostgreSQL 15"])
    #expect(judged(150_010, on: "2026-11-29") == ["warning minor release of PostgreSQL 15"])
    #expect(judged(130_023, on: "2026-11-29") == ["warning PostgreSQL 13"])
    #expect(judged(150_099, on: "2027-06-01") == ["notice PostgreSQL 15"])
    #expect(judged(150_099, on: "2027-05-01").isEmpty)
    #expect(judged(150_099, on: "2027-11-12") == ["warning PostgreSQL 15"])
    #expect(judged(150_099, on: "").isEmpty)
    let new = Surroundings(server: ServerInfo(versionNumber: 190_001), today: "2026-11-29")
    #expect(ServerVersion().judge([.init(number: 190_001)], new, Limits()).isEmpty)
    #expect(ServerVersion().omissions([], new).count == 1)
  }

  /// What would take too long on a very large database is left out, and said.
  @Test func whatIsTooDearIsLeftOut() {
    var large = surroundings
    large.relations = 140_000
    let check = MissingForeignKeys()
    guard case .done(let outcome) = check.plan(large, Limits()), case .notLookedAt(let reason) = outcome.status else {
      Issue.record("it is asked")
      return
    }
    #expect(reason.contains("140000 relations"))
    guard case .asks = check.plan(surroundings, Limits()) else {
      Issue.record("it is not asked")
      return
    }
    // A part for each two thousand sequences; up to 2,500 each of them is asked, from there on the vast ones are left alone.
    #expect(SequenceExhaustion().values(surroundings, Limits()) == [["1", "0", "true"]])
    large.sequences = 2_500
    #expect(SequenceExhaustion().values(large, Limits()).map { $0.last } == Array(repeating: "true", count: 2))
    large.sequences = 10_000
    #expect(SequenceExhaustion().values(large, Limits()).map { $0.last } == Array(repeating: "false", count: 5))
    #expect(SequenceExhaustion().omissions([], large).count == 1)
  }

  /// Numbers that no sane server has trap nothing.
  @Test func extremesAreJudged() {
    let row = SequenceExhaustion.Row(
      name: "s", column: nil, table: nil, columnType: nil, type: "bigint", increment: -1, minimum: .min, maximum: .max,
      columnMaximum: nil, last: .min, isReadable: true)
    #expect(SequenceExhaustion().judge([row], surroundings, Limits()).count == 1)
    let table = NeverAnalyzed.Row(table: "t", neverAnalyzed: true, live: .infinity, changed: .max, trigger: .nan)
    #expect(NeverAnalyzed().judge([table], surroundings, Limits()).count == 1)
    let idle = IdleInTransaction.Row(pid: 1, who: "w", role: "", seconds: .infinity, locks: .max)
    #expect(IdleInTransaction().judge([idle], surroundings, Limits()).count == 1)
    let wide = BloatedIndexes.Row(
      number: 1, name: "i", table: "t", pages: .max, tuples: .infinity, width: nil, isNullable: true, distinct: .nan,
      fillFactor: 0,
      deduplicates: true, isExclusion: false, hasAllColumns: true, blockSize: 8_192)
    _ = BloatedIndexes().judge([wide], surroundings, Limits())
  }

  /// docs/health.md is made from the checks themselves.
  @Test func thePageOfChecksIsFresh() {
    var lines = [
      "# The checks of pgadvisor health", "",
      "Made from the checks; `pgadvisor health --explain-check ID` prints the question too. Each is planted on a live",
      "server by the tests, found, cured by its own remedy, and silent on a healthy twin, unless it says otherwise.",
      "",
    ]
    for group in CheckGroup.allCases {
      let members = allChecks.filter { $0.about.group == group }
      if members.isEmpty { continue }
      lines += ["## \(group.rawValue)", ""] + (group.isUsual ? [] : Self.upgrade)
      for check in members {
        lines += [
          "**`\(check.id)`** \(check.isOptIn ? "(only when named) " : "")\(check.about.title). \(check.about.why) "
            + "*\(check.about.rule)*",
          "",
        ]
      }
    }
    lines += ["## Thresholds", "", "| name | default | meaning |", "|---|---|---|"]
    lines += Limits.defaults.map { "| `\($0.name)` | \(whole($0.value)) | \($0.meaning) |" }
    lines +=
      Self.score + [
        "", "## Judged and not planted", "",
        "Lag of minutes in `replica-lag`, and of gigabytes in `standby-lag` and `replication-slots`: judging is "
          + "tested alone.",
        "`server-version` is planted by the server matrix, whose PostgreSQL 13 is past its end; by how many minor "
          + "releases a",
        "server is behind is judged by recorded numbers. `unencrypted-connections` is planted where the machine has "
          + "an address",
        "in a network beside loopback's. `multi-pass-vacuum` foretells passes before PostgreSQL 17 only; one that "
          + "runs is",
        "planted on every version.",
      ] + Self.notChecked
    expectGolden(lines.joined(separator: "\n") + "\n", at: "docs/health.md")
  }

  private static let upgrade = [
    "Runs only when it is named (`--only upgrade`): it tells what an upgrade to a later major release, up to 18, would",
    "meet in this database, and on the server as a whole; today none of it is a fault. With it go `server-version`,",
    "`outdated-extensions`, `collation-mismatch`, `md5-passwords`, `invalid-indexes` and `checksum-failures`.", "",
  ]

  private static let score = [
    "", "## The score", "",
    "A hundred minus what each area costs by its weight: connections and locks 15, vacuum and statistics 20, "
      + "indexes 10,",
    "bloat, memory and schema 10, replication 15, sequences and constraints 10, queries 10, settings and server "
      + "5, security",
    "5. In its area a critical finding costs 40, a warning 12, a notice 4, an info 2, and n of one kind log2(1 + "
      + "n) times as",
    "much, a hundred at most. Any critical finding holds the score at 60, and at 30 where the data or all writes "
      + "are at",
    "stake. An area into which nobody could look is left out, and the share that was looked at stands beside the "
      + "score.",
    "Nothing is decided by it: exit codes go by severities. With the group `upgrade` there is none.",
  ]

  private static let notChecked = [
    "", "## Not checked, and why", "",
    "- How full disks are, files that no table owns, and when a backup was last made: SQL shows none of it.",
    "  `archiver-failing`, `archive-backlog` and `wal-directory` judge what it shows.",
    "- Settings that hang on the machine's memory and processors (`work_mem`, `effective_cache_size`, "
      + "`max_connections`): the",
    "  server does not tell them. `tuning-values` names what is wrong on every machine.",
    "- Latency of reads, writes by backends, evictions, hit rates of SLRUs, sparse pages in the WAL: what is much "
      + "on one",
    "  machine is little on another. `--watch` and `wait-sample` show what sessions wait for.",
    "- Tables that were never vacuumed: those that need it are in `dead-rows`; a table that nobody changes needs none.",
    "- Bytes lost to the order of columns, partitions of uneven size, tables that should be partitioned, "
      + "inheritance: only a new",
    "  design helps, and that begins with its queries.",
    "- Names, types (money, char, json), serial instead of identity: matters of style for a linter.",
    "- Numbers of different values that were sampled wrongly, damage in tables: only reading everything tells.",
    "  `damaged-indexes` does for B-trees when it is named.",
    "- What an upgrade needs of the new server, such as its libraries and settings: `pg_upgrade --check` says it with both",
    "  sets of programs at hand. The group `upgrade` finds what shows on this side, long before.",
    "- Spilled logical decoding, `wal_level` above need, `hot_standby_feedback`: choices with a price on either "
      + "side. Who holds",
    "  back cleaning is in `xmin-horizon`, and cancelled queries are in `replica-conflicts`.",
  ]
}
