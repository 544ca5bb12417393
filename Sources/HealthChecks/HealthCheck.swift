// A family: each member is one question to a running database, and how to judge the answer.

package import Database

package enum CheckGroup: String, Sendable, CaseIterable {
  case indexes, queries, vacuum, bloat, connections, locks, replication, memory, sequences, constraints, settings
  case statistics, security, schema, server
}

/// What a question needs before it makes sense.
package enum Need: Sendable, Equatable {
  /// Other sessions' states and statements: pg_monitor.
  case monitoring
  case superuser
  case primary
  case replica
  /// `server_version_num` from here.
  case version(Int)
  /// pg_stat_statements is installed, loaded and may be asked.
  case statements
  /// Usage counters that have run for a while.
  case matureStatistics
  /// SELECT on pg_statistic.
  case columnStatistics
}

/// What `--explain-check` prints.
package struct CheckDescription: Sendable {
  package var group: CheckGroup
  package var title: String
  /// Why it matters, one sentence.
  package var why: String
  package var needs: [Need]
  /// In people's words: from where it is a finding, and of which severity.
  package var rule: String

  package init(_ group: CheckGroup, _ title: String, why: String, rule: String, needs: [Need] = []) {
    self.group = group
    self.title = title
    self.why = why
    self.rule = rule
    self.needs = needs
  }
}

package protocol HealthCheck: Sendable {
  associatedtype Row: Decodable & Sendable

  /// Kebab-case; stands in fingerprints, options and the names of fixtures.
  var id: String { get }
  var about: CheckDescription { get }
  /// Asked with `pg_catalog` on the search path; nil where this server has nothing to ask.
  func question(for server: ServerInfo) -> SQL?
  /// Pure; worst first or in the order of the rows.
  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding]
  /// What the rows say was not looked at.
  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String]
}

extension HealthCheck {
  package func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] { [] }

  func finding(
    _ severity: Severity, _ kind: FoundObject.Kind, _ name: String, _ seen: String, _ figures: [Figure] = [],
    remedies: [Remedy] = [], notes: [String] = [], since: String? = nil, why: String? = nil
  ) -> Finding {
    Finding(
      check: id, severity: severity, object: FoundObject(kind, name), seen: seen, why: why ?? about.why,
      figures: figures, remedies: remedies, notes: notes, since: since)
  }

  /// Asks and judges.
  func outcome(
    on session: Session, _ surroundings: Surroundings, _ limits: Limits
  ) async throws(DatabaseError) -> CheckOutcome {
    let began = ContinuousClock.now
    func done(_ status: CheckOutcome.Status, _ findings: [Finding] = [], omitted: [String] = []) -> CheckOutcome {
      let taken = (ContinuousClock.now - began).components
      let milliseconds = Double(taken.seconds) * 1_000 + Double(taken.attoseconds) / 1e15
      return CheckOutcome(
        id: id, about: about, status: status, findings: findings, omissions: omitted, milliseconds: milliseconds)
    }
    if let obstacle = surroundings.obstacle(to: about.needs, limits) { return done(obstacle) }
    guard let question = question(for: surroundings.server) else {
      return done(.notApplicable("PostgreSQL \(surroundings.server.majorVersion) has nothing to ask"))
    }
    do throws(DatabaseError) {
      let rows = try await session.rows(question, as: Row.self)
      let found = judge(rows, surroundings, limits)
      return done(.lookedAt, found, omitted: omissions(rows, surroundings))
    } catch {
      switch error.code {
      case .connectionLost, .closed, .cancelled: throw error
      default: return done(.notLookedAt(error.message))
      }
    }
  }
}

/// What became of one check.
package struct CheckOutcome: Sendable {
  package enum Status: Sendable, Equatable {
    case lookedAt
    /// Something kept us out: never to be read as good news.
    case notLookedAt(String)
    /// There is nothing here to look at.
    case notApplicable(String)
  }

  package var id: String
  package var about: CheckDescription
  package var status: Status
  package var findings: [Finding]
  /// Parts that were not looked at.
  package var omissions: [String]
  package var milliseconds: Double

  package init(
    id: String, about: CheckDescription, status: Status, findings: [Finding] = [], omissions: [String] = [],
    milliseconds: Double = 0
  ) {
    self.id = id
    self.about = about
    self.status = status
    self.findings = findings
    self.omissions = omissions
    self.milliseconds = milliseconds
  }
}
