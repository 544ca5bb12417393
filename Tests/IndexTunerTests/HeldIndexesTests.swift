// What a session holds from one pipeline to the next: no plan may tell what was asked before.

import Database
import Support
import Testing

@testable import IndexTuner

@Suite struct HeldIndexesTests {
  /// Candidates 0 to 9 by turns on two tables.
  private static let tables: [RelationID] = (0..<10).map { $0 % 2 == 0 ? 1 : 2 }

  private func isOrdered(_ held: HeldIndexes) -> Bool {
    Set(Self.tables).allSatisfy { table in
      let own = held.members.filter { Self.tables[$0] == table }
      return own == own.sorted()
    }
  }

  @Test func onlyWhatStandsBehindSomethingNewIsMadeAgain() {
    var held = HeldIndexes()
    #expect(held.hold(IndexSet([0, 4, 5, 8]), tables: Self.tables).created == [0, 4, 5, 8])
    let change = held.hold(IndexSet([0, 2, 5, 8]), tables: Self.tables)
    #expect(change == HeldIndexes.Change(dropped: [2, 4], created: [2, 8]))
    #expect(held.members == [0, 5, 2, 8])
    #expect(held.hold(IndexSet([5, 8]), tables: Self.tables) == HeldIndexes.Change(dropped: [1, 3]))
    #expect(held.hold(IndexSet([1]), tables: Self.tables).isAnew)
  }

  @Test func whateverCameBeforeEachTableIsInOrder() {
    var held = HeldIndexes()
    var list: [Int] = []
    var random = SeededRandom()
    for _ in 0..<2_000 {
      let wanted = IndexSet((0..<10).filter { _ in Bool.random(using: &random) })
      let change = held.hold(wanted, tables: Self.tables)
      // As HypoPG does it.
      for place in change.dropped.reversed() { list.remove(at: place - 1) }
      list += change.created
      #expect(list == held.members && held.set == wanted && IndexSet(list) == wanted, "\(random)")
      #expect(isOrdered(held), "\(random)")
    }
  }

  @Test func waitingRequestsAreTakenByPartsAndOnceEach() {
    let groups = (0..<40).map { PricingGroup(visible: IndexSet([$0 % 10]), places: [2 * $0, 2 * $0 + 1]) }
    for connections in [1, 2, 5] {
      let queue = PricingQueue(
        groups, times: { place, _ in Double(place % 7) }, explains: { _ in 1 }, connections: connections, depth: 48)
      var taken: [[PricingQueue.Item]] = []
      while case let items = queue.take(beside: HeldIndexes(), for: 0), !items.isEmpty { taken.append(items) }
      #expect(taken.flatMap { $0.map(\.place) }.sorted() == Array(0..<80))
      #expect(taken.allSatisfy { $0.count <= 48 && $0.dropFirst().reduce(0) { $0 + $1.time } <= 100 })
      #expect(taken.flatMap { $0.groups.flatMap(\.places) } == taken.flatMap { $0.map(\.place) })
      #expect(connections == 1 || taken.count > connections, "the last ones even it out")
    }
  }

  @Test func whatTakesLongestIsTakenFirstThoughOthersNeedNothingNew() {
    let times = [1.0, 2, 9, 1, 1, 8]
    let groups = times.indices.map { PricingGroup(visible: IndexSet($0 < 2 ? [] : [$0]), places: [$0]) }
    let queue = PricingQueue(
      groups, times: { place, _ in times[place] }, explains: { _ in 1 }, connections: 2, depth: 48)
    let now = ContinuousClock.now
    let first = queue.take(beside: HeldIndexes(), for: 0, at: now)
    let second = queue.take(beside: HeldIndexes(), for: 1, at: now)
    #expect(first.contains { $0.place == 2 } && second.contains { $0.place == 5 })
  }

  @Test func whatIsOnItsWayCountsAsLeftToDo() {
    let groups = [PricingGroup(visible: IndexSet(), places: Array(0..<40))]
    let queue = PricingQueue(groups, times: { _, _ in 1 }, explains: { _ in 1 }, connections: 2, depth: 48)
    let now = ContinuousClock.now
    let first = queue.take(beside: HeldIndexes(), for: 0, at: now)
    let second = queue.take(beside: HeldIndexes(), for: 1, at: now)
    #expect((second.count - first.count).magnitude <= 1, "both have as much to do")
    // The first is through early, and the second has all its own before it: the rest is the first one's.
    let rest = 40 - first.count - second.count
    #expect(queue.take(beside: HeldIndexes(), for: 0, at: now + .milliseconds(1)).count * 2 > rest)
  }

  @Test func planningTimesAreRememberedByTheIndexesSeen() {
    let times = PlanningTimes([2])
    times.note(6, of: 0, indexes: 20)
    #expect(times.expected(of: 0, indexes: 0) == 2)
    #expect(times.expected(of: 0, indexes: 20) == 6)
    #expect(times.expected(of: 0, indexes: 18) < 6)
    times.note(3, of: 0, indexes: 20)
    #expect(times.expected(of: 0, indexes: 20) == 3)
  }
}
