// How far a call is, for whoever waits for it or asks later.

internal import Synchronization

/// What a running call says about itself. Costs nothing until somebody looks.
package final class CallProgress: Sendable {
  private struct State {
    var steps: [String] = []
    var detail: (@Sendable () -> String?)?
  }

  let started = ContinuousClock.now
  private let state = Mutex(State())
  /// Steps that are remembered.
  private static let most = 12

  /// A new step has begun.
  func report(_ step: String) {
    state.withLock { state in
      guard state.steps.last != step else { return }
      state.steps.append(step)
      if state.steps.count > Self.most { state.steps.removeFirst() }
    }
  }

  /// Asked whenever somebody wants to know more.
  func describe(with detail: @escaping @Sendable () -> String?) { state.withLock { $0.detail = detail } }

  /// The last steps, oldest first.
  var steps: [String] { state.withLock { $0.steps } }

  var elapsed: Duration { .now - started }

  /// One line of what it is at.
  var line: String {
    let (step, detail) = state.withLock { ($0.steps.last, $0.detail) }
    return ["\(elapsed.components.seconds) s", step, detail?()].compactMap { $0 }.joined(separator: ", ")
  }
}

extension CallContext {
  private static let firstWord = Duration.seconds(1)
  private static let pause = Duration.milliseconds(500)

  /// Tells the client, if it has asked for that, how far the call is: from its first second on, at each new step, and
  /// every few seconds where there is none. The seconds are the progress, which so only ever grows.
  func telling<R: Sendable>(_ progress: CallProgress, _ body: () async -> R) async -> R {
    guard wantsProgress else { return await body() }
    let notify = notify
    let clock = Task {
      var told: (steps: [String], at: Duration)?
      do { try await Task.sleep(for: Self.firstWord) } catch { return }
      while !Task.isCancelled {
        let (steps, elapsed) = (progress.steps, progress.elapsed)
        let tenths = (elapsed / .milliseconds(100)).rounded(.down)
        if told.map({ $0.steps != steps || elapsed - $0.at >= .seconds(3) }) ?? true {
          await notify(.progress(tenths / 10, total: nil, message: progress.line))
          told = (steps, elapsed)
        }
        do { try await Task.sleep(for: Self.pause) } catch { return }
      }
    }
    let result = await body()
    clock.cancel()
    return result
  }
}
