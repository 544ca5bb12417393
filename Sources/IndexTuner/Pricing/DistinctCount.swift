// What a count of different values in a sample says of the whole, where rows fall on values by chance.

/// ANALYZE extrapolates as if every value had as many rows as the next (`compute_scalar_stats`). Where they spread around
/// the mean, as rows spread over customers, that is too few by up to a quarter: values with few rows are missed more often.
/// https://www.postgresql.org/docs/current/view-pg-stats.html
struct DistinctCount {
  /// All rows that have a value, and those that were looked at.
  var rows: Double
  var sampled: Double
  /// Of the values that are known one by one: how many, and their share of the rows.
  var common = 0.0
  var commonShare = 0.0

  /// How many values there are, where the extrapolation has come to `estimate`.
  func corrected(_ estimate: Double) -> Double {
    let others = estimate - common
    guard sampled < rows, sampled > 0, others > 1, estimate < rows, commonShare < 0.95 else { return estimate }
    var low = logarithm(others) - 0.7
    var high = logarithm(rows) + 12
    guard extrapolated(exponential(high)) > estimate else { return estimate }
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if extrapolated(exponential(middle)) < estimate { low = middle } else { high = middle }
    }
    let values = exponential((low + high) / 2)
    let own = rows * (1 - commonShare)
    return min(rows, common + values * chance(ofAny: own / values))
  }

  /// What the extrapolation makes of so many values that a row could have: Haas and Stokes, "Estimating the Number of
  /// Classes in a Finite Population", JASA 93 (1998).
  private func extrapolated(_ values: Double) -> Double {
    let own = sampled * (1 - commonShare)
    let rate = own / values
    let seen = common + values * chance(ofAny: rate)
    let once = own * exponential(-rate)
    return sampled * seen / (sampled - once + once * sampled / rows)
  }
}
