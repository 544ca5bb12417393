// Rows that were read ahead and wait for the call that asks for them.

internal import Governance

/// A statement's result of which some pages were not sent yet.
struct KeptResult: Sendable {
  var principal: Principal
  var connection: String
  /// Under which it was read: when it is replaced, the rows are gone.
  var policy: EffectivePolicy?
  /// What the statement needed: whoever asks for more rows still needs it.
  var permissions: Set<Permission>
  var sql: String
  var columns: [(name: String, type: String)]
  var rows: SpooledRows
  /// How to see the rows behind the last page; nil when these are all.
  var hint: String?
  var commandTag: String

  /// Where a page begins among all rows.
  func first(of page: Int) -> Int { rows.pages[..<page].reduce(0) { $0 + $1.rows } }
}

/// Results by unguessable names, each for the principal whose it is, and each for a while.
actor KeptResults {
  private struct Kept {
    var result: KeptResult
    var until: ContinuousClock.Instant
  }

  private let limits: ProductLimits
  private var kept: [String: Kept] = [:]
  /// In the order in which they end.
  private var names: [String] = []
  private var sweep: Task<Void, Never>?

  init(limits: ProductLimits) { self.limits = limits }

  /// - Returns: its name. The oldest make room for it, first those of the same principal.
  func keep(_ result: KeptResult) -> String {
    forgetExpired()
    let own = names.filter { kept[$0]?.result.principal == result.principal }
    for name in own.prefix(max(0, own.count + 1 - limits.resultsOfOne)) { forget(name) }
    while let oldest = names.first,
      names.count >= limits.results || byteCount + result.rows.byteCount > limits.resultBytes
    {
      forget(oldest)
    }
    let name = unguessableName(digits: 26)
    kept[name] = Kept(result: result, until: .now + limits.resultLifetime)
    names.append(name)
    sweepLater()
    return name
  }

  /// nil where there is none of this name for this principal.
  func result(_ name: String, for principal: Principal) -> KeptResult? {
    forgetExpired()
    guard let found = kept[name], found.result.principal == principal else { return nil }
    return found.result
  }

  private var byteCount: Int { kept.values.reduce(0) { $0 + $1.result.rows.byteCount } }

  private func forget(_ name: String) {
    kept[name] = nil
    names.removeAll { $0 == name }
  }

  private func forgetExpired() {
    while let oldest = names.first, let found = kept[oldest], found.until <= .now { forget(oldest) }
  }

  /// Nobody may ever ask again, and still they go.
  private func sweepLater() {
    guard sweep == nil else { return }
    sweep = Task { [weak self, lifetime = limits.resultLifetime] in
      while let self, await !self.isEmpty {
        do { try await Task.sleep(for: min(lifetime, .seconds(30))) } catch { return }
        await self.forgetExpired()
      }
      await self?.endSweep()
    }
  }

  private var isEmpty: Bool { kept.isEmpty }

  private func endSweep() {
    sweep = nil
    if !kept.isEmpty { sweepLater() }
  }
}
