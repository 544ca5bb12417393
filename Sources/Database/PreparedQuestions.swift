// Our own questions that a session has prepared: parsed and planned once for many times.

/// The names under which a server process knows questions, until it discards all.
///
/// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
struct PreparedQuestions: Sendable {
  /// Each is a plan in the server's memory.
  private static let most = 512

  /// How a question is to be asked.
  enum Way: Sendable, Equatable {
    /// As a statement without a name.
    case plainly
    /// It has to be prepared first.
    case preparing(name: String)
    case prepared(name: String)
  }

  private var names: [SQL: String] = [:]
  /// Sent and not answered yet, with the group: where one fails, those behind it in the same group fail as well.
  private var sent: [SQL: (name: String, group: Int)] = [:]
  private var last = 0

  /// - Parameter group: of the pipeline, numbered by its boundaries.
  mutating func way(for question: SQL, inGroup group: Int) -> Way {
    guard question.isQuestion else { return .plainly }
    if let name = names[question] { return .prepared(name: name) }
    if let (name, home) = sent[question] { return home == group ? .prepared(name: name) : .plainly }
    guard names.count + sent.count < Self.most else { return .plainly }
    last += 1
    let name = "pgadvisor_\(last)"
    sent[question] = (name, group)
    return .preparing(name: name)
  }

  mutating func take(_ question: SQL, isPrepared: Bool) {
    guard let (name, _) = sent.removeValue(forKey: question), isPrepared else { return }
    names[question] = name
  }

  /// The server does not take it any more, for instance since a view has other columns now.
  mutating func forget(_ question: SQL) { names[question] = nil }
}

/// The text of a question, joined once for many times.
struct JoinedQuestion: Sendable {
  let text: String

  init(_ question: SQL) { text = question.text }
}
