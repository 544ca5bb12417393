// Further connections for the length of one run, as many as are of use and as the server can spare.

import Database

/// Opens and closes them; a server that spares none is no failure.
struct FurtherConnections {
  /// All connections together when nobody says how many.
  static let most = 8
  /// Statements for which another connection is worth opening.
  private static let statementsOfEach = 4

  /// - Parameter wanted: all connections together, the one that is open among them; nil: as many as there are cores.
  /// - Returns: how many beside the one that is open, which is not in a transaction yet; none behind a pooler: there the
  ///   second could wait for the end of the first.
  static func count(beside session: Session, wanted: Int?, cores: Int, statements: Int) async -> Int {
    let usual = min(cores, most, max(1, statements / statementsOfEach))
    let count = (wanted ?? usual) - 1
    guard count > 0, !session.server.isPooled else { return 0 }
    let free = (try? await session.freeConnections()) ?? 0
    // Others want to connect as well.
    return max(0, min(count, wanted == nil ? free / 4 : free - 1))
  }

  /// Those of so many that could be opened.
  static func open(_ target: ConnectionTarget, count: Int) async -> [Session] {
    await withTaskGroup(of: Session?.self) { group in
      for _ in 0..<count { group.addTask { try? await Session.open(target) } }
      var opened: [Session] = []
      for await helper in group { if let helper { opened.append(helper) } }
      return opened
    }
  }
}
