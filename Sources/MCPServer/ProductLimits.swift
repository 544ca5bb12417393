// Every bound of this room's product part.

/// What tools keep for their callers, and how much of it they say at once.
package struct ProductLimits: Sendable {
  /// How long rows that were read ahead wait for the next call.
  package var resultLifetime = Duration.seconds(600)
  /// Results that wait, of all callers and of one.
  package var results = 256
  package var resultsOfOne = 32
  /// Of all results that wait.
  package var resultBytes = 1 << 30
  /// A page up to here can be read as a resource, whose text is held.
  package var resourceBytes = 4 << 20

  package init() {}
}
