// A check-up as JUnit XML: a check is a test case, and what is a warning or worse a failure.

import HealthChecks

extension HealthReport {
  package var junit: String {
    let failures = result.outcomes.count { outcome in failing(outcome).isEmpty == false }
    let skipped = result.outcomes.count { $0.status != .lookedAt }
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      "<testsuite name=\"pgadvisor health\" tests=\"\(result.outcomes.count)\" failures=\"\(failures)\" "
        + "skipped=\"\(skipped)\">",
    ]
    for outcome in result.outcomes {
      let name = "  <testcase classname=\"health.\(outcome.about.group.rawValue)\" name=\"\(Self.xml(outcome.id))\" "
      let opening = name + "time=\"\((outcome.milliseconds.rounded() / 1_000))\""
      switch outcome.status {
      case .notLookedAt(let reason), .notApplicable(let reason):
        lines += [opening + ">", "    <skipped message=\"\(Self.xml(reason))\"/>", "  </testcase>"]
      case .lookedAt:
        let found = failing(outcome)
        let omitted = outcome.omissions.map { "not looked at: \($0)" }.joined(separator: "\n")
        let note = omitted.isEmpty ? [] : ["    <system-out>\(Self.xml(omitted))</system-out>"]
        guard !found.isEmpty || !note.isEmpty else {
          lines.append(opening + "/>")
          continue
        }
        lines.append(opening + ">")
        guard !found.isEmpty else {
          lines += note + ["  </testcase>"]
          continue
        }
        let text = found.map { "\($0.severity.rawValue): \($0.seen)" }.joined(separator: "\n")
        lines +=
          [
            "    <failure message=\"\(Self.xml(found[0].seen))\" type=\"\(found[0].severity.rawValue)\">"
              + "\(Self.xml(text))</failure>"
          ] + note + ["  </testcase>"]
      }
    }
    return lines.joined(separator: "\n") + "\n</testsuite>\n"
  }

  private func failing(_ outcome: CheckOutcome) -> [Finding] {
    findings.filter { finding in
      finding.check == outcome.id && finding.severity >= .warning && (comparison == nil || change(of: finding) != nil)
    }
  }

  /// XML 1.0 has no control characters but three, not even escaped.
  static func xml(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { safe, scalar in
      switch scalar {
      case "&": safe += "&amp;"
      case "<": safe += "&lt;"
      case ">": safe += "&gt;"
      case "\"": safe += "&quot;"
      case "'": safe += "&#39;"
      case "\n": safe += "&#10;"
      case "\t": safe += "&#9;"
      case "\r": safe += "&#13;"
      case let scalar where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff: safe += "\u{fffd}"
      default: safe.unicodeScalars.append(scalar)
      }
    }
  }
}
