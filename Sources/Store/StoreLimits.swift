// Every bound of this room.

package struct StoreLimits: Sendable {
  /// Records that wait to be written; more are refused, and with them the calls.
  package var waiting = 10_000
  /// Records written at once.
  package var batch = 512
  /// Bytes of one record.
  package var record = 8 << 20
  /// Records read at once.
  package var page = 1_000
  /// Bytes of records read or written at once, as soon as one is there.
  package var pageBytes = 16 << 20
  /// How long somebody else may write, in milliseconds.
  package var patience: Int32 = 10_000
  /// Faults that a verification lists; the others are counted.
  package var faults = 100

  /// Proposals that one question lists.
  package var proposals = 1_000

  package init() {}
}
