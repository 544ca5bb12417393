// Rows behind a cursor: what an earlier call has read ahead.

import Governance
import JSON

/// One page of a kept result, for the principal whose it is.
struct KeptPage {
  private let cursor: String
  private let context: ToolContext

  init(_ cursor: String, in context: ToolContext) {
    self.cursor = cursor
    self.context = context
  }

  static func cursor(_ name: String, page: Int) -> String { "\(name)-\(page)" }

  /// - Parameter statement: where it is given again, it has to be the statement that the cursor belongs to.
  func answer(
    to statement: String?, within permissions: Set<Permission>, isJSON: Bool
  ) async throws(ToolFailure) -> ToolAnswer {
    guard let found = await result(within: permissions) else {
      throw ToolFailure(
        "not_found", "There are no rows behind this cursor (any more)",
        hint:
          "Rows are kept for \(context.limits.resultLifetime.components.seconds / 60) minutes: run the statement again."
      )
    }
    if let statement, statement != found.result.sql {
      throw ToolFailure("bad_arguments", "The cursor belongs to another statement", hint: "Leave sql out, or cursor.")
    }
    let (kept, number) = found
    let isLast = number == kept.rows.pages.count - 1
    let next = isLast ? nil : Self.cursor(String(cursor.prefix { $0 != "-" }), page: number + 1)
    return try RowsAnswer(
      columns: kept.columns, page: kept.rows.pages[number], commandTag: kept.commandTag, affected: nil,
      isTruncated: !isLast || kept.hint != nil, cursor: next, hint: isLast ? kept.hint : nil, isJSON: isJSON
    ).answer(link: next.flatMap { context.link(to: $0, kept.rows.pages[number + 1]) })
  }

  /// As a resource: a JSON text with the digits that the rows have.
  func resource(on connection: String) async throws(GovernedFailure) -> String? {
    guard let (kept, number) = await result(within: Set(Permission.allCases)), kept.connection == connection,
      kept.rows.pages[number].byteCount <= context.limits.resourceBytes
    else { return nil }
    let page = kept.rows.pages[number]
    let isLast = number == kept.rows.pages.count - 1
    let next = ProductURI.keptRows(
      behind: Self.cursor(String(cursor.prefix { $0 != "-" }), page: number + 1), on: connection)
    let head: JSONValue = [
      "columns": .array(kept.columns.map { ["name": .string($0.name), "type": .string($0.type)] }),
      "first_row": .integer(Int64(kept.first(of: number) + 1)), "next": isLast ? .null : .string(next),
    ]
    let rows = String(decoding: try page.bytes(from: 0, atMost: page.byteCount), as: UTF8.self)
    return "\(head.text().dropLast()),\"rows\":[\(rows)]}"
  }

  /// nil: unknown, expired, somebody else's, or not granted any more. All the same to the caller.
  func result(within permissions: Set<Permission>) async -> (result: KeptResult, page: Int)? {
    let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[1]), number > 0,
      let result = await context.results.result(String(parts[0]), for: context.call.caller.principal),
      number < result.rows.pages.count, context.governor.has(result.connection),
      context.call.caller.policies[result.connection] == result.policy,
      context.call.connection == nil || context.call.connection == result.connection
    else { return nil }
    let granted = (context.call.caller.permissions[result.connection] ?? []).intersection(permissions)
    return result.permissions.isSubset(of: granted) ? (result, number) : nil
  }
}
