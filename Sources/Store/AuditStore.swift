// A seam: where audit records are kept, in a file or in a database that several servers share.

/// One record as it stands in the store.
package struct AuditEntry: Sendable, Equatable {
  package var number: Int64
  /// One JSON object, as it was written.
  package var record: [UInt8]
  package var link: [UInt8]

  package init(number: Int64, record: [UInt8], link: [UInt8]) {
    self.number = number
    self.record = record
    self.link = link
  }
}

/// What a store says of itself.
package struct AuditBooks: Sendable, Equatable {
  package var head: ChainHead
  /// Up to here retention has removed records; at the chain's origin, nothing.
  package var retired: ChainHead
  /// Of both.
  package var seal: [UInt8]
}

package protocol AuditStore: Sendable {
  var chain: Chain { get }
  /// Adds records in this order, and returns when they survive a power failure.
  func append(_ records: [[UInt8]]) async throws(StoreError) -> ChainHead
  func books() async throws(StoreError) -> AuditBooks
  /// The next ones, in order; none at the end.
  func entries(after number: Int64) async throws(StoreError) -> [AuditEntry]
  /// Removes all records up to this number, and adds one that says so.
  /// - Parameter saying: made of the head at which the chain is cut.
  func retire(through number: Int64, saying record: @Sendable @escaping (ChainHead) -> [UInt8]) async throws(StoreError)
}
