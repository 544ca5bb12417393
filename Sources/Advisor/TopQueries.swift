// `top`: the statements that cost the server most, by time or by share of resources.

package import Database
package import JSON
package import Terminal

/// How statements are ranked.
package enum TopOrder: String, Sendable {
  case total, mean, resources
}

/// The statements that stand out.
package struct TopQueries: Sendable {
  package var order: TopOrder
  package var entries: [Entry]
  package var statistics: StatementStatistics
  package var server: ServerInfo

  /// One statement with its shares of the whole database's resources, 0…1.
  package struct Entry: Sendable {
    package var statement: RecordedStatement
    package var shares: [Resource: Double]
    /// The largest of the shares.
    package var largestShare: Double { shares.values.max() ?? 0 }
  }

  package enum Resource: String, Sendable, CaseIterable {
    case time, blocksAccessed = "blocks accessed", blocksRead = "read", blocksDirtied = "dirtied", wal = "WAL"

    func amount(of statement: RecordedStatement) -> Double {
      switch self {
      case .time: statement.totalMilliseconds
      case .blocksAccessed: Double(statement.blocksHit + statement.blocksRead)
      case .blocksRead: Double(statement.blocksRead)
      case .blocksDirtied: Double(statement.blocksDirtied)
      case .wal: statement.walBytes
      }
    }
  }

  /// A statement stands out by resources from this share of any of them.
  private static let notableShare = 0.05

  package static func read(
    from target: ConnectionTarget, by order: TopOrder, limit: Int, minimumCalls: Int64
  ) async throws(AdviceFailure) -> TopQueries {
    let session: Session
    do throws(DatabaseError) { session = try await Session.open(target) } catch { throw AdviceFailure(error) }
    do throws(AdviceFailure) {
      let top = try await read(on: session, by: order, limit: limit, minimumCalls: minimumCalls)
      await session.close()
      return top
    } catch {
      await session.close()
      throw error
    }
  }

  /// The same on a session that is open already, outside of a transaction.
  package static func read(
    on session: Session, by order: TopOrder, limit: Int, minimumCalls: Int64
  ) async throws(AdviceFailure) -> TopQueries {
    var thresholds = StatementThresholds()
    thresholds.minimumCalls = minimumCalls
    thresholds.minimumShare = 0
    thresholds.limit = 10_000
    do {
      if let missing = ExtensionAdvice.missingStatistics(session.server) { throw missing }
      let wanted = thresholds
      let statistics = try await session.withStatistics { try await $0.statementStatistics(wanted) }
      return TopQueries(statistics, order, limit, session.server)
    } catch let error as AdviceFailure {
      throw error
    } catch let error as DatabaseError {
      throw AdviceFailure(error)
    } catch {
      throw AdviceFailure(message: "\(error)")
    }
  }

  init(_ statistics: StatementStatistics, _ order: TopOrder, _ limit: Int, _ server: ServerInfo) {
    self.order = order
    self.statistics = statistics
    self.server = server
    var totals: [Resource: Double] = [:]
    for resource in Resource.allCases {
      totals[resource] = statistics.statements.reduce(0) { $0 + resource.amount(of: $1) }
    }
    let all = statistics.statements.map { statement in
      var shares: [Resource: Double] = [:]
      for resource in Resource.allCases {
        let total = totals[resource] ?? 0
        shares[resource] = total > 0 ? resource.amount(of: statement) / total : 0
      }
      return Entry(statement: statement, shares: shares)
    }
    func ranked(_ key: (Entry) -> Double) -> [Entry] {
      all.sorted { (key($0), $1.statement.queryID) > (key($1), $0.statement.queryID) }
    }
    switch order {
    case .total: entries = Array(ranked { $0.statement.totalMilliseconds }.prefix(limit))
    case .mean: entries = Array(ranked { $0.statement.meanMilliseconds }.prefix(limit))
    case .resources:
      entries = Array(ranked(\.largestShare).filter { $0.largestShare >= Self.notableShare }.prefix(limit))
    }
  }
}

extension TopQueries {
  /// An aligned table.
  package func text(style: Style) -> String {
    let shared = order == .resources ? Resource.allCases : []
    var columns = [
      Table.Column("total", .right), .init("mean", .right), .init("calls", .right), .init("rows/call", .right),
    ]
    columns += shared.isEmpty ? [.init("share", .right)] : shared.map { .init($0.rawValue, .right) }
    var table = Table(columns: columns + [.init("statement")])
    for entry in entries {
      let statement = entry.statement
      var cells = [
        formatDuration(milliseconds: statement.totalMilliseconds),
        formatDuration(milliseconds: statement.meanMilliseconds),
        formatCount(statement.calls),
        formatDecimal(Double(statement.rows) / Double(max(statement.calls, 1)), places: 1),
      ]
      let shown = shared.isEmpty ? [Resource.time] : shared
      cells += shown.map { formatPercent(entry.shares[$0] ?? 0) }
      table.add(cells + [Wording.excerpt(of: statement.text, width: 80)])
    }
    var lines = [table.rendered(style: style), ""]
    let since = statistics.since.map { " since \($0)" } ?? ""
    lines.append(
      style.dim(
        "\(formatCount(Int64(statistics.recordedCount))) statements of \(escaped(server.database)), "
          + "\(formatDuration(milliseconds: statistics.recordedMilliseconds))\(since)"))
    if statistics.hiddenCount > 0 {
      lines.append(style.dim("\(statistics.hiddenCount) more are not readable by this role (grant pg_read_all_stats)"))
    }
    if order == .resources { lines.append(style.dim("listed from 5 % of any resource")) }
    return lines.joined(separator: "\n") + "\n"
  }

  package var json: JSONValue {
    [
      "order": .string(order.rawValue), "database": .string(server.database),
      "since": statistics.since.map { .string($0) } ?? .null,
      "recorded_statements": .integer(Int64(statistics.recordedCount)),
      "recorded_milliseconds": .number(statistics.recordedMilliseconds),
      "hidden_statements": .integer(Int64(statistics.hiddenCount)),
      "statements": .array(entries.map(Self.value)),
    ]
  }

  private static func value(of entry: Entry) -> JSONValue {
    let statement = entry.statement
    return [
      "query_id": .string(String(statement.queryID)), "sql": .string(statement.text),
      "role": statement.role.map { .string($0) } ?? .null, "calls": .integer(statement.calls),
      "total_milliseconds": .number(statement.totalMilliseconds),
      "mean_milliseconds": .number(statement.meanMilliseconds),
      "rows": .integer(statement.rows), "blocks_hit": .integer(statement.blocksHit),
      "blocks_read": .integer(statement.blocksRead), "blocks_dirtied": .integer(statement.blocksDirtied),
      "blocks_written": .integer(statement.blocksWritten), "temporary_blocks": .integer(statement.temporaryBlocks),
      "wal_bytes": .number(statement.walBytes),
      "shares": .object(
        JSONObject(Resource.allCases.map { ($0.rawValue, .number(entry.shares[$0] ?? 0)) })),
    ]
  }
}
