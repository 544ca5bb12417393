// What pg_stat_statements holds, for somebody from whom a policy hides something: only what others have found to touch
// nothing of that, without constants, comments, and whose it was.

package import Database
import IndexTuner
import SQLSyntax

/// Everything that was recorded, still to be judged text by text.
package struct RecordedWorkload: Sendable {
  /// What a text says, and the search path of whom it was recorded of, as far as that is configured.
  package struct Text: Sendable, Hashable {
    package var sql: String
    package var path: [String]

    /// By the bytes, as PostgreSQL tells names apart.
    package static func == (left: Text, right: Text) -> Bool {
      left.sql.utf8.elementsEqual(right.sql.utf8)
        && left.path.elementsEqual(right.path) { $0.utf8.elementsEqual($1.utf8) }
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(sql)
      hasher.combine(path)
    }
  }

  /// What may be shown.
  package struct Seen: Sendable {
    let statistics: StatementStatistics
    let server: ServerInfo

    /// What the totals are, and every share of them, is told by these statements alone.
    package static let note = "made under a policy: statements that touch what it rules are not shown"
  }

  private let statistics: StatementStatistics
  private let server: ServerInfo
  /// Of each recorded statement; nil where it has no form in which it could be shown.
  private let forms: [Text?]

  /// Each once.
  package var texts: [Text] {
    var seen: Set<Text> = []
    return forms.compactMap { $0 }.filter { seen.insert($0).inserted }
  }

  /// Each of them is judged.
  private static let most = 50_000

  package static func read(on session: Session) async throws(AdviceFailure) -> RecordedWorkload {
    try check(session.server)
    var thresholds = StatementThresholds()
    thresholds.minimumShare = 0
    thresholds.limit = most
    do {
      let wanted = thresholds
      let statistics = try await session.withStatistics { try await $0.statementStatistics(wanted) }
      // Which ones were cut off depends on those that are hidden.
      guard statistics.statements.count < most else {
        throw AdviceFailure(
          message: "a policy hides something from you, and pg_stat_statements holds more than \(most) statements")
      }
      return RecordedWorkload(statistics, session.server)
    } catch let error as AdviceFailure {
      throw error
    } catch let error as DatabaseError {
      throw AdviceFailure(error)
    } catch {
      throw AdviceFailure(message: "\(error)")
    }
  }

  /// Before 14 nobody knows whether a client or a function ran a statement; from 18 on relations count by the name that
  /// they have in the statement, so that one entry may be of several.
  /// https://www.postgresql.org/docs/current/pgstatstatements.html
  package static func check(_ server: ServerInfo) throws(AdviceFailure) {
    if let missing = ExtensionAdvice.missingStatistics(server) { throw AdviceFailure(missing) }
    let version = (server.statStatements.version ?? "").split(separator: ".").compactMap { Int($0) }
    guard (14...17).contains(server.majorVersion), version.count == 2, (version[0], version[1]) >= (1, 9) else {
      throw AdviceFailure(
        message: "a policy hides something from you, and what pg_stat_statements \(server.statStatements.version ?? "")"
          + " of PostgreSQL \(server.majorVersion) counts together cannot be told apart",
        advice: "analyze_query_indexes and explain_query work on statements that you give")
    }
  }

  private init(_ statistics: StatementStatistics, _ server: ServerInfo) {
    self.statistics = statistics
    self.server = server
    forms = statistics.statements.map { recorded in
      guard recorded.isTopLevel, let sql = ShownStatement.text(of: recorded.text) else { return nil }
      let path = recorded.searchPath.flatMap { FromStatistics.schemas(in: $0, role: recorded.role) }
      return path.map { Text(sql: sql, path: $0) }
    }
  }

  /// Those whose text is among these; what differs in roles alone is one.
  package func seen(_ free: Set<Text>) -> Seen {
    var kept: [Text: RecordedStatement] = [:]
    for (form, recorded) in zip(forms, statistics.statements) {
      guard let form, free.contains(form) else { continue }
      var own = recorded
      own.text = form.sql
      own.role = nil
      own.searchPath = form.path.map(quotedIdentifier).joined(separator: ", ")
      own.queryID = Self.number(of: form.sql)
      kept[form] = kept[form].map { $0.adding(own) } ?? own
    }
    let statements = kept.sorted { left, right in
      let (heavy, light) = (left.value.totalMilliseconds, right.value.totalMilliseconds)
      if heavy != light { return heavy > light }
      return (left.key.sql, left.key.path.joined()) < (right.key.sql, right.key.path.joined())
    }.map(\.value)
    var own = statistics
    own.statements = statements
    own.recordedCount = statements.count
    own.recordedMilliseconds = statements.reduce(0) { $0 + $1.totalMilliseconds }
    own.recordedCalls = statements.reduce(0) { $0 + $1.calls }
    (own.hiddenCount, own.leftOutCount, own.deallocations) = (0, 0, nil)
    return Seen(statistics: own, server: server)
  }

  /// The server's own number tells of its catalog.
  private static func number(of text: String) -> Int64 {
    let digits = (try? fingerprint(text)).map { $0.prefix(15) } ?? ""
    return Int64(digits, radix: 16) ?? 0
  }
}

