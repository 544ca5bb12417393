// What changes while clients are connected, and who wants to hear of it.

package import Governance

/// Something that clients may have kept and that is not so any more.
package enum Change: Sendable, Hashable {
  case tools
  case prompts
  case resources
  /// The resource of this URI reads differently now.
  case resource(String)
}

/// One publisher, any number of listeners: modern subscriptions and legacy conversations alike. A listener that is slow
/// misses nothing and costs nothing: what it has not taken yet is a set, and a change that is in it is not in it twice.
package actor Announcements {
  private struct Listener {
    var wants: @Sendable (Change) -> Bool
    var principal: Principal?
    var pending: [Change] = []
    var waiting: CheckedContinuation<Change?, Never>?
  }

  private var listeners: [Int: Listener] = [:]
  private var lastNumber = 0
  private var isClosed = false

  package init() {}

  package var listenerCount: Int { listeners.count }

  package func publish(_ change: Change) {
    for (number, listener) in listeners where listener.wants(change) && !listener.pending.contains(change) {
      if let waiting = listener.waiting {
        listeners[number]?.waiting = nil
        waiting.resume(returning: change)
      } else {
        listeners[number]?.pending.append(change)
      }
    }
  }

  /// Ends the streams of some in good order.
  package func dismiss(_ isGone: @Sendable (Principal) -> Bool) {
    for (number, listener) in listeners where listener.principal.map(isGone) ?? false { leave(number) }
  }

  /// Ends every stream in good order; later ones end at once.
  package func close() {
    isClosed = true
    for (number, listener) in listeners {
      listeners[number]?.waiting = nil
      listener.waiting?.resume(returning: nil)
    }
  }

  /// - Returns: nil when there are too many listeners.
  func join(limit: Int, for principal: Principal? = nil, _ wants: @escaping @Sendable (Change) -> Bool) -> Int? {
    guard listeners.count < limit else { return nil }
    lastNumber += 1
    listeners[lastNumber] = Listener(wants: wants, principal: principal)
    return lastNumber
  }

  /// The next change for this listener; nil when its task is cancelled or the announcements are closed.
  func next(for number: Int) async -> Change? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in wait(continuation, number) }
    } onCancel: {
      Task { await leave(number) }
    }
  }

  private func wait(_ continuation: CheckedContinuation<Change?, Never>, _ number: Int) {
    guard let listener = listeners[number], !isClosed, !Task.isCancelled else {
      return continuation.resume(returning: nil)
    }
    guard let first = listener.pending.first else {
      listeners[number]?.waiting = continuation
      return
    }
    listeners[number]?.pending.removeFirst()
    continuation.resume(returning: first)
  }

  func leave(_ number: Int) {
    listeners.removeValue(forKey: number)?.waiting?.resume(returning: nil)
  }
}
