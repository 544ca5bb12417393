// What was done a moment ago, counted: not every version does so at once.

private func countsAtOnce() async throws -> Bool {
  let version = try await onOwnThread { try ScratchCluster.shared().run("SHOW server_version_num") }
  return (Int(version.prefix { $0.isNumber }) ?? 0) >= 150_000
}

/// Before PostgreSQL 15 statistics come by way of a collector, which takes its time.
package func settleStatistics() async throws {
  if try await !countsAtOnce() { try await Task.sleep(for: .milliseconds(1_200)) }
}

/// Where statistics come late they come with a beginning, and so with rates that change from one report to the next: none
/// are left after this.
/// - Parameter url: of a scratch database.
package func forgetLateStatistics(at url: String) async throws {
  guard try await !countsAtOnce() else { return }
  try await settleStatistics()
  let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
  _ = try await onOwnThread { try ScratchCluster.shared().run("SELECT pg_stat_reset()", in: database) }
  try await settleStatistics()
}
