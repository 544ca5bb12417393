// A posture as JSON, the same bytes for the same facts.

import Database
package import JSON

extension Posture {
  package var json: JSONValue {
    [
      "role": .string(role), "database": .string(database), "grade": .string(grade.rawValue),
      "meaning": .string(grade.meaning),
      "findings": .array(
        findings.map { finding in
          [
            "id": .string(finding.id), "severity": .string(finding.severity.rawValue),
            "grade": .string(finding.grade.rawValue), "seen": .string(finding.seen), "why": .string(finding.why),
            "remedy": .array(finding.remedy.map { .string($0) }),
          ]
        }),
      "not_looked_at": .array(
        unseen.map { ["topic": .string($0.topic), "reason": .string($0.reason)] }),
      "cure": .array(cure.map { .string($0) }),
    ]
  }
}
