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

  /// What the backend holds of ours from one pipeline to the next.
  private struct Holding {
    var held = HeldIndexes()
    /// By identifier.
    var candidates: [UInt32: Int] = [:]
    var since = ContinuousClock.now
  }

  /// Nothing is locked between pipelines: whatever became of a table meanwhile, what is held is made anew now and then.
  private static let longest = Duration.seconds(1)

  private let session: Session
  /// Nil where nobody knows, and while a pipeline runs.
  private let holding = Mutex<Holding?>(nil)
  private let lost = Atomic<Bool>(false)

  init(_ session: Session) { self.session = session }

  var isLost: Bool { lost.load(ordering: .relaxed) }

  /// What the next pipeline finds.
  var held: HeldIndexes { holding.withLock { $0?.held } ?? HeldIndexes() }

  /// Runs the groups under a savepoint. A statement that fails takes those behind it along: they are run again.
  func run(
    _ pipeline: [PricingGroup], _ requests: [PriceRequest], from book: PricingBook
  ) async throws(TuningError) -> Found {
    var found = Found()
    var remaining = pipeline
    while !remaining.isEmpty {
      var holding = takeHolding()
      var script = PricingScript(holding: holding?.held)
      for group in remaining {
        script.append(group, entries: group.places.map { requests[$0].query }, from: book)
      }
      script.end()
      var candidates = holding?.candidates ?? [:]
      let reading = script.read(try await send(script.steps), from: book, &candidates)
      if reading.isWhole, let held = script.held {
        holding = Holding(held: held, candidates: candidates, since: holding?.since ?? .now)
        self.holding.withLock { $0 = holding }
      }
      found.explains += reading.explains
      found.prices += reading.prices
      guard let failed = reading.firstFailure else { break }
      found.refusals.append(failed)
      remaining = Self.rest(of: remaining, after: failed.place)
    }
    return found
  }

  private func takeHolding() -> Holding? {
    holding.withLock { holding in
      defer { holding = nil }
      return holding.flatMap { ContinuousClock.now - $0.since < Self.longest ? $0 : nil }
    }
  }

  /// What is held is not known afterwards.
  /// - Throws: when the connection is lost; it is not asked again then.
  func send(_ steps: [Step]) async throws(TuningError) -> [Result<StepRows, DatabaseError>] {
    holding.withLock { $0 = nil }
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
