// Names as PostgreSQL tells them apart: by their bytes. For Swift `é` and `e` with an accent behind it are the same text.

/// A name as a key.
struct ExactName: Hashable, Sendable {
  private let name: String

  init(_ name: String) { self.name = name }

  static func == (left: ExactName, right: ExactName) -> Bool { left.name.isSpelled(right.name) }

  /// Texts that are spelled alike are equal, so they hash alike.
  func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension String {
  /// Whether both are the same bytes.
  func isSpelled(_ other: String) -> Bool { self == other && utf8.elementsEqual(other.utf8) }
}
