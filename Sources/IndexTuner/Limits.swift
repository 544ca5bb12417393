// Every bound of this room in one place.

/// What the tuner will never exceed, whatever it is given.
package struct Limits: Sendable {
  /// Statements taken from all sources together; the heaviest are kept.
  package var statements = 2_000
  /// Bytes of one statement.
  package var statementBytes = 1_000_000
  /// Bytes of one workload file.
  package var fileBytes = 256 * 1_024 * 1_024
  /// Files taken from one directory.
  package var files = 10_000
  /// Candidates that are priced; a statement's own share is bounded by its generators.
  package var candidates = 5_000
  /// Of these, such that hold what two statements want.
  package var mergedCandidates = 200
  /// Plans remembered for one statement.
  package var rememberedPlans = 400
  /// EXPLAINs sent in one pipeline: the time budget is looked at between two of them.
  package var pipelineDepth = 48
  /// Groups of columns whose different keys are counted in a sample.
  package var sampledGroups = 64
  /// Of these, on one table and counted in one reading of its sample.
  package var groupsOfOneSample = 8
  /// Samples that are read at all.
  package var samples = 64
  /// Samples that may be read for each second of the time limit. One takes a tenth of a second; the rest is for the search.
  package var samplesPerSecond = 0.7
  /// Rows of a table from which the values that ANALYZE kept are asked for their widths.
  package var keptValuesRows = 5_000.0
  /// Rows of one sample.
  package var sampledRows = 30_000.0
  /// For one sample. Far more than one takes: an answer should not hang on how busy the server is.
  package var samplingMilliseconds = 2_000
  /// Recommended indexes.
  package var recommendations = 100
  /// Recommendations up to which it is asked what each does alone; of more it is told from memory.
  package var pricedAlone = 12
  /// Indexes of one plan up to which the search knows what a part of them would do, and questions about more.
  package var plainlyUsed = 4
  package var pricedSteps = 64
  /// Rounds of view definitions that name further relations.
  package var viewDepth = 8
  /// Levels of a parse tree that the shape reader follows: half a megabyte of stack in a debug build.
  package var expressionDepth = 100
  /// Nodes that the shape reader looks at in one statement, views and CTEs put in place.
  package var shapeSteps = 2_000_000
  /// Table instances of one statement, those inside views and inlined CTEs included.
  package var tableInstances = 400
  /// Tables that inherit from one that a statement names for which indexes are looked for, the largest.
  package var inheritingTables = 16
  /// Notes kept on one statement.
  package var notes = 50
  /// Conditions of one table instance that are said to be served by no index.
  package var obstacles = 6
  /// Pairs of columns taken from one comparison of two UNIONs.
  package var joinPairs = 64
  /// Heap pages below which no index is proposed on a table: five are read as fast as one.
  package var smallestTablePages = 5.0
  /// Rows from which an index that spares visits to the table is proposed.
  package var coveredRows = 100.0
  /// Heap bytes from which a BRIN index is proposed: below, a btree is small enough.
  package var smallestBRINBytes: Int64 = 32 * 1_024 * 1_024
  /// Columns of one table instance that an index may cover, keys and INCLUDE together.
  package var coveredColumns = 7
  /// Distinct values that a column may have for one of them to be a partial index's condition.
  package var partialValues = 10.0
  /// Ways to do with fewer indexes that are tried, and bytes that one has to be about.
  package var consolidationTrials = 48
  package var consolidatedBytes: Int64 = 512 * 1_024
  /// Indexes that one may replace, its key columns, and statements planned for it.
  package var consolidatedIndexes = 4
  package var consolidatedColumns = 5
  package var consolidatedStatements = 100
  /// Rows that may share the columns in front of a replacement that the planner could not be asked about.
  package var consolidatedRows = 100.0
  /// Statements without a new index whose plan is looked at to say why.
  package var explainedStatements = 300
  /// Words on one statement without a new index.
  package var reasons = 8
  /// Bytes that the average key of an index may have: a btree holds no entry wider than a third of a page.
  package var widestKeyBytes = 2_700

  package init() {}

  /// With no more samples than the time limit has room for.
  func sampling(within patience: Patience) -> Limits {
    guard let seconds = patience.secondsLeft else { return self }
    var limits = self
    limits.samples = min(samples, Int(Double(seconds) * samplesPerSecond))
    return limits
  }
}
