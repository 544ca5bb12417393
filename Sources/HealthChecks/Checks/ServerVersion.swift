// Releases that get no more fixes, and fixes that were not taken.

import Database

struct ServerVersion: HealthCheck {
  let id = "server-version"
  let about = CheckDescription(
    .server, "Version of the server", why: "Known faults, some of which lose data or let people in, stay as they are.",
    rule: "Past the end of its support: warning; less than end-of-life-days before it: notice; three or more minor "
      + "releases behind what was known in November 2026: warning; behind: notice.")

  struct Row: Decodable, Sendable {
    let number: Int64
  }

  /// https://www.postgresql.org/support/versioning/, and the newest minor releases as of 2026-11.
  private static let releases: [(major: Int, end: String, minor: Int)] = [
    (13, "2025-11-13", 23), (14, "2026-11-12", 23), (15, "2027-11-11", 20), (16, "2028-11-09", 14),
    (17, "2029-11-08", 11), (18, "2030-11-14", 6),
  ]

  func question(for server: ServerInfo) -> SQL? {
    "SELECT current_setting('server_version_num')::bigint AS \"number\""
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    guard let row = rows.first, let release = release(surroundings) else { return [] }
    let minor = Int(row.number % 10_000)
    var found: [Finding] = []
    if let left = days(from: surroundings.today, to: release.end), Double(left) <= limits["end-of-life-days"] {
      found.append(
        finding(
          left < 0 ? .warning : .notice, .server, "PostgreSQL \(release.major)",
          left < 0
            ? "PostgreSQL \(release.major) has had no fixes since \(release.end)"
            : "PostgreSQL \(release.major) gets fixes until \(release.end)",
          [Figure("days_left", Int64(left))], notes: ["plan the change to a newer major version"]))
    }
    if minor < release.minor {
      found.append(
        finding(
          release.minor - minor >= 3 ? .warning : .notice, .server, "minor release of PostgreSQL \(release.major)",
          "the server is \(release.major).\(minor), and \(release.major).\(release.minor) is there",
          [Figure("behind", Int64(release.minor - minor))],
          notes: ["a minor release needs new programs and a restart, and no change of the data"]))
    }
    return found
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    guard release(surroundings) == nil else { return [] }
    return ["PostgreSQL \(surroundings.server.majorVersion) was not known when this was written"]
  }

  private func release(_ surroundings: Surroundings) -> (major: Int, end: String, minor: Int)? {
    Self.releases.first { $0.major == surroundings.server.majorVersion }
  }

  /// nil where one of them is no date.
  private func days(from start: String, to end: String) -> Int? {
    guard let first = Self.dayNumber(start), let last = Self.dayNumber(end) else { return nil }
    return last - first
  }

  /// Days since 1 March of the year 0, by the Gregorian calendar.
  private static func dayNumber(_ text: String) -> Int? {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3, (1...12).contains(parts[1]), (0...9_999).contains(parts[0]) else { return nil }
    let (year, month) = parts[1] > 2 ? (parts[0], parts[1] - 3) : (parts[0] - 1, parts[1] + 9)
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + parts[2]
  }
}
