// Which checks somebody sees from whom a policy hides something, and what each of their findings is about.

import HealthChecks
import Testing

struct PolicedChecksTests {
  /// Every check that may be shown is there, and each finding says which relations it is about.
  @Test func theListsAreOfChecksThatThereAre() {
    let ids = Set(allChecks.map(\.id))
    let shown = allChecks.filter { PolicedChecks.isShown($0.id) }
    #expect(shown.count == 20 && ids.isSuperset(of: shown.map(\.id)) && shown.allSatisfy { !$0.isOptIn })
    func relations(_ check: String, _ kind: FoundObject.Kind, _ name: String, _ figures: [Figure] = []) -> [String]? {
      PolicedChecks.relations(
        of: Finding(
          check: check, severity: .info, object: FoundObject(kind, name), seen: "", why: "", figures: figures))
    }
    #expect(relations("largest-tables", .table, "app.a") == nil && relations("a-new-check", .setting, "fsync") == nil)
    #expect(relations("dead-rows", .table, "app.a") == ["app.a"])
    #expect(relations("server-version", .table, "app.a") == nil && relations("dead-rows", .session, "1") == nil)
    #expect(relations("dangerous-settings", .setting, "fsync") == [])
    #expect(relations("dangerous-settings", .setting, "fsync of ROLE ada") == nil)
    #expect(relations("connection-usage", .role, "ada") == nil)
    #expect(relations("unindexed-foreign-keys", .constraint, "app.a.b") == nil)
    let figures = [Figure("table", "app.a"), Figure("referenced", "hr.b")]
    #expect(relations("unindexed-foreign-keys", .constraint, "app.a.b", figures) == ["app.a", "hr.b"])
  }
}
