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

/// A fixed number of decimals, rounded half away from zero; `-` for what is no number.
package func formatDecimal(_ value: Double, places: Int) -> String {
  guard value.isFinite, value.magnitude < 1e15 else { return value.isFinite ? "\(value)" : "-" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = Int64((value.magnitude * scale).rounded())
  let (whole, fraction) = scaled.quotientAndRemainder(dividingBy: Int64(scale))
  let sign = value < 0 && scaled != 0 ? "-" : ""
  guard places > 0 else { return sign + String(whole) }
  let digits = String(fraction)
  return "\(sign)\(whole).\(String(repeating: "0", count: places - digits.count))\(digits)"
}

/// `1.2 kB`, with 1 kB = 1,024 bytes as in pg_size_pretty.
package func formatBytes(_ bytes: Int64) -> String {
  var value = Double(bytes.magnitude)
  guard value >= 1_024 else { return "\(bytes) bytes" }
  var unit = "bytes"
  for next in ["kB", "MB", "GB", "TB", "PB"] {
    guard value >= 1_023.95 else { break }
    value /= 1_024
    unit = next
  }
  return "\(bytes < 0 ? "-" : "")\(formatDecimal(value, places: value < 10 ? 1 : 0)) \(unit)"
}

/// A fraction as a percentage: `12 %`, `1.4 %`, `< 0.1 %`.
package func formatPercent(_ fraction: Double) -> String {
  let percent = fraction * 100
  if percent > 0 && percent < 0.1 { return "< 0.1 %" }
  let places = percent.magnitude >= 10 || percent == 0 ? 0 : 1
  return "\(formatDecimal(percent, places: places)) %"
}

/// `0.12 ms`, `340 ms`, `12.3 s`, `4 min 10 s`, `3 h 5 min`.
package func formatDuration(milliseconds: Double) -> String {
  if milliseconds < 10 { return "\(formatDecimal(milliseconds, places: 2)) ms" }
  if milliseconds < 1_000 { return "\(formatDecimal(milliseconds, places: 0)) ms" }
  let seconds = milliseconds / 1_000
  if seconds < 100 { return "\(formatDecimal(seconds, places: 1)) s" }
  let whole = Int64(seconds.rounded())
  if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(formatCount(whole / 3_600)) h \(whole % 3_600 / 60) min"
}
