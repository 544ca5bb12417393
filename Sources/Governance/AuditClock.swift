// The time of an audit record.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// RFC 3339 in UTC with microseconds.
struct AuditClock: Sendable {
  func now() -> String {
    let time = Self.time()
    return Self.text(seconds: Int(time.tv_sec), microseconds: Int(time.tv_nsec) / 1_000)
  }

  /// Since 1970.
  static func seconds() -> Int { Int(time().tv_sec) }

  private static func time() -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time
  }

  /// By Howard Hinnant's `civil_from_days`: http://howardhinnant.github.io/date_algorithms.html
  static func text(seconds: Int, microseconds: Int) -> String {
    let days = Int((Double(seconds) / 86_400).rounded(.down))
    let ofDay = seconds - days * 86_400
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func padded(_ number: Int, _ width: Int = 2) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month))-\(padded(day))T\(padded(ofDay / 3_600)):\(padded(ofDay / 60 % 60)):"
      + "\(padded(ofDay % 60)).\(padded(microseconds, 6))Z"
  }
}
