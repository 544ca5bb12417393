// One connection that prices: runs pipelines, and says when it is lost.

import Database
import Synchronization

/// A session inside its read-only transaction, lent for one model.
final class PricingSession: Sendable {
  /// What one pipeline found out.
  struct Found: Sendable {
    var prices: [(place: Int, price: Price, planningMilliseconds: Double)] = []
    /// What the planner refused, with its reason.
    var refusals: [(place: Int, error: DatabaseError)] = []
    var explains = 0
  }

  private let session: Session
  private let lost = Atomic<Bool>(false)

  init(_ session: Session) { self.session = session }

  var isLost: Bool { lost.load(ordering: .relaxed) }

  /// Runs the groups under a savepoint. A statement that fails takes those behind it along: they are run again.
  func run(
    _ pipeline: [PricingGroup], _ requests: [PriceRequest], from book: PricingBook
  ) async throws(TuningError) -> Found {
    var found = Found()
    var remaining = pipeline
    while !remaining.isEmpty {
      var script = PricingScript()
      for group in remaining {
        script.append(group, entries: group.places.map { requests[$0].query }, from: book)
      }
      script.end()
      let reading = script.read(try await send(script.steps), from: book)
      found.explains += reading.explains
      found.prices += reading.prices
      guard let failed = reading.firstFailure else { break }
      found.refusals.append(failed)
      remaining = Self.rest(of: remaining, after: failed.place)
    }
    return found
  }

  /// - Throws: when the connection is lost; it is not asked again then.
  func send(_ steps: [Step]) async throws(TuningError) -> [Result<StepRows, DatabaseError>] {
    do throws(DatabaseError) {
      return try await session.run(steps)
    } catch {
      lost.store(true, ordering: .relaxed)
      throw TuningError(error)
    }
  }

  /// What is left to run once the request at `failed` has been given up.
  private static func rest(of groups: [PricingGroup], after failed: Int) -> [PricingGroup] {
    guard let broken = groups.firstIndex(where: { $0.places.contains(failed) }),
      let position = groups[broken].places.firstIndex(of: failed)
    else { return [] }
    let places = Array(groups[broken].places[(position + 1)...])
    let head = places.isEmpty ? [] : [PricingGroup(visible: groups[broken].visible, places: places)]
    return head + groups[(broken + 1)...]
  }
}
