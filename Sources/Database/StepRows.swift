// What one step gives back: rows of text cells, and how they become values.

/// The rows of one statement, as PostgreSQL's text output.
package struct StepRows: Sendable, Equatable {
  package var columns: [String]
  /// Row by row, cell by cell; nil is NULL.
  package var rows: [[[UInt8]?]]
  /// Of a boundary: when the server had answered everything in front of it.
  package var arrival: ContinuousClock.Instant?
  /// Of `Step.price`, which has no rows; nil where the answer was no plan.
  package var price: PlanPrice?

  package init(columns: [String] = [], rows: [[[UInt8]?]] = [], arrival: ContinuousClock.Instant? = nil) {
    self.columns = columns
    self.rows = rows
    self.arrival = arrival
  }

  /// The text of a cell; nil for NULL and for a cell that is not there.
  package func text(_ row: Int, _ column: Int) -> String? {
    guard rows.indices.contains(row), rows[row].indices.contains(column) else { return nil }
    return rows[row][column].map { String(decoding: $0, as: UTF8.self) }
  }

  /// Decodes every row by column name.
  ///
  /// Understands the standard library's numbers, `Bool` (`t`/`f`), `String`, one-dimensional arrays of these and
  /// optionals; an enum with raw values by its raw value.
  package func decoded<Row: Decodable>(as type: Row.Type) throws(DatabaseError) -> [Row] {
    var decoded: [Row] = []
    decoded.reserveCapacity(rows.count)
    do {
      for cells in rows { decoded.append(try Row(from: RowDecoder(columns: columns, cells: cells))) }
    } catch let error as DecodingError {
      throw DatabaseError(code: .protocolViolation, message: "an answer could not be read: \(reason(for: error))")
    } catch {
      throw DatabaseError(code: .protocolViolation, message: "an answer could not be read")
    }
    return decoded
  }
}

/// Names the column and the type, never the value.
private func reason(for error: DecodingError) -> String {
  switch error {
  case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
    "column \(context.codingPath.map(\.stringValue).joined(separator: ".")) is no \(type)"
  case .keyNotFound(let key, _): "column \(key.stringValue) is missing"
  case .dataCorrupted(let context): context.debugDescription
  @unknown default: "unknown form"
  }
}
