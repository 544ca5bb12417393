// The legacy sessions of HTTP: who has which, and which are forgotten.

package import Governance

/// Bound to the principal that began them, and bounded in number and idle time.
package actor Sessions {
  private struct Entry {
    var conversation: Conversation
    var principal: Principal
    var lastUse: ContinuousClock.Instant
  }

  private let limit: Int
  private let idle: Duration
  private var entries: [String: Entry] = [:]

  init(limit: Int, idle: Duration) {
    self.limit = limit
    self.idle = idle
  }

  package var count: Int { entries.count }

  /// A new session for a handshake; its `id` goes into `Mcp-Session-Id`. End it if the handshake is refused.
  /// - Returns: nil when there are too many (HTTP: 503).
  package func open(for caller: Caller) -> Conversation? {
    if entries.count >= limit { expire() }
    guard entries.count < limit else { return nil }
    let conversation = Conversation()
    entries[conversation.id] = Entry(conversation: conversation, principal: caller.principal, lastUse: .now)
    return conversation
  }

  /// - Returns: nil for an unknown session and for somebody else's alike (HTTP: 404, `Session not found`).
  package func find(_ id: String, for caller: Caller) -> Conversation? {
    guard let entry = entries[id], entry.principal == caller.principal else { return nil }
    entries[id]?.lastUse = .now
    return entry.conversation
  }

  /// Ends a session and cancels what it runs.
  /// - Returns: false when there is no such session for this caller.
  package func end(_ id: String, for caller: Caller) -> Bool {
    guard let conversation = find(id, for: caller) else { return false }
    entries[id] = nil
    conversation.end()
    return true
  }

  /// Forgets sessions that nobody has used for a while and that neither run a request nor hold a stream open. To be
  /// called now and then.
  /// - Parameter absence: how long a client may be without its stream of announcements and still find it.
  package func expire(absence: Duration = .seconds(60)) {
    let now = ContinuousClock.now
    for entry in entries.values { entry.conversation.streams.forgetAnnouncements(unreadFor: absence) }
    for (id, entry) in entries where now - entry.lastUse > idle && !entry.conversation.isBusy {
      entries[id] = nil
      entry.conversation.end()
    }
  }

  /// Ends the sessions of some; what runs in them is still answered.
  package func dismiss(_ isGone: @Sendable (Principal) -> Bool) {
    for (id, entry) in entries where isGone(entry.principal) {
      entries[id] = nil
      entry.conversation.retire()
    }
  }

  /// Ends all of them.
  package func close() {
    for entry in entries.values { entry.conversation.end() }
    entries = [:]
  }
}
