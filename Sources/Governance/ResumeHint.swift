// What to say under rows that are not all.

package import Database

extension StreamedRows {
  /// How to see the rest; nil when these are all rows.
  package var resumeHint: String? {
    switch truncation {
    case nil: nil
    case .rows:
      "These are the first \(rowCount) rows. For the next ones add ORDER BY a unique key and OFFSET \(rowCount), or ask for"
        + " keys greater than the last one."
    case .bytes where rowCount == 0:
      "The first row alone exceeds the limit of bytes. Select fewer columns, or parts of them with substr()."
    case .bytes:
      "These are the first \(rowCount) rows: more would exceed the limit of bytes. Select fewer columns, or add ORDER BY a"
        + " unique key and OFFSET \(rowCount)."
    }
  }
}
