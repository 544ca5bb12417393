// What a change does to the statements that use its tables: plans before and after, and how long they took until now.

package import JSON

/// A statement of pg_stat_statements, planned before the change and with it.
package struct PlanChange: EvidencePart {
  package var queryID: String
  /// Normalised: without constants.
  package var text: String
  package var costBefore: Double
  package var costAfter: Double?
  package var indexesBefore: [String]
  package var indexesAfter: [String]
  /// Why there is no plan with the change.
  package var failure: String?

  package var json: JSONValue {
    .object([
      "query_id": .string(queryID), "text": .string(text), "cost_before": .number(costBefore),
      "cost_after": .optional(costAfter), "indexes_before": .list(indexesBefore), "indexes_after": .list(indexesAfter),
      "failure": .optional(failure),
    ])
  }

  package init(
    queryID: String, text: String, costBefore: Double, costAfter: Double?, indexesBefore: [String],
    indexesAfter: [String], failure: String? = nil
  ) {
    self.queryID = queryID
    self.text = text
    self.costBefore = costBefore
    self.costAfter = costAfter
    self.indexesBefore = indexesBefore
    self.indexesAfter = indexesAfter
    self.failure = failure
  }

  package init?(json: JSONValue) {
    guard let object = json.object, let queryID = object["query_id"]?.string, let text = object["text"]?.string,
      let before = object["cost_before"]?.double, let indexesBefore = json.strings("indexes_before"),
      let indexesAfter = json.strings("indexes_after")
    else { return nil }
    self.init(
      queryID: queryID, text: text, costBefore: before, costAfter: object["cost_after"]?.double,
      indexesBefore: indexesBefore, indexesAfter: indexesAfter, failure: object["failure"]?.string)
  }
}

/// What was recorded of one statement until the change: the difference to later numbers is what came after it.
package struct StatementBaseline: EvidencePart {
  package var queryID: String
  package var text: String
  package var calls: Int64
  package var totalMilliseconds: Double

  package init(queryID: String, text: String, calls: Int64, totalMilliseconds: Double) {
    self.queryID = queryID
    self.text = text
    self.calls = calls
    self.totalMilliseconds = totalMilliseconds
  }

  package var json: JSONValue {
    .object([
      "query_id": .string(queryID), "text": .string(text), "calls": .integer(calls),
      "total_milliseconds": .number(totalMilliseconds),
    ])
  }

  package init?(json: JSONValue) {
    guard let object = json.object, let queryID = object["query_id"]?.string, let text = object["text"]?.string,
      let calls = object["calls"]?.integer, let total = object["total_milliseconds"]?.double
    else { return nil }
    self.init(queryID: queryID, text: text, calls: calls, totalMilliseconds: total)
  }
}
