// The name somebody may have meant.

/// The nearest of `names`, when it is near enough to be a misspelling.
func nearestName(to name: String, among names: [String]) -> String? {
  let wanted = Array(name.lowercased().utf8.prefix(64))
  let distances = names.map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8.prefix(64)))) }
  guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance <= max(2, wanted.count / 3) ? best.name : nil
}

/// Levenshtein's, row by row.
private func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var row = Array(0...right.count)
  for (line, byte) in left.enumerated() {
    var diagonal = line
    row[0] = line + 1
    for (column, other) in right.enumerated() {
      let cost = min(row[column] + 1, row[column + 1] + 1, diagonal + (byte == other ? 0 : 1))
      diagonal = row[column + 1]
      row[column + 1] = cost
    }
  }
  return row[right.count]
}
