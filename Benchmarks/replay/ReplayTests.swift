// PostgreSQL's own regression suite as a test of the gate; `Scripts/replay-regression` prepares what it needs.

import Database
import Foundation
import Testing

struct ReplayTests {
  @Test(.enabled(if: ReplaySettings(ProcessInfo.processInfo.environment) != nil, "see Scripts/replay-regression"))
  func noVerdictIsWrong() async throws {
    let settings = try #require(ReplaySettings(ProcessInfo.processInfo.environment))
    let known = try await Session.open(ConnectionTarget(url: settings.url))
    let server = known.server
    await known.close()
    var replay = try #require(Replay(settings, server: server))
    let only = ProcessInfo.processInfo.environment["REPLAY_FILES"]?.split(separator: " ").map(String.init)
    for name in try only ?? settings.files() { await replay.run(name) }
    let report = replay.report
    print(report.text)
    let details = report.falseRefusals.map(\.line).joined(separator: "\n")
    let failures = report.failures.joined(separator: "\n")
    try details.write(toFile: "\(settings.results)/false-refusals.txt", atomically: true, encoding: .utf8)
    try failures.write(toFile: "\(settings.results)/not-judged.txt", atomically: true, encoding: .utf8)
    #expect(report.wrongAdmissions.isEmpty)
    if only == nil {
      #expect(report.refusedForNothing.count * 100 < report.harmlessOfBuiltIns)
      #expect(report.statements > 30_000)
      #expect(report.failures.count * 1_000 < report.judged)
    }
  }
}
