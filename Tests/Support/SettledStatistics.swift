// What was done a moment ago, counted: not every version does so at once.

/// Before PostgreSQL 15 statistics come by way of a collector, which takes its time.
package func settleStatistics() async throws {
  let version = try await onOwnThread { try ScratchCluster.shared().run("SHOW server_version_num") }
  if (Int(version.prefix { $0.isNumber }) ?? 0) < 150_000 { try await Task.sleep(for: .milliseconds(1_200)) }
}
