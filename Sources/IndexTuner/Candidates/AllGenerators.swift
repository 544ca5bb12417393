// The generators there are, in the order their candidates are met.

/// `maximumColumns`: keys that one index may have.
package func allGenerators(maximumColumns: Int) -> [any CandidateGenerator] {
  [
    EqualityColumns(maximumColumns: maximumColumns),
    EqualityThenRange(maximumColumns: maximumColumns),
    JoinColumns(maximumColumns: maximumColumns),
    SortColumns(maximumColumns: maximumColumns),
    GroupingColumns(maximumColumns: maximumColumns),
    ExtremeColumns(maximumColumns: maximumColumns),
    RangeColumns(maximumColumns: maximumColumns),
    ArmColumns(maximumColumns: maximumColumns),
    CombinedColumns(maximumColumns: maximumColumns),
    PatternColumns(maximumColumns: maximumColumns),
    ExpressionKeys(maximumColumns: maximumColumns),
    CoveringColumns(maximumColumns: maximumColumns),
    PartialConditions(maximumColumns: maximumColumns),
    BlockRanges(),
    JSONDocuments(),
    ArrayElements(),
    TextWords(),
    Trigrams(),
    RangeOverlaps(),
  ]
}
