// Quotas of one connection: counted in the store, where several servers count together, or else in this process.

import Database
import Store
import Synchronization

extension PolicyLimits {
  fileprivate var quotas: QuotaLimits { QuotaLimits(perMinute: perMinute, perHour: perHour, concurrent: concurrent) }
}

/// Counts calls of callers; its state is in ARCHITECTURE.md's table.
final class QuotaCounter: Sendable {
  /// A call that was counted, until it ends.
  enum Use: Sendable {
    case unlimited
    case here(Principal)
    case inLedger(Int64, QuotaLimits)
  }

  private let connection: String
  private let ledger: (any QuotaLedger)?
  private let here = Mutex(Quotas())
  /// A call of a server that died is taken for ended after so many seconds.
  private static let lease = 900

  init(_ connection: String, _ ledger: (any QuotaLedger)?) { (self.connection, self.ledger) = (connection, ledger) }

  func counting<R>(
    _ call: GovernedCall, _ policy: EffectivePolicy?, _ body: () async throws(GovernedFailure) -> R
  ) async throws(GovernedFailure) -> R {
    let use = try await begin(call, policy)
    let result: Result<R, GovernedFailure>
    do throws(GovernedFailure) { result = .success(try await body()) } catch { result = .failure(error) }
    await end(use)
    return try result.get()
  }

  /// - Throws: why the call has to wait.
  func begin(_ call: GovernedCall, _ policy: EffectivePolicy?) async throws(GovernedFailure) -> Use {
    guard let limits = policy?.limits, !limits.quotas.isEmpty else { return .unlimited }
    let principal = call.caller.principal
    guard let ledger else {
      if let refusal = here.withLock({ $0.begin(principal, limits, at: .now) }) { throw refusal }
      return .here(principal)
    }
    // Names hold no control characters.
    let key = "\(connection)\t\(principal.name)\t\(principal.onBehalfOf ?? "")"
    let answer: QuotaAnswer
    do throws(StoreError) { answer = try await ledger.take(key, limits.quotas, lease: Self.lease) } catch {
      var failure = GovernedFailure("calls cannot be counted now, and a quota holds here", advice: "Try again later")
      failure.detail = error.message
      throw failure
    }
    switch answer {
    case .taken(let number): return .inLedger(number, limits.quotas)
    case .perMinute: throw Quotas.tooMany(in: .minute, limits)
    case .perHour: throw Quotas.tooMany(in: .hour, limits)
    case .concurrent: throw Quotas.tooMany(in: .moment, limits)
    }
  }

  /// A use that cannot be given back ends with its lease.
  func end(_ use: Use) async {
    switch use {
    case .unlimited: break
    case .here(let principal): here.withLock { $0.end(principal) }
    case .inLedger(let number, let limits): try? await ledger?.giveBack(number, limits)
    }
  }
}
