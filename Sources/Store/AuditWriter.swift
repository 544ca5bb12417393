// Records of many calls at once, written together: one wait for the disk serves all that came meanwhile.

/// The queue in front of a store; its state is in ARCHITECTURE.md's table.
package actor AuditWriter {
  private let store: any AuditStore
  private let limits: StoreLimits
  private var waiting: [(record: [UInt8], done: CheckedContinuation<Result<Void, StoreError>, Never>)] = []
  private var isWriting = false

  package init(_ store: any AuditStore, limits: StoreLimits = StoreLimits()) {
    self.store = store
    self.limits = limits
  }

  /// Returns when the record survives a power failure.
  package func append(_ record: [UInt8]) async throws(StoreError) {
    guard record.count <= limits.record else {
      throw StoreError(code: .full, message: "an audit record of \(record.count) bytes is too long")
    }
    guard waiting.count < limits.waiting else {
      throw StoreError(code: .busy, message: "\(waiting.count) audit records wait to be written")
    }
    let result = await withCheckedContinuation { done in
      waiting.append((record, done))
      guard !isWriting else { return }
      isWriting = true
      Task { await write() }
    }
    try result.get()
  }

  private func write() async {
    while !waiting.isEmpty {
      var bytes = 0
      let batch = Array(
        waiting.prefix(limits.batch).prefix { entry in
          defer { bytes += entry.record.count }
          return bytes < limits.pageBytes
        })
      waiting.removeFirst(batch.count)
      let result: Result<Void, StoreError>
      do throws(StoreError) {
        _ = try await store.append(batch.map(\.record))
        result = .success(())
      } catch {
        result = .failure(error)
      }
      for (_, done) in batch { done.resume(returning: result) }
    }
    isWriting = false
  }
}
