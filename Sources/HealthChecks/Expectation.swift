// What one check-up teaches the next one on the same server.

import Database

/// What a run saw, and how it went.
package struct Expectation: Sendable {
  package var surroundings: Surroundings
  /// Few questions, and each was answered at once: the next time they may go together.
  package var isSmooth: Bool
  /// What went together the last time, so that it need not be worked out again.
  var together: Together?

  package init(_ surroundings: Surroundings, isSmooth: Bool = false) {
    self.surroundings = surroundings
    self.isSmooth = isSmooth
  }
}

/// The questions of a check-up that are one group, and of what they follow.
struct Together: Sendable {
  let asking: Asking
  /// Those of the checks that ask, by place.
  let places: [Int]
  private let checks: [String]
  private let limits: Limits
  private let isExact: Bool
  private let server: ServerInfo

  init(_ asking: Asking, of places: [Int], in checkup: Checkup, on server: ServerInfo) {
    self.asking = asking
    self.places = places
    checks = checkup.checks.map(\.id)
    (limits, isExact) = (checkup.limits, checkup.isExact)
    self.server = server
  }

  func isFor(_ checkup: Checkup, on server: ServerInfo) -> Bool {
    isExact == checkup.isExact && limits == checkup.limits && checks.elementsEqual(checkup.checks.lazy.map(\.id))
      && self.server == server
  }
}
