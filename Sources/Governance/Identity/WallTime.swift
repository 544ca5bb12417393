// A point in time as people write it: when an agent's access ends.

/// Seconds since 1970 in UTC.
package struct WallTime: Sendable, Hashable, Comparable, CustomStringConvertible {
  package var seconds: Int

  package init(seconds: Int) { self.seconds = seconds }

  package static var now: WallTime { WallTime(seconds: AuditClock.seconds()) }

  /// `2026-12-31`, which is the end of that day in UTC, or RFC 3339: `2026-12-31T18:00:00+01:00`.
  package init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    guard let year = Self.number(4, &rest), Self.take("-", &rest), let month = Self.number(2, &rest),
      Self.take("-", &rest), let day = Self.number(2, &rest), (1...12).contains(month),
      (1...Self.days(in: month, of: year)).contains(day)
    else { return nil }
    seconds = Self.days(year, month, day) * 86_400
    if rest.isEmpty {
      seconds += 86_400
      return
    }
    guard Self.take("T", &rest) || Self.take("t", &rest) || Self.take(" ", &rest), let hour = Self.number(2, &rest),
      Self.take(":", &rest), let minute = Self.number(2, &rest), Self.take(":", &rest),
      let second = Self.number(2, &rest), hour < 24, minute < 60, second < 61
    else { return nil }
    if Self.take(".", &rest) {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty else { return nil }
      rest = rest.dropFirst(digits.count)
    }
    seconds += hour * 3_600 + minute * 60 + second
    if Self.take("Z", &rest) || Self.take("z", &rest) {
      if !rest.isEmpty { return nil }
      return
    }
    let isEast = Self.take("+", &rest)
    guard isEast || Self.take("-", &rest), let hours = Self.number(2, &rest), Self.take(":", &rest),
      let minutes = Self.number(2, &rest), rest.isEmpty, hours < 24, minutes < 60
    else { return nil }
    seconds -= (isEast ? 1 : -1) * (hours * 3_600 + minutes * 60)
  }

  package var description: String {
    String(AuditClock.text(seconds: seconds, microseconds: 0).prefix(19)) + "Z"
  }

  package static func < (left: WallTime, right: WallTime) -> Bool { left.seconds < right.seconds }

  private static func number(_ width: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
    let digits = rest.prefix(width)
    guard digits.count == width, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    rest = rest.dropFirst(width)
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func take(_ mark: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first.map({ UInt32($0) }) == mark.value else { return false }
    rest = rest.dropFirst()
    return true
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Since 1970, by Howard Hinnant's `days_from_civil`: http://howardhinnant.github.io/date_algorithms.html
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = year / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    // Year 0 in January and February belongs to the era before; nobody's access ends there.
    return max(0, era) * 146_097 + dayOfEra - 719_468
  }
}
