// The tree of who waits for whom, from what the server says of each session.

import HealthChecks
import Testing

@Suite struct LockTreeTests {
  private func drawn(_ holders: [LockHolder]) -> [String] {
    LockTree(holders).nodes.map { node in
      String(repeating: " ", count: node.depth) + "\(node.holder.pid):\(node.waiting)"
        + (node.also.isEmpty ? "" : " also \(node.also)") + (node.isInCycle ? " cycle" : "")
    }
  }

  @Test func theRootStandsAboveThoseBehindIt() {
    let holders = [
      LockHolder(pid: 4, blockers: [2], seconds: 3), LockHolder(pid: 1, blockers: []),
      LockHolder(pid: 2, blockers: [1], seconds: 9), LockHolder(pid: 3, blockers: [2], seconds: 5),
    ]
    #expect(drawn(holders) == ["1:3", " 2:2", "  3:0", "  4:0"])
    #expect(LockTree(holders).waiting == 3)
  }

  @Test func whoHoldsUpMostStandsFirst() {
    let holders = [
      LockHolder(pid: 1, blockers: []), LockHolder(pid: 2, blockers: [1]), LockHolder(pid: 5, blockers: []),
      LockHolder(pid: 6, blockers: [5], seconds: 1), LockHolder(pid: 7, blockers: [5], seconds: 2),
    ]
    #expect(drawn(holders) == ["5:2", " 7:0", " 6:0", "1:1", " 2:0"])
  }

  /// Two holders of a shared lock: the one who waits for both stands once, and the other is named.
  @Test func eachStandsOnce() {
    let holders = [
      LockHolder(pid: 1, blockers: []), LockHolder(pid: 2, blockers: []), LockHolder(pid: 3, blockers: [1, 2, 2]),
    ]
    #expect(drawn(holders) == ["1:1", " 3:0 also [2]", "2:0"])
  }

  @Test func preparedTransactionsAndThoseWhoAreGoneAreRoots() {
    #expect(drawn([LockHolder(pid: 3, blockers: [0]), LockHolder(pid: 0, blockers: [])]) == ["0:1", " 3:0"])
    #expect(drawn([LockHolder(pid: 3, blockers: [9])]) == ["9:1", " 3:0"])
    #expect(LockTree([]).nodes.isEmpty)
  }

  @Test func aDeadlockIsNoEndlessTree() {
    let holders = [
      LockHolder(pid: 1, blockers: [2]), LockHolder(pid: 2, blockers: [1]), LockHolder(pid: 3, blockers: [2]),
    ]
    #expect(drawn(holders) == ["1:2 also [2] cycle", " 2:1", "  3:0"])
    #expect(LockTree(holders).waiting == 3)
  }
}
