// Dates of exhaustion: from two runs, and from nothing else.

import Advisor
import Database
import HealthChecks
import JSON
import Support
import Terminal
import Testing

@Suite struct ForecastTests {
  /// - Parameter clock: seconds since 1970.
  private func report(_ counters: [MeasuredCounter], at clock: Double, database: String = "shop") -> HealthReport {
    let names = ["public.s", "public.idle"]
    var outcome = CheckOutcome(
      id: "sequence-exhaustion", about: CheckDescription(.sequences, "Ends", why: "Why.", rule: "Rule."),
      status: .lookedAt,
      findings: names.map { name in
        Finding(
          check: "sequence-exhaustion", severity: .warning, object: FoundObject(.sequence, name), seen: "Near.",
          why: "Why.")
      })
    outcome.counters = counters
    var surroundings = Surroundings(server: ServerInfo(versionNumber: 150_010, database: database))
    surroundings.clock = clock
    return HealthReport(Checkup.Result(surroundings: surroundings, outcomes: [outcome]))
  }

  private func sequence(_ name: String, _ value: Int64, of end: Int64 = 1_000) -> MeasuredCounter {
    MeasuredCounter(FoundObject(.sequence, name), value: value, end: end)
  }

  /// 2026-11-29 00:00 UTC.
  private static let now = 1_795_910_400.0

  @Test func theDateComesFromWhatWasUsed() throws {
    let before = report(
      [sequence("public.s", 700), sequence("public.idle", 900), sequence("public.anew", 950)], at: Self.now - 2 * 86_400
    )
    var after = report(
      [
        sequence("public.s", 760), sequence("public.idle", 900), sequence("public.anew", 10), sequence("public.new", 5),
        MeasuredCounter(FoundObject(.database, "shop"), value: 5_000, end: 2_000_000_000),
      ], at: Self.now)
    try after.compare(with: JSONValue(parsing: before.json.text()))
    let forecasts = try #require(after.comparison?.forecasts)
    #expect(forecasts.map(\.object) == [FoundObject(.sequence, "public.s")])
    #expect(forecasts.map(\.perDay) == [30] && forecasts.map(\.daysLeft) == [8])
    #expect(forecasts.map(\.date) == ["2026-12-07"])
    let words = "at 30 a day since the baseline the end comes in 8 days, on 2026-12-07"
    for text in [after.text(style: .plain), after.html, after.markdown] {
      #expect(text.contains(words) || text.contains("2026\\-12\\-07") || text.contains("on 2026-12-07"), "\(text)")
      #expect(!text.contains("public.anew"))
    }
    let notes = after.findings.map { "\($0.object.name): \($0.notes.joined())" }
    #expect(notes.contains("public.s: \(words)"), "\(notes)")
    #expect(notes.contains { $0.hasPrefix("public.idle: when it ends is not known") })
    #expect(after.json["comparison"]?["forecasts"]?[0]?["date"]?.string == "2026-12-07")
  }

  @Test func nothingIsMadeUp() throws {
    let before = report([sequence("public.s", 700)], at: Self.now)
    // Seconds apart; another database; a run of an earlier version.
    var soon = report([sequence("public.s", 760)], at: Self.now + 5)
    try soon.compare(with: JSONValue(parsing: before.json.text()))
    #expect(soon.comparison?.forecasts.isEmpty == true)
    var other = report([sequence("public.s", 760)], at: Self.now + 86_400, database: "other")
    try other.compare(with: JSONValue(parsing: before.json.text()))
    #expect(other.comparison?.forecasts.isEmpty == true)
    var old = report([sequence("public.s", 760)], at: Self.now + 86_400)
    try old.compare(with: ["findings": []])
    #expect(old.comparison?.forecasts.isEmpty == true)
  }
}

@Suite(.needsServer) struct LiveForecastTests {
  /// Two looks at a real sequence, the first put back by a day.
  @Test func aSequenceThatGrows() async throws {
    let schema = "CREATE TABLE t (id smallserial); SELECT setval('t_id_seq', 30000);"
    try await withDatabase(schema: schema) { url in
      let types = ["sequence-exhaustion", "transaction-id-wraparound"]
      var before = try await HealthReport.read(from: ConnectionTarget(url: url), types: types)
      #expect(before.counters.contains { $0.object == FoundObject(.sequence, "public.t_id_seq") && $0.value == 29_999 })
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      #expect(before.counters.contains { $0.object.kind == .database && $0.object.name == database })
      before.result.surroundings.clock -= 86_400
      _ = try await onOwnThread { try ScratchCluster.shared().run("SELECT setval('t_id_seq', 32000)", in: database) }
      var after = try await HealthReport.read(from: ConnectionTarget(url: url), types: types)
      try after.compare(with: before.json)
      let forecast = try #require(after.comparison?.forecasts.first)
      #expect(forecast.object.name == "public.t_id_seq")
      #expect(abs(forecast.perDay - 2_000) < 10 && abs(forecast.daysLeft - 767.0 / 2_000) < 0.01, "\(forecast)")
    }
  }
}
