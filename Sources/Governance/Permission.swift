// What a statement needs before it may run.

/// A permission, weakest first. What needs several needs all of them.
package enum Permission: String, Sendable, Hashable, CaseIterable, Comparable {
  /// To see a plan, which runs nothing.
  case explain
  /// To see data, settings and statistics; changes nothing and reaches nothing outside the database.
  case read
  /// To change data, sequences, large objects and locks, or to notify others.
  case write
  /// To change what there is: tables, views, functions, indexes.
  case ddl
  /// Roles, files, programs, network, maintenance, other sessions; and all code that could not be proven to do less.
  case admin

  package static func < (left: Permission, right: Permission) -> Bool { left.rank < right.rank }

  /// What changes something, and so can be left to a person's approval.
  package static let proposable: Set<Permission> = [.write, .ddl, .admin]

  private var rank: Int {
    switch self {
    case .explain: 0
    case .read: 1
    case .write: 2
    case .ddl: 3
    case .admin: 4
    }
  }
}