extension RecordedWorkload.Seen {
  /// As the server would have left them out.
  func above(_ thresholds: StatementThresholds) -> StatementStatistics {
    var own = statistics
    let least = thresholds.minimumShare * statistics.recordedMilliseconds
    let kept = statistics.statements.filter {
      $0.calls >= thresholds.minimumCalls && $0.meanMilliseconds >= thresholds.minimumMeanMilliseconds
        && $0.totalMilliseconds >= least
    }
    own.statements = Array(kept.prefix(max(0, thresholds.limit)))
    own.leftOutCount = statistics.statements.count - own.statements.count
    return own
  }

  package func top(by order: TopOrder, limit: Int) -> TopQueries { TopQueries(statistics, order, limit, server) }
}

extension RecordedStatement {
  fileprivate func adding(_ other: RecordedStatement) -> RecordedStatement {
    var sum = self
    sum.calls += other.calls
    sum.totalMilliseconds += other.totalMilliseconds
    sum.meanMilliseconds = sum.totalMilliseconds / Double(max(1, sum.calls))
    sum.rows += other.rows
    sum.blocksHit += other.blocksHit
    sum.blocksRead += other.blocksRead
    sum.blocksDirtied += other.blocksDirtied
    sum.blocksWritten += other.blocksWritten
    sum.temporaryBlocks += other.temporaryBlocks
    sum.ioMilliseconds += other.ioMilliseconds
    sum.walRecords += other.walRecords
    sum.walBytes += other.walBytes
    return sum
  }
}

/// A recorded statement without what may hold somebody's values.
package enum ShownStatement {
  /// - Returns: nil where something is left that may: a constant that nothing can stand for, a name that is none.
  package static func text(of recorded: String) -> String? {
    guard let statements = try? parse(recorded), statements.count == 1, let statement = statements.first else {
      return nil
    }
    if case .utility = statement.kind { return nil }
    let plain = normalized(statement)
    // Where a constant cannot be replaced the text comes back as it was.
    guard let tokens = try? tokens(of: plain), let rest = try? parse(plain), rest.count == 1,
      !rest[0].node.hasConstants
    else { return nil }
    let bytes = Array(plain.utf8)
    var shown: [UInt8] = []
    var end = 0
    for token in tokens {
      if token.isComment {
        shown += bytes[end..<token.range.lowerBound] + [UInt8(ascii: " ")]
        end = token.range.upperBound
        continue
      }
      switch token.kind {
      case .SCONST, .USCONST, .BCONST, .XCONST, .FCONST, .UIDENT: return nil
      case .IDENT where bytes[token.range.lowerBound] == UInt8(ascii: "\""):
        guard bytes[token.range].dropFirst().dropLast().allSatisfy(isPlain) else { return nil }
      default: continue
      }
    }
    if end == 0 { return plain }
    let text = String(decoding: shown + bytes[end...], as: UTF8.self)
    guard let before = try? fingerprint(plain), (try? fingerprint(text)) == before else { return nil }
    return text
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"):
      true
    default: false
    }
  }
}

extension Node {
  /// Beside those of types, such as `numeric(8, 2)`, and positions, as in `ORDER BY 1`.
  fileprivate var hasConstants: Bool {
    var isFound = false
    walkChoosing { node, field in
      guard !isFound, node.kind != .typeName else { return .over }
      let isPlace = field == .groupClause || field == .distinctClause || field == .node
      if node.kind == .aConst, !isPlace || node.child(.ival) == nil { isFound = true }
      return .into
    }
    return isFound
  }
}
