// A family: each member is one question to a running database, and how to judge the answer.

package import Database

package enum CheckGroup: String, Sendable, CaseIterable {
  case indexes, queries, vacuum, bloat, connections, locks, replication, memory, sequences, constraints, settings
  case statistics, security, schema, server
  /// What an upgrade to the next major release would meet: for those who plan one.
  case upgrade

  /// Looked into unless somebody names others.
  package var isUsual: Bool { self != .upgrade }
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
  /// Statistics of columns: SELECT on pg_statistic, or on the tables themselves.
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
  /// Looks at `Surroundings.settings`, which are read for those that do.
  package var judgesSettings: Bool
  /// Looks at how many sequences or relations there are, or at pgstattuple: asked only for those that do.
  package var countsObjects: Bool
  /// What it looks at of `Surroundings.survey`: asked only for those that do.
  package var surveys: SurveyParts

  package init(
    _ group: CheckGroup, _ title: String, why: String, rule: String, needs: [Need] = [], judgesSettings: Bool = false,
    countsObjects: Bool = false, surveys: SurveyParts = []
  ) {
    self.group = group
    self.title = title
    self.why = why
    self.rule = rule
    self.needs = needs
    self.judgesSettings = judgesSettings
    self.countsObjects = countsObjects
    self.surveys = surveys
  }
}

package protocol HealthCheck: Sendable {
  associatedtype Row: Decodable & Sendable

  /// Kebab-case; stands in fingerprints, options and the names of fixtures.
  var id: String { get }
  var about: CheckDescription { get }
  /// Asked with `pg_catalog` on the search path; nil where this server has nothing to ask.
  func question(for server: ServerInfo) -> SQL?
  /// What stands for the question of a check that reads `tables` of `TablesOnce`: it is asked together with others' parts.
  func part(for server: ServerInfo) -> SQL?
  /// The same where it depends on more than the server; what `question(for:)` gives, when not said.
  func question(in surroundings: Surroundings) -> SQL?
  /// Runs only when it is named.
  var isOptIn: Bool { get }
  /// Why it is not worth its price on this server; nil where it is.
  func excuse(_ surroundings: Surroundings) -> String?
  /// Whether what is known already leaves nothing to find: then it has looked, and nothing is asked.
  func findsNothing(_ surroundings: Surroundings, _ limits: Limits) -> Bool
  /// What is bound to the question's parameters: it is asked once with each list, and all rows are judged together.
  func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]]
  /// Pure; worst first or in the order of the rows.
  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding]
  /// What the rows say was not looked at.
  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String]
  /// What a later run may want to compare: bytes by name.
  func sizes(_ rows: [Row]) -> [MeasuredSize]
  /// What counts up to an end, so that two runs tell when that is reached.
  func counters(_ rows: [Row], _ surroundings: Surroundings) -> [MeasuredCounter]
  /// What is to be looked into, object by object, now that the rows are known.
  func examinations(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Examination]
}

/// What a check does on this server.
enum CheckPlan {
  case asks([Question])
  case done(CheckOutcome)
}

/// One statement with what is bound to it; what is asked alike is asked once.
struct Question: Hashable {
  let sql: SQL
  let values: [String?]
  /// What it is of a question about all tables.
  var part: SQL?
}

/// How large something is.
package struct MeasuredSize: Sendable, Equatable {
  package var object: FoundObject
  package var bytes: Int64

  package init(_ object: FoundObject, bytes: Int64) {
    self.object = object
    self.bytes = bytes
  }
}

/// How far something has counted, and where it must end.
package struct MeasuredCounter: Sendable, Equatable {
  package var object: FoundObject
  package var value: Int64
  package var end: Int64

  package init(_ object: FoundObject, value: Int64, end: Int64) {
    self.object = object
    self.value = value
    self.end = end
  }
}

extension HealthCheck {
  package var isOptIn: Bool { false }
  package func question(for server: ServerInfo) -> SQL? { part(for: server).map(TablesOnce.alone) }
  package func part(for server: ServerInfo) -> SQL? { nil }
  package func question(in surroundings: Surroundings) -> SQL? { question(for: surroundings.server) }
  package func counters(_ rows: [Row], _ surroundings: Surroundings) -> [MeasuredCounter] { [] }
  package func examinations(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Examination] { [] }
  package func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]] { [[]] }
  package func excuse(_ surroundings: Surroundings) -> String? { nil }
  package func findsNothing(_ surroundings: Surroundings, _ limits: Limits) -> Bool { false }
  package func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] { [] }
  package func sizes(_ rows: [Row]) -> [MeasuredSize] { [] }

  func finding(
    _ severity: Severity, _ kind: FoundObject.Kind, _ name: String, _ seen: String, _ figures: [Figure] = [],
    remedies: [Remedy] = [], notes: [String] = [], since: String? = nil, why: String? = nil
  ) -> Finding {
    Finding(
      check: id, severity: severity, object: FoundObject(kind, name), seen: seen, why: why ?? about.why,
      figures: figures, remedies: remedies, notes: notes, since: since)
  }

  /// What there is to ask here, or why nothing is.
  func plan(_ surroundings: Surroundings, _ limits: Limits) -> CheckPlan {
    if let reason = surroundings.platform.hides(id) { return .done(outcome(.notLookedAt(reason))) }
    if let obstacle = surroundings.obstacle(to: about.needs, limits) { return .done(outcome(obstacle)) }
    if let excuse = excuse(surroundings) { return .done(outcome(.notLookedAt(excuse))) }
    guard let question = question(in: surroundings) else {
      return .done(outcome(.notApplicable("PostgreSQL \(surroundings.server.majorVersion) has nothing to ask")))
    }
    if findsNothing(surroundings, limits) {
      var outcome = outcome(.lookedAt)
      outcome.omissions = hidden(in: surroundings)
      return .done(outcome)
    }
    let part = part(for: surroundings.server)
    return .asks(values(surroundings, limits).map { Question(sql: question, values: $0, part: part) })
  }

  /// Judges what the server has answered.
  /// - Throws: when the session is lost or cancelled.
  func outcome(
    _ answers: [Result<StepRows, DatabaseError>], _ surroundings: Surroundings, _ limits: Limits
  ) throws(DatabaseError) -> CheckOutcome {
    do throws(DatabaseError) {
      var rows: [Row] = []
      for answer in answers { rows += try answer.get().decoded(as: Row.self) }
      var outcome = outcome(.lookedAt)
      outcome.findings = judge(rows, surroundings, limits)
      outcome.omissions = omissions(rows, surroundings) + hidden(in: surroundings)
      outcome.sizes = sizes(rows)
      outcome.counters = counters(rows, surroundings)
      outcome.examinations = examinations(rows, surroundings, limits)
      return outcome
    } catch {
      switch error.code {
      case .connectionLost, .closed, .cancelled: throw error
      default: return outcome(.notLookedAt(withoutXML(error) ?? error.message))
      }
    }
  }

  private func hidden(in surroundings: Surroundings) -> [String] {
    about.needs.contains(.columnStatistics) ? surroundings.hiddenColumns : []
  }

  private func outcome(_ status: CheckOutcome.Status) -> CheckOutcome {
    CheckOutcome(id: id, about: about, status: status)
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
  package var sizes: [MeasuredSize] = []
  package var counters: [MeasuredCounter] = []
  var examinations: [Examination] = []
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
