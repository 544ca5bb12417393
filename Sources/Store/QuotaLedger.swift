// What callers have taken lately, where several servers count together: over one file, or one database.

/// How much one caller may take; nil: any number.
package struct QuotaLimits: Sendable, Equatable {
  package var perMinute: Int?
  package var perHour: Int?
  package var concurrent: Int?

  package init(perMinute: Int? = nil, perHour: Int? = nil, concurrent: Int? = nil) {
    self.perMinute = perMinute
    self.perHour = perHour
    self.concurrent = concurrent
  }

  package var isEmpty: Bool { perMinute == nil && perHour == nil && concurrent == nil }

  /// Seconds after which a use counts no more.
  var memory: Int { perHour != nil ? 3_600 : perMinute != nil ? 60 : 0 }
}

/// What came of asking for one call more.
package enum QuotaAnswer: Sendable, Equatable {
  /// Counted, under this number.
  case taken(Int64)
  case perMinute, perHour, concurrent

  /// By what has been counted before.
  init?(refusing limits: QuotaLimits, minute: Int, hour: Int, running: Int) {
    if let most = limits.perHour, hour >= most {
      self = .perHour
    } else if let most = limits.perMinute, minute >= most {
      self = .perMinute
    } else if let most = limits.concurrent, running >= most {
      self = .concurrent
    } else {
      return nil
    }
  }
}

package protocol QuotaLedger: Sendable {
  /// Counts one call of a caller, unless it is one too many.
  /// - Parameters:
  ///   - key: of the caller on a connection.
  ///   - lease: seconds after which a call that nobody ended is taken for ended.
  func take(_ key: String, _ limits: QuotaLimits, lease: Int) async throws(StoreError) -> QuotaAnswer
  /// The call has ended.
  func giveBack(_ use: Int64, _ limits: QuotaLimits) async throws(StoreError)
}
