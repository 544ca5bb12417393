// Removing what is old from the chain, with a record that says so: when somebody asks, or as the configuration has it.

import Governance
import JSON
import Store
import Terminal

struct Retirement: Sendable {
  let store: any AuditStore

  /// - Parameters:
  ///   - before: the beginning of a time in UTC, as records have it.
  ///   - isStopped: asked between pages; nothing is removed then.
  /// - Returns: how many records went, and the number of the last one.
  /// - Throws: where the chain is broken: what is removed cannot be verified any more.
  func remove(before time: String, unless isStopped: () -> Bool = { false }) async throws(StoreError) -> (Int, Int64) {
    var (count, last): (Int, Int64) = (0, 0)
    pages: while !isStopped() {
      let page = try await store.entries(after: last)
      if page.isEmpty { break }
      for entry in page {
        guard let written = AuditLine(entry).text("time"), written < time else { break pages }
        last = entry.number
        count += 1
      }
    }
    guard count > 0, !isStopped() else { return (0, 0) }
    guard try await Verification.of(store, cut: AuditEvent.cut).isSound else {
      throw StoreError(code: .broken, message: "the chain is broken, so nothing is removed: pgadvisor audit verify")
    }
    try await store.retire(through: last) { cut in
      var event = AuditEvent(kind: .retired)
      event.cut = cut
      return JSONValue.object(event.members).bytes()
    }
    return (count, last)
  }

  /// Once now and then once a day, until the task is cancelled. Why it does not work is said, and tried again.
  func run(keepingDays days: Int) async {
    while !Task.isCancelled {
      let time = WallTime(seconds: WallTime.now.seconds - days * 86_400)
      do throws(StoreError) {
        let (count, last) = try await remove(before: "\(time)", unless: { Task.isCancelled })
        if count > 0 { StandardStreams.writeError("pgadvisor: \(count) records retired, up to \(last)\n") }
      } catch {
        StandardStreams.writeError("pgadvisor: no records are retired: \(error.message)\n")
      }
      do { try await Task.sleep(for: .seconds(86_400)) } catch { return }
    }
  }
}
