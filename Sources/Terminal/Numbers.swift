// Figures for people, without Foundation and the same on every machine.

/// Thousands set apart by commas: `1,234,567`.
package func formatCount(_ value: Int64) -> String {
  let digits = Array(String(value.magnitude))
  var text = ""
  for (position, digit) in digits.enumerated() {
    if position > 0 && (digits.count - position) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return (value < 0 ? "-" : "") + text
}

/// Rounded to a whole number; powers of ten from a quadrillion, where digits say nothing any more: `1e+21`. The planner's
/// estimates go up to 1e100 rows. `-` for what is no number.
package func formatCount(rounding value: Double) -> String {
  guard value.isFinite else { return "-" }
  return value.magnitude < 1e15 ? formatCount(Int64(value.rounded())) : powerOfTen(value)
}

/// A fixed number of decimals, rounded half away from zero; powers of ten where the figure is too large for them; `-` for
/// what is no number.
package func formatDecimal(_ value: Double, places: Int) -> String {
  guard value.isFinite else { return "-" }
  var scale = 1.0
  for _ in 0..<max(0, places) { scale *= 10 }
  // Beyond 1e15 neighbouring doubles are an eighth apart, and the product must fit 64 bits.
  guard value.magnitude < 1e15, value.magnitude * scale < 9e18, scale < 9e18 else { return powerOfTen(value) }
  let scaled = Int64((value.magnitude * scale).rounded())
  let (whole, fraction) = scaled.quotientAndRemainder(dividingBy: Int64(scale))
  let sign = value < 0 && scaled != 0 ? "-" : ""
  guard places > 0 else { return sign + String(whole) }
  let digits = String(fraction)
  return "\(sign)\(whole).\(String(repeating: "0", count: places - digits.count))\(digits)"
}

/// Three significant digits: `1.23e+21`.
private func powerOfTen(_ value: Double) -> String {
  var exponent = 0
  var mantissa = value.magnitude
  while mantissa >= 9.995 {
    mantissa /= 10
    exponent += 1
  }
  let digits = Int64((mantissa * 100).rounded())
  let (whole, fraction) = digits.quotientAndRemainder(dividingBy: 100)
  let shown = fraction % 10 == 0 ? "\(fraction / 10)" : "\(fraction < 10 ? "0" : "")\(fraction)"
  let decimals = fraction == 0 ? "" : ".\(shown)"
  return "\(value < 0 ? "-" : "")\(whole)\(decimals)e+\(exponent)"
}

/// `1.2 kB`, with 1 kB = 1,024 bytes as in pg_size_pretty.
package func formatBytes(_ bytes: Int64) -> String {
  var value = Double(bytes.magnitude)
  guard value >= 1_024 else { return "\(bytes) bytes" }
  var unit = "bytes"
  for next in ["kB", "MB", "GB", "TB", "PB"] {
    guard value >= 1_023.5 else { break }
    value /= 1_024
    unit = next
  }
  return "\(bytes < 0 ? "-" : "")\(formatDecimal(value, places: value < 9.95 ? 1 : 0)) \(unit)"
}

/// A fraction as a percentage: `12 %`, `1.4 %`, `< 0.1 %`.
package func formatPercent(_ fraction: Double) -> String {
  let percent = fraction * 100
  if percent > 0 && percent < 0.1 { return "< 0.1 %" }
  let places = percent.magnitude >= 9.95 || percent == 0 ? 0 : 1
  return "\(formatDecimal(percent, places: places)) %"
}

/// `0.12 ms`, `340 ms`, `12.3 s`, `4 min 10 s`, `3 h 5 min`; `-` for what is no number. Each limit is where rounding
/// would reach the next form.
package func formatDuration(milliseconds: Double) -> String {
  guard milliseconds.isFinite else { return "-" }
  if milliseconds < 9.995 { return "\(formatDecimal(milliseconds, places: 2)) ms" }
  if milliseconds < 999.5 { return "\(formatDecimal(milliseconds, places: 0)) ms" }
  let seconds = milliseconds / 1_000
  if seconds < 99.95 { return "\(formatDecimal(seconds, places: 1)) s" }
  guard seconds < 1e15 else { return "\(powerOfTen(seconds / 3_600)) h" }
  let whole = Int64(seconds.rounded())
  if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(formatCount(whole / 3_600)) h \(whole % 3_600 / 60) min"
}
