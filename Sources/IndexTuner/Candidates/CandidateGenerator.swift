// A family: each member proposes indexes for one statement, from its shape alone.

package import Database

/// Proposes candidate indexes for one statement; pure, and never prices anything.
package protocol CandidateGenerator: Sendable {
  /// Stable, kebab-case, as in the reference page.
  var id: String { get }
  /// One sentence for people: which columns, in which order, and why.
  var summary: String { get }
  /// Candidates in a fixed order. Existing indexes, column limits and table exclusions are dealt with by the caller.
  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition]
}
