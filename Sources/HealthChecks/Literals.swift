// Values in the remedies that are printed for people.

import Database

/// A string literal as PostgreSQL reads it under standard_conforming_strings.
func literal(_ text: String) -> String {
  "'" + doubling("'", in: text) + "'"
}

/// `3 d 4 h`, `12 min`, `40 s`.
func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds.magnitude < 1e15 else { return "a very long time" }
  let whole = Int64(max(0, seconds))
  if whole < 120 { return "\(whole) s" }
  if whole < 7_200 { return "\(whole / 60) min" }
  if whole < 172_800 { return "\(whole / 3_600) h" }
  return "\(whole / 86_400) d"
}

/// `1,234 MB` is for renderers; sentences say it in whole units.
func size(_ bytes: Int64) -> String {
  let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
  var value = Double(bytes.magnitude)
  var unit = 0
  while value >= 1_024 && unit < units.count - 1 {
    value /= 1_024
    unit += 1
  }
  return "\(bytes < 0 ? "-" : "")\(Int64(value.rounded())) \(units[unit])"
}

/// For sentences: no fraction, and no trap on what is no number.
func whole(_ value: Double) -> String {
  value.isFinite && value.magnitude < 1e15 ? String(Int64(value.rounded())) : "very many"
}
