// What one rule found in a statement.

/// A finding of a rule: a permission that the statement needs, or that it must not run.
struct Demand: Sendable {
  enum Need: Sendable, Equatable {
    case permission(Permission)
    case rejection
    /// Nobody here knows what it does: a rejection, unless the operator lets such things count as `admin`.
    case unproven

    /// Orders findings: what is stronger decides.
    var rank: Int {
      switch self {
      case .permission(.explain): 0
      case .permission(.read): 1
      case .permission(.write): 2
      case .permission(.ddl): 3
      case .permission(.admin): 4
      case .unproven: 5
      case .rejection: 6
      }
    }
  }

  var need: Need
  var rule: String
  var message: String
  /// Byte offset from 0 into the text that was judged.
  var position: Int?
  var wayOut: String?
  /// For the operator only.
  var note: String?
}

/// What is found behind a name: a view's definition, a function's body, a domain's conditions. Weighed once and kept.
struct Implication: Sendable {
  /// The strongest permission that using it needs beyond `read`; nil when it needs none.
  var permission: Permission?
  /// Why, for the operator.
  var reason = ""
  /// Relations touched on the way, by OID.
  var reads: Set<UInt32> = []
  var writes: Set<UInt32> = []
  /// User functions called on the way, by OID.
  var functions: Set<UInt32> = []
  /// Not built-in types met on the way, by OID.
  var types: Set<UInt32> = []
  /// A function on the way whose effect a rollback does not undo: sequences, locks of the session, messages to the log.
  var lasting: String?

  mutating func require(_ new: Permission, _ why: @autoclosure () -> String) {
    if let permission, permission >= new { return }
    permission = new
    reason = why()
  }

  mutating func merge(_ other: Implication, _ place: @autoclosure () -> String) {
    reads.formUnion(other.reads)
    writes.formUnion(other.writes)
    functions.formUnion(other.functions)
    types.formUnion(other.types)
    lasting = lasting ?? other.lasting
    guard let wanted = other.permission else { return }
    require(wanted, "\(place()): \(other.reason)")
  }
}
