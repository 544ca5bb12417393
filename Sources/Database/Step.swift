// The units of a pipeline.

/// One thing to ask for, or the end of a group of things.
package enum Step: Sendable {
  /// A statement of ours; values are bound as text, nil as NULL.
  case statement(SQL, [String?])
  /// A foreign statement to be planned. The answer is one row of one cell, the plan.
  case plan(PlanRequest)
  /// A foreign statement of whose plan only `StepRows.price` is wanted; the request is one of `PlanRequest.costing`.
  case price(PlanRequest)
  /// The end of a group: a step that fails takes with it the steps behind it up to here, and no further.
  ///
  /// Its own answer is empty, and says when it came. Outside a transaction a group is a transaction of its own.
  case boundary
}

/// What the wire knows to send: steps, and the two messages that ask for a statement's parameter types.
enum Request: Sendable {
  case step(Step)
  /// A question of ours that is prepared also where foreign statements run, and looked after there (`QuietEnding`).
  case kept(SQL, [String?])
  case prepare(PlanRequest)
  /// A foreign statement whose rows are taken one by one; alone in its exchange.
  case stream(PlanRequest, RowLimits, RowTaking, stopsAtCap: Bool)
  case describe
}

/// What comes back for one request; handed on many times, and never changed.
final class Answer: Sendable {
  let rows: StepRows
  let parameterTypes: [UInt32]
  let streamed: StreamedRows?

  init(rows: StepRows = StepRows(), parameterTypes: [UInt32] = [], streamed: StreamedRows? = nil) {
    self.rows = rows
    self.parameterTypes = parameterTypes
    self.streamed = streamed
  }
}
