// Who waits for whom, as a tree: at its roots stand those who wait for nobody.

/// One session that waits, or that others wait for.
package struct LockHolder: Decodable, Sendable, Equatable {
  /// 0: a prepared transaction.
  package var pid: Int64
  /// Empty for a root.
  package var blockers: [Int64]
  package var who: String
  package var state: String
  /// `AccessExclusiveLock on public.orders`; nil for a root.
  package var wants: String?
  /// That it waits; for a root, that its transaction is open.
  package var seconds: Double
  package var text: String

  package init(
    pid: Int64, blockers: [Int64], who: String = "", state: String = "active", wants: String? = nil,
    seconds: Double = 0,
    text: String = ""
  ) {
    self.pid = pid
    self.blockers = blockers
    self.who = who
    self.state = state
    self.wants = wants
    self.seconds = seconds
    self.text = text
  }
}

package struct LockTree: Sendable, Equatable {
  package struct Node: Sendable, Equatable {
    package var holder: LockHolder
    /// 0 for a root.
    package var depth: Int
    /// How many wait behind it, at any distance.
    package var waiting: Int
    /// Others that it waits for too; it stands in the tree once.
    package var also: [Int64]
    /// It waits for itself in the end: PostgreSQL will cancel one of them.
    package var isInCycle = false
  }

  /// Each root with those behind it, in the order of a drawing; the root with most behind it first.
  package var nodes: [Node] = []

  package var waiting: Int { nodes.count { $0.depth > 0 || $0.isInCycle } }

  /// Pure. Each session stands once, as near to a root as it can.
  package init(_ holders: [LockHolder]) {
    let known = Dictionary(holders.map { ($0.pid, $0) }) { first, _ in first }
    var children: [Int64: [Int64]] = [:]
    for holder in holders {
      for blocker in Set(holder.blockers) { children[blocker, default: []].append(holder.pid) }
    }
    var parents: [Int64: Int64] = [:]
    var placed: Set<Int64> = []
    var roots: [(pid: Int64, isInCycle: Bool)] = []
    func place(from root: Int64, _ isInCycle: Bool) {
      roots.append((root, isInCycle))
      placed.insert(root)
      var line = [root]
      while !line.isEmpty {
        var next: [Int64] = []
        for pid in line {
          for child in (children[pid] ?? []).sorted() where placed.insert(child).inserted {
            parents[child] = pid
            next.append(child)
          }
        }
        line = next
      }
    }
    // One that is gone by now was not described, but is waited for.
    let named = Set(holders.flatMap(\.blockers)).subtracting(known.keys)
    for pid in (holders.filter(\.blockers.isEmpty).map(\.pid) + named).sorted() { place(from: pid, false) }
    for pid in known.keys.sorted() where !placed.contains(pid) { place(from: pid, true) }
    let below = Dictionary(grouping: parents.keys) { parents[$0] ?? 0 }
    func drawn(_ pid: Int64, _ depth: Int, _ isInCycle: Bool) -> [Node] {
      let holder = known[pid] ?? LockHolder(pid: pid, blockers: [], state: "")
      let inner = (below[pid] ?? []).sorted { left, right in
        let (a, b) = (known[left]?.seconds ?? 0, known[right]?.seconds ?? 0)
        return a != b ? a > b : left < right
      }.flatMap { drawn($0, depth + 1, false) }
      let also = Set(holder.blockers).subtracting(parents[pid].map { [$0] } ?? []).sorted()
      return [
        Node(holder: holder, depth: depth, waiting: inner.count, also: also, isInCycle: isInCycle)
      ] + inner
    }
    nodes = roots.map { drawn($0.pid, 0, $0.isInCycle) }
      .sorted { ($1.count, $0.first?.holder.pid ?? 0) < ($0.count, $1.first?.holder.pid ?? 0) }.flatMap { $0 }
  }
}
