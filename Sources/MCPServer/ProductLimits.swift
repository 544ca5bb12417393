// Every bound of this room's product part.

/// What tools keep for their callers, and how much of it they say at once.
package struct ProductLimits: Sendable, Equatable {
  /// How long rows that were read ahead wait for the next call.
  package var resultLifetime = Duration.seconds(600)
  /// Results that wait, of all callers and of one.
  package var results = 256
  package var resultsOfOne = 32
  /// Of all results that wait.
  package var resultBytes = 1 << 30
  /// A page up to here can be read as a resource, whose text is held. Escaped inside another text it may take twice as
  /// much, and the official Python client gives up a stream whose event has more than 1 MB. Larger ones have a cursor.
  package var resourceBytes = 480 << 10

  /// How long a call is waited for before it goes on as a job; clients give up after 60 s.
  package var patience = Duration.seconds(20)
  /// The longest that a caller may choose to wait, and that advice may take.
  package var longestPatience = Duration.seconds(50)
  package var longestAdvice = Duration.seconds(3_600)
  /// Long calls at the same time, of all callers and of one.
  package var jobs = 16
  package var jobsOfOne = 4
  /// How long the result of a job waits, and how many do.
  package var jobLifetime = Duration.seconds(900)
  package var jobResults = 32

  package init() {}
}
