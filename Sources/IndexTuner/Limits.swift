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
  /// Indexes that are visible to the planner at once for one statement.
  package var visibleIndexes = 120
  /// Plans remembered for one statement.
  package var rememberedPlans = 400
  /// EXPLAINs sent in one pipeline: the time budget is looked at between two of them.
  package var pipelineDepth = 48
  /// Recommended indexes.
  package var recommendations = 100
  /// Rounds of view definitions that name further relations.
  package var viewDepth = 8

  package init() {}
}
