// Waiting that is mostly cancelled: a task for each call that would give up on it.

/// Sleeps by the second: a sleep that is cancelled holds its memory until it would have ended.
/// - Throws: when the task is cancelled.
func sleepShortly(for patience: Duration) async throws {
  let deadline = ContinuousClock.now + patience
  while case let rest = ContinuousClock.now.duration(to: deadline), rest > .zero {
    try await Task.sleep(for: min(rest, .seconds(1)))
  }
}
