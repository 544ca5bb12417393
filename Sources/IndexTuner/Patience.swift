// How long a run may go on: a time budget and a way for a person to say "enough".

import Synchronization

/// Raised once, by Ctrl-C or a client that left; whoever works looks at it between two calls.
package final class StopSignal: Sendable {
  private let raised = Atomic<Bool>(false)

  package init() {}

  package var isRaised: Bool { raised.load(ordering: .relaxed) }

  package func raise() { raised.store(true, ordering: .relaxed) }
}

/// Says when to stop asking and answer with the best found so far.
package struct Patience: Sendable {
  package var deadline: ContinuousClock.Instant?
  package var stop: StopSignal

  package init(deadline: ContinuousClock.Instant? = nil, stop: StopSignal = StopSignal()) {
    self.deadline = deadline
    self.stop = stop
  }

  /// Over when only `share` of what is left now is left: for a step that others follow.
  func leaving(_ share: Double) -> Patience {
    guard let deadline else { return self }
    let left = max(.zero, deadline - .now)
    return Patience(deadline: deadline - left * share, stop: stop)
  }

  /// Whole seconds, begun ones too: a moment more or less makes no difference to who plans by them.
  var secondsLeft: Int? {
    deadline.map { deadline in
      let left = max(.zero, deadline - .now).components
      return Int(left.seconds) + (left.attoseconds > 0 ? 1 : 0)
    }
  }

  package var isOver: Bool { stop.isRaised || deadline.map { ContinuousClock.now >= $0 } ?? false }
}
