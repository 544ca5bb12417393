// What /metrics says of the calls there were.

import Governance
import Testing

@testable import MCPServer

@Suite struct CallMetricsTests {
  private func record(
    _ tool: String, _ outcome: AuditRecord.Outcome, _ duration: Duration = .milliseconds(3), rule: String? = nil
  ) -> AuditRecord {
    var record = AuditRecord(
      time: "", duration: duration, callID: "c", principal: Principal(name: "secret agent"), tool: tool,
      outcome: outcome)
    record.sql = "SELECT 'secret'"
    record.rule = rule
    record.connection = "secret connection"
    return record
  }

  @Test func countsByToolOutcomeAndRule() async throws {
    let metrics = CallMetrics(before: nil)
    try await metrics.append(record("query", .success))
    try await metrics.append(record("query", .success, .seconds(120)))
    try await metrics.append(record("query", .refused, rule: "function"))
    try await metrics.append(record("explain_query", .cancelled))
    try await metrics.append(record("'; DROP\n", .failed))
    let lines = metrics.text([
      .init("pgadvisor_pool_sessions", "Sessions.", label: ("connection", "a\"b"), 2), .init("x", "X.", 0.5),
    ]).split(separator: "\n")
    for line in [
      #"pgadvisor_calls_total{tool="query",outcome="success"} 2"#,
      #"pgadvisor_calls_total{tool="query",outcome="refused"} 1"#,
      #"pgadvisor_calls_total{tool="explain_query",outcome="cancelled"} 1"#,
      #"pgadvisor_calls_total{tool="other",outcome="failed"} 1"#,
      #"pgadvisor_refusals_total{rule="function"} 1"#,
      #"pgadvisor_call_duration_seconds_bucket{tool="query",le="0.0025"} 0"#,
      #"pgadvisor_call_duration_seconds_bucket{tool="query",le="0.005"} 2"#,
      #"pgadvisor_call_duration_seconds_bucket{tool="query",le="60"} 2"#,
      #"pgadvisor_call_duration_seconds_bucket{tool="query",le="+Inf"} 3"#,
      #"pgadvisor_call_duration_seconds_count{tool="query"} 3"#,
      #"pgadvisor_pool_sessions{connection="a\"b"} 2"#, "x 0.5", "pgadvisor_unrecorded_total 0",
    ] { #expect(lines.contains(line[...]), "\(line)") }
    #expect(!metrics.text().contains("secret"))
    #expect(Set(lines.filter { $0.hasPrefix("# TYPE") }).count == lines.count { $0.hasPrefix("# TYPE") })
  }

  private struct Full: AuditLog {
    func append(_ record: AuditRecord) async throws(AuditFailure) { throw AuditFailure(message: "full") }
  }

  @Test func whatIsNotRecordedIsNoSuccess() async {
    let metrics = CallMetrics(before: Full())
    await #expect(throws: AuditFailure.self) { try await metrics.append(record("query", .success)) }
    #expect(metrics.text().contains("pgadvisor_unrecorded_total 1\n"))
    #expect(!metrics.text().contains(#"tool="query""#))
  }
}
