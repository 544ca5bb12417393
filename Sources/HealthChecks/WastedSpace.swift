// How much of a relation is empty, and from where that is worth saying: one rule for tables, indexes and TOAST.

struct WastedSpace {
  let bytes: Double
  let percent: Double
  let severity: Severity
  /// As figures have it.
  var counted: Int64 { Int64(max(0, min(bytes, 1e18))) }

  /// - Parameter needed: pages that the rows would take.
  /// - Returns: nil below `bloat-bytes` or `bloat-percent`.
  init?(of pages: Int64, needed: Double, blockSize: Double, _ limits: Limits) {
    bytes = (Double(pages) - needed) * blockSize
    percent = bytes * 100 / max(1, Double(pages) * blockSize)
    guard bytes >= limits["bloat-bytes"], percent >= limits["bloat-percent"] else { return nil }
    severity = bytes >= limits["bloat-warning-bytes"] && percent >= 50 ? .warning : .notice
  }
}
