// The gate's answer about one text, as data.

/// What a text needs before it may run, or why it never may.
package struct Verdict: Sendable, Equatable {
  /// Everything the statement needs; empty when it is rejected.
  package var permissions: Set<Permission> = []
  /// It must not run under any grant.
  package var isRejected = false
  /// The id of the rule that decided, for instance "read-query" or "function-wait".
  package var rule: String
  /// One sentence for whoever sent the statement. Says the same of what is denied and of what does not exist.
  package var message: String
  /// Where in the text the rule found it: a byte offset from 0. Nil where the rule is about the whole text.
  package var position: Int?
  /// A function whose effect a rollback does not undo.
  package var lasting: String?
  /// The name, as written, of a relation that is not there for this caller: it may be misspelt.
  package var absent: String?
  /// What to do instead; nil when nothing is wrong.
  package var wayOut: String?
  /// In the order of their first mention; those behind views follow.
  package var relations: [RelationUse] = []
  /// Called by name, and functions of users that are called behind operators, casts, views and the like.
  package var functions: [FunctionUse] = []
  /// For the operator, not for the one who sent it: details of what was found, and what could not be known.
  package var notes: [String] = []
  /// Where a policy holds: what runs instead of the text.
  package var policed: PolicedText?

  /// The one class that the whole text needs; nil when it is rejected.
  package var strongest: Permission? { isRejected ? nil : permissions.max() }
}

/// A relation that a statement touches.
package struct RelationUse: Sendable, Equatable {
  package enum Access: String, Sendable { case read, write }

  /// nil: not resolved, because it does not exist or there was no server to ask.
  package var schema: String?
  package var name: String
  package var isWritten: Bool
  package var isRead: Bool
  /// Sorted; a superset of what is really touched where a name fits several relations. Nil: all columns.
  package var columns: [String]?
  /// Reached through a view, a policy, a trigger or a function and not named in the text.
  package var isIndirect: Bool

  package var qualifiedName: String { schema.map { "\($0).\(name)" } ?? name }
}

/// A function that a statement calls.
package struct FunctionUse: Sendable, Equatable {
  /// `schema.name(types)`; the name as written where it does not exist.
  package var signature: String
  package var permission: Permission
}
