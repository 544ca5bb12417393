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
    case .bytes:
      "These are the first \(rowCount) rows: more would exceed the limit of bytes. Select fewer columns, or add ORDER BY a"
        + " unique key and OFFSET \(rowCount)."
    }
  }
}
