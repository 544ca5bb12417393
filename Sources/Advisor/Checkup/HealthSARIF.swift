// A check-up as SARIF 2.1.0, which code scanning services read.

import HealthChecks
package import JSON

extension HealthReport {
  /// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
  package func sarif(version: String) -> JSONValue {
    [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
      "runs": [
        [
          "tool": [
            "driver": [
              "name": "pgadvisor", "version": .string(version),
              "rules": .array(result.outcomes.map(rule)),
            ]
          ],
          "results": .array(shown.map(resultValue)),
          "invocations": [
            [
              "executionSuccessful": true,
              "toolExecutionNotifications": .array(
                notLookedAt.map { omitted in
                  [
                    "level": "note",
                    "message": ["text": .string("not looked at: \(omitted.reason)")],
                    "associatedRule": ["id": .string(omitted.id)],
                  ]
                }),
            ]
          ],
        ]
      ],
    ]
  }

  private func rule(_ outcome: CheckOutcome) -> JSONValue {
    [
      "id": .string(outcome.id), "shortDescription": ["text": .string(outcome.about.title)],
      "fullDescription": ["text": .string(outcome.about.why)], "help": ["text": .string(outcome.about.rule)],
      "properties": ["tags": [.string(outcome.about.group.rawValue)]],
    ]
  }

  private func resultValue(_ finding: Finding) -> JSONValue {
    let level =
      switch finding.severity {
      case .critical: "error"
      case .warning: "warning"
      case .notice, .info: "note"
      }
    let sql = finding.remedies.map(\.sql).joined(separator: "\n")
    var value: JSONObject = [
      "ruleId": .string(finding.check), "level": .string(level),
      "message": ["text": .string(sql.isEmpty ? finding.seen : "\(finding.seen)\n\n\(sql)")],
      "locations": [
        [
          "logicalLocations": [
            [
              "fullyQualifiedName": .string(finding.object.name), "kind": .string(finding.object.kind.rawValue),
            ]
          ]
        ]
      ],
      "partialFingerprints": ["pgadvisor/v1": .string(finding.fingerprint)],
    ]
    if comparison != nil {
      let change = change(of: finding)
      value["baselineState"] = .string(change == "new" ? "new" : change == "worse" ? "updated" : "unchanged")
    }
    return .object(value)
  }
}
