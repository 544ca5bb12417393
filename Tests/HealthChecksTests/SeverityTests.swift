// The order of severities.

import HealthChecks
import Testing

@Suite struct SeverityTests {
  @Test func theyAreOrdered() {
    #expect(Severity.allCases.sorted() == [.info, .notice, .warning, .critical])
  }
}
