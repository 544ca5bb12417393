// What the planner is asked about: candidates, statements, and which matters to which.

package import Database

extension HypotheticalIndexes {
  /// What a model is lent for.
  package struct Subject {
    package var candidates: [IndexDefinition] = []
    package var queries: [Query] = []
    /// The candidates that could matter to each statement.
    package var relevant: [IndexSet] = []
    /// Milliseconds that planning each statement took; empty where nothing is known.
    package var planningTimes: [Double] = []
    /// Of the candidates' tables, as far as it is known.
    package var catalog: Catalog

    package init(
      candidates: [IndexDefinition] = [], queries: [Query] = [], relevant: [IndexSet] = [],
      planningTimes: [Double] = [], catalog: Catalog = Catalog()
    ) {
      self.candidates = candidates
      self.queries = queries
      self.relevant = relevant
      self.planningTimes = planningTimes
      self.catalog = catalog
    }

    /// By statement, all candidates on the tables for which one is relevant.
    var onTables: [IndexSet] {
      let byTable = Dictionary(grouping: candidates.indices) { candidates[$0].table }.mapValues { IndexSet($0) }
      return relevant.map { own in
        Set(own.members.map { candidates[$0].table }).sorted().reduce(IndexSet()) {
          $0.union(byTable[$1] ?? IndexSet())
        }
      }
    }
  }
}
