// When sequences and transaction IDs run out, by what was used since an earlier run.

import Database
package import HealthChecks
import JSON
import Terminal

/// One counter that will reach its end.
package struct Forecast: Sendable, Equatable {
  package var object: FoundObject
  package var perDay: Double
  package var daysLeft: Double
  /// `2027-04-01`.
  package var date: String
}

extension HealthReport {
  /// Counters of this run, and of which object.
  package var counters: [MeasuredCounter] { result.outcomes.flatMap(\.counters) }

  /// Less than this apart, two runs tell nothing of a day.
  private static let leastSeconds = 60.0
  private static let mostDays = 3_650.0

  /// No rate is made up: one that has not grown, has shrunk or was not counted then gives none.
  func forecasts(since baseline: JSONValue) -> [Forecast] {
    let now = result.surroundings.clock
    guard let then = baseline["taken_at_s"]?.double, now - then >= Self.leastSeconds,
      baseline["server"]?["database"]?.string == result.surroundings.server.database
    else { return [] }
    var before: [String: Int64] = [:]
    for entry in baseline["counters"]?.array ?? [] {
      guard let kind = entry["type"]?.string, let name = entry["name"]?.string, let value = entry["value"]?.integer
      else { continue }
      before["\(kind) \(name)"] = value
    }
    return counters.compactMap { counter -> Forecast? in
      guard let old = before["\(counter.object.kind.rawValue) \(counter.object.name)"], counter.value > old,
        counter.end >= counter.value
      else { return nil }
      let perDay = Double(counter.value - old) / (now - then) * 86_400
      let days = Double(counter.end - counter.value) / perDay
      guard days < Self.mostDays else { return nil }
      return Forecast(object: counter.object, perDay: perDay, daysLeft: days, date: Self.date(now + days * 86_400))
    }.sorted { ($0.daysLeft, $0.object.name) < ($1.daysLeft, $1.object.name) }
  }

  /// Findings about what runs out learn when, and those that do not know it say so.
  mutating func tellForecasts() {
    let forecasts = comparison?.forecasts ?? []
    for place in findings.indices
    where ["sequence-exhaustion", "transaction-id-wraparound"].contains(findings[place].check) {
      guard let forecast = forecasts.first(where: { $0.object == findings[place].object }) else {
        findings[place].notes.append("when it ends is not known: nothing to reckon with was used since the baseline")
        continue
      }
      findings[place].figures += [
        Figure("per_day", forecast.perDay, .count), Figure("days_left", forecast.daysLeft, .count),
      ]
      findings[place].notes.append(Self.sentence(forecast))
    }
  }

  var forecastLines: [String] {
    (comparison?.forecasts ?? []).prefix(20).map { "\($0.object.name): \(Self.sentence($0))" }
  }

  private static func sentence(_ forecast: Forecast) -> String {
    let days = forecast.daysLeft
    let left = days < 2 ? "\(Int64(days * 24)) hours" : "\(Int64(days)) days"
    let rate = forecast.perDay < 1 ? "less than one" : formatCount(Int64(min(forecast.perDay, 9e18)))
    let unit = forecast.object.kind == .database ? " transactions" : ""
    let proviso = forecast.object.kind == .database ? ", unless VACUUM freezes meanwhile" : ""
    return "at \(rate)\(unit) a day since the baseline the end comes in \(left), on \(forecast.date)\(proviso)"
  }

  /// Civil from days since 1970, as years begin in March (https://howardhinnant.github.io/date_algorithms.html).
  static func date(_ seconds: Double) -> String {
    let days = Int(max(0, min(seconds, 1e11)) / 86_400) + 719_468
    let era = days / 146_097
    let day = days - era * 146_097
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let rest = day - (365 * year + year / 4 - year / 100)
    let month = (5 * rest + 2) / 153
    let (civilDay, civilMonth) = (rest - (153 * month + 2) / 5 + 1, month < 10 ? month + 3 : month - 9)
    let civilYear = year + era * 400 + (civilMonth <= 2 ? 1 : 0)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(civilYear)-\(two(civilMonth))-\(two(civilDay))"
  }
}
