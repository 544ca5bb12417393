// The name somebody may have meant.

/// The nearest of `names`, when it is near enough to be a misspelling.
func nearestName(to name: String, among names: [String]) -> String? {
  let wanted = Array(name.lowercased().utf8.prefix(64))
  let distances = names.map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8.prefix(64)))) }
  guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
  // Of a short name little is left to recognise.
  return best.distance <= (wanted.count <= 3 ? 1 : max(2, wanted.count / 3)) ? best.name : nil
}

/// Levenshtein's, row by row, where two letters that have changed places are one mistake.
private func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var before: [Int] = []
  var row = Array(0...right.count)
  for (line, byte) in left.enumerated() {
    var next = [line + 1]
    next.reserveCapacity(row.count)
    for (column, other) in right.enumerated() {
      var least = min(row[column + 1] + 1, next[column] + 1, row[column] + (byte == other ? 0 : 1))
      if line > 0, column > 0, byte == right[column - 1], left[line - 1] == other {
        least = min(least, before[column - 1] + 1)
      }
      next.append(least)
    }
    before = row
    row = next
  }
  return row[right.count]
}
