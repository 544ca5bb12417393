// How much of a relation is empty, and from where that is worth saying: one rule for tables, indexes and TOAST.

import Database

struct WastedSpace {
  let bytes: Double
  let percent: Double
  let severity: Severity
  /// As figures have it.
  var counted: Int64 { Int64(max(0, min(bytes, 1e18))) }

  /// Of each check, those that `--exact` reads: the pages that VACUUM has not seen, or all of an index.
  static let mostMeasured = 3

  /// - Parameter needed: pages that the rows would take.
  /// - Returns: nil below `bloat-bytes` or `bloat-percent`.
  init?(of pages: Int64, needed: Double, blockSize: Double, _ limits: Limits) {
    bytes = (Double(pages) - needed) * blockSize
    percent = bytes * 100 / max(1, Double(pages) * blockSize)
    guard bytes >= limits["bloat-bytes"], percent >= limits["bloat-percent"] else { return nil }
    severity = bytes >= limits["bloat-warning-bytes"] && percent >= 50 ? .warning : .notice
  }
}

extension Surroundings {
  /// Why nothing was measured although somebody has asked for it.
  var unmeasured: [String] {
    guard isExact else { return [] }
    if measuringSchema == nil {
      return [
        "pgstattuple is not installed in this database: CREATE EXTENSION "
          + "pgstattuple;"
      ]
    }
    if mayMeasure { return [] }
    return [
      "role \(server.user) may not run pgstattuple: GRANT pg_stat_scan_tables TO \(quotedIdentifier(server.user));"
    ]
  }
}
