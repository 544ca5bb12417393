// Dates and timestamps as numbers, so that a narrow range can be drawn between two bounds of a histogram.

/// A date or timestamp in PostgreSQL's ISO output form, as microseconds since 1970 without regard to its zone.
struct Moment: Equatable {
  var microseconds: Int64
  /// What follows the time: `+00`, `+05:30`, or nothing.
  private var zone: String
  private var hasTime: Bool

  /// `2024-01-31`, `2024-01-31 23:59:59.123456`, `2024-01-31 23:59:59+00`; nil for anything else (BC, infinity).
  init?(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 1)
    guard let first = parts.first, let days = Self.days(first) else { return nil }
    microseconds = days * 86_400_000_000
    (zone, hasTime) = ("", parts.count == 2)
    guard hasTime else { return }
    let clockEnd = parts[1].firstIndex { $0 == "+" || $0 == "-" } ?? parts[1].endIndex
    zone = String(parts[1][clockEnd...])
    guard !zone.contains(" "), let clock = Self.clock(parts[1][..<clockEnd]) else { return nil }
    microseconds += clock
  }

  private init(microseconds: Int64, zone: String, hasTime: Bool) {
    (self.microseconds, self.zone, self.hasTime) = (microseconds, zone, hasTime)
  }

  /// The moment `fraction` of the way to another.
  func interpolated(to other: Moment, _ fraction: Double) -> Moment {
    let distance = Double(other.microseconds - microseconds) * fraction
    return Moment(microseconds: microseconds + Int64(distance), zone: zone, hasTime: hasTime)
  }

  var text: String {
    let day = microseconds >= 0 ? microseconds / 86_400_000_000 : (microseconds - 86_399_999_999) / 86_400_000_000
    let rest = microseconds - day * 86_400_000_000
    let date = Self.date(ofDay: day)
    guard hasTime else { return date }
    let seconds = rest / 1_000_000
    let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { Self.padded($0, 2) }.joined(separator: ":")
    let fraction = rest % 1_000_000
    return "\(date) \(clock)\(fraction == 0 ? "" : ".\(Self.padded(fraction, 6))")\(zone)"
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Days since 1970-01-01 of the proleptic Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  private static func days(_ text: Substring) -> Int64? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2], (1...12).contains(month),
      (1...31).contains(day), (1...294_276).contains(year)
    else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(ofDay days: Int64) -> String {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  private static func clock(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ":")
    guard parts.count == 3, let hours = Int64(parts[0]), let minutes = Int64(parts[1]), let seconds = Double(parts[2]),
      (0...24).contains(hours), (0...59).contains(minutes), (0..<61).contains(seconds)
    else { return nil }
    return (hours * 3_600 + minutes * 60) * 1_000_000 + Int64((seconds * 1_000_000).rounded())
  }
}
